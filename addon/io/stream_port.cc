#include "io/stream_port.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/system_calls.h"

namespace tapswitch {
namespace {

// Bytes in front of a frame at most, and the longest frame with them.
constexpr size_t kMostInFront = 4 + kVnetHeaderBytes;
constexpr size_t kLongestBytes = kMaxSocketFrameBytes + kMostInFront;
// Room for a frame that has come in part, and 128 KiB behind it: as much as a burst takes.
constexpr size_t kBufferBytes = kLongestBytes + 128 * 1024;

bool IsCongestion(int error) {
  return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

StreamPort::StreamPort(int32_t id, UniqueFd fd, size_t header_bytes, size_t prefix_bytes,
                       Watch& watch)
    : Port(id, std::move(fd), header_bytes, watch),
      prefix_bytes_(prefix_bytes),
      buffer_(new uint8_t[kBufferBytes]) {}

// Receiving ----------------------------------------------------------------------------------

bool StreamPort::ReadOne(Intake& intake) {
  is_socket_empty_ = false;
  return TakeFrame(intake);
}

void StreamPort::BeginRound(Intake& intake, Share share) {
  is_socket_empty_ = false;
  is_drained_ = !TakeRound(intake, share, [this](Intake& from) { return TakeFrame(from); });
}

bool StreamPort::EndRound(size_t) {
  return !is_drained_;
}

// Whether the buffer has a whole frame, or a length that no frame has, which TakeFrame reports.
bool StreamPort::HasFrames() const {
  if (HasFailed() || Buffered() < prefix_bytes_) return false;
  const size_t length = LengthAt(buffer_.get() + begin_);
  return !IsPossible(length) || Buffered() >= prefix_bytes_ + length;
}

// Copies the next frame into a slot; false if it has not come as a whole.
bool StreamPort::TakeFrame(Intake& intake) {
  while (!HasFrames()) {
    if (HasFailed() || !FillBuffer()) return false;
  }
  const uint8_t* const prefix = buffer_.get() + begin_;
  const size_t length = LengthAt(prefix);
  if (!IsPossible(length)) {
    Fail(EPROTO);
    return false;
  }
  const size_t slot = intake.Reserve(1);
  std::memcpy(intake.PlaceIn(slot, HeaderBytes()), prefix + prefix_bytes_, length);
  intake.Add(Id(), slot, length - HeaderBytes());
  begin_ += prefix_bytes_ + length;
  return true;
}

// Reads bytes behind the frame that has come in part. False: the socket has none.
bool StreamPort::FillBuffer() {
  if (is_socket_empty_) return false;
  std::memmove(buffer_.get(), buffer_.get() + begin_, Buffered());
  end_ = Buffered();
  begin_ = 0;
  const size_t room = kBufferBytes - end_;
  const ssize_t got = ReceiveFrom(Fd(), buffer_.get() + end_, room);
  if (got <= 0) {
    if (got == 0) Fail(0);
    if (got < 0 && !IsCongestion(errno)) Fail(errno);
    return false;
  }
  end_ += static_cast<size_t>(got);
  is_socket_empty_ = static_cast<size_t>(got) < room;
  return true;
}

size_t StreamPort::LengthAt(const uint8_t* prefix) const {
  size_t length = 0;
  for (size_t i = 0; i < prefix_bytes_; i++) length = length << 8 | prefix[i];
  return length;
}

// Whether a frame with its vnet header can have this length.
bool StreamPort::IsPossible(size_t length) const {
  return length > HeaderBytes() && length <= kMaxSocketFrameBytes + HeaderBytes();
}

// Sending ------------------------------------------------------------------------------------

void StreamPort::Send(Outbox& outbox, const std::vector<uint32_t>& pairs) {
  sending_.clear();
  for (const uint32_t pair : pairs) {
    const int error = Refusal(outbox, pair);
    if (error == 0) sending_.push_back(pair);
    if (error != 0) outbox.Fail(pair, error);
  }
  size_t next = 0;
  while (next < sending_.size() && SendSome(outbox, next)) {
  }
  const int error = HasFailed() ? ENOTCONN : EAGAIN;
  for (; next < sending_.size(); next++) outbox.Fail(sending_[next], error);
}

// Errno of a pair that no stream, or this one, can take; 0: it can.
int StreamPort::Refusal(const Outbox& outbox, size_t pair) const {
  if (HasFailed()) return ENOTCONN;
  if (!outbox.IsPossible(pair)) return EINVAL;
  const bool is_long = outbox.BytesToLeave(pair, {0, HeaderBytes()}) > UINT16_MAX;
  return prefix_bytes_ == 2 && is_long ? EMSGSIZE : 0;
}

// Sends the rest of a frame, and as many pairs from `next` on as fit into one call. `next` becomes
// the first pair of which nothing was sent. Returns whether the socket took everything.
bool StreamPort::SendSome(Outbox& outbox, size_t& next) {
  std::array<iovec, Outbox::kParcels * Outbox::kPieces + 1> pieces;
  size_t count = 0;
  if (HasRest()) pieces[count++] = {rest_.data() + rest_begin_, rest_.size() - rest_begin_};
  size_t end = next;
  for (outbox.Renew(); end < sending_.size() && outbox.HasRoom(); end++) {
    size_t added;
    const iovec* const own = outbox.AddPieces(sending_[end], {prefix_bytes_, HeaderBytes()}, added);
    std::copy(own, own + added, &pieces[count]);
    count += added;
  }
  size_t sent = SendPieces(pieces.data(), count);
  sent -= DropSent(sent);
  if (HasRest()) return false;
  for (; next < end && sent > 0; next++) {
    const size_t bytes = outbox.BytesToLeave(sending_[next], {prefix_bytes_, HeaderBytes()});
    if (sent < bytes) KeepRest(outbox, sending_[next], sent);
    sent -= std::min(sent, bytes);
  }
  return next == end && !HasRest();
}

// Keeps what follows the first `sent` bytes of a pair, and waits until the socket takes it.
void StreamPort::KeepRest(Outbox& outbox, size_t pair, size_t sent) {
  outbox.Renew();
  size_t count;
  const iovec* const pieces = outbox.AddPieces(pair, {prefix_bytes_, HeaderBytes()}, count);
  for (size_t i = 0; i < count; i++) {
    const auto* const bytes = static_cast<const uint8_t*>(pieces[i].iov_base);
    const size_t skipped = std::min(sent, pieces[i].iov_len);
    rest_.insert(rest_.end(), bytes + skipped, bytes + pieces[i].iov_len);
    sent -= skipped;
  }
  WatchWritable(true);
}

// Takes bytes that were sent off the rest. Returns how many of them belonged to it.
size_t StreamPort::DropSent(size_t sent) {
  if (!HasRest()) return 0;
  const size_t dropped = std::min(sent, rest_.size() - rest_begin_);
  rest_begin_ += dropped;
  if (!HasRest()) {
    rest_.clear();
    rest_begin_ = 0;
    WatchWritable(false);
  }
  return dropped;
}

void StreamPort::OnWritable() {
  if (!HasRest()) return;
  iovec rest = {rest_.data() + rest_begin_, rest_.size() - rest_begin_};
  DropSent(SendPieces(&rest, 1));
}

// Returns how many bytes the socket took.
size_t StreamPort::SendPieces(iovec* pieces, size_t count) {
  if (HasFailed()) return 0;
  const ssize_t sent = SendPiecesTo(Fd(), pieces, count);
  if (sent >= 0) return static_cast<size_t>(sent);
  if (!IsCongestion(errno)) Fail(errno);
  return 0;
}

// EPOLLERR, or EPOLLHUP: both ends have shut the connection down.
void StreamPort::OnError() {
  int error = 0;
  socklen_t bytes = sizeof(error);
  getsockopt(Fd(), SOL_SOCKET, SO_ERROR, &error, &bytes);
  Fail(error);
}

}  // namespace tapswitch

#include "io/datagram_port.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "io/system_calls.h"

namespace tapswitch {
namespace {

// Datagrams of one call: as many as a burst has.
constexpr size_t kBatch = 64;
// Wake-ups in turn for an error that cannot be read off the socket: the port has failed.
constexpr int kMaxStuckErrors = 16;

bool IsCongestion(int error) {
  return error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

DatagramPort::DatagramPort(int32_t id, UniqueFd fd, size_t header_bytes, Watch& watch)
    : Port(id, std::move(fd), header_bytes, watch) {}

// Receiving ----------------------------------------------------------------------------------

bool DatagramPort::ReadOne(Intake& intake) {
  const size_t before = intake.Frames();
  Receive(intake, 1);
  return intake.Frames() > before;
}

void DatagramPort::BeginRound(Intake& intake, Share share) {
  asked_ = std::min({guess_.Frames(share), intake.FreeSlots(), kBatch});
  came_ = bytes_ = 0;
  // Reading an error clears it. The datagrams come behind it.
  if (!Receive(intake, asked_)) Receive(intake, asked_);
}

bool DatagramPort::EndRound(size_t most_frames) {
  return guess_.Note(asked_, came_, bytes_, std::min(most_frames, kBatch)) && !HasFailed();
}

// Receives at most that many datagrams. False: there was an error in front of them.
bool DatagramPort::Receive(Intake& intake, size_t most) {
  if (HasFailed()) return true;
  std::array<mmsghdr, kBatch> messages;
  std::array<iovec, kBatch> places;
  const size_t first = intake.Reserve(most);
  for (size_t i = 0; i < most; i++) {
    places[i] = {intake.PlaceIn(first + i, HeaderBytes()), kMaxSocketFrameBytes + HeaderBytes()};
    messages[i] = {};
    messages[i].msg_hdr.msg_iov = &places[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const ssize_t got = ReceiveMany(Fd(), messages.data(), most);
  const int error = got < 0 ? errno : 0;
  came_ = got < 0 ? 0 : static_cast<size_t>(got);
  intake.GiveBack(first + came_);
  for (size_t i = 0; i < came_; i++) {
    const size_t bytes = messages[i].msg_len;
    // What is left of one that was cut is still longer than any port takes.
    if (bytes <= HeaderBytes()) continue;
    intake.Add(Id(), first + i, bytes - HeaderBytes());
    bytes_ += bytes - HeaderBytes();
  }
  if (came_ > 0) reported_error_ = stuck_errors_ = 0;
  // The kernel says for ever that it can be read.
  if (error == EAGAIN && has_hung_up_) Fail(0);
  if (error == 0 || IsCongestion(error)) return true;
  // Reading took it off the socket, and the peer may come back.
  if (error == ECONNREFUSED) {
    Note(error);
  } else {
    NoteStuck(error);
  }
  return false;
}

// Sending ------------------------------------------------------------------------------------

void DatagramPort::Send(Outbox& outbox, const std::vector<uint32_t>& pairs) {
  sending_.clear();
  for (const uint32_t pair : pairs) {
    const int error = HasFailed() ? ENOTCONN : outbox.IsPossible(pair) ? 0 : EINVAL;
    if (error == 0) sending_.push_back(pair);
    if (error != 0) outbox.Fail(pair, error);
  }
  SendAll(outbox);
}

void DatagramPort::SendAll(Outbox& outbox) {
  bool has_tried_again = false;
  for (size_t next = 0; next < sending_.size();) {
    const size_t sent = SendSome(outbox, next);
    next += sent;
    if (sent > 0) {
      has_tried_again = false;
      continue;
    }
    const int error = errno;
    if (!IsCongestion(error) && error != EMSGSIZE) Note(error);
    // The error of an earlier datagram: this one was not tried.
    if (error == ECONNREFUSED && !has_tried_again) {
      has_tried_again = true;
      continue;
    }
    // EMSGSIZE concerns the frame alone. Any other error concerns the port.
    const size_t end = error == EMSGSIZE ? next + 1 : sending_.size();
    for (; next < end; next++) outbox.Fail(sending_[next], error);
  }
}

// Returns how many datagrams were sent. 0: the first was refused, and errno says why.
size_t DatagramPort::SendSome(Outbox& outbox, size_t first) {
  std::array<mmsghdr, kBatch> messages;
  const size_t count = std::min(sending_.size() - first, kBatch);
  outbox.Renew();
  for (size_t i = 0; i < count; i++) {
    messages[i] = {};
    msghdr& message = messages[i].msg_hdr;
    message.msg_iov = outbox.AddPieces(sending_[first + i], {0, HeaderBytes()}, message.msg_iovlen);
  }
  const ssize_t sent = SendMany(Fd(), messages.data(), count);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

// Errors ---------------------------------------------------------------------------------------

// Reports an error once until a datagram comes. 0 is none.
void DatagramPort::Note(int error) {
  if (error == reported_error_) return;
  reported_error_ = error;
  Report(error);
}

// Reports an error that may still be there at the next wake-up; 0 where the cause is not known.
void DatagramPort::NoteStuck(int error) {
  if (++stuck_errors_ > kMaxStuckErrors) {
    Fail(error);
  } else if (error != 0) {
    Note(error);
  }
}

// EPOLLERR with nothing to read: getsockopt(SO_ERROR) clears the error. EPOLLHUP, of which there is
// no error: the socket was shut down in both directions.
void DatagramPort::OnError() {
  int error = 0;
  socklen_t bytes = sizeof(error);
  getsockopt(Fd(), SOL_SOCKET, SO_ERROR, &error, &bytes);
  if (error == 0) {
    NoteStuck(0);
  } else {
    stuck_errors_ = 0;
    Note(error);
  }
}

}  // namespace tapswitch

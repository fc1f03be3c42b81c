#include "io/ring_port.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "io/system_calls.h"

namespace tapswitch {
namespace {

constexpr size_t kLengthBytes = sizeof(uint32_t);

size_t BlockBytes(size_t frame_bytes) {
  return (kLengthBytes + frame_bytes + 3) & ~size_t{3};
}

}  // namespace

RingPort::RingPort(int32_t id, UniqueFd bell, UniqueFd peer_bell, const RingEnds& ends,
                   Watch& watch)
    : Port(id, std::move(bell), 0, watch),
      peer_bell_(std::move(peer_bell)),
      incoming_(ends.incoming, ends.incoming_bytes),
      outgoing_(ends.outgoing, ends.outgoing_bytes) {}

// Receiving ----------------------------------------------------------------------------------

bool RingPort::ReadOne(Intake& intake) {
  if (!TakeFrame(intake)) return false;
  Release();
  return true;
}

void RingPort::BeginRound(Intake& intake, Share share) {
  is_drained_ = !TakeRound(intake, share, [this](Intake& from) { return TakeFrame(from); });
  Release();
}

// Before the port says that it is empty, it listens, and looks once more.
bool RingPort::EndRound(size_t) {
  if (!is_drained_ || HasFailed()) return !HasFailed();
  if (incoming_.Listen()) {
    // The doorbell was rung, or is about to be: then it tells of what comes now, or of nothing.
    uint64_t rings;
    ReadFrom(Fd(), &rings, sizeof(rings));
  }
  return !incoming_.IsEmpty();
}

// Copies the next frame into a slot; false if there is none.
bool RingPort::TakeFrame(Intake& intake) {
  if (HasFailed()) return false;
  size_t bytes;
  const uint8_t* const block = incoming_.Next(bytes);
  if (block == nullptr) return false;
  uint32_t length;
  std::memcpy(&length, block, kLengthBytes);
  if (length == 0 || length > kMaxSocketFrameBytes || BlockBytes(length) > bytes) {
    Fail(EPROTO);
    return false;
  }
  const size_t slot = intake.Reserve(1);
  std::memcpy(intake.PlaceIn(slot, 0), block + kLengthBytes, length);
  intake.Add(Id(), slot, length);
  incoming_.Skip(BlockBytes(length));
  return true;
}

void RingPort::Release() {
  if (incoming_.Release()) RingPeer();
}

// Sending ------------------------------------------------------------------------------------

void RingPort::Send(Outbox& outbox, const std::vector<uint32_t>& pairs) {
  for (const uint32_t pair : pairs) {
    if (HasFailed()) {
      outbox.Fail(pair, ENOTCONN);
    } else if (!outbox.IsPossible(pair)) {
      outbox.Fail(pair, EINVAL);
    } else if (!Append(outbox, pair)) {
      outbox.Fail(pair, EAGAIN);
    }
  }
  if (outgoing_.Commit()) RingPeer();
}

// Copies a frame into the ring; false if it has no room.
bool RingPort::Append(Outbox& outbox, uint32_t pair) {
  const size_t bytes = outbox.BytesToLeave(pair, {0, 0});
  uint8_t* to = outgoing_.Append(BlockBytes(bytes));
  if (to == nullptr) return false;
  const auto length = static_cast<uint32_t>(bytes);
  std::memcpy(to, &length, kLengthBytes);
  to += kLengthBytes;
  if (outbox.IsAsItLies(pair)) {
    std::memcpy(to, outbox.From(pair, 0), bytes);
    return true;
  }
  outbox.Renew();
  size_t count;
  const iovec* const pieces = outbox.AddPieces(pair, {0, 0}, count);
  for (size_t i = 0; i < count; i++) {
    std::memcpy(to, pieces[i].iov_base, pieces[i].iov_len);
    to += pieces[i].iov_len;
  }
  return true;
}

// A doorbell refuses only what it would take 2^64 - 2 rings to need.
void RingPort::RingPeer() const {
  const uint64_t one = 1;
  WriteTo(peer_bell_.Get(), &one, sizeof(one));
}

// An eventfd has no errors.
void RingPort::OnError() {
  Fail(EIO);
}

}  // namespace tapswitch

#include "io/device_port.h"

#include <algorithm>
#include <cerrno>

#include "io/system_calls.h"

namespace tapswitch {

DevicePort::DevicePort(int32_t id, UniqueFd fd, size_t header_bytes, Watch& watch, Uring* uring)
    : Port(id, std::move(fd), header_bytes, watch), uring_(uring) {}

bool DevicePort::ReadOne(Intake& intake) {
  const size_t slot = intake.Reserve(1);
  const ssize_t got =
      ReadFrom(Fd(), intake.PlaceIn(slot, HeaderBytes()), kMaxFrameBytes + HeaderBytes());
  if (Take(intake, slot, got)) return true;
  intake.GiveBack(slot);
  return false;
}

void DevicePort::BeginRound(Intake& intake, Share share) {
  is_drained_ = false;
  asked_ = frames_ = bytes_ = 0;
  if (uring_ == nullptr) {
    ReadShare(intake, share);
  } else {
    QueueReads(intake, share);
  }
}

// Reads at least one frame; and then as long as one more like the last fits into the share, because
// how long the next one is shows only when it is read.
void DevicePort::ReadShare(Intake& intake, Share share) {
  const size_t end_frames = intake.Frames() + std::min(share.frames, intake.FreeSlots());
  const size_t end_bytes = intake.Bytes() + share.bytes;
  size_t before;
  do {
    before = intake.Bytes();
    if (!ReadOne(intake)) {
      is_drained_ = true;
      return;
    }
  } while (intake.Frames() < end_frames && intake.Bytes() + (intake.Bytes() - before) <= end_bytes);
}

void DevicePort::QueueReads(Intake& intake, Share share) {
  asked_ = std::min({guess_.Frames(share), intake.FreeSlots(), uring_->Room()});
  const size_t first = intake.Reserve(asked_);
  for (size_t slot = first; slot < first + asked_; slot++) {
    const uint64_t tag = static_cast<uint64_t>(Id()) << 32 | slot;
    uring_->Read(Fd(), intake.PlaceIn(slot, HeaderBytes()), kMaxFrameBytes + HeaderBytes(), tag);
  }
}

void DevicePort::TakeRead(Intake& intake, size_t slot, int result) {
  const size_t before = intake.Bytes();
  if (!Take(intake, slot, result)) return;
  frames_++;
  bytes_ += intake.Bytes() - before;
}

bool DevicePort::EndRound(size_t most_frames) {
  if (uring_ == nullptr) return !is_drained_;
  // The queue of io_uring had no room.
  if (asked_ == 0) return true;
  return guess_.Note(asked_, frames_, bytes_, most_frames);
}

// Adds what a read brought to the burst; false if it brought nothing.
bool DevicePort::Take(Intake& intake, size_t slot, ssize_t got) {
  // EAGAIN: drained. EIO, EBADFD: down or gone, which is seen elsewhere (epoll, Inspect).
  if (got < static_cast<ssize_t>(HeaderBytes())) return false;
  intake.Add(Id(), slot, static_cast<size_t>(got) - HeaderBytes());
  return true;
}

void DevicePort::Send(Outbox& outbox, const std::vector<uint32_t>& pairs) {
  const bool uses_uring = uring_ != nullptr && outbox.UsesUring();
  const size_t header_bytes = HeaderBytes();
  Coalescer& runs = outbox.Runs();
  const bool has_runs = header_bytes > 0 && runs.Serves(Id()) && runs.FindRuns(pairs);
  for (const uint32_t pair : pairs) {
    if (has_runs && runs.IsFollower(pair)) continue;
    if (has_runs && runs.IsFirst(pair)) {
      outbox.SendRun(Fd(), pair, uses_uring);
    } else if (!outbox.IsAsItLies(pair) && !outbox.IsPossible(pair)) {
      outbox.Fail(pair, EINVAL);
    } else if (uses_uring) {
      outbox.QueueInUring(Fd(), pair, header_bytes);
    } else if (!outbox.IsAsItLies(pair)) {
      SendPieces(outbox, pair);
    } else if (WriteTo(Fd(), outbox.From(pair, header_bytes), outbox.Bytes(pair, header_bytes)) <
               0) {
      outbox.Fail(pair, errno);
    }
  }
}

void DevicePort::SendPieces(Outbox& outbox, size_t pair) {
  size_t count;
  outbox.Renew();
  const iovec* const pieces = outbox.AddPieces(pair, {0, HeaderBytes()}, count);
  if (WritePiecesTo(Fd(), pieces, count) < 0) outbox.Fail(pair, errno);
}

// The device was deleted: tun_chr_poll, drivers/net/tun.c. A read of no bytes fails with EBADFD
// once the kernel has detached it.
void DevicePort::OnError() {
  Fail(ReadFrom(Fd(), nullptr, 0) < 0 && errno == EBADFD ? EBADFD : ENODEV);
}

}  // namespace tapswitch

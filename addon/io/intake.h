// The burst that is being received: the frames so far, and the free slots of the arena.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "io/burst_memory.h"

namespace tapswitch {

// Part of a burst that one port may fill in one round. One frame is always allowed.
struct Share {
  size_t frames;
  size_t bytes;
};

class Intake {
 public:
  explicit Intake(const BurstMemory& memory) : memory_(memory) {}

  // Begins a burst whose first `carried` frames are in the first slots already.
  void Begin(size_t carried) {
    frames_ = next_slot_ = used_slots_ = carried;
    bytes_ = 0;
  }

  size_t Frames() const { return frames_; }
  // Bytes of the frames that were received into this burst.
  size_t Bytes() const { return bytes_; }
  size_t FreeSlots() const { return memory_.receive_frames - next_slot_; }
  size_t FreeBytes() const {
    return memory_.receive_bytes - std::min(bytes_, memory_.receive_bytes);
  }
  bool IsFull() const { return FreeSlots() == 0 || FreeBytes() == 0; }

  // Takes slots before it is known how many frames there are. Returns the first of them.
  size_t Reserve(size_t slots) {
    const size_t first = next_slot_;
    next_slot_ += slots;
    return first;
  }
  // Gives back the slots of the last Reserve, from `first` on.
  void GiveBack(size_t first) { next_slot_ = first; }
  // Gives back every slot behind the last frame. No read may be under way.
  void EndRound() { next_slot_ = used_slots_; }

  // The place of a frame in a slot; `header_bytes` of vnet header come with it from the port. The
  // header that a port does not bring is zeroed.
  uint8_t* PlaceIn(size_t slot, size_t header_bytes) const {
    uint8_t* const frame = memory_.arena + slot * kSlotBytes + kHeadroomBytes;
    if (header_bytes == 0) std::memset(frame - kVnetHeaderBytes, 0, kVnetHeaderBytes);
    return frame - header_bytes;
  }

  // Adds the frame that was read into a slot.
  void Add(int32_t port, size_t slot, size_t length) {
    memory_.offset[frames_] = static_cast<int32_t>(slot * kSlotBytes + kHeadroomBytes);
    memory_.length[frames_] = static_cast<int32_t>(length);
    memory_.ingress[frames_] = port;
    frames_++;
    used_slots_ = std::max(used_slots_, slot + 1);
    bytes_ += length;
    last_port_ = port;
  }

  // The port of the frame that was added last, in this burst or before; -1: none yet.
  int32_t LastPort() const { return last_port_; }

 private:
  const BurstMemory& memory_;
  size_t frames_ = 0;
  size_t next_slot_ = 0;   // the first that is not reserved
  size_t used_slots_ = 0;  // end of the last one with a frame
  size_t bytes_ = 0;
  int32_t last_port_ = -1;
};

// Takes at least one frame with `take`, and then as long as one more like the last fits into the
// share. Returns whether `take` found each time what it was asked for.
template <typename Take>
bool TakeRound(Intake& intake, Share share, Take take) {
  const size_t end_frames = intake.Frames() + std::min(share.frames, intake.FreeSlots());
  const size_t end_bytes = intake.Bytes() + share.bytes;
  size_t before;
  do {
    before = intake.Bytes();
    if (!take(intake)) return false;
  } while (intake.Frames() < end_frames && intake.Bytes() + (intake.Bytes() - before) <= end_bytes);
  return true;
}

}  // namespace tapswitch

// The answer that is being sent: pairs of a frame and a port, and what came of each. Builds the I/O
// vectors of frames that do not leave as they lie in the arena.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/burst_memory.h"
#include "io/coalescer.h"
#include "io/uring.h"

namespace tapswitch {

class Outbox {
 public:
  // Bytes in front of a frame, the length prefix of a stream among them.
  struct Framing {
    size_t prefix_bytes;  // length of what follows, in network order; 0, 2 or 4
    size_t header_bytes;  // vnet header; 0 or 10
  };
  // Pieces of one pair at most: what was written anew, and the rest of the frame.
  static constexpr size_t kPieces = 2;
  // Pairs whose pieces fit at once: 1024 I/O vectors are the most that the kernel takes (IOV_MAX).
  // The last one is for the caller.
  static constexpr size_t kParcels = 511;

  Outbox(const BurstMemory& memory, Uring* uring)
      : memory_(memory), uring_(uring), coalescer_(memory) {}

  // The runs of segments that leave as super-frames.
  Coalescer& Runs() { return coalescer_; }

  // Begins an answer. A queue of a few is dearer than a call for each of them.
  void Begin(size_t count) {
    failed_ = 0;
    uses_uring_ = uring_ != nullptr && count >= kFewPairs;
    parcels_ = 0;
    coalescer_.Begin();
  }
  size_t Failed() const { return failed_; }

  void Succeed(size_t pair) { memory_.tx_status[pair] = 0; }
  // Errno of a pair that was not sent.
  void Fail(size_t pair, int error) {
    memory_.tx_status[pair] = error;
    failed_++;
  }

  // The bytes of a pair that leaves as it lies in the arena.
  const uint8_t* From(size_t pair, size_t header_bytes) const {
    return memory_.arena + memory_.offset[memory_.tx_frame[pair]] - header_bytes;
  }
  size_t Bytes(size_t pair, size_t header_bytes) const {
    return static_cast<size_t>(memory_.length[memory_.tx_frame[pair]]) + header_bytes;
  }
  bool IsAsItLies(size_t pair) const { return memory_.tx_tag[pair] == kTagAsItIs; }
  // Whether the frame is long enough for its tag operation, and something is left of it.
  bool IsPossible(size_t pair) const;
  // Bytes of a pair as it leaves, with all that is in front of it.
  size_t BytesToLeave(size_t pair, Framing framing) const;

  // Adds the pieces of a pair. They stay until Renew. Returns the first; `count` says how many.
  iovec* AddPieces(size_t pair, Framing framing, size_t& count);
  bool HasRoom() const { return parcels_ < kParcels; }
  // Frees the room of all pieces. Those that are queued in io_uring are sent first.
  void Renew() {
    if (parcels_ > 0) Submit();
  }

  // Whether io_uring is available and pays for this answer.
  bool UsesUring() const { return uses_uring_; }
  // Assumes UsesUring.
  void QueueInUring(int fd, size_t pair, size_t header_bytes);
  // Sends the run that begins with this pair, to a device with a vnet header.
  void SendRun(int fd, uint32_t first, bool in_uring);
  // Carries out the queue of io_uring, and frees the room of all pieces.
  void Submit();

 private:
  static constexpr size_t kFewPairs = 3;
  // Prefix, vnet header, two addresses and a tag: 30 bytes.
  static constexpr size_t kHeadBytes = 32;

  // Sends a pair of a device to which the kernel has refused its run.
  void SendApart(int fd, uint32_t pair);
  // The result of a run: 0, or an errno.
  void EndRun(int fd, uint32_t first, int error);
  void WriteTag(size_t pair, uint8_t* head, size_t header_bytes, int shift) const;

  const BurstMemory& memory_;
  Uring* const uring_;
  bool uses_uring_ = false;
  size_t failed_ = 0;
  size_t parcels_ = 0;
  Coalescer coalescer_;
  // Runs that are queued in io_uring, and runs that failed there: first pair, descriptor and errno.
  struct QueuedRun {
    uint32_t first;
    int fd;
    int error;
  };
  std::vector<QueuedRun> queued_runs_;
  std::array<std::array<uint8_t, kHeadBytes>, kParcels> heads_;
  std::array<iovec, kParcels * kPieces> pieces_;
};

}  // namespace tapswitch

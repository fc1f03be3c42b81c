// A pair of rings in memory that the port shares with another thread of the process. A block of a
// ring is a frame behind its length, which is a word in the byte order of the machine.
//
// Each side has a doorbell, which the other one rings where it must: when there are frames for one
// that listens, and when there is room for one that waits for it. The port's own doorbell is its
// descriptor. It stays rung while there are frames, so that epoll reports it again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/port.h"
#include "io/ring.h"

namespace tapswitch {

// Memory of the rings, and the doorbell of the other side.
struct RingEnds {
  uint8_t* incoming = nullptr;
  size_t incoming_bytes = 0;
  uint8_t* outgoing = nullptr;
  size_t outgoing_bytes = 0;
  int peer_bell = -1;
};

class RingPort : public Port {
 public:
  // The memory must outlive the port. Throws SystemError.
  RingPort(int32_t id, UniqueFd bell, UniqueFd peer_bell, const RingEnds& ends, Watch& watch);

  bool ReadOne(Intake& intake) override;
  void BeginRound(Intake& intake, Share share) override;
  bool EndRound(size_t most_frames) override;
  bool HasFrames() const override { return !HasFailed() && !incoming_.IsEmpty(); }
  void OnError() override;

 protected:
  void Send(Outbox& outbox, const std::vector<uint32_t>& pairs) override;

 private:
  bool TakeFrame(Intake& intake);
  void Release();
  bool Append(Outbox& outbox, uint32_t pair);
  void RingPeer() const;

  const UniqueFd peer_bell_;
  RingReader incoming_;
  RingWriter outgoing_;
  bool is_drained_ = false;  // in this round
};

}  // namespace tapswitch

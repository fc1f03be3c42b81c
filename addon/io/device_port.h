// A TUN/TAP device: one read gives one frame, one write takes one. Bursts go through io_uring where
// the kernel serves the descriptor through it, otherwise each frame takes a call of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/port.h"
#include "io/read_guess.h"
#include "io/uring.h"

namespace tapswitch {

class DevicePort : public Port {
 public:
  // `uring` is null where the port is to make its own calls. Throws SystemError.
  DevicePort(int32_t id, UniqueFd fd, size_t header_bytes, Watch& watch, Uring* uring);

  bool ReadOne(Intake& intake) override;
  void BeginRound(Intake& intake, Share share) override;
  void TakeRead(Intake& intake, size_t slot, int result) override;
  bool EndRound(size_t most_frames) override;
  void OnError() override;

 protected:
  void Send(Outbox& outbox, const std::vector<uint32_t>& pairs) override;

 private:
  void SendPieces(Outbox& outbox, size_t pair);
  void ReadShare(Intake& intake, Share share);
  void QueueReads(Intake& intake, Share share);
  bool Take(Intake& intake, size_t slot, ssize_t got);

  Uring* const uring_;
  ReadGuess guess_;
  // The round that is being read.
  bool is_drained_ = false;
  size_t asked_ = 0;
  size_t frames_ = 0;
  size_t bytes_ = 0;
};

}  // namespace tapswitch

// A datagram socket that is connected: one frame is one datagram. Many are received, and many sent,
// in one call. An empty datagram is nothing, and one that is longer than a frame is dropped.
//
// A datagram socket reports the errors of earlier datagrams (ECONNREFUSED: nobody is there). Such
// an error is consumed by reporting it, and the peer may come back: the port reports it once, until
// a datagram comes, and goes on. The port fails when the socket is shut down, and when its errors
// do not end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/port.h"
#include "io/read_guess.h"

namespace tapswitch {

class DatagramPort : public Port {
 public:
  // Throws SystemError.
  DatagramPort(int32_t id, UniqueFd fd, size_t header_bytes, Watch& watch);

  bool ReadOne(Intake& intake) override;
  void BeginRound(Intake& intake, Share share) override;
  bool EndRound(size_t most_frames) override;
  void OnHangUp() override { has_hung_up_ = true; }
  void OnError() override;

 protected:
  void Send(Outbox& outbox, const std::vector<uint32_t>& pairs) override;

 private:
  bool Receive(Intake& intake, size_t most);
  void SendAll(Outbox& outbox);
  size_t SendSome(Outbox& outbox, size_t first);
  void Note(int error);
  void NoteStuck(int error);

  ReadGuess guess_;
  // The round that is being read.
  size_t asked_ = 0;
  size_t came_ = 0;
  size_t bytes_ = 0;
  std::vector<uint32_t> sending_;  // pairs of the answer that are frames
  int reported_error_ = 0;         // since the last datagram came
  int stuck_errors_ = 0;           // in turn
  bool has_hung_up_ = false;
};

}  // namespace tapswitch

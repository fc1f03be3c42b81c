// A stream socket: every frame behind its length, in network order, as QEMU's `-netdev stream` has
// it (net/stream.c). The stream may cut frames anywhere.
//
// Receiving: bytes are read into a buffer of the port's own, many frames at once, and copied into
// slots from there. Sending: the frames of an answer leave in one gathered call. Where the socket
// takes only a part, the rest of the frame that was cut is kept and goes first; until it is out,
// every further frame of the port is congested.
//
// The port fails with 0 or ECONNRESET when the peer has hung up, with EPIPE when it no longer
// reads, and with EPROTO for a length that no frame has: there is no way to find the next frame
// then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "io/port.h"

namespace tapswitch {

class StreamPort : public Port {
 public:
  // `prefix_bytes` of a length are 2 or 4. Throws SystemError.
  StreamPort(int32_t id, UniqueFd fd, size_t header_bytes, size_t prefix_bytes, Watch& watch);

  bool ReadOne(Intake& intake) override;
  void BeginRound(Intake& intake, Share share) override;
  bool EndRound(size_t most_frames) override;
  bool HasFrames() const override;
  void OnWritable() override;
  void OnError() override;

 protected:
  void Send(Outbox& outbox, const std::vector<uint32_t>& pairs) override;

 private:
  bool TakeFrame(Intake& intake);
  bool FillBuffer();
  size_t Buffered() const { return end_ - begin_; }
  size_t LengthAt(const uint8_t* prefix) const;
  bool IsPossible(size_t length) const;

  int Refusal(const Outbox& outbox, size_t pair) const;
  bool SendSome(Outbox& outbox, size_t& next);
  void KeepRest(Outbox& outbox, size_t pair, size_t sent);
  size_t DropSent(size_t sent);
  size_t SendPieces(iovec* pieces, size_t count);
  bool HasRest() const { return rest_begin_ < rest_.size(); }

  const size_t prefix_bytes_;
  // Bytes that were read and are not in a burst: from begin_ to end_.
  const std::unique_ptr<uint8_t[]> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool is_socket_empty_ = false;   // in this round
  bool is_drained_ = false;        // no whole frame is left in the buffer or the socket
  std::vector<uint32_t> sending_;  // pairs of the answer that the stream can take
  // The end of a frame that was sent in part, from rest_begin_ on.
  std::vector<uint8_t> rest_;
  size_t rest_begin_ = 0;
};

}  // namespace tapswitch

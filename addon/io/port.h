// A port as BurstIo sees it: a descriptor from which frames are read into a burst, and to which the
// pairs of an answer are written. One class for each kind of descriptor: DevicePort, StreamPort,
// DatagramPort. Nothing here waits; BurstIo asks a port to read when epoll says that it is ready.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "io/intake.h"
#include "io/outbox.h"
#include "io/watch.h"
#include "system/unique_fd.h"

namespace tapswitch {

class Port {
 public:
  // Watches the descriptor. Throws SystemError.
  Port(int32_t id, UniqueFd fd, size_t header_bytes, Watch& watch)
      : id_(id), fd_(std::move(fd)), header_bytes_(header_bytes), watch_(watch) {
    watch_.Add(fd_.Get(), static_cast<uint64_t>(id_), EPOLLIN);
  }
  virtual ~Port() {
    watch_.Remove(fd_.Get());
    watch_.ForgetTroubles(id_);
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  int32_t Id() const { return id_; }

  // Receiving. A round of BurstIo begins at every ready port and ends at every ready port: in
  // between, reads that are queued in io_uring are carried out.

  // Reads one frame at once. False: there is none.
  virtual bool ReadOne(Intake& intake) = 0;
  // Reads frames, or queues their reads in io_uring.
  virtual void BeginRound(Intake& intake, Share share) = 0;
  // Takes the result of a read that this port has queued in io_uring.
  virtual void TakeRead(Intake&, size_t /*slot*/, int /*result*/) {}
  // Returns whether there may be more.
  virtual bool EndRound(size_t most_frames) = 0;
  // Whether a frame is there of which epoll does not know, because it was read from the kernel.
  virtual bool HasFrames() const { return false; }

  // Sending. The pairs of an answer are queued, in order; then every port with pairs sends them.
  // The result of a pair in io_uring is known when BurstIo has carried the queue out.

  void Queue(size_t pair) { queue_.push_back(static_cast<uint32_t>(pair)); }
  bool HasQueue() const { return !queue_.empty(); }
  void Flush(Outbox& outbox) {
    Send(outbox, queue_);
    queue_.clear();
  }

  // EPOLLOUT, which only a port gets that has asked for it.
  virtual void OnWritable() {}
  // EPOLLHUP, and something to read before that.
  virtual void OnHangUp() {}
  // EPOLLERR or EPOLLHUP, and nothing to read.
  virtual void OnError() = 0;

 protected:
  // Sends pairs of the answer, in order, and says what came of each.
  virtual void Send(Outbox& outbox, const std::vector<uint32_t>& pairs) = 0;

  int Fd() const { return fd_.Get(); }
  size_t HeaderBytes() const { return header_bytes_; }
  bool HasFailed() const { return has_failed_; }

  // Reports a trouble that the port survives.
  void Report(int error) { watch_.AddTrouble({id_, error, has_failed_}); }
  // Reports a trouble that ends the port. It is watched no longer, lest its error end every wait,
  // and stays until it is removed. Later troubles are not reported.
  void Fail(int error) {
    if (has_failed_) return;
    has_failed_ = true;
    watch_.Remove(fd_.Get());
    Report(error);
  }
  // Whether to wait for EPOLLOUT beside EPOLLIN.
  void WatchWritable(bool is_wanted) {
    if (has_failed_) return;
    watch_.Change(fd_.Get(), static_cast<uint64_t>(id_), is_wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

 private:
  const int32_t id_;
  const UniqueFd fd_;
  const size_t header_bytes_;
  Watch& watch_;
  std::vector<uint32_t> queue_;
  bool has_failed_ = false;
};

}  // namespace tapswitch

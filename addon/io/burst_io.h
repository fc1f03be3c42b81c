// Moves bursts of frames between ports and one arena that the caller owns. It does not decide where
// a frame goes; it decides how much of a burst each port may fill and how long to spin. How a
// port's frames are read and written is the port's business (port.h). One instance belongs to one
// thread.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/burst_memory.h"
#include "io/intake.h"
#include "io/outbox.h"
#include "io/port.h"
#include "io/ring_port.h"
#include "io/uring.h"
#include "io/watch.h"
#include "system/unique_fd.h"

namespace tapswitch {

class BurstIo {
 public:
  // A descriptor, and the way in which frames move through it.
  struct Transport {
    int fd = -1;
    PortKind kind = PortKind::kDevice;
    Framing framing = Framing::kPlain;
    // Bytes of the length in front of each frame of a stream, 2 or 4.
    size_t length_bytes = 4;
    // Memory of a pair of rings. The descriptor is the doorbell of the port then.
    RingEnds rings;
  };
  // A clock that never goes back, nanoseconds.
  using Clock = int64_t (*)();
  // Spins since the start, and how many of them found a frame: for tests.
  struct SpinCounts {
    uint64_t tried = 0;
    uint64_t found = 0;
  };

  // Works without io_uring where it is not wanted or the kernel refuses it. Throws SystemError.
  BurstIo(const BurstMemory& memory, bool wants_uring, Clock clock = MonotonicNanos);

  // The reason why a device makes its own calls although io_uring is wanted. Empty if there is
  // none.
  const std::string& WhyNoIoUring() const { return why_no_io_uring_; }
  const SpinCounts& Spins() const { return spins_; }
  // Number of reads and writes by io_uring since the start, for tests.
  uint64_t UringRequests() const { return uring_ ? uring_->Requests() : 0; }

  // Duplicates the descriptor, so that either side may close its own at any time. Replaces a port
  // of the same id. Throws SystemError.
  void AddPort(int32_t port, const Transport& transport);
  void RemovePort(int32_t port);
  void AddDoorbell(int fd);
  // Sets the time for which a wait spins before it blocks; 0 never spins.
  void SetBusyPoll(int64_t microseconds) { busy_poll_ns_ = microseconds * 1000; }
  // Keeps a time (CLOCK_MONOTONIC, nanoseconds) in *mark: whatever a port had queued before has
  // been read, and the answer to it has been sent. The memory must outlive this object.
  void MarkDrained(uint64_t* mark);
  // TCP segments to a device whose byte in takes_offloads is 1 leave as super-frames where that is
  // possible (Coalescer). counts[port * stride + index] counts such segments. Both must outlive
  // this object.
  void Coalesce(const uint8_t* takes_offloads, double* counts, size_t stride, size_t index) {
    outbox_->Runs().Enable(takes_offloads, counts, stride, index);
  }

  // Waits until a frame, a doorbell, a trouble or the timeout comes (-1: no timeout); fills the
  // burst. Returns the number of frames. The first `carried` of them are there already, in the
  // first slots: with such frames nothing is waited for, and their ports are not read, so that they
  // do not fill the burst.
  size_t Receive(double wait_ms, size_t carried);
  // Sends tx_count pairs; tx_status says 0 or an errno for each. Returns how many failed.
  size_t Transmit(size_t tx_count);
  // Transmit, then Receive. If a pair fails nothing is received, so that its frame still lies
  // where it lay; the result is then minus the number of failures.
  long Exchange(size_t tx_count, double wait_ms, size_t carried);

  static int64_t MonotonicNanos();

 private:
  struct Place {
    std::unique_ptr<Port> port;  // null: there is no such port
    bool has_carried = false;    // frames of this burst already
    bool is_ready = false;       // listed in ready_
  };

  std::unique_ptr<Port> MakePort(int32_t port, const Transport& transport);
  Uring* UringFor(int fd);
  void ClearSignals();
  void SetCarried(size_t carried, bool has_carried);
  size_t WaitForEvents(double wait_ms);
  size_t WaitAndMark(double wait_ms);
  void SetDrained(int64_t before_ns);
  size_t Spin(int64_t until_ns);
  bool ReadOne(int32_t port);
  void TakeEvents(size_t count);
  void TakeEvent(const epoll_event& event);
  void TakeBuffered();
  void AddReady(int32_t port);
  void NoteRecent(int32_t port);
  void NoteBuffered(int32_t port);
  void ReadReadyPorts();
  void ReadRound();
  Place* Find(int32_t port);

  BurstMemory memory_;
  Clock clock_;
  std::unique_ptr<Uring> uring_;  // null: not wanted or not available
  std::string why_no_io_uring_;
  Intake intake_;
  std::unique_ptr<Outbox> outbox_;
  Watch watch_;
  UniqueFd doorbell_;
  std::vector<Place> places_;  // by port; goes before watch_, which the ports use
  std::vector<epoll_event> events_;
  std::vector<int32_t> ready_;        // ports that may have more
  std::vector<int32_t> buffered_;     // ports that have frames of which epoll does not know
  std::vector<int32_t> sending_;      // ports with pairs of the answer
  uint64_t* drained_mark_ = nullptr;  // null: it is not kept
  bool is_mark_due_ = false;          // frames came since the mark was set
  int64_t asked_ns_ = 0;              // when the events of the last burst were asked for
  bool has_emptied_ = false;          // the last burst took every frame that was queued by then
  int64_t busy_poll_ns_ = 0;
  int spin_credit_ = 0;
  int hits_at_once_ = 0;        // spins in turn that found a frame at the first look
  uint32_t rounds_ = 0;         // of spins since every port and the doorbell were asked
  double bytes_per_burst_ = 0;  // on average, lately
  SpinCounts spins_;
  size_t recent_at_ = 0;
  std::array<int32_t, 4> recent_ports_{-1, -1, -1, -1};  // had frames lately; -1: none
};

}  // namespace tapswitch

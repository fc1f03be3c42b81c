// Moves bursts of frames between TAP descriptors and one arena that the caller owns. It does not
// decide where a frame goes; it decides how much of a burst each port may fill, how many reads to
// submit at once, and how long to spin. One instance belongs to one thread.
//
// A burst takes one system call in each direction where the kernel has an io_uring for us
// (uring.h), otherwise one for each frame.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "io/burst_memory.h"
#include "io/uring.h"
#include "system/unique_fd.h"

namespace tapswitch {

class BurstIo {
 public:
  // Does without io_uring where it is not wanted or not to be had. Throws SystemError.
  BurstIo(const BurstMemory& memory, bool wants_ring);

  // Empty: bursts go through io_uring. Otherwise why they do not.
  const std::string& WhyNoRing() const { return why_no_ring_; }

  // Duplicates the descriptor, so that either side may close its own at any time.
  void AddPort(int32_t port, int fd, bool has_vnet_header);
  void RemovePort(int32_t port);
  void AddDoorbell(int fd);
  // Spin for at most this long before a wait blocks; 0 never spins.
  void SetBusyPoll(int64_t microseconds) { busy_poll_ns_ = microseconds * 1000; }

  // Waits until a frame, a doorbell or the timeout comes (-1: no timeout); fills the burst.
  // Returns the number of frames. The first `carried` of them are there already, in the first
  // slots: with such frames nothing is waited for, and their ports are not read, so that they do
  // not fill the burst.
  size_t Receive(int wait_ms, size_t carried);
  // Writes tx_count pairs; tx_status says 0 or an errno for each. Returns how many failed.
  size_t Transmit(size_t tx_count);
  // Transmit, then Receive. If a write fails nothing is received, so that its frame still lies
  // where it lay; the result is then minus the number of failures.
  long Exchange(size_t tx_count, int wait_ms, size_t carried);

 private:
  struct Port {
    UniqueFd fd;
    size_t header_bytes = 0;
    bool has_carried = false;  // frames of this burst already
    // What the next round will bring, judged by the last.
    size_t expected_frames = 1;
    size_t frame_bytes = 1;
  };
  // Of a burst.
  struct Share {
    size_t frames;
    size_t bytes;
  };
  struct Ready {
    int32_t port;
    bool drained = false;
    // Of the round being read.
    size_t asked = 0;
    size_t frames = 0;
    size_t bytes = 0;
  };

  void SetCarried(size_t carried, bool has_carried);
  size_t WaitForEvents(int wait_ms);
  size_t WaitForReady(int wait_ms);
  size_t Spin(int64_t until_ns);
  void SortEvents(size_t count);
  void NoteRecent(int32_t port);
  void ReadReadyPorts(size_t events);
  void ReadRound(Share share);
  void ReadShare(Ready& ready, Share share);
  void ReadRoundAtOnce(Share share);
  size_t Guess(int32_t port, Share share) const;
  void QueueRead(size_t ready, size_t slot);
  void NoteRound(Ready& ready);
  bool ReadFrame(int32_t port);
  uint8_t* SlotFor(const Port& from, size_t slot) const;
  bool TakeFrame(int32_t port, size_t slot, ssize_t got);
  void ReportGone(int32_t port);
  void Watch(int fd, uint64_t tag);
  Port* Find(int32_t port);
  bool IsFull() const;

  BurstMemory memory_;
  std::unique_ptr<Uring> ring_;  // null: a system call for each frame
  std::string why_no_ring_;
  UniqueFd epoll_;
  UniqueFd doorbell_;
  std::vector<Port> ports_;
  std::vector<epoll_event> events_;
  std::vector<Ready> ready_;
  size_t ready_open_ = 0;   // ports in ready_ that may have more
  size_t frames_ = 0;       // of the burst being filled
  size_t slots_ = 0;        // of the arena, taken by it
  size_t bytes_ = 0;        // of its frames
  int32_t last_read_ = -1;  // port; -1: none yet
  int64_t busy_poll_ns_ = 0;
  int spin_credit_ = 0;
  int hits_at_once_ = 0;        // spins in turn that found a frame at the first look
  double bytes_per_burst_ = 0;  // on average, lately
  size_t recent_at_ = 0;
  std::array<int32_t, 4> recent_ports_{-1, -1, -1, -1};  // had frames lately; -1: none
};

}  // namespace tapswitch

// The epoll of one BurstIo, and the troubles of its ports that have not been reported yet.
#pragma once

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "system/unique_fd.h"

namespace tapswitch {

// Something that happened to a port and is no answer to one frame.
struct Trouble {
  int32_t port;
  int error;       // an errno; 0: the peer has hung up
  bool has_ended;  // whether the port has failed: it moves no frame any more
};

class Watch {
 public:
  Watch();  // throws SystemError

  // Throws SystemError.
  void Add(int fd, uint64_t tag, uint32_t events);
  // Replaces the events that are waited for.
  void Change(int fd, uint64_t tag, uint32_t events);
  // Closing one descriptor of a file does not take the file off the epoll while another is open.
  void Remove(int fd);
  // Returns the events that have come, at most those that fit. -1 waits without end. A wait with a
  // fraction of a millisecond is exact from Linux 5.11 on, and rounded up before.
  size_t Wait(std::vector<epoll_event>& events, double wait_ms);

  void AddTrouble(Trouble trouble) { troubles_.push_back(trouble); }
  bool HasTroubles() const { return !troubles_.empty(); }
  // Writes the troubles into the signals, as many as there is room for. The others stay.
  void ReportTroubles(int32_t* signals, size_t size);
  // Forgets the troubles of a port that is removed.
  void ForgetTroubles(int32_t port);

 private:
  int WaitExactly(std::vector<epoll_event>& events, double wait_ms);

  UniqueFd epoll_;
  bool lacks_nanoseconds_ = false;
  std::vector<Trouble> troubles_;
};

}  // namespace tapswitch

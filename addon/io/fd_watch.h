// A watch that calls a function when a descriptor is ready. One thread waits for all watches, and
// exists while there is one: docs/adr/0013-waiting-for-a-descriptor.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "system/unique_fd.h"

namespace tapswitch {

class WatchThread;

class FdWatch {
 public:
  // A function that is called on the thread of the watches. It must not block, and must make and
  // destroy no watch. It returns false where it must not be called again.
  using Notify = std::function<bool()>;

  // Duplicates the descriptor, so that either side may close its own at any time. Throws
  // SystemError.
  FdWatch(int fd, Notify notify);
  // `notify` does not run when this returns, and is not called any more.
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  // Calls `notify` once, when one of the events (EPOLLIN, EPOLLOUT), an error or a hang-up is
  // there. Arming again before that replaces the events. Throws SystemError.
  void Arm(uint32_t events);

 private:
  UniqueFd fd_;
  std::shared_ptr<WatchThread> thread_;
  uint64_t id_;
};

}  // namespace tapswitch

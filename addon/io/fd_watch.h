// Tells when a descriptor is ready, without anybody waiting for it. One thread, which exists while
// there is a watch, waits for all of them; see docs/adr/0013-waiting-for-a-descriptor.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "system/unique_fd.h"

namespace tapswitch {

class WatchThread;

class FdWatch {
 public:
  // `notify` is called on the thread of the watches. It must not block, and no watch may be made or
  // destroyed in it. False: it is not to be called again.
  using Notify = std::function<bool()>;

  // Duplicates the descriptor, so that either side may close its own at any time. Throws
  // SystemError.
  FdWatch(int fd, Notify notify);
  // When this returns, `notify` does not run and will not be called any more.
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

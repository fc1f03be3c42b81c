#include "io/watch.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

#include "io/burst_memory.h"
#include "system/system_error.h"

// Number of the system call, equal on all architectures (include/uapi/asm-generic/unistd.h).
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

namespace tapswitch {
namespace {

constexpr char kSubject[] = "data plane";

}  // namespace

Watch::Watch() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_.IsOpen()) throw SystemError("epoll_create1", kSubject);
}

void Watch::Add(int fd, uint64_t tag, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_.Get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw SystemError("epoll_ctl", kSubject);
  }
}

void Watch::Change(int fd, uint64_t tag, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  // Needs no memory: it cannot fail for a descriptor that is watched.
  epoll_ctl(epoll_.Get(), EPOLL_CTL_MOD, fd, &event);
}

void Watch::Remove(int fd) {
  epoll_ctl(epoll_.Get(), EPOLL_CTL_DEL, fd, nullptr);
}

size_t Watch::Wait(std::vector<epoll_event>& events, double wait_ms) {
  const double up_ms = std::ceil(wait_ms);
  if (up_ms != wait_ms && !lacks_nanoseconds_) {
    const int ready = WaitExactly(events, wait_ms);
    if (ready >= 0) return static_cast<size_t>(ready);
    lacks_nanoseconds_ = errno == ENOSYS;
    if (!lacks_nanoseconds_) return 0;
  }
  const int ready = epoll_wait(epoll_.Get(), events.data(), static_cast<int>(events.size()),
                               static_cast<int>(up_ms));
  return ready > 0 ? static_cast<size_t>(ready) : 0;
}

// epoll_pwait2 by its number: glibc has a function for it from 2.35 on.
int Watch::WaitExactly(std::vector<epoll_event>& events, double wait_ms) {
  const double seconds = std::floor(wait_ms / 1e3);
  // Seconds and nanoseconds of struct __kernel_timespec, which has 64 bits for each on every
  // machine.
  const int64_t wait[2] = {static_cast<int64_t>(seconds),
                           static_cast<int64_t>((wait_ms - seconds * 1e3) * 1e6)};
  return static_cast<int>(syscall(SYS_epoll_pwait2, epoll_.Get(), events.data(),
                                  static_cast<int>(events.size()), wait, nullptr, 0));
}

void Watch::ReportTroubles(int32_t* signals, size_t size) {
  const size_t room = (size - kSignalTroubles) / kTroubleWords;
  const size_t count = std::min(room, troubles_.size());
  for (size_t i = 0; i < count; i++) {
    int32_t* const words = signals + kSignalTroubles + i * kTroubleWords;
    words[0] = troubles_[i].port;
    words[1] = troubles_[i].error;
    words[2] = troubles_[i].has_ended ? 1 : 0;
  }
  signals[kSignalTroubleCount] = static_cast<int32_t>(count);
  troubles_.erase(troubles_.begin(), troubles_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Watch::ForgetTroubles(int32_t port) {
  const auto end = std::remove_if(troubles_.begin(), troubles_.end(),
                                  [port](const Trouble& trouble) { return trouble.port == port; });
  troubles_.erase(end, troubles_.end());
}

}  // namespace tapswitch

#include "io/fd_watch.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "io/doorbell.h"
#include "system/start_thread.h"
#include "system/system_error.h"

namespace tapswitch {
namespace {

constexpr uint64_t kStopTag = 0;
constexpr char kSubject[] = "descriptor watch";

}  // namespace

class WatchThread {
 public:
  // The thread of the process. It ends with the last watch, and is started again with the next.
  static std::shared_ptr<WatchThread> Shared() {
    static std::mutex mutex;
    static std::weak_ptr<WatchThread> shared;
    const std::lock_guard lock(mutex);
    std::shared_ptr<WatchThread> thread = shared.lock();
    if (!thread) shared = thread = std::make_shared<WatchThread>();
    return thread;
  }

  WatchThread() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!epoll_.IsOpen()) throw SystemError("epoll_create1", kSubject);
    Control(EPOLL_CTL_ADD, stop_.Fd(), EPOLLIN, kStopTag);
    thread_ = StartThread("fd-watch", [this] { Run(); });
  }

  ~WatchThread() {
    stop_.Ring();
    thread_.join();
  }

  uint64_t Add(int fd, FdWatch::Notify notify) {
    const std::lock_guard lock(mutex_);
    const uint64_t id = next_id_++;
    Control(EPOLL_CTL_ADD, fd, EPOLLONESHOT, id);
    watches_.emplace(id, std::move(notify));
    return id;
  }

  void Arm(int fd, uint32_t events, uint64_t id) const {
    Control(EPOLL_CTL_MOD, fd, events | EPOLLONESHOT, id);
  }

  void Remove(int fd, uint64_t id) {
    const std::lock_guard lock(mutex_);
    watches_.erase(id);
    epoll_ctl(epoll_.Get(), EPOLL_CTL_DEL, fd, nullptr);
  }

 private:
  void Control(int operation, int fd, uint32_t events, uint64_t tag) const {
    epoll_event event{};
    event.events = events;
    event.data.u64 = tag;
    if (epoll_ctl(epoll_.Get(), operation, fd, &event) != 0) {
      throw SystemError("epoll_ctl", kSubject);
    }
  }

  void Run() {
    std::array<epoll_event, 64> events;
    for (;;) {
      const int count = epoll_wait(epoll_.Get(), events.data(), events.size(), -1);
      // The lock is held across `notify`, so that Remove can promise that it does not run.
      const std::lock_guard lock(mutex_);
      for (int i = 0; i < count; i++) {
        const uint64_t tag = events[static_cast<size_t>(i)].data.u64;
        if (tag == kStopTag) return;
        const auto watch = watches_.find(tag);
        if (watch != watches_.end() && !watch->second()) watches_.erase(watch);
      }
    }
  }

  UniqueFd epoll_;
  Doorbell stop_;
  std::mutex mutex_;
  std::unordered_map<uint64_t, FdWatch::Notify> watches_;
  uint64_t next_id_ = kStopTag + 1;
  std::thread thread_;
};

FdWatch::FdWatch(int fd, Notify notify) : fd_(fcntl(fd, F_DUPFD_CLOEXEC, 0)) {
  if (!fd_.IsOpen()) throw SystemError("fcntl", kSubject);
  thread_ = WatchThread::Shared();
  id_ = thread_->Add(fd_.Get(), std::move(notify));
}

FdWatch::~FdWatch() {
  thread_->Remove(fd_.Get(), id_);
}

void FdWatch::Arm(uint32_t events) {
  thread_->Arm(fd_.Get(), events, id_);
}

}  // namespace tapswitch

// A thread that lives as long as the process and does one piece of work after another.
//
// Work that needs a thread must not depend on a new thread each time: a process at the limit of its
// threads (pids.max) gets none.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace tapswitch {

class WorkThread {
 public:
  // The threads are started when they are first used. Both throw SystemError where that fails.
  //
  // The thread that enters network namespaces: see InNetns in netns.h.
  static WorkThread& Netns();
  // The thread that waits until devices are closed: see CloseAll in tap_device.h.
  static WorkThread& Closing();

  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  // Runs the work later. The work must not throw.
  void Post(std::function<void()> work);
  // Runs the work and waits for its end. Rethrows what the work throws. Must not be called on this
  // thread, which would wait for itself.
  void Run(const std::function<void()>& work);

 private:
  explicit WorkThread(const char* name);
  [[noreturn]] void Serve();

  std::thread::id id_;
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<std::function<void()>> queue_;
};

}  // namespace tapswitch

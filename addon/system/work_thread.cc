#include "system/work_thread.h"

#include <exception>
#include <future>
#include <stdexcept>
#include <utility>

#include "system/privileges.h"
#include "system/start_thread.h"

namespace tapswitch {

// Neither object is ever destroyed: a thread still waits for its work when the process ends.
WorkThread& WorkThread::Netns() {
  // This thread works for the main thread, with the privileges that the main thread keeps.
  static auto* const thread = [] {
    auto* const made = new WorkThread("netns");
    made->Run(KeepPrivilegesOnThisThread);
    return made;
  }();
  return *thread;
}

WorkThread& WorkThread::Closing() {
  static auto* const thread = new WorkThread("close-devices");
  return *thread;
}

WorkThread::WorkThread(const char* name) {
  std::thread thread = StartThread(name, [this] { Serve(); });
  id_ = thread.get_id();
  thread.detach();
}

void WorkThread::Post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  has_work_.notify_one();
}

void WorkThread::Run(const std::function<void()>& work) {
  if (std::this_thread::get_id() == id_) throw std::logic_error("a thread waits for itself");
  std::promise<void> done;
  Post([&] {
    try {
      work();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

void WorkThread::Serve() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      has_work_.wait(lock, [this] { return !queue_.empty(); });
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace tapswitch

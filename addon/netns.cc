#include "netns.h"

#include <sched.h>

#include <exception>
#include <thread>

#include "system_error.h"

namespace tapswitch {

void InNetns(int netns_fd, const std::string& subject, const std::function<void()>& work) {
  std::exception_ptr failure;
  std::thread([&] {
    try {
      if (setns(netns_fd, CLONE_NEWNET) != 0) throw SystemError("setns", subject);
      work();
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tapswitch

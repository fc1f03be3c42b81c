#include "netns.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <exception>
#include <thread>

#include "system_error.h"

namespace tapswitch {

UniqueFd OpenNetns(const std::string& path) {
  UniqueFd netns(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!netns.IsOpen()) throw SystemError("open", path);
  return netns;
}

NetnsId IdentifyNetns(int netns_fd, const std::string& subject) {
  struct stat status;
  if (fstat(netns_fd, &status) != 0) throw SystemError("fstat", subject);
  return {status.st_dev, status.st_ino};
}

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

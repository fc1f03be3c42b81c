#include "netns.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "system_error.h"
#include "work_thread.h"

namespace tapswitch {
namespace {

constexpr char kThisThread[] = "/proc/thread-self/ns/net";

// The namespace of the process, in which the thread stays between two visits.
int Home() {
  static const UniqueFd home = OpenNetns(kThisThread);
  return home.Get();
}

// The thread's stay in another namespace. The thread goes home afterwards: a thread in a namespace
// keeps it alive, although `ip netns del` has deleted its name.
class Visit {
 public:
  Visit(int netns_fd, const std::string& subject) : home_(Home()) {
    if (setns(netns_fd, CLONE_NEWNET) != 0) throw SystemError("setns", subject);
  }
  // Where that fails, for want of memory, the next visit's end makes up for it.
  ~Visit() { setns(home_, CLONE_NEWNET); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  int home_;
};

}  // namespace

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

NetnsId IdentifyThisNetns() {
  struct stat status;
  if (stat(kThisThread, &status) != 0) throw SystemError("stat", kThisThread);
  return {status.st_dev, status.st_ino};
}

void StartNetnsThread() {
  WorkThread::Netns().Run([] { Home(); });
}

void InNetns(int netns_fd, const std::string& subject, const std::function<void()>& work) {
  WorkThread::Netns().Run([&] {
    const Visit visit(netns_fd, subject);
    work();
  });
}

}  // namespace tapswitch

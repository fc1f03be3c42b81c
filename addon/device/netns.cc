#include "device/netns.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <utility>

#include "system/system_error.h"
#include "system/work_thread.h"

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

// What lies at the path instead, for a person.
std::string KindOf(int fd, const std::string& path) {
  struct stat status;
  if (fstat(fd, &status) != 0) throw SystemError("fstat", path);
  switch (status.st_mode & S_IFMT) {
    case S_IFREG:
      return "a regular file";
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a FIFO";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a device";
  }
}

SystemError NoNetns(const std::string& path, std::string kind) {
  return SystemError("setns", path, EINVAL).WithDetail(std::move(kind));
}

}  // namespace

UniqueFd OpenNetns(const std::string& path) {
  // A path is a user's word. To open a FIFO waits for its other end, and to open a device may do
  // anything; O_PATH opens nothing of what is there (open(2)).
  const UniqueFd place(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place.IsOpen()) throw SystemError("open", path);
  struct statfs file_system;
  if (fstatfs(place.Get(), &file_system) != 0) throw SystemError("fstatfs", path);
  if (file_system.f_type != NSFS_MAGIC) throw NoNetns(path, KindOf(place.Get(), path));
  const std::string same_file = "/proc/self/fd/" + std::to_string(place.Get());
  UniqueFd netns(open(same_file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!netns.IsOpen()) throw SystemError("open", path);
  // ioctl_nsfs(2), since Linux 4.11.
  if (ioctl(netns.Get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    throw NoNetns(path, "a namespace of another kind");
  }
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

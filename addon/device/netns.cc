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

// The namespace of the process. The thread is there between two visits.
int Home() {
  static const UniqueFd home = OpenNetns(kThisThread);
  return home.Get();
}

// A visit of the thread to another namespace. The thread goes home afterwards: a thread keeps its
// namespace alive, although `ip netns del` has deleted the name.
class Visit {
 public:
  Visit(int netns_fd, const std::string& subject) : home_(Home()) {
    if (setns(netns_fd, CLONE_NEWNET) != 0) throw SystemError("setns", subject);
  }
  // A failure, for want of memory, is made up for by the end of the next visit.
  ~Visit() { setns(home_, CLONE_NEWNET); }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  int home_;
};

// Kind of a file that is no namespace, in words.
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
  // The path comes from a user. Opening a FIFO waits for its other end, and opening a device may
  // have any effect. O_PATH opens the place alone (open(2)).
  const UniqueFd place(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place.IsOpen()) throw SystemError("open", path);
  struct statfs file_system;
  if (fstatfs(place.Get(), &file_system) != 0) throw SystemError("fstatfs", path);
  if (file_system.f_type != NSFS_MAGIC) throw NoNetns(path, KindOf(place.Get(), path));
  const std::string same_file = "/proc/self/fd/" + std::to_string(place.Get());
  UniqueFd netns(open(same_file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!netns.IsOpen()) throw SystemError("open", path);
  // NS_GET_NSTYPE: ioctl_nsfs(2), since Linux 4.11.
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

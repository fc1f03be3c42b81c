#include "system/privileges.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "system/every_thread.h"
#include "system/system_error.h"

namespace tapswitch {
namespace {

constexpr char kSubject[] = "privileges";
constexpr size_t kKeepersMax = 8;
// RLIMIT_NICE: 20 minus the lowest nice value (getrlimit(2)).
constexpr rlim_t kNormalPriority = 20;

std::array<std::atomic<pid_t>, kKeepersMax> keepers;

bool IsKeeper() {
  const auto self = static_cast<pid_t>(syscall(SYS_gettid));
  for (const std::atomic<pid_t>& keeper : keepers) {
    if (keeper == self) return true;
  }
  return false;
}

int Control(int option, unsigned long argument, unsigned long value = 0) {
  return prctl(option, argument, value, 0, 0) == 0 ? 0 : errno;
}

// Takes the other capabilities out of the bounding set, so that a program cannot gain them. Needs
// CAP_SETPCAP.
int ReduceBoundingSet(uint64_t kept) {
  for (unsigned long capability = 0; capability < 64; capability++) {
    if ((kept >> capability) & 1) continue;
    const int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) return 0;  // EINVAL: the kernel has no more capabilities.
    if (held == 0) continue;
    if (const int error = Control(PR_CAPBSET_DROP, capability)) return error;
  }
  return 0;
}

// Sets permitted and effective capabilities; there are no inheritable ones. The bare system call
// spares a dependency on libcap.
int SetCapabilities(uint64_t capabilities) {
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  for (size_t half = 0; half < _LINUX_CAPABILITY_U32S_3; half++) {
    const auto bits = static_cast<uint32_t>(capabilities >> (32 * half));
    data[half].permitted = bits;
    data[half].effective = bits;
  }
  return syscall(SYS_capset, &header, data) == 0 ? 0 : errno;
}

uint64_t KeptHere(const void* kept_capabilities) {
  return IsKeeper() ? *static_cast<const uint64_t*>(kept_capabilities) : 0;
}

int BeforeUser(const void* kept_capabilities) {
  const uint64_t kept = KeptHere(kept_capabilities);
  if (const int error = ReduceBoundingSet(kept)) return error;
  if (const int error = Control(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)) return error;
  // The capabilities survive the change of user.
  return Control(PR_SET_KEEPCAPS, kept != 0 ? 1 : 0);
}

int AfterUser(const void* kept_capabilities) {
  if (const int error = SetCapabilities(KeptHere(kept_capabilities))) return error;
  if (const int error = Control(PR_SET_KEEPCAPS, 0)) return error;
  return Control(PR_SET_NO_NEW_PRIVS, 1);
}

}  // namespace

void KeepPrivilegesOnThisThread() {
  if (IsKeeper()) return;
  const auto self = static_cast<pid_t>(syscall(SYS_gettid));
  for (std::atomic<pid_t>& keeper : keepers) {
    pid_t free = 0;
    if (keeper.compare_exchange_strong(free, self)) return;
  }
  throw SystemError("privileges", kSubject, ENOSPC);
}

void BecomeUser(uid_t uid, uint64_t kept_capabilities) {
  KeepPrivilegesOnThisThread();
  // A thread that has lowered its priority may go back to the normal one. Where root may not allow
  // that, the thread stays where it is.
  const rlimit normal{kNormalPriority, kNormalPriority};
  setrlimit(RLIMIT_NICE, &normal);
  OnEveryThread(BeforeUser, &kept_capabilities, kSubject);
  // glibc makes every thread do the same (nptl(7)).
  if (setresuid(uid, uid, uid) != 0) throw SystemError("setresuid", kSubject);
  OnEveryThread(AfterUser, &kept_capabilities, kSubject);
}

}  // namespace tapswitch

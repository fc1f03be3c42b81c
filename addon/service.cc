#include "service.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "system_error.h"
#include "unique_fd.h"
#include "work_thread.h"

namespace tapswitch {
namespace {

constexpr char kPrivileges[] = "privileges";

void Control(int option, unsigned long value) {
  if (prctl(option, value, 0, 0, 0) != 0) throw SystemError("prctl", kPrivileges);
}

// Not kept: no program that this one starts may come by them either.
void DropFromBoundingSet(uint64_t kept) {
  for (unsigned long capability = 0; capability < 64; capability++) {
    if ((kept >> capability) & 1) continue;
    const int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) return;  // EINVAL: the kernel knows no more.
    if (held > 0) Control(PR_CAPBSET_DROP, capability);
  }
}

// The system call: libcap would be a package for two numbers.
void SetCapabilities(uint64_t capabilities) {
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3]{};
  for (size_t half = 0; half < _LINUX_CAPABILITY_U32S_3; half++) {
    const auto bits = static_cast<uint32_t>(capabilities >> (32 * half));
    data[half].permitted = bits;
    data[half].effective = bits;
  }
  if (syscall(SYS_capset, &header, data) != 0) throw SystemError("capset", kPrivileges);
}

}  // namespace

void BecomeUser(uid_t uid, uint64_t kept_capabilities) {
  const auto before = [=] {
    DropFromBoundingSet(kept_capabilities);
    // A flag of this thread: what it may do survives the change of user.
    Control(PR_SET_KEEPCAPS, 1);
  };
  const auto after = [=] {
    SetCapabilities(kept_capabilities);
    Control(PR_SET_NO_NEW_PRIVS, 1);
  };
  before();
  WorkThread::Netns().Run(before);
  // glibc has every thread do the same (nptl(7)); they lose their capabilities by that.
  if (setresuid(uid, uid, uid) != 0) throw SystemError("setresuid", kPrivileges);
  after();
  WorkThread::Netns().Run(after);
}

void NotifyService(const std::string& socket_path, const std::string& message) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.empty() || socket_path.size() >= sizeof(address.sun_path)) {
    throw SystemError("sendto", socket_path, ENAMETOOLONG);
  }
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  // A name that begins with @ is in the abstract namespace: unix(7).
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd.IsOpen()) throw SystemError("socket", socket_path);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_path.size());
  if (sendto(fd.Get(), message.data(), message.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&address), length) < 0) {
    throw SystemError("sendto", socket_path);
  }
}

}  // namespace tapswitch

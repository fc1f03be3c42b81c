#include "device/held_device.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "device/tap_device.h"

namespace tapswitch {

std::optional<NetnsId> NetnsOfHeldDevice(int pid, int fd) {
  // glibc has wrappers for these from 2.36 on.
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!process.IsOpen()) return std::nullopt;
  const UniqueFd held(static_cast<int>(syscall(SYS_pidfd_getfd, process.Get(), fd, 0)));
  if (!held.IsOpen()) return std::nullopt;
  const UniqueFd netns = OpenDeviceNetns(held.Get());
  if (!netns.IsOpen()) return std::nullopt;
  return IdentifyNetns(netns.Get(), "network namespace");
}

}  // namespace tapswitch

// Looks into another process: which of several devices of the same name it holds.
#pragma once

#include <optional>

#include "device/netns.h"

namespace tapswitch {

// The namespace of the TUN/TAP device behind a descriptor of another process. Nothing where it
// cannot be known: no such process or descriptor, not allowed to look (ptrace(2), "Ptrace access
// mode checking"), or for the reasons of OpenDeviceNetns.
std::optional<NetnsId> NetnsOfHeldDevice(int pid, int fd);

}  // namespace tapswitch

// A look into another process: which of several devices of the same name it holds.
#pragma once

#include <optional>

#include "device/netns.h"

namespace tapswitch {

// The namespace of the TUN/TAP device behind a descriptor of another process. nullopt where it
// cannot be known: there is no such process or descriptor, this process may not look (ptrace(2),
// "Ptrace access mode checking"), or OpenDeviceNetns does not know it.
std::optional<NetnsId> NetnsOfHeldDevice(int pid, int fd);

}  // namespace tapswitch

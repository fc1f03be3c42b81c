// A network namespace of the program's own, which ends with the program. Needs CAP_SYS_ADMIN.
#pragma once

#include <string>

#include "system/unique_fd.h"

namespace tapswitch::test {

// An address of the loopback device there: 192.0.2.0/24 is for examples.
constexpr char kLoopback[] = "192.0.2.1";

void EnterNetns();

// A TAP of that namespace, up, with or without vnet headers and offloads.
UniqueFd OpenTap(const std::string& name, bool has_vnet_header);

// The kernel's end of a TAP: a packet socket.
UniqueFd OpenKernelEnd(const std::string& name);
// The next frame that the kernel has received there, with its tag; empty if there is none.
std::string ReadFromKernelEnd(int fd);

// Runs a command of the shell. Fails the case where it fails.
void Run(const std::string& command);

}  // namespace tapswitch::test

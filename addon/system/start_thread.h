// Threads of the addon.
#pragma once

#include <functional>
#include <thread>

namespace tapswitch {

// Starts a thread that receives no signals: Node's main thread receives them. `name` has at most 15
// bytes (pthread_setname_np(3)). Throws SystemError where the system has no thread left (pids.max
// of the cgroup, RLIMIT_NPROC, memory).
std::thread StartThread(const char* name, std::function<void()> run);

}  // namespace tapswitch

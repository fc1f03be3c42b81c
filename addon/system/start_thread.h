// Starts the addon's own threads.
#pragma once

#include <functional>
#include <thread>

namespace tapswitch {

// Starts a thread that gets no signals: those are for Node's main thread. `name` has at most 15
// bytes (pthread_setname_np(3)). Throws SystemError where the system has no thread left: pids.max
// of the cgroup, RLIMIT_NPROC, or memory.
std::thread StartThread(const char* name, std::function<void()> run);

}  // namespace tapswitch

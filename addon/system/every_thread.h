// Work that every thread of the process does. Capabilities, no_new_privs and the bounding set
// belong to a thread (capabilities(7)), and Node has started most of its threads before it loads
// the addon.
//
// A signal interrupts each thread, as in glibc for setuid(2) (nptl(7), sysdeps/nptl/setxid.h) and
// in Go for AllThreadsSyscall (runtime/os_linux.go). The signal is glibc's own, the only one that
// no thread can block; Node blocks all others on some of its threads. glibc's handler is restored
// afterwards.
#pragma once

#include <sys/types.h>

namespace tapswitch {

// A piece of work. Returns 0, or an errno. It runs inside a signal handler and may only make system
// calls: signal-safety(7).
using ThreadWork = int (*)(const void* argument);

// Runs `work` once on every thread, on the calling one last. Threads that are started meanwhile are
// included. Must not run on several threads at once, nor beside setuid(2) and similar calls. Throws
// SystemError for an errno that a thread returned, or for a thread that does not react in time.
void OnEveryThread(ThreadWork work, const void* argument, const char* subject);

}  // namespace tapswitch

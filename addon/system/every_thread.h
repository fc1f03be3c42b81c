// Has every thread of the process do something: capabilities, no_new_privs and the bounding set are
// those of a thread (capabilities(7)), and Node has started most of its threads before it runs us.
//
// A signal interrupts each thread, as glibc does for setuid(2) (nptl(7)) and Go for
// AllThreadsSyscall: sysdeps/nptl/setxid.h, runtime/os_linux.go. It is glibc's signal, the only one
// that no thread can block; Node blocks all others on some of its own. Its handler is back in place
// afterwards.
#pragma once

#include <sys/types.h>

namespace tapswitch {

// Returns 0, or an error number. Runs inside a signal handler: system calls only, signal-safety(7).
using ThreadWork = int (*)(const void* argument);

// Runs `work` on every thread, the calling one last, and on none twice. Threads that these start
// meanwhile are included. Not for several threads at once, nor beside setuid(2) and its like.
// Throws SystemError for what a thread returned, or for one that does not react in time.
void OnEveryThread(ThreadWork work, const void* argument, const char* subject);

}  // namespace tapswitch

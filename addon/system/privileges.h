// The way from root to a plain user, on every thread.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tapswitch {

// Lets the calling thread keep the capabilities that the caller of `BecomeUser` keeps, because it
// works for that caller. The thread must live as long as the process.
void KeepPrivilegesOnThisThread();

// Makes the process run as a plain user. The calling thread, and the threads of the function above,
// keep the capabilities of the mask; all other threads keep none. No thread and no program can gain
// others: no_new_privs is set, the bounding set is the mask, and there are no inheritable and no
// ambient capabilities. The caller sets the groups before. Throws SystemError.
void BecomeUser(uid_t uid, uint64_t kept_capabilities);

}  // namespace tapswitch

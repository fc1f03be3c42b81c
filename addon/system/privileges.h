// Gives up root, on every thread.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace tapswitch {

// The calling thread keeps what `BecomeUser` lets the caller keep, because it works for the caller.
// For threads that are there for the life of the process.
void KeepPrivilegesOnThisThread();

// Makes the process run as a plain user. The calling thread, and those that keep privileges, keep
// the capabilities of the mask; all others keep none. No thread can ever gain others, nor can a
// program: no_new_privs, a bounding set that holds what is kept, no inheritable and no ambient
// capabilities. Groups are the caller's business, and come before. Throws SystemError.
void BecomeUser(uid_t uid, uint64_t kept_capabilities);

}  // namespace tapswitch

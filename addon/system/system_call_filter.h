// System calls that the process never makes, refused from then on by the kernel: whoever gets the
// switch to run code of his own finds fewer ways on. Why these, and why not a list of what is
// allowed: docs/adr/0019-a-switch-that-is-a-plain-user.md.
#pragma once

namespace tapswitch {

// Installs the filter on every thread, for good: seccomp(2). A call that it refuses gets EPERM.
// Takes no_new_privs or CAP_SYS_ADMIN. Throws SystemError.
void RefuseSystemCalls();

}  // namespace tapswitch

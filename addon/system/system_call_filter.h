// A filter of the kernel that refuses the system calls that the process never makes. An attacker
// who runs code inside the switch has fewer ways on. docs/adr/0019-a-switch-that-is-a-plain-user.md
// says why it refuses some calls and does not allow some.
#pragma once

namespace tapswitch {

// Installs the filter on every thread, for good: seccomp(2). A refused call fails with EPERM. Needs
// no_new_privs or CAP_SYS_ADMIN. Throws SystemError.
void RefuseSystemCalls();

}  // namespace tapswitch

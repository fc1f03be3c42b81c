// What a long-running service asks of the system besides its sockets: to be another user, and to
// tell the service manager how it is.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace tapswitch {

// Makes the process run as a plain user. The calling thread and the one that enters namespaces, and
// threads and programs that they start, keep the capabilities of the mask and can never gain
// others; all other threads keep none. Groups are the caller's business, and come before. Throws
// SystemError.
void BecomeUser(uid_t uid, uint64_t kept_capabilities);

// Sends a message to the socket that NOTIFY_SOCKET names: sd_notify(3). Throws SystemError.
void NotifyService(const std::string& socket_path, const std::string& message);

}  // namespace tapswitch

// Messages of a service to its manager.
#pragma once

#include <string>

namespace tapswitch {

// Sends a message to the socket that NOTIFY_SOCKET names: sd_notify(3). Throws SystemError.
void NotifyService(const std::string& socket_path, const std::string& message);

}  // namespace tapswitch

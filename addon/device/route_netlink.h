// A question to the kernel's routing netlink and its answer, as bytes. src/device/rtnetlink.ts
// makes and reads them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tapswitch {

// Sends one request: struct nlmsghdr and its payload. The request must ask for an acknowledgement
// or a dump. Returns the messages of the answer in order. The last one is NLMSG_ERROR (0: success)
// or NLMSG_DONE.
//
// netns_path: empty for the namespace of the process. Throws SystemError where there is no answer.
// A refusal by the kernel is an answer.
std::vector<uint8_t> AskRouteNetlink(const uint8_t* request, size_t request_bytes,
                                     const std::string& netns_path);

}  // namespace tapswitch

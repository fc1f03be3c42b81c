// One question to the kernel's routing netlink and its answer, bytes in and bytes out. What they
// mean is known to src/device/rtnetlink.ts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tapswitch {

// Sends one request (struct nlmsghdr and what follows it), which must ask for an acknowledgement
// or a dump. Returns the messages of the answer one after the other, the last of them NLMSG_ERROR
// (0: well done) or NLMSG_DONE.
//
// netns_path: empty for the namespace of the process. Throws SystemError where the answer cannot
// be had; a refusal by the kernel is an answer.
std::vector<uint8_t> AskRouteNetlink(const uint8_t* request, size_t request_bytes,
                                     const std::string& netns_path);

}  // namespace tapswitch

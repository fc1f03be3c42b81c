#include "device/route_netlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cstring>

#include "device/netns.h"
#include "system/system_error.h"
#include "system/unique_fd.h"

namespace tapswitch {
namespace {

constexpr char kSubject[] = "rtnetlink";
// Bytes of a receive: netlink(7) recommends 8 KiB at least, and a dump's messages grow with the
// room.
constexpr size_t kReceiveBytes = 32 * 1024;

// A socket belongs for ever to the namespace in which it was made.
UniqueFd OpenSocket(const std::string& netns_path) {
  UniqueFd netlink;
  const auto open_here = [&] {
    netlink = UniqueFd(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!netlink.IsOpen()) throw SystemError("socket", kSubject);
  };
  if (netns_path.empty()) {
    open_here();
  } else {
    InNetns(OpenNetns(netns_path).Get(), netns_path, open_here);
  }
  // Options: the kernel explains a refusal in NLMSGERR_ATTR_MSG, does not quote the request in
  // front of it, and applies the filters of a dump strictly. Kernels before 4.20 have none of this.
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK}) {
    const int on = 1;
    setsockopt(netlink.Get(), SOL_NETLINK, option, &on, sizeof(on));
  }
  return netlink;
}

bool EndsAnswer(const uint8_t* messages, size_t bytes) {
  while (bytes >= sizeof(nlmsghdr)) {
    nlmsghdr header;
    std::memcpy(&header, messages, sizeof(header));
    if (header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR) return true;
    const size_t step = NLMSG_ALIGN(header.nlmsg_len);
    if (step < sizeof(header) || step > bytes) break;
    messages += step;
    bytes -= step;
  }
  return false;
}

}  // namespace

std::vector<uint8_t> AskRouteNetlink(const uint8_t* request, size_t request_bytes,
                                     const std::string& netns_path) {
  const UniqueFd netlink = OpenSocket(netns_path);
  if (send(netlink.Get(), request, request_bytes, 0) < 0) throw SystemError("send", kSubject);
  std::vector<uint8_t> answer;
  std::array<uint8_t, kReceiveBytes> part;
  for (;;) {
    const ssize_t got = recv(netlink.Get(), part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw SystemError("recv", kSubject);
    answer.insert(answer.end(), part.begin(), part.begin() + got);
    if (EndsAnswer(part.data(), static_cast<size_t>(got))) return answer;
  }
}

}  // namespace tapswitch

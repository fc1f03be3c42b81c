#include "netns.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstdlib>
#include <cstring>

#include "harness.h"

namespace tapswitch::test {

void EnterNetns() {
  EXPECT(unshare(CLONE_NEWNET) == 0);
  Run("ip link set lo up");
  Run(std::string("ip address add ") + kLoopback + "/32 dev lo");
}

UniqueFd OpenTap(const std::string& name, bool has_vnet_header) {
  UniqueFd fd(open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  EXPECT(fd.IsOpen());
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (has_vnet_header) request.ifr_flags |= IFF_VNET_HDR;
  EXPECT(ioctl(fd.Get(), TUNSETIFF, &request) == 0);
  if (has_vnet_header) EXPECT(ioctl(fd.Get(), TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) == 0);
  EXPECT(fcntl(fd.Get(), F_SETFL, O_RDWR | O_NONBLOCK) == 0);
  Run("ip link set " + name + " addrgenmode none up");
  return fd;
}

UniqueFd OpenKernelEnd(const std::string& name) {
  UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL)));
  const int on = 1;
  EXPECT(setsockopt(fd.Get(), SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) == 0);
  // Frames that the kernel sends of its own accord are skipped.
  EXPECT(setsockopt(fd.Get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) == 0);
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
  EXPECT(bind(fd.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  return fd;
}

// The kernel removes the outer tag, and returns it beside the frame: packet(7), PACKET_AUXDATA.
std::string ReadFromKernelEnd(int fd) {
  std::string frame(1 << 17, '\0');
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(tpacket_auxdata))];
  iovec place = {frame.data(), frame.size()};
  msghdr message{};
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const ssize_t got = recvmsg(fd, &message, 0);
  if (got <= 0) return "";
  frame.resize(static_cast<size_t>(got));
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != PACKET_AUXDATA) return frame;
  tpacket_auxdata data;
  std::memcpy(&data, CMSG_DATA(header), sizeof(data));
  if ((data.tp_status & TP_STATUS_VLAN_VALID) == 0) return frame;
  return frame.insert(12, Number(data.tp_vlan_tpid, 2) + Number(data.tp_vlan_tci, 2));
}

void Run(const std::string& command) {
  EXPECT(std::system(command.c_str()) == 0);
}

}  // namespace tapswitch::test

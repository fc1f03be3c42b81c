#include "netns.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <cstdlib>

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

void Run(const std::string& command) {
  EXPECT(std::system(command.c_str()) == 0);
}

}  // namespace tapswitch::test

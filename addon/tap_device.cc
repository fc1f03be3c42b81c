#include "tap_device.h"

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>

#include "start_thread.h"
#include "system_error.h"

// Debian 12 compiles against the headers of Linux 6.1, which lack the UDP segmentation flags of
// 6.2 (linux/if_tun.h).
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
#ifndef TUNGETDEVNETNS
#define TUNGETDEVNETNS _IO('T', 227)
#endif

namespace tapswitch {
namespace {

constexpr char kTunPath[] = "/dev/net/tun";
constexpr size_t kClosingThreads = 64;
// Times that a device is looked for which moves, or changes its name, while it is looked for.
constexpr int kLooks = 3;

ifreq RequestFor(const std::string& name) {
  ifreq request;
  std::memset(&request, 0, sizeof(request));
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  return request;
}

// What kind of interface bears a name: "tun/tap" for a TAP, "tun/tun" for a TUN device, "veth", …;
// "?" where its driver does not say (lo), empty where there is none.
std::string DriverOf(int control, const std::string& name) {
  ethtool_drvinfo info;
  std::memset(&info, 0, sizeof(info));
  info.cmd = ETHTOOL_GDRVINFO;
  ifreq request = RequestFor(name);
  request.ifr_data = reinterpret_cast<char*>(&info);
  if (ioctl(control, SIOCETHTOOL, &request) != 0) return errno == ENODEV ? "" : "?";
  const std::string driver = info.driver;
  return driver == "tun" ? driver + "/" + info.bus_info : driver;
}

}  // namespace

void CloseAll(std::vector<std::unique_ptr<TapDevice>> devices) {
  std::atomic<size_t> next{0};
  const auto close_some = [&] {
    for (size_t index = next++; index < devices.size(); index = next++) devices[index].reset();
  };
  std::vector<std::thread> helpers;
  try {
    helpers.reserve(kClosingThreads);
    while (helpers.size() + 1 < std::min(devices.size(), kClosingThreads)) {
      helpers.push_back(StartThread("close-device", close_some));
    }
  } catch (const std::exception&) {
    // No thread is left, or no memory for one: fewer will do.
  }
  close_some();
  for (std::thread& helper : helpers) helper.join();
}

UniqueFd OpenDeviceNetns(int tun_fd) {
  return UniqueFd(ioctl(tun_fd, TUNGETDEVNETNS));
}

TapDevice TapDevice::Open(const TapOptions& options) {
  TapDevice device;
  device.name_ = options.name;
  device.netns_path_ = options.netns_path;
  const auto open_here = [&] {
    device.socket_ = NetnsSocket::Here(options.name);
    device.opened_in_ = device.lives_in_ = device.socket_->Netns();
    device.Attach(options);
    device.NegotiateOffloads(options.offload);
    device.Configure(options);
  };
  if (options.netns_path.empty()) {
    open_here();
    return device;
  }
  const UniqueFd netns = OpenNetns(options.netns_path);
  InNetns(netns.Get(), options.netns_path, open_here);
  return device;
}

void TapDevice::Attach(const TapOptions& options) {
  fd_ = UniqueFd(open(kTunPath, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd_.IsOpen()) throw SystemError("open", kTunPath);
  ifreq request = RequestFor(options.name);
  has_vnet_header_ = options.offload || options.vnet_header;
  const int wanted = (options.tun ? IFF_TUN : IFF_TAP) | (options.packet_info ? 0 : IFF_NO_PI) |
                     (has_vnet_header_ ? IFF_VNET_HDR : 0) |
                     (options.multi_queue ? IFF_MULTI_QUEUE : 0);
  const auto try_flags = [&](int extra) {
    request.ifr_flags = static_cast<short>(wanted | extra);
    return ioctl(fd_.Get(), TUNSETIFF, &request) == 0;
  };
  if (options.only_existing && DriverOf(socket_->Fd(), options.name).empty()) {
    throw SystemError("TUNSETIFF", options.name, ENODEV);
  }
  // IFF_TUN_EXCL makes "created or found" one atomic question. A multi-queue TAP can only be
  // joined with the flag it was made with (EINVAL otherwise).
  created_ = try_flags(IFF_TUN_EXCL);
  const bool exists = !created_ && errno == EBUSY;
  if (exists && options.only_new) {
    throw SystemError("TUNSETIFF", options.name, EEXIST)
        .WithDetail(DriverOf(socket_->Fd(), options.name));
  }
  const bool attached =
      created_ || (exists && (try_flags(0) || (errno == EINVAL && try_flags(IFF_MULTI_QUEUE))));
  if (!attached) {
    SystemError refusal("TUNSETIFF", options.name);
    throw std::move(refusal).WithDetail(DriverOf(socket_->Fd(), options.name));
  }
  name_ = request.ifr_name;
}

void TapDevice::NegotiateOffloads(bool wanted) {
  if (has_vnet_header_) {
    // TUNSETVNETHDRSZ outlives its setter on a persistent device.
    int header_bytes = 10;
    TunIoctl(TUNSETVNETHDRSZ, &header_bytes, "TUNSETVNETHDRSZ");
  }
  if (!wanted) {
    // A TAP that an earlier owner left with offloads would hand us frames without checksums.
    TunIoctl(TUNSETOFFLOAD, 0UL, "TUNSETOFFLOAD");
    return;
  }
  constexpr unsigned kTcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  for (const unsigned offloads : {kTcp | TUN_F_USO4 | TUN_F_USO6, kTcp, 0u + TUN_F_CSUM, 0u}) {
    if (ioctl(fd_.Get(), TUNSETOFFLOAD, offloads) == 0) {
      offloads_ = offloads;
      return;
    }
  }
  throw SystemError("TUNSETOFFLOAD", name_);
}

void TapDevice::Configure(const TapOptions& options) {
  // What an existing device looked like, so that a refusal leaves it as it was.
  ifreq flags = RequestFor(name_), mtu = RequestFor(name_), mac = RequestFor(name_);
  LinkIoctl(SIOCGIFFLAGS, &flags, "SIOCGIFFLAGS");
  LinkIoctl(SIOCGIFMTU, &mtu, "SIOCGIFMTU");
  LinkIoctl(SIOCGIFHWADDR, &mac, "SIOCGIFHWADDR");
  index_ = IndexOf(name_);
  try {
    if (options.mac) PutMac(*options.mac);
    if (options.mtu) PutMtu(*options.mtu);
    if (options.owner) SetOwner(*options.owner);
    if (options.group) SetGroup(*options.group);
    if (options.send_buffer) TunIoctl(TUNSETSNDBUF, &*options.send_buffer, "TUNSETSNDBUF");
    if (options.up && (flags.ifr_flags & IFF_UP) == 0) PutUp(true);
    if (options.persist) SetPersist(true);
  } catch (const SystemError&) {
    ioctl(socket_->Fd(), SIOCSIFFLAGS, &flags);
    ioctl(socket_->Fd(), SIOCSIFMTU, &mtu);
    ioctl(socket_->Fd(), SIOCSIFHWADDR, &mac);
    throw;
  }
}

TapStatus TapDevice::Inspect() {
  TapStatus status;
  for (int look = 0; look < kLooks; look++) {
    status = TapStatus();
    status.name = name_;
    try {
      status.gone = !RefreshName();
      if (status.gone) return status;
      status.name = name_;
      FollowNetns();
      status.gone = NetnsLost();
      if (status.gone) return status;
      news_seen_ = socket_->NewestChange();
      ifreq flags = RequestFor(name_), mtu = RequestFor(name_);
      LinkIoctl(SIOCGIFFLAGS, &flags, "SIOCGIFFLAGS");
      LinkIoctl(SIOCGIFMTU, &mtu, "SIOCGIFMTU");
      status.up = (flags.ifr_flags & IFF_UP) != 0 && HasCarrier(flags.ifr_flags & IFF_RUNNING);
      status.mtu = mtu.ifr_mtu;
      return status;
    } catch (const SystemError& error) {
      status.obstacle = error;
      // Deleted, renamed or moved between two of these calls: where is it now?
      if (error.error() != ENODEV) break;
    }
  }
  status.gone = NetnsLost();
  status.up = IsWritable();
  return status;
}

bool TapDevice::HasNews() const {
  return socket_ && socket_->HasChanged(index_, news_seen_);
}

void TapDevice::ReleaseNetns() {
  if (lives_in_ != opened_in_) socket_.reset();
}

// False where the device is gone: EBADFD, tun_chr_ioctl.
bool TapDevice::RefreshName() {
  ifreq request = RequestFor("");
  if (ioctl(fd_.Get(), TUNGETIFF, &request) != 0) {
    if (errno == EBADFD) return false;
    throw SystemError("TUNGETIFF", name_);
  }
  name_ = request.ifr_name;
  return true;
}

// A TAP can be renamed and moved to another namespace under us, and another interface can take its
// name. What is asked or set by name must concern the device itself.
void TapDevice::Locate() {
  if (!RefreshName()) throw SystemError("TUNGETIFF", name_, ENODEV);
  FollowNetns();
}

// Takes no descriptor, and no right, as long as the device is where it was: indices are not given
// out twice (dev_index_reserve, net/core/dev.c).
void TapDevice::FollowNetns() {
  if (socket_ && index_ != 0 && IndexOf(name_) == index_) return;
  const UniqueFd netns = OpenDeviceNetns(fd_.Get());
  if (!netns.IsOpen()) throw SystemError("TUNGETDEVNETNS", name_);
  const NetnsId now = IdentifyNetns(netns.Get(), name_);
  if (!socket_ || socket_->Netns() != now) {
    socket_ = NetnsSocket::Find(now);
    lives_in_ = now;
  }
  if (!socket_) InNetns(netns.Get(), name_, [&] { socket_ = NetnsSocket::Here(name_); });
  index_ = IndexOf(name_);
  if (index_ == 0) throw SystemError("SIOCGIFINDEX", name_, ENODEV);
}

// 0 where no interface in the namespace of the socket bears the name.
int TapDevice::IndexOf(const std::string& name) const {
  ifreq request = RequestFor(name);
  return ioctl(socket_->Fd(), SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
}

// The carrier itself. IFF_RUNNING follows it up to a second later (net/core/link_watch.c), and
// stands in for it where the driver does not say.
bool TapDevice::HasCarrier(bool is_running) const {
  ethtool_value link;
  std::memset(&link, 0, sizeof(link));
  link.cmd = ETHTOOL_GLINK;
  ifreq request = RequestFor(name_);
  request.ifr_data = reinterpret_cast<char*>(&link);
  return ioctl(socket_->Fd(), SIOCETHTOOL, &request) == 0 ? link.data != 0 : is_running;
}

// IFF_UP of a device in whichever namespace: that is when it can be written to (tun_sock_writeable,
// drivers/net/tun.c).
bool TapDevice::IsWritable() const {
  pollfd device{fd_.Get(), POLLOUT, 0};
  return poll(&device, 1, 0) == 1 && (device.revents & POLLOUT) != 0;
}

// Our descriptors keep a namespace alive that `ip netns del` has unnamed. Whoever deletes the
// name wants the namespace gone, so the port has to let go of it.
bool TapDevice::NetnsLost() const {
  if (netns_path_.empty() || !(lives_in_ == opened_in_)) return false;
  struct stat status;
  if (stat(netns_path_.c_str(), &status) != 0) return true;
  return !(NetnsId{status.st_dev, status.st_ino} == opened_in_);
}

void TapDevice::SetMtu(int mtu) {
  Locate();
  PutMtu(mtu);
}

void TapDevice::PutMtu(int mtu) {
  ifreq request = RequestFor(name_);
  request.ifr_mtu = mtu;
  LinkIoctl(SIOCSIFMTU, &request, "SIOCSIFMTU");
}

void TapDevice::SetMac(const MacAddress& mac) {
  Locate();
  PutMac(mac);
}

void TapDevice::PutMac(const MacAddress& mac) {
  ifreq request = RequestFor(name_);
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::memcpy(request.ifr_hwaddr.sa_data, mac.data(), mac.size());
  LinkIoctl(SIOCSIFHWADDR, &request, "SIOCSIFHWADDR");
}

void TapDevice::SetUp(bool up) {
  Locate();
  PutUp(up);
}

void TapDevice::PutUp(bool up) {
  ifreq request = RequestFor(name_);
  LinkIoctl(SIOCGIFFLAGS, &request, "SIOCGIFFLAGS");
  const int flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
  request.ifr_flags = static_cast<short>(flags);
  LinkIoctl(SIOCSIFFLAGS, &request, "SIOCSIFFLAGS");
}

void TapDevice::SetPersist(bool persist) {
  TunIoctl(TUNSETPERSIST, persist ? 1UL : 0UL, "TUNSETPERSIST");
}

void TapDevice::SetOwner(uid_t owner) {
  TunIoctl(TUNSETOWNER, owner, "TUNSETOWNER");
}

void TapDevice::SetGroup(gid_t group) {
  TunIoctl(TUNSETGROUP, group, "TUNSETGROUP");
}

void TapDevice::SetOffload(bool offload) {
  ifreq request = RequestFor("");
  TunIoctl(TUNGETIFF, &request, "TUNGETIFF");
  Locate();
  const bool persists = (request.ifr_flags & IFF_PERSIST) != 0;
  const bool before = has_vnet_header_;
  // Between two descriptors only a persistent device lives on.
  SetPersist(true);
  const auto attach_in_netns = [&] {
    try {
      AttachAnew(offload);
    } catch (const SystemError&) {
      AttachAnew(before);
      if (!persists) SetPersist(false);
      throw;
    }
  };
  const UniqueFd netns = CurrentNetns();
  if (netns.IsOpen()) {
    InNetns(netns.Get(), name_, attach_in_netns);
  } else {
    attach_in_netns();
  }
  if (!persists) SetPersist(false);
}

// Where the device lives now; not open where that is the namespace of the process, which takes no
// right to be entered.
UniqueFd TapDevice::CurrentNetns() const {
  UniqueFd netns = OpenDeviceNetns(fd_.Get());
  if (!netns.IsOpen()) return netns_path_.empty() ? UniqueFd() : OpenNetns(netns_path_);
  const UniqueFd ours = OpenNetns("/proc/thread-self/ns/net");
  if (IdentifyNetns(netns.Get(), name_) == IdentifyNetns(ours.Get(), name_)) return UniqueFd();
  return netns;
}

void TapDevice::AttachAnew(bool offload) {
  const bool created = created_;
  TapOptions options;
  options.name = name_;
  options.only_existing = true;
  options.offload = offload;
  Attach(options);
  NegotiateOffloads(offload);
  created_ = created;
}

void TapDevice::LinkIoctl(unsigned long request, ifreq* data, const char* what) const {
  if (ioctl(socket_->Fd(), request, data) != 0) throw SystemError(what, name_);
}

template <typename Argument>
void TapDevice::TunIoctl(unsigned long request, Argument argument, const char* what) const {
  if (ioctl(fd_.Get(), request, argument) != 0) throw SystemError(what, name_);
}

}  // namespace tapswitch

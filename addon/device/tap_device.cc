#include "device/tap_device.h"

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
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <exception>
#include <thread>

#include "system/start_thread.h"
#include "system/system_error.h"

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
// Attempts to find a device that moves, or changes its name, meanwhile.
constexpr int kLooks = 3;
// sizeof(virtio_net_hdr) in linux/virtio_net.h: kVnetHeaderBytes of burst_memory.h.
constexpr int kHeaderBytes = 10;
// Flags that decide which bytes a read brings and a write takes, as far as TUNGETIFF has them. In
// its answer IFF_NOFILTER has the bit of IFF_NO_PI, so that only rtnetlink knows about packet
// information.
constexpr int kFraming = IFF_TUN | IFF_TAP | IFF_VNET_HDR;

ifreq RequestFor(const std::string& name) {
  ifreq request;
  std::memset(&request, 0, sizeof(request));
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  return request;
}

// Driver of the interface with a name: "tun/tap" for a TAP, "tun/tun" for a TUN device, "veth", …;
// "?" where the driver has no name (lo), empty where there is no interface.
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

// Notes a change. The value that was found is that before the first change.
template <typename Value>
void Note(std::optional<ChangedSetting<Value>>& setting, const Value& before, const Value& given) {
  setting = {setting ? setting->found : before, given};
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
    // There is no thread left, or no memory for one. The others do the work.
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
    device.NegotiateHeader(options.joins);
    // A device that was made just now has no offloads.
    const bool is_clean = device.created_ && !options.offload;
    if (!options.joins && !is_clean) device.NegotiateOffloads(options.offload);
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

TapDevice::~TapDevice() {
  if (!fd_.IsOpen()) return;
  LeaveAsFound();
  try {
    PutBackFraming();
  } catch (const SystemError&) {
    // This process may not enter the namespace any more.
  }
}

void TapDevice::Attach(const TapOptions& options) {
  fd_ = UniqueFd(open(kTunPath, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd_.IsOpen()) throw SystemError("open", kTunPath);
  ifreq request = RequestFor(options.name);
  const int wanted = (options.tun ? IFF_TUN : IFF_TAP) | (options.packet_info ? 0 : IFF_NO_PI) |
                     (options.offload || options.vnet_header ? IFF_VNET_HDR : 0) |
                     (options.multi_queue ? IFF_MULTI_QUEUE : 0);
  const auto try_flags = [&](int extra) {
    request.ifr_flags = static_cast<short>(wanted | extra);
    return ioctl(fd_.Get(), TUNSETIFF, &request) == 0;
  };
  if (options.only_existing && DriverOf(socket_->Fd(), options.name).empty()) {
    throw SystemError("TUNSETIFF", options.name, ENODEV);
  }
  // IFF_TUN_EXCL decides "created or found" in one atomic step. A multi-queue TAP can only be
  // joined with the flag with which it was made (EINVAL otherwise).
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
  joined_ = options.joins && !created_;
  if (!created_ && !joined_) found_framing_ = options.found_framing;
  CheckGranted(wanted);
}

// Checks the framing, which belongs to the device: a further queue has the framing of the first
// one, whatever it asked for (tun_set_iff, drivers/net/tun.c).
void TapDevice::CheckGranted(int wanted) {
  ifreq granted = RequestFor("");
  TunIoctl(TUNGETIFF, &granted, "TUNGETIFF");
  has_vnet_header_ = (granted.ifr_flags & IFF_VNET_HDR) != 0;
  framing_ = (granted.ifr_flags & (kFraming | IFF_MULTI_QUEUE)) | (wanted & IFF_NO_PI);
  if (((granted.ifr_flags ^ wanted) & kFraming) == 0) return;
  joined_ = true;
  throw SystemError("TUNGETIFF", name_, EINVAL);
}

// Sets a header of ten bytes in the host's order. The length and the order outlive the program that
// sets them.
void TapDevice::NegotiateHeader(bool joins) {
  if (!has_vnet_header_) return;
  int bytes = 0;
  TunIoctl(TUNGETVNETHDRSZ, &bytes, "TUNGETVNETHDRSZ");
  int big_endian = 0;
  // Most kernels have no other order (CONFIG_TUN_VNET_CROSS_LE).
  if (ioctl(fd_.Get(), TUNGETVNETBE, &big_endian) != 0) big_endian = 0;
  if (joins && (bytes != kHeaderBytes || big_endian != 0)) {
    throw SystemError("TUNGETVNETHDRSZ", name_, EINVAL);
  }
  if (bytes != kHeaderBytes) {
    int wanted = kHeaderBytes;
    TunIoctl(TUNSETVNETHDRSZ, &wanted, "TUNSETVNETHDRSZ");
    Note(header_bytes_, bytes, kHeaderBytes);
  }
  if (big_endian != 0) {
    int wanted = 0;
    TunIoctl(TUNSETVNETBE, &wanted, "TUNSETVNETBE");
    Note(big_endian_, big_endian, 0);
  }
}

void TapDevice::NegotiateOffloads(bool wanted) {
  constexpr unsigned kTcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
  constexpr unsigned kWanted[] = {kTcp | TUN_F_USO4 | TUN_F_USO6, kTcp, TUN_F_CSUM, 0};
  if (!wanted) {
    // A TAP that an earlier owner left with offloads would give out frames without checksums.
    TunIoctl(TUNSETOFFLOAD, 0UL, "TUNSETOFFLOAD");
    offloads_ = 0;
    return;
  }
  for (const unsigned offloads : kWanted) {
    if (ioctl(fd_.Get(), TUNSETOFFLOAD, offloads) == 0) {
      offloads_ = offloads;
      return;
    }
  }
  throw SystemError("TUNSETOFFLOAD", name_);
}

void TapDevice::Configure(const TapOptions& options) {
  index_ = IndexOf(name_);
  // The destructor puts settings back when a later one is refused.
  if (options.mac) PutMac(*options.mac);
  if (options.mtu) PutMtu(*options.mtu);
  if (options.queue) PutQueue(*options.queue);
  if (options.owner) SetOwner(*options.owner);
  if (options.group) SetGroup(*options.group);
  if (options.send_buffer) SetSendBuffer(*options.send_buffer);
  if (options.up && !IsUp()) PutUp(true);
  if (options.persist) SetPersist(true);
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
      ifreq flags = RequestFor(name_);
      LinkIoctl(SIOCGIFFLAGS, &flags, "SIOCGIFFLAGS");
      const bool is_up = (flags.ifr_flags & IFF_UP) != 0;
      status.up = is_up && HasCarrier(flags.ifr_flags & IFF_RUNNING);
      // Another program has changed it since.
      if (up_ && up_->given != is_up) up_.reset();
      status.mtu = Mtu();
      status.queue = Queue();
      status.mac = Mac();
      return status;
    } catch (const SystemError& error) {
      status.obstacle = error;
      // The device was deleted, renamed or moved between two of these calls.
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

// Asks for the name. False: the device is gone (EBADFD, tun_chr_ioctl).
bool TapDevice::RefreshName() {
  ifreq request = RequestFor("");
  if (ioctl(fd_.Get(), TUNGETIFF, &request) != 0) {
    if (errno == EBADFD) return false;
    throw SystemError("TUNGETIFF", name_);
  }
  name_ = request.ifr_name;
  return true;
}

// Finds the device. Another program can rename a TAP or move it to another namespace, and another
// interface can take its name. Calls by name must concern the device itself.
void TapDevice::Locate() {
  if (!RefreshName()) throw SystemError("TUNGETIFF", name_, ENODEV);
  FollowNetns();
}

// Follows the device to its namespace. Needs no descriptor and no right while the device is where
// it was: indices are not given out twice (dev_index_reserve, net/core/dev.c).
void TapDevice::FollowNetns() {
  if (socket_ && index_ != 0 && IndexOf(name_) == index_) return;
  const UniqueFd netns = OpenDeviceNetns(fd_.Get());
  if (!netns.IsOpen()) throw SystemError("TUNGETDEVNETNS", name_);
  const NetnsId now = IdentifyNetns(netns.Get(), name_);
  if (!socket_ || socket_->Netns() != now) {
    socket_ = NetnsSocket::Find(now);
    // The move has set the device down. The program that sets it up there wants it up.
    if (lives_in_ != now) up_.reset();
    lives_in_ = now;
  }
  if (!socket_) InNetns(netns.Get(), name_, [&] { socket_ = NetnsSocket::Here(name_); });
  index_ = IndexOf(name_);
  if (index_ == 0) throw SystemError("SIOCGIFINDEX", name_, ENODEV);
}

// Index of the interface with a name in the namespace of the socket; 0: there is none.
int TapDevice::IndexOf(const std::string& name) const {
  ifreq request = RequestFor(name);
  return ioctl(socket_->Fd(), SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
}

// Whether there is a carrier. IFF_RUNNING follows it up to a second later (net/core/link_watch.c),
// and is used where the driver does not report the carrier.
bool TapDevice::HasCarrier(bool is_running) const {
  ethtool_value link;
  std::memset(&link, 0, sizeof(link));
  link.cmd = ETHTOOL_GLINK;
  ifreq request = RequestFor(name_);
  request.ifr_data = reinterpret_cast<char*>(&link);
  return ioctl(socket_->Fd(), SIOCETHTOOL, &request) == 0 ? link.data != 0 : is_running;
}

// ETHTOOL_GLINKSETTINGS (linux/ethtool.h): the first answer says how many words the masks of link
// modes have, as a negative number. The second has the speed.
unsigned TapDevice::LinkSpeed(const std::string& name) const {
  if (!socket_) return 0;
  constexpr size_t kMasks = 3;
  constexpr size_t kMaxWords = 127;
  std::array<uint32_t, sizeof(ethtool_link_settings) / sizeof(uint32_t) + kMasks * kMaxWords>
      memory{};
  auto* const link = reinterpret_cast<ethtool_link_settings*>(memory.data());
  ifreq request = RequestFor(name);
  request.ifr_data = reinterpret_cast<char*>(link);
  link->cmd = ETHTOOL_GLINKSETTINGS;
  if (ioctl(socket_->Fd(), SIOCETHTOOL, &request) != 0) return 0;
  if (link->link_mode_masks_nwords >= 0) return 0;
  const auto words = static_cast<int8_t>(-link->link_mode_masks_nwords);
  memory.fill(0);
  link->cmd = ETHTOOL_GLINKSETTINGS;
  link->link_mode_masks_nwords = words;
  if (ioctl(socket_->Fd(), SIOCETHTOOL, &request) != 0) return 0;
  return link->speed == static_cast<uint32_t>(SPEED_UNKNOWN) ? 0 : link->speed;
}

// Whether a device, in any namespace, has IFF_UP: it can be written to then (tun_sock_writeable,
// drivers/net/tun.c).
bool TapDevice::IsWritable() const {
  pollfd device{fd_.Get(), POLLOUT, 0};
  return poll(&device, 1, 0) == 1 && (device.revents & POLLOUT) != 0;
}

// Descriptors of the switch keep a namespace alive after `ip netns del` has deleted its name. An
// operator who deletes the name wants the namespace gone: the port has to release it.
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
  const int before = Mtu();
  ifreq request = RequestFor(name_);
  request.ifr_mtu = mtu;
  LinkIoctl(SIOCSIFMTU, &request, "SIOCSIFMTU");
  Note(mtu_, before, mtu);
}

void TapDevice::SetMac(const MacAddress& mac) {
  Locate();
  PutMac(mac);
}

void TapDevice::PutMac(const MacAddress& mac) {
  const MacAddress before = Mac();
  ifreq request = RequestFor(name_);
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::memcpy(request.ifr_hwaddr.sa_data, mac.data(), mac.size());
  LinkIoctl(SIOCSIFHWADDR, &request, "SIOCSIFHWADDR");
  Note(mac_, before, mac);
}

void TapDevice::SetUp(bool up) {
  Locate();
  PutUp(up);
}

void TapDevice::PutUp(bool up) {
  ifreq request = RequestFor(name_);
  LinkIoctl(SIOCGIFFLAGS, &request, "SIOCGIFFLAGS");
  const bool before = (request.ifr_flags & IFF_UP) != 0;
  const int flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
  request.ifr_flags = static_cast<short>(flags);
  LinkIoctl(SIOCSIFFLAGS, &request, "SIOCSIFFLAGS");
  Note(up_, before, up);
}

void TapDevice::SetSendBuffer(int bytes) {
  int before = 0;
  TunIoctl(TUNGETSNDBUF, &before, "TUNGETSNDBUF");
  TunIoctl(TUNSETSNDBUF, &bytes, "TUNSETSNDBUF");
  Note(send_buffer_, before, bytes);
}

bool TapDevice::IsUp() const {
  ifreq request = RequestFor(name_);
  LinkIoctl(SIOCGIFFLAGS, &request, "SIOCGIFFLAGS");
  return (request.ifr_flags & IFF_UP) != 0;
}

void TapDevice::SetQueue(int frames) {
  Locate();
  PutQueue(frames);
}

void TapDevice::PutQueue(int frames) {
  const int before = Queue();
  ifreq request = RequestFor(name_);
  request.ifr_qlen = frames;
  LinkIoctl(SIOCSIFTXQLEN, &request, "SIOCSIFTXQLEN");
  Note(queue_, before, frames);
}

int TapDevice::Queue() const {
  ifreq request = RequestFor(name_);
  LinkIoctl(SIOCGIFTXQLEN, &request, "SIOCGIFTXQLEN");
  return request.ifr_qlen;
}

int TapDevice::Mtu() const {
  ifreq request = RequestFor(name_);
  LinkIoctl(SIOCGIFMTU, &request, "SIOCGIFMTU");
  return request.ifr_mtu;
}

MacAddress TapDevice::Mac() const {
  ifreq request = RequestFor(name_);
  LinkIoctl(SIOCGIFHWADDR, &request, "SIOCGIFHWADDR");
  MacAddress mac{};
  std::memcpy(mac.data(), request.ifr_hwaddr.sa_data, mac.size());
  return mac;
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
  if (has_vnet_header_) return NegotiateOffloads(offload);
  if (offload) throw SystemError("IFF_VNET_HDR", name_, EOPNOTSUPP);
}

void TapDevice::LeaveAsFound() noexcept {
  // Settings that other descriptors share with this one are theirs.
  if (!fd_.IsOpen() || joined_ || is_left_) return;
  is_left_ = true;
  try {
    if (!Outlives()) return;
    ioctl(fd_.Get(), TUNSETOFFLOAD, 0UL);
    if (created_) return;
    if (header_bytes_) ioctl(fd_.Get(), TUNSETVNETHDRSZ, &header_bytes_->found);
    if (big_endian_) ioctl(fd_.Get(), TUNSETVNETBE, &big_endian_->found);
    if (send_buffer_) ioctl(fd_.Get(), TUNSETSNDBUF, &send_buffer_->found);
    PutBackSettings();
  } catch (const SystemError&) {
    // The device is being deleted, or this process may no longer change it.
  }
}

// Whether the device stays when this descriptor is closed. Updates its name and namespace, because
// settings are put back by name.
bool TapDevice::Outlives() {
  ifreq request = RequestFor("");
  if (ioctl(fd_.Get(), TUNGETIFF, &request) != 0) return false;
  if ((request.ifr_flags & IFF_PERSIST) == 0) return false;
  name_ = request.ifr_name;
  if (mtu_ || mac_ || up_ || queue_) FollowNetns();
  return true;
}

// Puts settings back one by one: a refusal of one says nothing about the next. The state comes
// last, because an interface that is set down loses its IPv6 addresses, and so does an interface
// with an MTU below 1280.
void TapDevice::PutBackSettings() {
  const auto attempt = [](const auto& change) {
    try {
      change();
    } catch (const SystemError&) {
    }
  };
  attempt([&] {
    if (mtu_ && Mtu() == mtu_->given && mtu_->found != mtu_->given) PutMtu(mtu_->found);
  });
  attempt([&] {
    if (queue_ && Queue() == queue_->given && queue_->found != queue_->given) {
      PutQueue(queue_->found);
    }
  });
  attempt([&] {
    if (mac_ && Mac() == mac_->given && mac_->found != mac_->given) PutMac(mac_->found);
  });
  attempt([&] {
    if (up_ && IsUp() == up_->given && up_->found != up_->given) PutUp(up_->found);
  });
}

// Puts the framing back. It is that of the descriptor that attached last, and only attaching
// changes it: another descriptor attaches for a moment. Where another program is faster, its
// framing stays.
void TapDevice::PutBackFraming() {
  if (!found_framing_) return;
  const int framing = (framing_ & ~(IFF_NO_PI | IFF_VNET_HDR)) | *found_framing_;
  if (framing == framing_ || !Outlives()) return;
  ifreq request = RequestFor(name_);
  request.ifr_flags = static_cast<short>(framing);
  const UniqueFd netns = OpenDeviceNetns(fd_.Get());
  if (!netns.IsOpen() && !netns_path_.empty()) return;
  fd_.Reset();
  const auto attach = [&] {
    const UniqueFd tun(open(kTunPath, O_RDWR | O_CLOEXEC));
    if (tun.IsOpen()) ioctl(tun.Get(), TUNSETIFF, &request);
  };
  const UniqueFd ours = OpenNetns("/proc/thread-self/ns/net");
  // A thread that is in the namespace already needs no right to enter it.
  if (!netns.IsOpen() || IdentifyNetns(netns.Get(), name_) == IdentifyNetns(ours.Get(), name_)) {
    attach();
  } else {
    InNetns(netns.Get(), name_, attach);
  }
}

void TapDevice::LinkIoctl(unsigned long request, ifreq* data, const char* what) const {
  if (ioctl(socket_->Fd(), request, data) != 0) throw SystemError(what, name_);
}

template <typename Argument>
void TapDevice::TunIoctl(unsigned long request, Argument argument, const char* what) const {
  if (ioctl(fd_.Get(), request, argument) != 0) throw SystemError(what, name_);
}

}  // namespace tapswitch

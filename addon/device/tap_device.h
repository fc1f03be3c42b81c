// One TAP or TUN device as the control plane holds it: made or attached to, set up, looked at, let
// go. What is said of a TAP here holds for a TUN device too, unless it is about Ethernet.
//
// The order in Open() bears load: open /dev/net/tun inside the namespace (the file remembers the
// namespace of the thread that opened it: tun_chr_open, drivers/net/tun.c), then TUNSETIFF, then
// everything else. Frames are not moved here; see burst_io.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/netns.h"
#include "device/netns_socket.h"
#include "system/system_error.h"
#include "system/unique_fd.h"

struct ifreq;  // net/if.h

namespace tapswitch {

using MacAddress = std::array<uint8_t, 6>;

struct TapOptions {
  std::string name;          // an interface name, or a pattern such as tap%d
  std::string netns_path;    // empty: the namespace of the process
  bool tun = false;          // IFF_TUN: IP packets, without an Ethernet header
  bool packet_info = false;  // 4 bytes, flags and protocol, in front of each packet
  bool multi_queue = false;  // several descriptors may be attached
  bool joins = false;        // other descriptors are attached: what all share stays as it is
  // IFF_NO_PI and IFF_VNET_HDR of a device that is there, which attaching to it overwrites.
  std::optional<int> found_framing;
  bool vnet_header = false;    // IFF_VNET_HDR without offloads
  bool offload = true;         // IFF_VNET_HDR and every offload that the kernel grants
  bool only_existing = false;  // attach, do not create (ENODEV)
  bool only_new = false;       // create, do not attach (EEXIST)
  bool persist = false;        // outlives the descriptor
  bool up = true;              // false: leave that as it is
  std::optional<int> mtu;      // bytes
  std::optional<int> queue;    // frames, txqueuelen
  std::optional<MacAddress> mac;
  std::optional<uid_t> owner;
  std::optional<gid_t> group;
  // Bytes written that may be on their way through the kernel before a write says EAGAIN.
  std::optional<int> send_buffer;
};

struct TapStatus {
  bool gone = false;              // deleted, or its namespace was
  bool up = false;                // IFF_UP, and the carrier is there
  int mtu = 0;                    // bytes; 0 where it cannot be known
  std::optional<MacAddress> mac;  // unless it cannot be known
  int queue = -1;                 // frames, txqueuelen; -1 where it cannot be known
  std::string name;               // it may have been renamed
  // Why nothing but the name and IFF_UP could be asked for: the device lives where it cannot be
  // reached, or what it takes to reach it is lacking at the moment.
  std::optional<SystemError> obstacle;
};

// A setting of a device that was found: what it was, and what it was made to be. It is put back
// when the device is let go of, unless somebody else has changed it since.
template <typename Value>
struct ChangedSetting {
  Value found;
  Value given;
};

class TapDevice {
 public:
  // Throws SystemError. What it made is unmade and what it changed is put back when it throws.
  static TapDevice Open(const TapOptions& options);

  TapDevice(TapDevice&&) = default;
  TapDevice& operator=(TapDevice&&) = delete;
  ~TapDevice();

  // Never throws for what the kernel refuses: that is a part of the status.
  TapStatus Inspect();
  // Whether the interface may have changed since Inspect. Known while there is a LinkWatch.
  bool HasNews() const;
  // Lets go of the namespace that the device was moved to, until the next Inspect: nothing of ours
  // must keep a namespace alive for longer than those who live in it.
  void ReleaseNetns();
  // Whether the path by which the namespace was given no longer leads to it.
  bool NetnsLost() const;
  void SetMtu(int mtu);
  // Frames that may wait for the switch: txqueuelen.
  void SetQueue(int frames);
  void SetMac(const MacAddress& mac);
  void SetUp(bool up);
  void SetPersist(bool persist);
  void SetOwner(uid_t owner);
  void SetGroup(gid_t group);
  // Bytes written that may be on their way through the kernel before a write says EAGAIN.
  void SetSendBuffer(int bytes);
  // Has the kernel leave checksums and segmentation to the reader, or has it do them itself.
  // Nothing is lost by it. EOPNOTSUPP without a vnet header, which would have to tell of them.
  void SetOffload(bool offload);
  // Puts a device that outlives this descriptor into the state for whoever attaches next: one that
  // was found as it was found, and any without offloads, because a reader without a vnet header
  // would get open checksums. May be called again. Costs rights for MTU, MAC and state: what the
  // kernel refuses stays.
  void LeaveAsFound() noexcept;

  int Fd() const { return fd_.Get(); }
  const std::string& Name() const { return name_; }
  // False: it existed, and stays when the descriptor is closed.
  bool Created() const { return created_; }
  // True: every frame read and written has a 10-byte virtio_net_hdr in front.
  bool HasVnetHeader() const { return has_vnet_header_; }
  // TUN_F_* that the kernel granted.
  unsigned Offloads() const { return offloads_; }

 private:
  TapDevice() = default;
  void Attach(const TapOptions& options);
  void CheckGranted(int wanted);
  void NegotiateHeader(bool joins);
  void NegotiateOffloads(bool wanted);
  void Configure(const TapOptions& options);
  void PutBackSettings();
  void PutBackFraming();
  bool Outlives();
  bool IsUp() const;
  int Mtu() const;
  int Queue() const;
  MacAddress Mac() const;
  bool RefreshName();
  void Locate();
  void FollowNetns();
  int IndexOf(const std::string& name) const;
  bool HasCarrier(bool is_running) const;
  bool IsWritable() const;
  void PutMtu(int mtu);
  void PutQueue(int frames);
  void PutMac(const MacAddress& mac);
  void PutUp(bool up);
  void LinkIoctl(unsigned long request, ifreq* data, const char* what) const;
  template <typename Argument>
  void TunIoctl(unsigned long request, Argument argument, const char* what) const;

  UniqueFd fd_;
  // In the namespace in which the device was seen last; null while that is out of reach.
  std::shared_ptr<NetnsSocket> socket_;
  int index_ = 0;           // of the interface there
  uint64_t news_seen_ = 0;  // the newest change of which Inspect knew
  std::string name_;
  std::string netns_path_;
  NetnsId opened_in_;  // where netns_path pointed to, or the process was
  NetnsId lives_in_;   // where the device is now
  bool created_ = false;
  bool joined_ = false;  // other descriptors were attached before this one
  bool has_vnet_header_ = false;
  unsigned offloads_ = 0;
  bool is_left_ = false;  // LeaveAsFound has run
  int framing_ = 0;       // what found_framing has, and the mode, as granted
  // Of the device as it was found; only what was changed.
  std::optional<int> found_framing_;
  std::optional<ChangedSetting<int>> header_bytes_;
  std::optional<ChangedSetting<int>> big_endian_;
  std::optional<ChangedSetting<int>> send_buffer_;
  std::optional<ChangedSetting<int>> mtu_;
  std::optional<ChangedSetting<int>> queue_;
  std::optional<ChangedSetting<MacAddress>> mac_;
  std::optional<ChangedSetting<bool>> up_;
};

// Lets go of devices, which takes as long as it takes for one: who closes the last descriptor of a
// device waits for some 20 ms until no packet can be on its way through it (synchronize_net and
// rcu_barrier in net/core/dev.c). So that is done side by side, on threads made for it, as far as
// the system has any left. Waits for the end.
void CloseAll(std::vector<std::unique_ptr<TapDevice>> devices);

// The namespace in which the device behind a descriptor lives now. Not open where it cannot be
// known: before Linux 5.12, or without CAP_NET_ADMIN over that namespace.
UniqueFd OpenDeviceNetns(int tun_fd);

}  // namespace tapswitch

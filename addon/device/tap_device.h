// A TAP or TUN device as the control plane holds it: it is made or attached to, set up, inspected
// and released. Sentences about a TAP hold for a TUN device, unless they are about Ethernet.
//
// The order in Open() matters: open /dev/net/tun inside the namespace (the file remembers the
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
  bool joins = false;        // other descriptors are attached: shared settings stay as they are
  // IFF_NO_PI and IFF_VNET_HDR of an existing device. Attaching to it overwrites them.
  std::optional<int> found_framing;
  bool vnet_header = false;    // IFF_VNET_HDR without offloads
  bool offload = true;         // IFF_VNET_HDR and every offload that the kernel grants
  bool only_existing = false;  // attach, do not create (ENODEV)
  bool only_new = false;       // create, do not attach (EEXIST)
  bool persist = false;        // outlives the descriptor
  bool up = true;              // false: the state stays as it is
  std::optional<int> mtu;      // bytes
  std::optional<int> queue;    // frames, txqueuelen
  std::optional<MacAddress> mac;
  std::optional<uid_t> owner;
  std::optional<gid_t> group;
  // Written bytes that may be on their way through the kernel before a write fails with EAGAIN.
  std::optional<int> send_buffer;
};

struct TapStatus {
  bool gone = false;              // deleted, or its namespace was
  bool up = false;                // IFF_UP, and the carrier is there
  int mtu = 0;                    // bytes; 0 where it cannot be known
  std::optional<MacAddress> mac;  // unless it cannot be known
  int queue = -1;                 // frames, txqueuelen; -1 where it cannot be known
  std::string name;               // as the kernel has it now
  // The reason why only the name and IFF_UP are known: the namespace of the device is out of reach,
  // or there is no thread, descriptor or memory at the moment to reach it.
  std::optional<SystemError> obstacle;
};

// A changed setting of a device that was found: its value before and its value now. It is put back
// when the device is released, unless another program has changed it since.
template <typename Value>
struct ChangedSetting {
  Value found;
  Value given;
};

class TapDevice {
 public:
  // Throws SystemError. A device that was made is deleted then, and changed settings are put back.
  static TapDevice Open(const TapOptions& options);

  TapDevice(TapDevice&&) = default;
  TapDevice& operator=(TapDevice&&) = delete;
  ~TapDevice();

  // Asks the kernel for the state. A refusal of the kernel is a part of the status and never
  // thrown.
  TapStatus Inspect();
  // Whether the interface may have changed since Inspect. Correct while there is a LinkWatch.
  bool HasNews() const;
  // Releases the namespace to which the device was moved, until the next Inspect: the switch must
  // not keep a namespace alive longer than its processes do.
  void ReleaseNetns();
  // Whether the path of the namespace leads to another namespace now, or nowhere.
  bool NetnsLost() const;
  void SetMtu(int mtu);
  // Frames that may wait for the switch: txqueuelen.
  void SetQueue(int frames);
  void SetMac(const MacAddress& mac);
  void SetUp(bool up);
  void SetPersist(bool persist);
  void SetOwner(uid_t owner);
  void SetGroup(gid_t group);
  // Written bytes that may be on their way through the kernel before a write fails with EAGAIN.
  void SetSendBuffer(int bytes);
  // Makes the kernel leave checksums and segmentation to the reader, or do them itself. No frame is
  // lost. EOPNOTSUPP without a vnet header, because that carries the offloads.
  void SetOffload(bool offload);
  // Restores a device that outlives this descriptor for the next program that attaches. A device
  // that was found gets its settings back. Any device loses its offloads, because a reader without
  // a vnet header would get open checksums. May be called again. MTU, MAC and state need rights: a
  // setting that the kernel refuses stays.
  void LeaveAsFound() noexcept;

  // Speed of a link in the namespace of the device, Mb/s; 0: it has none, or it is unknown.
  unsigned LinkSpeed(const std::string& name) const;

  int Fd() const { return fd_.Get(); }
  const std::string& Name() const { return name_; }
  // False: the device existed before, and stays when the descriptor is closed.
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
  // Socket of the namespace in which the device was seen last; null while that is out of reach.
  std::shared_ptr<NetnsSocket> socket_;
  int index_ = 0;           // the interface's number there
  uint64_t news_seen_ = 0;  // number of the newest change before Inspect
  std::string name_;
  std::string netns_path_;
  NetnsId opened_in_;  // namespace of netns_path, or of the process
  NetnsId lives_in_;   // namespace of the device now
  bool created_ = false;
  bool joined_ = false;  // other descriptors were attached before this one
  bool has_vnet_header_ = false;
  unsigned offloads_ = 0;
  bool is_left_ = false;  // LeaveAsFound has run
  int framing_ = 0;       // flags of found_framing and of the mode, as granted
  // Settings of the device as it was found. Those that were not changed are empty.
  std::optional<int> found_framing_;
  std::optional<ChangedSetting<int>> header_bytes_;
  std::optional<ChangedSetting<int>> big_endian_;
  std::optional<ChangedSetting<int>> send_buffer_;
  std::optional<ChangedSetting<int>> mtu_;
  std::optional<ChangedSetting<int>> queue_;
  std::optional<ChangedSetting<MacAddress>> mac_;
  std::optional<ChangedSetting<bool>> up_;
};

// Closes devices, in the time that one of them takes. A thread that closes the last descriptor of a
// device waits some 20 ms until no packet can be on its way through it (synchronize_net and
// rcu_barrier in net/core/dev.c). Devices are closed side by side therefore, on threads made for
// it, if the system has any left. Waits for the end.
void CloseAll(std::vector<std::unique_ptr<TapDevice>> devices);

// The namespace of the device behind a descriptor. The result is not open where the namespace
// cannot be known: before Linux 5.12, or without CAP_NET_ADMIN over it.
UniqueFd OpenDeviceNetns(int tun_fd);

}  // namespace tapswitch

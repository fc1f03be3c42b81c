// What it takes to lead the frames of one interface to another inside the kernel: a program for
// traffic control, its place at the ingress of an interface, and promiscuous mode. Each is a
// descriptor. Its effect ends when it is closed, also when the process is killed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "system/unique_fd.h"

namespace tapswitch {

// Loads a program of type BPF_PROG_TYPE_SCHED_CLS.
//
// instructions: struct bpf_insn (linux/bpf.h), one after the other. name: at most 15 letters,
// digits and underscores, for `bpftool prog`. Throws SystemError; EACCES or EINVAL where the
// verifier refuses the program, with its last line as the detail; EPERM without CAP_BPF and
// CAP_NET_ADMIN.
UniqueFd LoadTrafficProgram(const uint8_t* instructions, size_t bytes, const std::string& name);

// Runs the program for each frame that the interface of this index receives (tcx, Linux 6.6).
//
// netns_path: empty for the namespace of the process. Throws SystemError; EINVAL on older kernels.
UniqueFd AttachToIngress(int program, int index, const std::string& netns_path);

// An interface receives frames for every MAC address as long as this lives: packet(7),
// PACKET_MR_PROMISC. The kernel counts those who want that, so that nobody else's wish is touched.
//
// To make a packet socket takes CAP_NET_RAW, to use it takes nothing. So the first interface in the
// namespace of the process makes a socket that stays: an interface that comes back after the
// process has given up root can be taken with it. In another namespace the socket is closed at the
// end, because a socket keeps its namespace alive.
class PromiscuousMode {
 public:
  // Makes that socket now. Throws SystemError.
  static void Prepare();
  // netns_path: empty for the namespace of the process. Throws SystemError; EPERM without
  // CAP_NET_RAW.
  PromiscuousMode(int index, const std::string& netns_path);
  ~PromiscuousMode();
  PromiscuousMode(const PromiscuousMode&) = delete;
  PromiscuousMode& operator=(const PromiscuousMode&) = delete;

 private:
  const int index_;
  const std::shared_ptr<const UniqueFd> packets_;
};

}  // namespace tapswitch

// Coalesces TCP segments, as the kernel's GRO does: segments of one flow that an answer sends out
// of one port leave as one super-frame, by one write. The headers are written anew. The payloads
// stay where they are, and an I/O vector gathers them.
//
// The super-frame cuts into the same segments again. So all of them must have
// - the same addresses, ports, acknowledgement, window, options, TTL and type of service;
// - sequence numbers without a gap, and IPv4 identifications without a gap, unless DF is set;
// - the same size, of which the last may be shorter; and PSH in the last alone;
// - no flag but ACK and PSH, no IPv4 options, no fragments, no extension headers, one VLAN tag at
//   most;
// - right checksums. The super-frame leaves its checksum open, so a wrong one would look right.
//
// Order within a flow holds: any other segment of the flow ends the run. Frames of different flows
// may pass each other.
//
// Source: net/ipv4/tcp_offload.c tcp_gro_receive, net/ipv4/af_inet.c inet_gro_receive; virtio 1.2,
// 5.1.6.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "io/burst_memory.h"

namespace tapswitch {

class Coalescer {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit Coalescer(const BurstMemory& memory) : memory_(memory) {}

  // Ports whose byte is 1 take super-frames. counts[port * stride + index] counts the segments that
  // left coalesced.
  void Enable(const uint8_t* takes_offloads, double* counts, size_t stride, size_t index) {
    takes_offloads_ = takes_offloads;
    counts_ = counts;
    stride_ = stride;
    index_ = index;
  }
  bool Serves(int32_t port) const {
    return takes_offloads_ != nullptr && takes_offloads_[port] == 1 && !HasRefused(port);
  }
  // The kernel has refused a super-frame of this port: it gets no more until it is added again.
  void NoteRefusal(int32_t port);
  void Forget(int32_t port);

  // Begins an answer: no pair is in a run.
  void Begin();
  // Finds the runs among pairs of one port, in order. Returns whether there is one.
  bool FindRuns(const std::vector<uint32_t>& pairs);
  // The pair behind this one in its run, or kNone.
  uint32_t Next(uint32_t pair) const { return pair < next_.size() ? next_[pair] : kNone; }
  bool IsFirst(uint32_t pair) const { return Next(pair) != kNone && !IsFollower(pair); }
  bool IsFollower(uint32_t pair) const { return pair < follows_.size() && follows_[pair] != 0; }

  // Writes the headers of the super-frame that begins with this pair, with its vnet header, and
  // gathers the payloads. The pieces stay until Renew. Returns how many; 0: there is no room.
  size_t Gather(uint32_t first, const iovec*& pieces);
  void Renew() { heads_used_ = pieces_used_ = 0; }

  // Counts a run that has left.
  void Count(uint32_t first);

 private:
  // Vnet header, Ethernet header with two tags, IPv6 header, and the longest TCP header.
  static constexpr size_t kHeadBytes = 10 + 22 + 40 + 60;
  static constexpr size_t kHeads = 64;
  static constexpr size_t kPieces = 1024;
  static constexpr size_t kMostSegments = 128;
  // Shorter frames do not begin a run: traffic of small frames pays one comparison for each.
  static constexpr int32_t kLeastBytes = 256;
  static constexpr size_t kMostOpen = 8;

  // What a frame of TCP has where. Offsets are from the beginning of the frame.
  struct Segment {
    const uint8_t* frame;
    size_t bytes;
    size_t network;
    size_t transport;
    size_t payload;
    int32_t tag;
    bool is_ipv4;
  };
  // Segments that leave together, to which the next one may be added.
  struct Run {
    Segment first;
    uint32_t last_pair;
    size_t segments;
    size_t payload_bytes;
    uint32_t next_sequence;
    bool has_open_checksum;
    bool is_first_verified;
  };
  enum class Kind { kOther, kUnclear, kTcp };

  Kind Read(uint32_t pair, Segment& segment) const;
  static bool MayCoalesce(const Segment& segment);
  static bool HasOpenChecksum(const Segment& segment);
  static bool HasRightChecksums(const Segment& segment);
  static bool IsSameFlow(const Segment& a, const Segment& b);
  static bool HasSameHeaders(const Run& run, const Segment& segment);
  static bool Fits(const Run& run, const Segment& segment);
  bool HasRefused(int32_t port) const {
    const auto index = static_cast<size_t>(port);
    return index < refused_.size() && refused_[index] != 0;
  }

  // Adds a segment to its run, or ends the run. Returns whether it was added.
  bool Take(uint32_t pair, const Segment& segment);
  void Open(uint32_t pair, const Segment& segment);
  void End(size_t run) { open_[run] = open_[--open_count_]; }
  void Link(uint32_t pair, uint32_t next);
  size_t WriteHead(uint8_t* head, const Segment& first, uint32_t last, size_t payload_bytes,
                   size_t segment_bytes) const;

  const BurstMemory& memory_;
  const uint8_t* takes_offloads_ = nullptr;
  double* counts_ = nullptr;
  size_t stride_ = 0;
  size_t index_ = 0;
  std::vector<uint8_t> refused_;

  // Links of the present answer, by pair.
  std::vector<uint32_t> next_;
  std::vector<uint8_t> follows_;
  std::vector<uint32_t> linked_;

  std::array<Run, kMostOpen> open_;
  size_t open_count_ = 0;

  std::array<std::array<uint8_t, kHeadBytes>, kHeads> heads_;
  std::array<iovec, kPieces> pieces_;
  size_t heads_used_ = 0;
  size_t pieces_used_ = 0;
};

}  // namespace tapswitch

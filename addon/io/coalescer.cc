#include "io/coalescer.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace tapswitch {
namespace {

constexpr size_t kAddressBytes = 12;
constexpr size_t kTypeBytes = 2;
constexpr size_t kTagBytes = 4;
constexpr uint16_t kIpv4 = 0x0800;
constexpr uint16_t kIpv6 = 0x86dd;
constexpr uint16_t kCustomerTag = 0x8100;
constexpr uint16_t kServiceTag = 0x88a8;
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kIcmpv6 = 58;

// Places in an IPv4 header (RFC 791).
constexpr size_t kIpv4Bytes = 20;
constexpr size_t kTypeOfService = 1;
constexpr size_t kTotalLength = 2;
constexpr size_t kIdentification = 4;
constexpr size_t kFragment = 6;
constexpr size_t kTtl = 8;
constexpr size_t kIpv4Protocol = 9;
constexpr size_t kIpv4Checksum = 10;
constexpr size_t kIpv4Addresses = 12;
constexpr size_t kIpv4AddressesBytes = 8;
constexpr uint16_t kDontFragment = 0x4000;
constexpr uint16_t kFragmentBits = 0xbfff;  // reserved, MF, and the offset

// Places in an IPv6 header (RFC 8200).
constexpr size_t kIpv6Bytes = 40;
constexpr size_t kPayloadLength = 4;
constexpr size_t kNextHeader = 6;
constexpr size_t kHopLimit = 7;
constexpr size_t kIpv6Addresses = 8;
constexpr size_t kIpv6AddressesBytes = 32;

// Places in a TCP header (RFC 9293).
constexpr size_t kTcpBytes = 20;
constexpr size_t kPortsBytes = 4;
constexpr size_t kSequence = 4;
constexpr size_t kAcknowledgement = 8;
constexpr size_t kDataOffset = 12;
constexpr size_t kFlags = 13;
constexpr size_t kWindow = 14;
constexpr size_t kTcpChecksum = 16;
constexpr size_t kUrgent = 18;
constexpr uint8_t kPsh = 0x08;
constexpr uint8_t kAck = 0x10;

// Places in a vnet header (virtio 1.2, 5.1.6), whose numbers have the byte order of the host.
constexpr size_t kVnetFlags = 0;
constexpr size_t kGsoType = 1;
constexpr size_t kHdrLen = 2;
constexpr size_t kGsoSize = 4;
constexpr size_t kCsumStart = 6;
constexpr size_t kCsumOffset = 8;
constexpr uint8_t kNeedsCsum = 1;
constexpr uint8_t kGsoTcpv4 = 1;
constexpr uint8_t kGsoTcpv6 = 4;

uint16_t Host16(const uint8_t* at) {
  uint16_t value;
  std::memcpy(&value, at, sizeof(value));
  return value;
}
void PutHost16(uint8_t* at, size_t value) {
  const auto word = static_cast<uint16_t>(value);
  std::memcpy(at, &word, sizeof(word));
}
uint16_t Net16(const uint8_t* at) {
  return ntohs(Host16(at));
}
void PutNet16(uint8_t* at, size_t value) {
  PutHost16(at, htons(static_cast<uint16_t>(value)));
}
uint32_t Net32(const uint8_t* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof(value));
  return ntohl(value);
}

bool IsSame(const uint8_t* a, const uint8_t* b, size_t at, size_t bytes) {
  return std::memcmp(a + at, b + at, bytes) == 0;
}

// Sum of the Internet checksum (RFC 1071), in the byte order of the memory and not folded.
uint64_t Sum(const uint8_t* at, size_t bytes, uint64_t sum = 0) {
  uint64_t other = 0;
  for (; bytes >= 16; at += 16, bytes -= 16) {
    uint64_t words[2];
    std::memcpy(words, at, sizeof(words));
    sum += (words[0] & UINT32_MAX) + (words[0] >> 32);
    other += (words[1] & UINT32_MAX) + (words[1] >> 32);
  }
  uint8_t rest[16] = {};
  std::memcpy(rest, at, bytes);
  for (size_t i = 0; i < sizeof(rest); i += 4) {
    uint32_t word;
    std::memcpy(&word, rest + i, sizeof(word));
    sum += word;
  }
  return sum + other;
}

uint16_t Fold(uint64_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

// The pseudo-header, with the length of header and payload.
uint64_t PseudoHeader(const uint8_t* network, bool is_ipv4, size_t tcp_bytes) {
  const uint64_t rest = htons(kTcp) + uint64_t{htons(static_cast<uint16_t>(tcp_bytes))};
  return is_ipv4 ? Sum(network + kIpv4Addresses, kIpv4AddressesBytes, rest)
                 : Sum(network + kIpv6Addresses, kIpv6AddressesBytes, rest);
}

}  // namespace

void Coalescer::NoteRefusal(int32_t port) {
  const auto index = static_cast<size_t>(port);
  if (refused_.size() <= index) refused_.resize(index + 1);
  refused_[index] = 1;
}

void Coalescer::Forget(int32_t port) {
  if (HasRefused(port)) refused_[static_cast<size_t>(port)] = 0;
}

// Finding runs ---------------------------------------------------------------------------------

void Coalescer::Begin() {
  for (const uint32_t pair : linked_) {
    next_[pair] = kNone;
    follows_[pair] = 0;
  }
  linked_.clear();
}

bool Coalescer::FindRuns(const std::vector<uint32_t>& pairs) {
  if (pairs.size() < 2) return false;
  const size_t linked_before = linked_.size();
  open_count_ = 0;
  for (const uint32_t pair : pairs) {
    if (open_count_ == 0 && memory_.length[memory_.tx_frame[pair]] < kLeastBytes) continue;
    Segment segment;
    const Kind kind = Read(pair, segment);
    if (kind == Kind::kTcp && !Take(pair, segment)) Open(pair, segment);
    // It may belong to any flow.
    if (kind == Kind::kUnclear) open_count_ = 0;
  }
  return linked_.size() > linked_before;
}

Coalescer::Kind Coalescer::Read(uint32_t pair, Segment& segment) const {
  const int32_t frame = memory_.tx_frame[pair];
  segment.frame = memory_.arena + memory_.offset[frame];
  segment.bytes = static_cast<size_t>(memory_.length[frame]);
  segment.tag = memory_.tx_tag[pair];
  size_t network = kAddressBytes + kTypeBytes;
  if (segment.bytes < network + kTagBytes + kIpv4Bytes) return Kind::kOther;
  uint16_t type = Net16(segment.frame + kAddressBytes);
  if (type == kCustomerTag || type == kServiceTag) {
    type = Net16(segment.frame + kAddressBytes + kTagBytes);
    network += kTagBytes;
  }
  segment.is_ipv4 = type == kIpv4;
  if (!segment.is_ipv4 && type != kIpv6) return Kind::kOther;
  const uint8_t* const ip = segment.frame + network;
  segment.network = network;
  if (segment.is_ipv4) {
    if (ip[kIpv4Protocol] != kTcp) return Kind::kOther;
    if ((Net16(ip + kFragment) & kFragmentBits) != 0) return Kind::kUnclear;
    segment.transport = network + size_t{4} * (ip[0] & 0xf);
  } else {
    // Behind an extension header there may be anything.
    if (ip[kNextHeader] == kUdp || ip[kNextHeader] == kIcmpv6) return Kind::kOther;
    if (ip[kNextHeader] != kTcp) return Kind::kUnclear;
    segment.transport = network + kIpv6Bytes;
  }
  if (segment.transport + kTcpBytes > segment.bytes) return Kind::kUnclear;
  segment.payload =
      segment.transport + size_t{4} * (segment.frame[segment.transport + kDataOffset] >> 4);
  return Kind::kTcp;
}

bool Coalescer::Take(uint32_t pair, const Segment& segment) {
  for (size_t i = 0; i < open_count_; i++) {
    Run& run = open_[i];
    if (!IsSameFlow(run.first, segment)) continue;
    if (!MayCoalesce(segment) || !HasSameHeaders(run, segment) || !Fits(run, segment)) {
      End(i);
      return false;
    }
    const bool is_right =
        (run.is_first_verified || HasRightChecksums(run.first)) && HasRightChecksums(segment);
    run.is_first_verified = true;
    if (!is_right) {
      End(i);
      return false;
    }
    Link(run.last_pair, pair);
    const size_t payload_bytes = segment.bytes - segment.payload;
    run.last_pair = pair;
    run.segments++;
    run.payload_bytes += payload_bytes;
    run.next_sequence += static_cast<uint32_t>(payload_bytes);
    const bool is_last = payload_bytes < run.first.bytes - run.first.payload ||
                         (segment.frame[segment.transport + kFlags] & kPsh) != 0;
    if (is_last) End(i);
    return true;
  }
  return false;
}

// A segment to which no other can be added begins no run.
void Coalescer::Open(uint32_t pair, const Segment& segment) {
  const bool is_last = (segment.frame[segment.transport + kFlags] & kPsh) != 0;
  if (memory_.length[memory_.tx_frame[pair]] < kLeastBytes || is_last) return;
  if (!MayCoalesce(segment)) return;
  if (open_count_ == kMostOpen) End(0);
  const size_t payload_bytes = segment.bytes - segment.payload;
  const uint32_t sequence = Net32(segment.frame + segment.transport + kSequence);
  open_[open_count_++] = {segment,
                          pair,
                          1,
                          payload_bytes,
                          sequence + static_cast<uint32_t>(payload_bytes),
                          HasOpenChecksum(segment),
                          false};
}

void Coalescer::Link(uint32_t pair, uint32_t next) {
  const size_t size = std::max(pair, next) + 1;
  if (next_.size() < size) {
    next_.resize(size, kNone);
    follows_.resize(size, 0);
  }
  next_[pair] = next;
  follows_[next] = 1;
  linked_.push_back(pair);
  linked_.push_back(next);
}

// Whether a segment may be a part of any super-frame.
bool Coalescer::MayCoalesce(const Segment& segment) {
  const auto& [frame, bytes, network, transport, payload, tag, is_ipv4] = segment;
  const uint8_t* const vnet = frame - kVnetHeaderBytes;
  const uint8_t* const ip = frame + network;
  const uint8_t* const tcp = frame + transport;
  if (vnet[kGsoType] != 0) return false;
  if (HasOpenChecksum(segment) &&
      (Host16(vnet + kCsumStart) != transport || Host16(vnet + kCsumOffset) != kTcpChecksum)) {
    return false;
  }
  if (tag == kTagStrip && network == kAddressBytes + kTypeBytes) return false;
  if (payload < transport + kTcpBytes || payload >= bytes) return false;
  if ((tcp[kDataOffset] & 0xf) != 0 || (tcp[kFlags] & ~kPsh) != kAck) return false;
  if (is_ipv4) return ip[0] == 0x45 && Net16(ip + kTotalLength) == bytes - network;
  return ip[0] >> 4 == 6 && Net16(ip + kPayloadLength) == bytes - transport;
}

bool Coalescer::HasOpenChecksum(const Segment& segment) {
  return ((segment.frame - kVnetHeaderBytes)[kVnetFlags] & kNeedsCsum) != 0;
}

// An open checksum is that of TCP: the one of the IPv4 header is never open.
bool Coalescer::HasRightChecksums(const Segment& segment) {
  const uint8_t* const ip = segment.frame + segment.network;
  if (segment.is_ipv4 && Fold(Sum(ip, kIpv4Bytes)) != 0xffff) return false;
  if (HasOpenChecksum(segment)) return true;
  const size_t tcp_bytes = segment.bytes - segment.transport;
  const uint64_t pseudo = PseudoHeader(ip, segment.is_ipv4, tcp_bytes);
  return Fold(Sum(segment.frame + segment.transport, tcp_bytes, pseudo)) == 0xffff;
}

bool Coalescer::IsSameFlow(const Segment& a, const Segment& b) {
  // The ports come first, because they differ most often.
  if (!IsSame(a.frame + a.transport, b.frame + b.transport, 0, kPortsBytes)) return false;
  if (a.network != b.network || a.is_ipv4 != b.is_ipv4 || a.tag != b.tag) return false;
  if (!IsSame(a.frame, b.frame, 0, a.network)) return false;
  const size_t addresses = a.network + (a.is_ipv4 ? kIpv4Addresses : kIpv6Addresses);
  return IsSame(a.frame, b.frame, addresses, a.is_ipv4 ? kIpv4AddressesBytes : kIpv6AddressesBytes);
}

// Whether the headers of a segment differ from those of its run only where those of one super-frame
// do.
bool Coalescer::HasSameHeaders(const Run& run, const Segment& segment) {
  const Segment& first = run.first;
  if (first.payload != segment.payload || first.transport != segment.transport) return false;
  if (run.has_open_checksum != HasOpenChecksum(segment)) return false;
  const uint8_t* const ip = segment.frame + segment.network;
  const uint8_t* const first_ip = first.frame + first.network;
  if (first.is_ipv4) {
    if (ip[kTypeOfService] != first_ip[kTypeOfService] || ip[kTtl] != first_ip[kTtl]) return false;
    const uint16_t fragment = Net16(ip + kFragment);
    if (fragment != Net16(first_ip + kFragment)) return false;
    const auto expected = static_cast<uint16_t>(Net16(first_ip + kIdentification) + run.segments);
    // RFC 6864: the identification of a packet with DF means nothing.
    if ((fragment & kDontFragment) == 0 && Net16(ip + kIdentification) != expected) return false;
  } else if (!IsSame(ip, first_ip, 0, 4) || ip[kHopLimit] != first_ip[kHopLimit]) {
    return false;
  }
  const uint8_t* const tcp = segment.frame + segment.transport;
  const uint8_t* const first_tcp = first.frame + first.transport;
  return Net32(tcp + kSequence) == run.next_sequence &&
         IsSame(tcp, first_tcp, kAcknowledgement, kDataOffset + 1 - kAcknowledgement) &&
         IsSame(tcp, first_tcp, kWindow, 2) && IsSame(tcp, first_tcp, kUrgent, 2) &&
         IsSame(tcp, first_tcp, kTcpBytes, segment.payload - segment.transport - kTcpBytes);
}

bool Coalescer::Fits(const Run& run, const Segment& segment) {
  const size_t payload_bytes = segment.bytes - segment.payload;
  const size_t packet_bytes = segment.payload - segment.network + run.payload_bytes + payload_bytes;
  return payload_bytes <= run.first.bytes - run.first.payload && packet_bytes <= UINT16_MAX &&
         run.segments < kMostSegments;
}

// Sending runs ---------------------------------------------------------------------------------

size_t Coalescer::Gather(uint32_t first, const iovec*& pieces) {
  size_t segments = 0;
  for (uint32_t pair = first; pair != kNone; pair = Next(pair)) segments++;
  if (heads_used_ == kHeads || pieces_used_ + segments + 1 > kPieces) return 0;
  uint8_t* const head = heads_[heads_used_++].data();
  iovec* const own = &pieces_[pieces_used_];
  pieces_used_ += segments + 1;
  pieces = own;

  Segment beginning;
  Read(first, beginning);
  size_t payload_bytes = 0;
  size_t count = 1;
  uint32_t last = first;
  for (uint32_t pair = first; pair != kNone; pair = Next(pair)) {
    Segment segment;
    Read(pair, segment);
    const size_t bytes = segment.bytes - segment.payload;
    own[count++] = {const_cast<uint8_t*>(segment.frame + segment.payload), bytes};
    payload_bytes += bytes;
    last = pair;
  }
  const size_t segment_bytes = beginning.bytes - beginning.payload;
  own[0] = {head, WriteHead(head, beginning, last, payload_bytes, segment_bytes)};
  return count;
}

// Writes everything in front of the payloads. Returns its length.
size_t Coalescer::WriteHead(uint8_t* head, const Segment& first, uint32_t last,
                            size_t payload_bytes, size_t segment_bytes) const {
  // The Ethernet header, with the tag operation of the pairs.
  uint8_t* const frame = head + kVnetHeaderBytes;
  std::memcpy(frame, first.frame, kAddressBytes);
  size_t at = kAddressBytes;
  if (first.tag != kTagAsItIs && first.tag != kTagStrip) {
    const uint32_t tag = htonl(static_cast<uint32_t>(first.tag));
    std::memcpy(frame + at, &tag, kTagBytes);
    at += kTagBytes;
  }
  const size_t skipped = kAddressBytes + (first.tag == kTagStrip ? kTagBytes : 0);
  std::memcpy(frame + at, first.frame + skipped, first.payload - skipped);
  const size_t network = at + first.network - skipped;
  const size_t transport = at + first.transport - skipped;
  const size_t head_bytes = at + first.payload - skipped;

  uint8_t* const ip = frame + network;
  const size_t tcp_bytes = head_bytes - transport + payload_bytes;
  if (first.is_ipv4) {
    PutNet16(ip + kTotalLength, kIpv4Bytes + tcp_bytes);
    PutHost16(ip + kIpv4Checksum, 0);
    PutHost16(ip + kIpv4Checksum, static_cast<uint16_t>(~Fold(Sum(ip, kIpv4Bytes))));
  } else {
    PutNet16(ip + kPayloadLength, tcp_bytes);
  }
  uint8_t* const tcp = frame + transport;
  Segment end;
  Read(last, end);
  tcp[kFlags] = end.frame[end.transport + kFlags];
  PutHost16(tcp + kTcpChecksum, Fold(PseudoHeader(ip, first.is_ipv4, tcp_bytes)));

  head[kVnetFlags] = kNeedsCsum;
  head[kGsoType] = first.is_ipv4 ? kGsoTcpv4 : kGsoTcpv6;
  PutHost16(head + kHdrLen, head_bytes);
  PutHost16(head + kGsoSize, segment_bytes);
  PutHost16(head + kCsumStart, transport);
  PutHost16(head + kCsumOffset, kTcpChecksum);
  return kVnetHeaderBytes + head_bytes;
}

void Coalescer::Count(uint32_t first) {
  size_t segments = 0;
  for (uint32_t pair = first; pair != kNone; pair = Next(pair)) segments++;
  counts_[static_cast<size_t>(memory_.tx_port[first]) * stride_ + index_] +=
      static_cast<double>(segments);
}

}  // namespace tapswitch

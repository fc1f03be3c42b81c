// Coalescing of TCP segments. A datagram pair stands in for a TAP, so that a super-frame can be
// read as the device would get it.

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "harness.h"

namespace tapswitch::test {
namespace {

constexpr size_t kVnet = kVnetHeaderBytes;
constexpr int32_t kPush = static_cast<int32_t>(0x81000064U);
const std::string kNoHeader(kVnet, '\0');

// Sum of 16-bit words in network order, without the final complement (RFC 1071).
uint16_t SumOf(const std::string& bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes.size(); i++) {
    sum += static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (i % 2 == 0 ? 8 : 0);
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<uint16_t>(sum);
}

// A TCP segment. Every field that a case changes has a name.
struct Segment {
  bool is_ipv4 = true;
  std::string addresses = "ABCDEFabcdef";
  std::string vlan_tag;
  uint16_t source_port = 1000;
  uint16_t identification = 7;
  uint16_t fragment = 0x4000;
  uint8_t ttl = 64;
  uint8_t service = 0;
  uint32_t sequence = 1'000'000;
  uint32_t acknowledgement = 5;
  uint16_t window = 500;
  uint8_t flags = 0x10;
  std::string options = std::string("\x01\x01\x08\x0a", 4) + Number(77, 4) + Number(66, 4);
  std::string payload = Letters(1448, 'p');

  std::string Ip(size_t tcp_bytes) const {
    if (!is_ipv4) {
      return Number(0x60000000U | uint32_t{service} << 20, 4) + Number(tcp_bytes, 2) + "\x06" +
             static_cast<char>(ttl) + Letters(16, 's') + Letters(16, 'd');
    }
    const std::string front = std::string("\x45") + static_cast<char>(service) +
                              Number(20 + tcp_bytes, 2) + Number(identification, 2) +
                              Number(fragment, 2) + static_cast<char>(ttl) + "\x06";
    const std::string back = Number(0xc0000201, 4) + Number(0xc0000202, 4);
    const auto sum = static_cast<uint16_t>(~SumOf(front + back));
    return front + Number(sum, 2) + back;
  }
  std::string Tcp(uint16_t checksum) const {
    return Number(source_port, 2) + Number(2000, 2) + Number(sequence, 4) +
           Number(acknowledgement, 4) + static_cast<char>((20 + options.size()) / 4 << 4) +
           static_cast<char>(flags) + Number(window, 2) + Number(checksum, 2) + Number(0, 2) +
           options;
  }
  std::string Pseudo(size_t tcp_bytes) const {
    const std::string ends = is_ipv4 ? Number(0xc0000201, 4) + Number(0xc0000202, 4)
                                     : Letters(16, 's') + Letters(16, 'd');
    return ends + Number(6, 2) + Number(tcp_bytes, 2);
  }
  std::string Type() const { return Number(is_ipv4 ? 0x0800 : 0x86dd, 2); }
  // The frame, with a correct checksum, or with that of the pseudo-header if it is open.
  std::string Frame(bool is_open = false) const {
    const size_t tcp_bytes = 20 + options.size() + payload.size();
    const uint16_t pseudo = SumOf(Pseudo(tcp_bytes));
    const auto whole = static_cast<uint16_t>(~SumOf(Pseudo(tcp_bytes) + Tcp(0) + payload));
    return addresses + vlan_tag + Type() + Ip(tcp_bytes) + Tcp(is_open ? pseudo : whole) + payload;
  }
  size_t Transport() const { return 12 + vlan_tag.size() + 2 + (is_ipv4 ? 20 : 40); }
  // The vnet header of an open checksum.
  std::string OpenHeader() const {
    std::string header = kNoHeader;
    header[0] = 1;
    header[6] = static_cast<char>(Transport());
    header[8] = 16;
    return header;
  }
};

// A number of segments of one flow, of which the last has PSH.
std::vector<Segment> Flow(size_t count, Segment one = {}) {
  std::vector<Segment> flow;
  for (size_t i = 0; i < count; i++) {
    if (i + 1 == count) one.flags |= 0x08;
    one.payload = Letters(one.payload.size(), static_cast<char>('a' + i % 26));
    flow.push_back(one);
    one.sequence += static_cast<uint32_t>(one.payload.size());
    one.identification++;
  }
  return flow;
}

// A device whose writes can be read.
struct Bench {
  explicit Bench(bool has_ring, bool takes_offloads = true) : burst(has_ring) {
    takes[0] = takes_offloads ? 1 : 0;
    burst.AddPort(0, pair.ours.Get(), PortKind::kDevice, Framing::kVnet);
    burst.Io().Coalesce(takes, counts, 2, 1);
    const int bytes = 4 << 20;
    for (const int fd : {pair.ours.Get(), pair.theirs.Get()}) {
      setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
    }
  }
  void Send(const Segment& segment, int32_t tag = kTagAsItIs, bool is_open = false) {
    burst.Send(0, segment.Frame(is_open), tag, is_open ? segment.OpenHeader() : kNoHeader);
  }
  std::string Read() { return ReadSome(pair.theirs.Get()); }

  uint8_t takes[1] = {};
  double counts[2] = {};
  Pair pair = MakePair(SOCK_DGRAM);
  TestBurst burst;
};

uint16_t HostWord(const std::string& bytes, size_t at) {
  uint16_t word;
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  return word;
}
uint16_t NetWord(const std::string& bytes, size_t at) {
  return ntohs(HostWord(bytes, at));
}

// Cuts a super-frame of `like`'s flow as a network card does, and completes open checksums.
std::vector<std::string> Cut(const std::string& sent, const Segment& like) {
  const size_t transport = like.Transport();
  const size_t payload = transport + 20 + like.options.size();
  const size_t size = HostWord(sent, 4);
  const std::string frame = sent.substr(kVnet);
  EXPECT_EQ(static_cast<int>(sent[0]), 1);
  EXPECT_EQ(static_cast<int>(sent[1]), like.is_ipv4 ? 1 : 4);
  EXPECT_EQ(HostWord(sent, 2), payload);
  EXPECT_EQ(HostWord(sent, 6), transport);
  EXPECT_EQ(HostWord(sent, 8), 16);
  // The headers of the super-frame.
  const size_t tcp_bytes = frame.size() - transport;
  EXPECT_EQ(NetWord(frame, transport + 16), SumOf(like.Pseudo(tcp_bytes)));
  const size_t network = 12 + like.vlan_tag.size() + 2;
  EXPECT_EQ(NetWord(frame, network + (like.is_ipv4 ? 2 : 4)), tcp_bytes + (like.is_ipv4 ? 20 : 0));
  if (like.is_ipv4) EXPECT_EQ(SumOf(frame.substr(network, 20)), 0xffff);

  std::vector<std::string> frames;
  Segment part = like;
  for (size_t at = payload; at < frame.size(); at += size) {
    part.payload = frame.substr(at, size);
    const bool is_last = at + size >= frame.size();
    part.flags = static_cast<uint8_t>(frame[transport + 13]) & (is_last ? 0xff : ~0x08);
    frames.push_back(part.Frame());
    part.sequence += static_cast<uint32_t>(part.payload.size());
    part.identification++;
  }
  return frames;
}

std::vector<std::string> FramesOf(const std::vector<Segment>& flow) {
  std::vector<std::string> frames;
  for (const Segment& segment : flow) frames.push_back(segment.Frame());
  return frames;
}

Segment Ipv6() {
  Segment segment;
  segment.is_ipv4 = false;
  return segment;
}
Segment Tagged(Segment segment) {
  segment.vlan_tag = Number(0x81000064, 4);
  return segment;
}

}  // namespace

CASE(Coalesced, "segments of one flow leave as one super-frame, which cuts into them again") {
  for (const bool has_ring : {false, true}) {
    for (const bool is_open : {false, true}) {
      for (const Segment& like : {Segment{}, Ipv6(), Tagged({}), Tagged(Ipv6())}) {
        Bench bench(has_ring);
        std::vector<Segment> flow = Flow(10, like);
        flow.back().payload.resize(300);
        for (const Segment& segment : flow) bench.Send(segment, kTagAsItIs, is_open);
        EXPECT_EQ(bench.burst.Transmit(), 0);
        EXPECT(Cut(bench.Read(), flow[0]) == FramesOf(flow));
        EXPECT_EQ(bench.Read(), "");
        EXPECT_EQ(bench.counts[1], 10);
        EXPECT_EQ(bench.counts[0], 0);
      }
    }
  }
}

CASE(CoalescedTags, "the tag operation of the segments is that of the super-frame") {
  for (const bool has_ring : {false, true}) {
    for (const Segment& like : {Segment{}, Ipv6()}) {
      Bench bench(has_ring);
      for (const Segment& segment : Flow(4, Tagged(like))) bench.Send(segment, kTagStrip);
      for (const Segment& segment : Flow(4, like)) bench.Send(segment, kPush);
      EXPECT_EQ(bench.burst.Transmit(), 0);
      EXPECT(Cut(bench.Read(), like) == FramesOf(Flow(4, like)));
      EXPECT(Cut(bench.Read(), Tagged(like)) == FramesOf(Flow(4, Tagged(like))));
    }
  }
}

CASE(CoalescedFlows, "flows that take turns are coalesced each by itself") {
  Bench bench(true);
  Segment other;
  other.source_port = 1001;
  const std::vector<Segment> a = Flow(8);
  const std::vector<Segment> b = Flow(8, other);
  for (size_t i = 0; i < a.size(); i++) {
    bench.Send(a[i]);
    // A frame of another protocol comes in between.
    bench.burst.Send(0, Letters(80, 'x'));
    bench.Send(b[i]);
  }
  EXPECT_EQ(bench.burst.Transmit(), 0);
  EXPECT(Cut(bench.Read(), a[0]) == FramesOf(a));
  EXPECT(bench.Read() == kNoHeader + Letters(80, 'x'));
  EXPECT(Cut(bench.Read(), b[0]) == FramesOf(b));
  for (size_t i = 1; i < a.size(); i++) EXPECT(bench.Read() == kNoHeader + Letters(80, 'x'));
}

CASE(NotCoalesced, "a segment that differs from the one before leaves by itself, in order") {
  using Change = void (*)(Segment&);
  const Change changes[] = {
      [](Segment& s) { s.sequence++; },
      [](Segment& s) { s.acknowledgement++; },
      [](Segment& s) { s.window++; },
      [](Segment& s) { s.ttl--; },
      [](Segment& s) { s.service = 3; },
      [](Segment& s) { s.options[7] = 'o'; },
      [](Segment& s) { s.options = ""; },
      [](Segment& s) { s.flags = 0x11; },
      [](Segment& s) { s.flags = 0x12; },
      [](Segment& s) { s.flags = 0x14; },
      [](Segment& s) { s.flags = 0x30; },
      [](Segment& s) { s.flags = 0x50; },
      [](Segment& s) { s.flags = 0x90; },
      [](Segment& s) { s.payload += "more"; },
      [](Segment& s) { s.payload = ""; },
      [](Segment& s) { s.fragment = 0; },
      [](Segment& s) { s.fragment = 0x2000; },
      [](Segment& s) { s.source_port++; },
      [](Segment& s) { s.addresses[5] = 'X'; },
      [](Segment& s) { s.vlan_tag = Number(0x81000064, 4); },
  };
  for (const bool is_ipv4 : {true, false}) {
    for (const Change change : changes) {
      Segment like;
      like.is_ipv4 = is_ipv4;
      std::vector<Segment> flow = Flow(2, like);
      const std::string before = flow[1].Frame();
      change(flow[1]);
      // The header of IPv6 has no fragment fields.
      if (flow[1].Frame() == before) continue;
      Bench bench(true);
      for (const Segment& segment : flow) bench.Send(segment);
      EXPECT_EQ(bench.burst.Transmit(), 0);
      for (const Segment& segment : flow) EXPECT(bench.Read() == kNoHeader + segment.Frame());
      EXPECT_EQ(bench.counts[1], 0);
    }
  }
  // The identification does not follow the one before, and DF is not set.
  Segment fragmentable;
  fragmentable.fragment = 0;
  std::vector<Segment> flow = Flow(3, fragmentable);
  flow[2].identification++;
  Bench bench(false);
  for (const Segment& segment : flow) bench.Send(segment);
  EXPECT_EQ(bench.burst.Transmit(), 0);
  const std::string first = bench.Read();
  EXPECT_EQ(Cut(first, flow[0]).size(), 2);
  EXPECT(bench.Read() == kNoHeader + flow[2].Frame());
}

CASE(DamagedSegments, "a segment with a wrong checksum is never part of a super-frame") {
  for (const size_t damaged : {size_t{0}, size_t{1}, size_t{2}}) {
    // The damaged byte is in the payload, in the TCP header, or in the IPv4 header's checksum.
    for (const size_t at : {size_t{200}, size_t{50}, size_t{24}}) {
      Bench bench(true);
      const std::vector<Segment> flow = Flow(3);
      std::vector<std::string> frames = FramesOf(flow);
      frames[damaged][at] ^= 1;
      for (const std::string& frame : frames) bench.burst.Send(0, frame);
      EXPECT_EQ(bench.burst.Transmit(), 0);
      std::vector<std::string> came;
      for (std::string sent = bench.Read(); !sent.empty(); sent = bench.Read()) {
        if (sent[1] == 0) {
          came.push_back(sent.substr(kVnet));
          continue;
        }
        Segment like = flow[damaged == 0 ? 1 : 0];
        for (const std::string& frame : Cut(sent, like)) came.push_back(frame);
      }
      EXPECT(came == frames);
    }
  }
}

CASE(DamagedIpv4Header,
     "a segment with a wrong IPv4 checksum keeps it, where that of TCP is open") {
  for (const size_t damaged : {size_t{0}, size_t{1}}) {
    Bench bench(true);
    const std::vector<Segment> flow = Flow(2);
    std::vector<std::string> frames;
    for (const Segment& segment : flow) frames.push_back(segment.Frame(true));
    frames[damaged][24] ^= 1;
    for (const std::string& frame : frames) {
      bench.burst.Send(0, frame, kTagAsItIs, flow[0].OpenHeader());
    }
    EXPECT_EQ(bench.burst.Transmit(), 0);
    for (const std::string& frame : frames) EXPECT(bench.Read() == flow[0].OpenHeader() + frame);
  }
}

CASE(OrderInFlow, "no segment of a flow overtakes an earlier one") {
  Segment bare;
  bare.payload = "";
  for (const bool has_ring : {false, true}) {
    Bench bench(has_ring);
    std::vector<Segment> flow = Flow(6);
    // An acknowledgement without data lies between the segments.
    bare.sequence = flow[2].sequence;
    for (const size_t i : {0, 1}) bench.Send(flow[i]);
    bench.Send(bare);
    for (const size_t i : {2, 3, 4, 5}) bench.Send(flow[i]);
    EXPECT_EQ(bench.burst.Transmit(), 0);
    EXPECT_EQ(Cut(bench.Read(), flow[0]).size(), 2);
    EXPECT(bench.Read() == kNoHeader + bare.Frame());
    EXPECT_EQ(Cut(bench.Read(), flow[2]).size(), 4);
  }
}

CASE(LongestRun, "a super-frame has at most 65535 bytes behind its Ethernet header") {
  for (const Segment& like : {Segment{}, Ipv6()}) {
    Bench bench(true);
    const std::vector<Segment> flow = Flow(60, like);
    for (const Segment& segment : flow) bench.Send(segment);
    EXPECT_EQ(bench.burst.Transmit(), 0);
    std::vector<std::string> came;
    for (std::string sent = bench.Read(); !sent.empty(); sent = bench.Read()) {
      EXPECT(sent.size() <= kVnet + 14 + 65535);
      for (const std::string& frame : Cut(sent, flow[came.size()])) came.push_back(frame);
    }
    EXPECT(came == FramesOf(flow));
    EXPECT_EQ(bench.counts[1], 60);
  }
}

CASE(PlainDevice, "a device that takes no offloads gets each segment by itself") {
  Bench bench(true, false);
  const std::vector<Segment> flow = Flow(4);
  for (const Segment& segment : flow) bench.Send(segment);
  EXPECT_EQ(bench.burst.Transmit(), 0);
  for (const Segment& segment : flow) EXPECT(bench.Read() == kNoHeader + segment.Frame());
}

CASE(CongestedRun, "a run without room counts as a number of failed frames") {
  for (const bool has_ring : {false, true}) {
    Bench bench(has_ring);
    // A small buffer is full after some turns. Each turn copies the arena, which takes long on a
    // busy machine.
    const int bytes = 32768;
    setsockopt(bench.pair.ours.Get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    const std::vector<Segment> flow = Flow(4);
    size_t sent = 0;
    while (bench.burst.CountStatus(EAGAIN) == 0) {
      for (const Segment& segment : flow) bench.Send(segment);
      bench.burst.Transmit();
      sent++;
    }
    EXPECT_EQ(bench.burst.CountStatus(EAGAIN), 4);
    EXPECT_EQ(bench.counts[1], 4 * (sent - 1));
  }
}

CASE(RefusedRun, "a run that the kernel refuses leaves as segments, and no other follows") {
  for (const bool has_ring : {false, true}) {
    Bench bench(has_ring);
    // The kernel returns EMSGSIZE for a datagram that is longer than the send buffer.
    const int bytes = 8192;
    setsockopt(bench.pair.ours.Get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    for (int turn = 0; turn < 2; turn++) {
      const std::vector<Segment> flow = Flow(3);
      std::vector<Segment> long_flow = Flow(20);
      for (Segment& segment : long_flow) segment.source_port = 7;
      for (const Segment& segment : turn == 0 ? long_flow : flow) bench.Send(segment);
      bench.burst.Transmit();
      EXPECT_EQ(bench.burst.CountStatus(EMSGSIZE), 0);
      const std::vector<std::string> frames = FramesOf(turn == 0 ? long_flow : flow);
      size_t came = 0;
      for (std::string sent = bench.Read(); !sent.empty(); sent = bench.Read()) {
        EXPECT(sent == kNoHeader + frames[came]);
        came++;
      }
      EXPECT_EQ(came + bench.burst.CountStatus(EAGAIN), frames.size());
      EXPECT(came >= 3);
    }
    EXPECT_EQ(bench.counts[1], 0);
  }
}

CASE(RandomSegments, "with coalescing, every flow has the same segments in the same order") {
  std::minstd_rand random(7);
  for (int turn = 0; turn < 300; turn++) {
    Bench bench(turn % 2 == 0);
    std::vector<Segment> flows[3];
    for (size_t i = 0; i < 3; i++) {
      Segment like = i == 2 ? Ipv6() : Segment{};
      like.source_port = static_cast<uint16_t>(1000 + i);
      flows[i] = Flow(12, like);
      for (Segment& segment : flows[i]) {
        const auto dice = random() % 12;
        if (dice == 0) segment.flags = 0x18;
        if (dice == 1) segment.payload.resize(random() % segment.payload.size());
        if (dice == 2) segment.window++;
        if (dice == 3) segment.payload = "";
      }
    }
    std::vector<std::string> sent[3];
    size_t next[3] = {};
    for (size_t count = 0; count < 36;) {
      const size_t i = random() % 3;
      if (next[i] == 12) continue;
      const Segment& segment = flows[i][next[i]++];
      sent[i].push_back(segment.Frame());
      bench.Send(segment);
      count++;
    }
    EXPECT_EQ(bench.burst.Transmit(), 0);
    std::vector<std::string> came[3];
    for (std::string got = bench.Read(); !got.empty(); got = bench.Read()) {
      const std::string frame = got.substr(kVnet);
      const size_t transport = frame.substr(12, 2) == Number(0x0800, 2) ? 34 : 54;
      const size_t i = NetWord(frame, transport) - 1000U;
      if (got[1] == 0) {
        came[i].push_back(frame);
        continue;
      }
      // Flow keeps the first segment of a run.
      for (const std::string& part : Cut(got, flows[i][came[i].size()])) came[i].push_back(part);
    }
    for (size_t i = 0; i < 3; i++) EXPECT(came[i] == sent[i]);
  }
}

}  // namespace tapswitch::test

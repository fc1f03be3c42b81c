// Tag operations: a frame leaves one port with another tag than it has in the arena. Datagram pairs
// stand in for TAPs, so that the bytes that a port writes can be read.

#include <sys/socket.h>

#include "harness.h"
#include "netns.h"

namespace tapswitch::test {
namespace {

constexpr int32_t kPush = static_cast<int32_t>(0x81000fffU);
constexpr int32_t kPushService = static_cast<int32_t>(0x88a82001U);

const std::string kAddresses = "ABCDEFabcdef";
const std::string kTag = Number(0x81000064, 4);
const std::string kRest = std::string("\x08\x00", 2) + Letters(46);

std::string Tagged() {
  return kAddresses + kTag + kRest;
}
std::string Plain() {
  return kAddresses + kRest;
}

// A vnet header of these fields, which a little-endian TAP has.
std::string Header(uint8_t flags, uint8_t gso, uint16_t hdr_len, uint16_t start) {
  const auto word = [](uint16_t value) {
    return std::string{static_cast<char>(value), static_cast<char>(value >> 8)};
  };
  return std::string{static_cast<char>(flags), static_cast<char>(gso)} + word(hdr_len) +
         word(1448) + word(start) + word(16);
}

struct Transport {
  PortKind kind;
  int type;
  bool has_ring;
  bool has_vnet_header;
};

const Transport kTransports[] = {
    {PortKind::kDevice, SOCK_DGRAM, false, false},   {PortKind::kDevice, SOCK_DGRAM, false, true},
    {PortKind::kDevice, SOCK_DGRAM, true, false},    {PortKind::kDevice, SOCK_DGRAM, true, true},
    {PortKind::kDatagram, SOCK_DGRAM, false, false}, {PortKind::kDatagram, SOCK_DGRAM, false, true},
    {PortKind::kStream, SOCK_STREAM, false, false},  {PortKind::kStream, SOCK_STREAM, false, true},
};

}  // namespace

CASE(Operations, "tags are pushed and stripped on ports of every kind") {
  for (const auto& [kind, type, has_ring, has_vnet_header] : kTransports) {
    TestBurst burst(has_ring);
    const Pair pair = MakePair(type);
    burst.AddPort(0, pair.ours.Get(), kind, has_vnet_header ? Framing::kVnet : Framing::kPlain);
    const std::string none(kVnetHeaderBytes, '\0');
    burst.Send(0, Tagged());
    burst.SendSame(0, kTagStrip);
    burst.SendSame(0, kPushService);
    burst.SendSame(0);
    burst.Send(0, Plain(), kPush);
    burst.Send(0, kAddresses + kTag, kTagStrip);
    burst.Send(0, kAddresses, kPush);
    EXPECT_EQ(burst.Transmit(), 0);
    const std::vector<std::string> expected = {Tagged(),
                                               Plain(),
                                               kAddresses + Number(0x88a82001, 4) + kTag + kRest,
                                               Tagged(),
                                               kAddresses + Number(0x81000fff, 4) + kRest,
                                               kAddresses,
                                               kAddresses + Number(0x81000fff, 4)};
    for (const std::string& frame : expected) {
      const std::string sent = (has_vnet_header ? none : "") + frame;
      if (kind == PortKind::kStream) {
        const std::string bytes = Prefixed(sent);
        std::string got(bytes.size(), '\0');
        EXPECT(recv(pair.theirs.Get(), got.data(), got.size(), 0) ==
               static_cast<ssize_t>(got.size()));
        EXPECT_EQ(got, bytes);
      } else {
        EXPECT_EQ(ReadSome(pair.theirs.Get()), sent);
      }
    }
    EXPECT_EQ(ReadSome(pair.theirs.Get()), "");
  }
}

CASE(Offsets, "the offsets of a vnet header follow the tag where they are in use") {
  struct Row {
    std::string header;
    int32_t tag;
    std::string expected;
  };
  const Row rows[] = {
      {Header(1, 1, 66, 34), kPush, Header(1, 1, 70, 38)},
      {Header(1, 1, 70, 38), kTagStrip, Header(1, 1, 66, 34)},
      {Header(1, 0, 0, 34), kPush, Header(1, 0, 0, 38)},
      {Header(0, 3, 42, 34), kPush, Header(0, 3, 46, 34)},
      // The frame has no offloaded work, so that the fields have no meaning.
      {Header(0, 0, 66, 34), kPush, Header(0, 0, 66, 34)},
      {Header(2, 0, 66, 34), kTagStrip, Header(2, 0, 66, 34)},
      // These offsets of a hostile sender are refused by the kernel.
      {Header(1, 1, 2, 3), kTagStrip, Header(1, 1, 65534, 65535)},
      {Header(1, 1, 65535, 65533), kPush, Header(1, 1, 3, 1)},
      {Header(1, 1, 66, 34), kTagAsItIs, Header(1, 1, 66, 34)},
  };
  for (const bool has_ring : {false, true}) {
    TestBurst burst(has_ring);
    const Pair pair = MakePair(SOCK_DGRAM);
    burst.AddPort(0, pair.ours.Get(), PortKind::kDevice, Framing::kVnet);
    for (const Row& row : rows) burst.Send(0, Tagged(), row.tag, row.header);
    EXPECT_EQ(burst.Transmit(), 0);
    for (const Row& row : rows) {
      EXPECT(ReadSome(pair.theirs.Get()).substr(0, kVnetHeaderBytes) == row.expected);
    }
  }
}

CASE(ManyOperations, "more operations than the ring has room for keep their order") {
  TestBurst burst(true);
  const Pair pair = MakePair(SOCK_DGRAM);
  const int bytes = 4 << 20;
  EXPECT(setsockopt(pair.ours.Get(), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) == 0);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDevice);
  constexpr size_t kPairs = 1300;
  const auto frame = [](size_t i) { return kAddresses + Number(i, 4) + Letters(44); };
  for (size_t i = 0; i < kPairs; i++) burst.Send(0, frame(i), i % 3 > 0 ? kPush : kTagAsItIs);
  EXPECT_EQ(burst.Transmit(), 0);
  for (size_t i = 0; i < kPairs; i++) {
    const std::string sent = ReadSome(pair.theirs.Get());
    EXPECT_EQ(sent.substr(sent.size() - 48), frame(i).substr(12));
    EXPECT_EQ(sent.size(), i % 3 > 0 ? 64 : 60);
  }
}

CASE(MixedOperations, "operations on ports with and without io_uring do not mix") {
  TestBurst burst(true);
  const Pair device = MakePair(SOCK_DGRAM);
  const Pair datagram = MakePair(SOCK_DGRAM);
  const Pair stream = MakePair(SOCK_STREAM);
  burst.AddPort(0, device.ours.Get(), PortKind::kDevice);
  burst.AddPort(1, datagram.ours.Get(), PortKind::kDatagram);
  burst.AddPort(2, stream.ours.Get(), PortKind::kStream);
  std::string expected;
  for (size_t i = 0; i < 20; i++) {
    burst.Send(0, kAddresses + Number(i, 4) + Letters(44), kPush);
    burst.SendSame(1, kPushService);
    burst.SendSame(2, kTagStrip);
    expected += Prefixed(kAddresses + Letters(44));
  }
  EXPECT_EQ(burst.Transmit(), 0);
  for (size_t i = 0; i < 20; i++) {
    const std::string rest = Number(i, 4) + Letters(44);
    EXPECT_EQ(ReadSome(device.theirs.Get()), kAddresses + Number(0x81000fff, 4) + rest);
    EXPECT_EQ(ReadSome(datagram.theirs.Get()), kAddresses + Number(0x88a82001, 4) + rest);
  }
  EXPECT_EQ(ReadAll(stream.theirs.Get()), expected);
}

CASE(ImpossibleOperations, "a frame that is too short for its operation is refused alone") {
  for (const auto& [kind, type, has_ring, has_vnet_header] : kTransports) {
    TestBurst burst(has_ring);
    const Pair pair = MakePair(type);
    burst.AddPort(0, pair.ours.Get(), kind, has_vnet_header ? Framing::kVnet : Framing::kPlain);
    burst.Send(0, Letters(15), kTagStrip);
    burst.Send(0, Letters(11), kPush);
    burst.Send(0, Letters(60));
    EXPECT_EQ(burst.Transmit(), 2);
    EXPECT_EQ(burst.Status(0), EINVAL);
    EXPECT_EQ(burst.Status(1), EINVAL);
    EXPECT_EQ(burst.Status(2), 0);
  }
}

// The kernel checks the result: it drops a super-frame with a wrong vnet header.
CASE(OperationsOnTaps, "the kernel takes frames and super-frames whose tags a TAP port changes") {
  EnterNetns();
  // TCP over IPv4 from 192.0.2.1 to 192.0.2.2, with a payload of 3000 bytes and an open checksum.
  const std::string packet = Number(0x4500'0be0'0001'4000, 8) + Number(0x4006'0000, 4) +
                             Number(0xc000'0201'c000'0202, 8) + Number(0x1234'0050, 4) +
                             Number(1, 4) + Number(1, 4) + Number(0x5010'ffff'0000'0000, 8) +
                             Letters(3000);
  const std::string super = kAddresses + std::string("\x08\x00", 2) + packet;
  const std::string tagged_super = kAddresses + kTag + std::string("\x08\x00", 2) + packet;
  for (const bool has_ring : {false, true}) {
    for (const bool has_vnet_header : {false, true}) {
      TestBurst burst(has_ring);
      const UniqueFd tap = OpenTap("tap0", has_vnet_header);
      const UniqueFd kernel = OpenKernelEnd("tap0");
      burst.AddPort(0, tap.Get(), PortKind::kDevice,
                    has_vnet_header ? Framing::kVnet : Framing::kPlain);
      burst.Send(0, Tagged(), kTagStrip);
      burst.SendSame(0, kPushService);
      burst.SendSame(0);
      burst.Send(0, Plain(), kPush);
      std::vector<std::string> expected = {Plain(),
                                           kAddresses + Number(0x88a82001, 4) + kTag + kRest,
                                           Tagged(), kAddresses + Number(0x81000fff, 4) + kRest};
      if (has_vnet_header) {
        burst.Send(0, super, kPush, Header(1, 1, 54, 34));
        burst.Send(0, tagged_super, kTagStrip, Header(1, 1, 58, 38));
        expected.push_back(kAddresses + Number(0x81000fff, 4) + super.substr(12));
        expected.push_back(super);
      }
      EXPECT_EQ(burst.Transmit(), 0);
      for (const std::string& frame : expected) EXPECT_EQ(ReadFromKernelEnd(kernel.Get()), frame);
      EXPECT_EQ(ReadFromKernelEnd(kernel.Get()), "");
    }
  }
}

}  // namespace tapswitch::test

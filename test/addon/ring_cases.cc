// Ports that are a pair of rings in shared memory.

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "harness.h"
#include "io/ring.h"

namespace tapswitch::test {
namespace {

constexpr size_t kRingBytes = 1 << 16;
constexpr size_t kMemoryBytes = kRingControlBytes + kRingBytes;
constexpr int32_t kPort = 4;

// Memory of a ring, aligned to words, with no unused end.
class Memory {
 public:
  Memory() : words_(kMemoryBytes / sizeof(uint32_t)) { words_[kRingSkippedFrom] = UINT32_MAX; }
  uint8_t* Data() { return reinterpret_cast<uint8_t*>(words_.data()); }
  uint32_t& Word(size_t word) { return words_[word]; }

 private:
  std::vector<uint32_t> words_;
};

// The other side of a port.
class Peer {
 public:
  explicit Peer(TestBurst& burst)
      : port_bell_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        bell_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
        writer_(to_port_.Data(), kMemoryBytes),
        reader_(from_port_.Data(), kMemoryBytes) {
    BurstIo::Transport transport;
    transport.fd = port_bell_.Get();
    transport.kind = PortKind::kRing;
    transport.rings = {to_port_.Data(), kMemoryBytes, from_port_.Data(), kMemoryBytes, bell_.Get()};
    burst.Io().AddPort(kPort, transport);
  }

  // Returns whether the ring had room.
  bool Put(const std::string& frame) {
    const auto length = static_cast<uint32_t>(frame.size());
    uint8_t* const at = writer_.Append((sizeof(length) + frame.size() + 3) & ~size_t{3});
    if (at == nullptr) return false;
    std::memcpy(at, &length, sizeof(length));
    std::memcpy(at + sizeof(length), frame.data(), frame.size());
    return true;
  }
  void HandOver() {
    const uint64_t one = 1;
    if (writer_.Commit()) EXPECT(write(port_bell_.Get(), &one, sizeof(one)) == sizeof(one));
  }
  std::vector<std::string> TakeAll() {
    std::vector<std::string> frames;
    size_t bytes;
    while (const uint8_t* const block = reader_.Next(bytes)) {
      uint32_t length;
      std::memcpy(&length, block, sizeof(length));
      frames.emplace_back(reinterpret_cast<const char*>(block) + sizeof(length), length);
      reader_.Skip((sizeof(length) + length + 3) & ~size_t{3});
    }
    reader_.Release();
    return frames;
  }
  void Listen() { reader_.Listen(); }
  // Rings of its bell since the last call.
  uint64_t Rings() {
    uint64_t rings = 0;
    return read(bell_.Get(), &rings, sizeof(rings)) < 0 ? 0 : rings;
  }
  Memory& ToPort() { return to_port_; }

 private:
  Memory to_port_;
  Memory from_port_;
  UniqueFd port_bell_;
  UniqueFd bell_;
  RingWriter writer_;
  RingReader reader_;
};

}  // namespace

CASE(RingFrames, "each block of a ring is a frame, in order, also after many times its size") {
  TestBurst burst;
  Peer peer(burst);
  for (size_t round = 0; round < 200; round++) {
    std::vector<std::string> sent;
    for (size_t n = 0; n < 20; n++) sent.push_back(Letters(1 + (round * 37 + n * 211) % 1514));
    for (const std::string& frame : sent) EXPECT(peer.Put(frame));
    peer.HandOver();
    std::vector<std::string> came;
    while (came.size() < sent.size()) {
      const size_t count = burst.Receive(1000);
      EXPECT(count > 0);
      for (size_t i = 0; i < count; i++) came.push_back(burst.Frame(i));
    }
    EXPECT(came == sent);
    EXPECT_EQ(burst.Receive(0), 0u);
  }
}

CASE(RingCarriesOn,
     "frames that a burst has no room for come with the next, without another ring") {
  TestBurst burst;
  Peer peer(burst);
  for (size_t n = 0; n < 3 * TestBurst::kReceiveFrames; n++) EXPECT(peer.Put(Letters(60)));
  peer.HandOver();
  for (size_t n = 0; n < 3; n++) EXPECT_EQ(burst.Receive(1000), TestBurst::kReceiveFrames);
  EXPECT_EQ(burst.Receive(0), 0u);
}

CASE(RingSends,
     "frames leave as they are, or with another tag, and ring for a reader that listens") {
  TestBurst burst;
  Peer peer(burst);
  const std::string frame = Letters(12, 'm') + Letters(48);
  burst.Send(kPort, frame);
  burst.Send(kPort, frame, static_cast<int32_t>(0x8100000a));
  EXPECT_EQ(burst.Transmit(), 0u);
  EXPECT_EQ(peer.Rings(), 1u);
  const std::vector<std::string> got = peer.TakeAll();
  EXPECT_EQ(got.size(), 2u);
  EXPECT(got[0] == frame);
  EXPECT(got[1] == Letters(12, 'm') + Number(0x8100000a, 4) + Letters(48));
  // The other side has not waited since then.
  burst.Send(kPort, frame);
  EXPECT_EQ(burst.Transmit(), 0u);
  EXPECT_EQ(peer.Rings(), 0u);
  peer.Listen();
  burst.Send(kPort, frame);
  EXPECT_EQ(burst.Transmit(), 0u);
  EXPECT_EQ(peer.Rings(), 1u);
}

CASE(RingFull, "a full ring is congested, and keeps its frames") {
  TestBurst burst;
  Peer peer(burst);
  const size_t fits = kRingBytes / 1024;
  for (size_t n = 0; n < fits + 5; n++) burst.Send(kPort, Letters(1020));
  EXPECT_EQ(burst.Transmit(), 5u);
  EXPECT_EQ(burst.CountStatus(EAGAIN), 5u);
  EXPECT_EQ(peer.TakeAll().size(), fits);
  burst.Send(kPort, Letters(1020));
  EXPECT_EQ(burst.Transmit(), 0u);
}

CASE(RingRoom, "a writer that waits is woken when half of the ring is free") {
  TestBurst burst;
  Peer peer(burst);
  while (peer.Put(Letters(1020))) continue;
  peer.ToPort().Word(kRingWaiting) = 1;
  peer.HandOver();
  size_t taken = 0;
  while (taken < kRingBytes / 1024) taken += burst.Receive(1000);
  EXPECT_EQ(peer.Rings(), 1u);
  EXPECT_EQ(peer.ToPort().Word(kRingWaiting), 0u);
  EXPECT(peer.Put(Letters(1020)));
}

CASE(RingDamaged, "a length that no frame has ends the port") {
  TestBurst burst;
  Peer peer(burst);
  EXPECT(peer.Put(""));
  peer.HandOver();
  EXPECT_EQ(burst.Receive(1000), 0u);
  const std::vector<Trouble> troubles = burst.Troubles();
  EXPECT_EQ(troubles.size(), 1u);
  EXPECT_EQ(troubles[0].error, EPROTO);
  EXPECT(troubles[0].has_ended);
  burst.Send(kPort, Letters(60));
  EXPECT_EQ(burst.Transmit(), 1u);
  EXPECT_EQ(burst.Status(0), ENOTCONN);
}

}  // namespace tapswitch::test

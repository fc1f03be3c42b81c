// Decisions of BurstIo: each port's share, when to spin, which errors to report. A port's guess
// of its number of frames.

#include <sys/inotify.h>
#include <sys/socket.h>

#include <set>

#include "harness.h"
#include "io/read_guess.h"
#include "netns.h"

namespace tapswitch::test {
namespace {

int TypeOf(PortKind kind) {
  return kind == PortKind::kStream ? SOCK_STREAM : SOCK_DGRAM;
}

// Ports of some kinds, numbered in their order, that have a hundred frames each.
struct Flood {
  Flood(const std::vector<PortKind>& kinds, bool wants_ring) : burst(wants_ring) {
    for (const PortKind kind : kinds) {
      pairs.push_back(MakePair(TypeOf(kind)));
      burst.AddPort(static_cast<int32_t>(pairs.size() - 1), pairs.back().ours.Get(), kind);
      const std::string frame = Letters(60);
      const std::string bytes = kind == PortKind::kStream ? Prefixed(frame) : frame;
      for (size_t i = 0; i < 100; i++) WriteAll(pairs.back().theirs.Get(), bytes);
    }
  }

  TestBurst burst;
  std::vector<Pair> pairs;
};

void ExpectShares(PortKind kind, bool wants_ring) {
  constexpr size_t kPorts = 3;
  Flood flood(std::vector<PortKind>(kPorts, kind), wants_ring);
  // The first bursts learn how many frames there are.
  for (size_t round = 0; round < 4; round++) {
    EXPECT_EQ(flood.burst.Receive(), TestBurst::kReceiveFrames);
    for (size_t port = 0; port < kPorts; port++) {
      const size_t share = flood.burst.CountFrom(static_cast<int32_t>(port));
      EXPECT(share >= TestBurst::kReceiveFrames / kPorts - 1);
      EXPECT(share <= TestBurst::kReceiveFrames / kPorts + 3);
    }
  }
}

// A device whose wait spins for 50 microseconds, with a clock that advances by `step`.
struct SpinningDevice {
  explicit SpinningDevice(int64_t step) : burst(false, SteppingClock) {
    step_ns = step;
    burst.AddPort(0, pair.ours.Get(), PortKind::kDevice);
    burst.Io().SetBusyPoll(kBusyPollMicros);
  }

  void Bring(size_t bytes) {
    WriteAll(pair.theirs.Get(), Letters(bytes));
    EXPECT_EQ(burst.Receive(-1), 1);
  }
  const BurstIo::SpinCounts& Spins() { return burst.Io().Spins(); }

  TestBurst burst;
  const Pair pair = MakePair(SOCK_DGRAM);
};

}  // namespace

CASE(StreamShares, "streams that flood have equal shares of a burst") {
  ExpectShares(PortKind::kStream, false);
}
CASE(DatagramShares, "datagram ports that flood have equal shares of a burst") {
  ExpectShares(PortKind::kDatagram, false);
}
CASE(DeviceShares, "devices that flood have equal shares of a burst, call by call") {
  ExpectShares(PortKind::kDevice, false);
}
CASE(RingShares, "devices that flood have equal shares of a burst, through io_uring") {
  ExpectShares(PortKind::kDevice, true);
}

CASE(MixedShares, "ports of all kinds that flood have shares of every burst") {
  Flood flood({PortKind::kDevice, PortKind::kStream, PortKind::kDatagram}, true);
  std::vector<size_t> came(3);
  for (size_t round = 0; flood.burst.Receive() > 0; round++) {
    for (size_t port = 0; port < 3; port++) {
      const size_t share = flood.burst.CountFrom(static_cast<int32_t>(port));
      if (round < 3) EXPECT(share >= 8);
      came[port] += share;
    }
  }
  EXPECT((came == std::vector<size_t>{100, 100, 100}));
}

CASE(ByteShares, "a port with long frames leaves room for one with short frames") {
  TestBurst burst;
  const Pair giants = MakePair(SOCK_STREAM);
  const Pair small = MakePair(SOCK_STREAM);
  burst.AddPort(0, giants.ours.Get(), PortKind::kStream);
  burst.AddPort(1, small.ours.Get(), PortKind::kStream);
  for (size_t i = 0; i < 3; i++) WriteAll(giants.theirs.Get(), Prefixed(Letters(60'000)));
  WriteAll(small.theirs.Get(), Prefixed(Letters(60)));
  burst.Receive();
  EXPECT_EQ(burst.CountFrom(1), 1);
  EXPECT(burst.CountFrom(0) >= 1);
}

CASE(RingForSome, "a device that io_uring cannot serve does not take it from the others") {
  TestBurst burst(true);
  const Pair pair = MakePair(SOCK_DGRAM);
  const Pair stream = MakePair(SOCK_STREAM);
  EXPECT_EQ(burst.Io().WhyNoIoUring(), "");
  burst.AddPort(0, stream.ours.Get(), PortKind::kStream);
  EXPECT_EQ(burst.Io().WhyNoIoUring(), "");
  // The kernel has no read without waiting for this descriptor.
  const UniqueFd unserved(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  burst.AddPort(1, unserved.Get(), PortKind::kDevice);
  EXPECT(burst.Io().WhyNoIoUring() != "");
  burst.AddPort(2, pair.ours.Get(), PortKind::kDevice);
  for (size_t i = 0; i < 5; i++) burst.Send(2, Letters(60));
  const uint64_t before = burst.Io().UringRequests();
  EXPECT_EQ(burst.Transmit(), 0);
  EXPECT_EQ(burst.Io().UringRequests() - before, 5);
  for (size_t i = 0; i < 5; i++) EXPECT_EQ(ReadSome(pair.theirs.Get()), Letters(60));
}

CASE(FailedWrites, "a write that fails in io_uring is reported with its answer") {
  TestBurst burst(true);
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDevice);
  const int bytes = 4096;
  setsockopt(pair.ours.Get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
  for (size_t i = 0; i < 4; i++) burst.Send(0, Letters(i == 2 ? 60 : 30'000));
  EXPECT_EQ(burst.Transmit(), 3);
  EXPECT_EQ(burst.CountStatus(EMSGSIZE), 3);
  EXPECT_EQ(burst.Status(2), 0);
  EXPECT_EQ(ReadSome(pair.theirs.Get()), Letters(60));
  for (size_t i = 0; i < 4; i++) burst.Send(0, Letters(60));
  EXPECT_EQ(burst.Transmit(), 0);
}

CASE(FewPairs, "an answer of two pairs is written without io_uring") {
  TestBurst burst(true);
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDevice);
  const uint64_t before = burst.Io().UringRequests();
  burst.Send(0, Letters(60));
  burst.Send(0, Letters(60));
  EXPECT_EQ(burst.Transmit(), 0);
  EXPECT_EQ(burst.Io().UringRequests(), before);
}

CASE(Guess, "a guess doubles while as many frames come, and falls to the number that came") {
  ReadGuess guess;
  const Share share = {64, 128 * 1024};
  EXPECT_EQ(guess.Frames(share), 1);
  EXPECT(guess.Note(1, 1, 60, 64));
  EXPECT_EQ(guess.Frames(share), 2);
  EXPECT(guess.Note(2, 2, 120, 64));
  EXPECT_EQ(guess.Frames(share), 4);
  EXPECT(!guess.Note(4, 3, 180, 64));
  EXPECT_EQ(guess.Frames(share), 3);
  EXPECT(!guess.Note(3, 0, 0, 64));
  EXPECT_EQ(guess.Frames(share), 1);
}

CASE(GuessLimits, "a guess exceeds neither the share nor the burst") {
  ReadGuess guess;
  for (size_t asked = 1; asked < 128; asked *= 2) guess.Note(asked, asked, 1000 * asked, 64);
  EXPECT_EQ(guess.Frames({100, 1'000'000}), 64);
  EXPECT_EQ(guess.Frames({10, 1'000'000}), 10);
  EXPECT_EQ(guess.Frames({64, 5'000}), 5);
  EXPECT_EQ(guess.Frames({64, 10}), 1);
}

CASE(RingGuess, "reads of a device request as many frames as it has, once that is known") {
  TestBurst burst(true);
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDevice);
  for (size_t round = 0; round < 6; round++) {
    for (size_t i = 0; i < 8; i++) WriteAll(pair.theirs.Get(), Letters(60));
    const uint64_t before = burst.Io().UringRequests();
    EXPECT_EQ(burst.Receive(-1), 8);
    const uint64_t asked = burst.Io().UringRequests() - before;
    // The guesses are 1 + 2 + 4 + 8 at first. Later one is eight, and one of sixteen finds nothing.
    if (round == 0) EXPECT_EQ(asked, 15);
    if (round > 0) EXPECT(asked <= 24);
  }
}

CASE(ShortGaps, "short gaps between frames are spun through") {
  SpinningDevice device(kShortGap);
  for (size_t i = 0; i < 10; i++) {
    device.Bring(60);
    // The first gap earns the credit for spins.
    EXPECT_EQ(device.Spins().tried, i);
    EXPECT_EQ(device.Spins().found, i);
  }
}

CASE(LongGaps, "long gaps between frames are not spun through") {
  SpinningDevice device(kLongGap);
  for (size_t i = 0; i < 10; i++) device.Bring(60);
  EXPECT_EQ(device.Spins().tried, 0);
}

CASE(VainSpins, "spins that find nothing end") {
  SpinningDevice device(kShortGap);
  device.Bring(60);
  for (size_t i = 0; i < 20; i++) EXPECT_EQ(device.burst.Receive(1), 0);
  EXPECT_EQ(device.Spins().tried, 4);
  EXPECT_EQ(device.Spins().found, 0);
}

// The clock is read in each round of a spin. A frame comes just after the first round.
int spin_peer = -1;
int64_t ClockWithFrames() {
  static int64_t now_ns = 0;
  if (spin_peer >= 0) WriteAll(spin_peer, Letters(60));
  return now_ns += kShortGap;
}

CASE(SpinsAskAll, "spins that always find a frame leave no other port waiting") {
  TestBurst burst(false, ClockWithFrames);
  const Pair busy = MakePair(SOCK_DGRAM);
  const Pair quiet = MakePair(SOCK_DGRAM);
  burst.AddPort(0, busy.ours.Get(), PortKind::kDevice);
  burst.AddPort(1, quiet.ours.Get(), PortKind::kDevice);
  burst.Io().SetBusyPoll(kBusyPollMicros);
  for (size_t i = 0; i < 2; i++) {
    WriteAll(busy.theirs.Get(), Letters(60));
    burst.Receive(-1);
  }
  spin_peer = busy.theirs.Get();
  WriteAll(quiet.theirs.Get(), Letters(60));
  size_t came = 0;
  for (size_t i = 0; i < 20; i++) {
    burst.Receive(-1);
    came += burst.CountFrom(1);
  }
  spin_peer = -1;
  EXPECT_EQ(came, 1);
}

CASE(BulkSpins, "BurstIo does not spin for bulk traffic") {
  SpinningDevice device(kShortGap);
  for (size_t i = 0; i < 20; i++) device.Bring(60'000);
  EXPECT_EQ(device.Spins().tried, 0);
}

CASE(NoBusyPoll, "BurstIo does not spin without busy polling") {
  SpinningDevice device(kShortGap);
  device.burst.Io().SetBusyPoll(0);
  for (size_t i = 0; i < 10; i++) device.Bring(60);
  EXPECT_EQ(device.Spins().tried, 0);
}

CASE(ErrorStorm, "hundreds of ports that fail at once delay no other, and each is reported once") {
  TestBurst burst;
  constexpr int32_t kPorts = 300;
  std::vector<Pair> pairs;
  for (int32_t port = 0; port < kPorts; port++) {
    pairs.push_back(MakePair(SOCK_STREAM));
    burst.AddPort(port, pairs.back().ours.Get(), PortKind::kStream);
  }
  const Pair healthy = MakePair(SOCK_DGRAM);
  burst.AddPort(kPorts, healthy.ours.Get(), PortKind::kDevice);
  for (Pair& pair : pairs) pair.theirs.Reset();
  std::set<int32_t> reported;
  size_t came = 0;
  for (size_t round = 0; round < 12; round++) {
    WriteAll(healthy.theirs.Get(), Letters(60));
    came += burst.Receive(-1);
    for (const Trouble& trouble : burst.Troubles()) {
      EXPECT(reported.insert(trouble.port).second);
      EXPECT_EQ(trouble.error, 0);
      EXPECT(trouble.has_ended);
    }
  }
  EXPECT_EQ(reported.size(), kPorts);
  // Epoll gives 256 events at once.
  EXPECT(came >= 10);
}

CASE(DeletedTap, "a TAP that was deleted is reported once, and the others go on") {
  EnterNetns();
  TestBurst burst(true);
  const UniqueFd tap = OpenTap("tap0", false);
  const Pair other = MakePair(SOCK_DGRAM);
  burst.AddPort(0, tap.Get(), PortKind::kDevice);
  burst.AddPort(1, other.ours.Get(), PortKind::kDevice);
  Run("ip link delete tap0");
  std::vector<Trouble> troubles;
  while (troubles.empty()) {
    burst.Receive(-1);
    troubles = burst.Troubles();
  }
  EXPECT_EQ(troubles[0].port, 0);
  EXPECT(troubles[0].error == EBADFD || troubles[0].error == ENODEV);
  EXPECT(troubles[0].has_ended);
  burst.Send(0, Letters(60));
  burst.Send(1, Letters(60));
  EXPECT_EQ(burst.Transmit(), 1);
  EXPECT_EQ(burst.Status(0), EBADFD);
  WriteAll(other.theirs.Get(), Letters(60));
  EXPECT_EQ(burst.Receive(-1), 1);
  EXPECT_EQ(burst.Troubles().size(), 0);
}

CASE(Unwatched, "a port that has ended is watched no longer, whatever its kind") {
  EnterNetns();
  TestBurst burst;
  const UniqueFd tap = OpenTap("tap0", false);
  Pair stream = MakePair(SOCK_STREAM);
  const Pair datagrams = MakePair(SOCK_DGRAM);
  const Pair healthy = MakePair(SOCK_DGRAM);
  burst.AddPort(0, tap.Get(), PortKind::kDevice);
  burst.AddPort(1, stream.ours.Get(), PortKind::kStream);
  burst.AddPort(2, datagrams.ours.Get(), PortKind::kDatagram);
  burst.AddPort(3, healthy.ours.Get(), PortKind::kDatagram);
  EXPECT_EQ(CountWatched(), 4);
  Run("ip link delete tap0");
  stream.theirs.Reset();
  EXPECT(shutdown(datagrams.ours.Get(), SHUT_RDWR) == 0);
  std::set<int32_t> ended;
  while (ended.size() < 3) {
    EXPECT_EQ(burst.Receive(-1), 0);
    for (const Trouble& trouble : burst.Troubles()) {
      if (trouble.has_ended) EXPECT(ended.insert(trouble.port).second);
    }
  }
  EXPECT((ended == std::set<int32_t>{0, 1, 2}));
  // The descriptors of the ports are still open, and end no wait.
  EXPECT_EQ(CountWatched(), 1);
  WriteAll(healthy.theirs.Get(), Letters(60));
  EXPECT_EQ(burst.Receive(-1), 1);
  EXPECT_EQ(burst.Troubles().size(), 0);
  for (const int32_t port : ended) burst.Io().RemovePort(port);
  EXPECT_EQ(CountWatched(), 1);
}

CASE(RemovedPort, "a port that is removed and added again starts without a history") {
  TestBurst burst;
  Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  WriteAll(pair.theirs.Get(), "half");
  EXPECT_EQ(burst.Receive(), 0);
  burst.Io().RemovePort(0);
  burst.Send(0, Letters(60));
  EXPECT_EQ(burst.Transmit(), 1);
  EXPECT_EQ(burst.Status(0), EBADFD);
  const Pair second = MakePair(SOCK_STREAM);
  burst.AddPort(0, second.ours.Get(), PortKind::kStream);
  pair.theirs.Reset();
  WriteAll(second.theirs.Get(), Prefixed(Letters(60)));
  EXPECT_EQ(burst.Receive(-1), 1);
  EXPECT_EQ(burst.Troubles().size(), 0);
  // The id is used again without a removal.
  const Pair third = MakePair(SOCK_DGRAM);
  burst.AddPort(0, third.ours.Get(), PortKind::kDatagram);
  WriteAll(second.theirs.Get(), Prefixed(Letters(60)));
  WriteAll(third.theirs.Get(), Letters(77));
  EXPECT_EQ(burst.Receive(-1), 1);
  EXPECT_EQ(burst.Frame(0), Letters(77));
}

}  // namespace tapswitch::test

// Datagram ports: one frame a datagram.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "harness.h"
#include "netns.h"

namespace tapswitch::test {
namespace {

UniqueFd Udp(uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, kLoopback, &address.sin_addr);
  EXPECT(bind(fd.Get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  return fd;
}

void ConnectUdp(int fd, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, kLoopback, &address.sin_addr);
  EXPECT(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
}

}  // namespace

CASE(Datagrams, "each datagram is a frame, of any length, and an empty one is no frame") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(4, pair.ours.Get(), PortKind::kDatagram);
  const std::vector<std::string> frames = {Letters(60), Letters(1), Letters(kMaxFrameBytes),
                                           Letters(9000)};
  for (const std::string& frame : frames) {
    EXPECT(send(pair.theirs.Get(), "", 0, 0) == 0);
    WriteAll(pair.theirs.Get(), frame);
  }
  std::vector<std::string> came;
  while (came.size() < frames.size()) {
    const size_t count = burst.Receive(-1);
    for (size_t i = 0; i < count; i++) {
      EXPECT_EQ(burst.Ingress(i), 4);
      came.push_back(burst.Frame(i));
    }
  }
  EXPECT(came == frames);
}

CASE(LongDatagram, "a datagram that is longer than a frame is cut to a length that no port takes") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDatagram);
  for (const size_t length : {kMaxFrameBytes + 1, kMaxSocketFrameBytes, size_t{100'000}}) {
    WriteAll(pair.theirs.Get(), Letters(length));
    EXPECT_EQ(burst.Receive(-1), 1);
    EXPECT_EQ(burst.Frame(0).size(), std::min(length, kMaxSocketFrameBytes));
    WriteAll(pair.theirs.Get(), Letters(60));
    EXPECT_EQ(burst.Receive(-1), 1);
    EXPECT_EQ(burst.Frame(0), Letters(60));
  }
}

CASE(DatagramBatches, "a hundred datagrams come in order, through bursts of 64") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDatagram);
  for (size_t i = 0; i < 100; i++) WriteAll(pair.theirs.Get(), Letters(20 + i));
  EXPECT_EQ(burst.Receive(-1), 64);
  for (size_t i = 0; i < 64; i++) EXPECT_EQ(burst.Frame(i).size(), 20 + i);
  EXPECT_EQ(burst.Receive(-1), 36);
  for (size_t i = 0; i < 36; i++) EXPECT_EQ(burst.Frame(i).size(), 84 + i);
}

CASE(VnetDatagrams, "a vnet header travels in front of a datagram's frame") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDatagram, Framing::kVnet);
  WriteAll(pair.theirs.Get(), "short");
  WriteAll(pair.theirs.Get(), "0123456789" + Letters(60));
  while (burst.Receive(-1) == 0) {
  }
  EXPECT_EQ(burst.Header(0), "0123456789");
  EXPECT_EQ(burst.Frame(0), Letters(60));
  burst.Send(0, Letters(60, 'b'), kTagAsItIs, "9876543210");
  EXPECT_EQ(burst.Transmit(), 0);
  EXPECT_EQ(ReadSome(pair.theirs.Get()), "9876543210" + Letters(60, 'b'));
}

CASE(FullQueue, "a full queue is congestion, and its frames arrive whole and in order") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDatagram);
  for (size_t i = 0; i < 1000; i++) burst.Send(0, Letters(60, static_cast<char>('a' + i % 26)));
  const size_t taken = 1000 - burst.Transmit();
  // The queue holds 278 frames with a socket buffer of 212,992 bytes.
  EXPECT(taken >= 64);
  EXPECT(taken < 1000);
  for (size_t i = 0; i < 1000; i++) EXPECT_EQ(burst.Status(i), i < taken ? 0 : EAGAIN);
  for (size_t i = 0; i < taken; i++) {
    EXPECT_EQ(ReadSome(pair.theirs.Get()), Letters(60, static_cast<char>('a' + i % 26)));
  }
  EXPECT_EQ(ReadSome(pair.theirs.Get()), "");
  burst.Send(0, Letters(60));
  EXPECT_EQ(burst.Transmit(), 0);
  EXPECT_EQ(burst.Receive(), 0);
  EXPECT_EQ(burst.Troubles().size(), 0);
}

CASE(LongFrameToDatagram, "a frame that is too long for the socket loses no other frame") {
  EnterNetns();
  TestBurst burst;
  const UniqueFd ours = Udp(4001);
  const UniqueFd theirs = Udp(4002);
  ConnectUdp(ours.Get(), 4002);
  burst.AddPort(0, ours.Get(), PortKind::kDatagram);
  burst.Send(0, Letters(60, 'a'));
  burst.Send(0, Letters(65'530, 'b'));
  burst.Send(0, Letters(60, 'c'));
  EXPECT_EQ(burst.Transmit(), 1);
  EXPECT_EQ(burst.Status(1), EMSGSIZE);
  EXPECT_EQ(ReadSome(theirs.Get()), Letters(60, 'a'));
  EXPECT_EQ(ReadSome(theirs.Get()), Letters(60, 'c'));
}

CASE(RefusedUdp, "a UDP peer that is not there is reported once, and may come back") {
  EnterNetns();
  TestBurst burst;
  const UniqueFd ours = Udp(4001);
  ConnectUdp(ours.Get(), 4002);
  burst.AddPort(7, ours.Get(), PortKind::kDatagram);
  size_t reports = 0;
  for (size_t i = 0; i < 100; i++) {
    burst.Send(7, Letters(60));
    // The error of the datagram before does not lose this one.
    EXPECT_EQ(burst.Transmit(), 0);
    burst.Receive();
    for (const Trouble& trouble : burst.Troubles()) {
      EXPECT_EQ(trouble.port, 7);
      EXPECT_EQ(trouble.error, ECONNREFUSED);
      EXPECT(!trouble.has_ended);
      reports++;
    }
  }
  EXPECT_EQ(reports, 1);
  const UniqueFd theirs = Udp(4002);
  ConnectUdp(theirs.Get(), 4001);
  WriteAll(theirs.Get(), Letters(60, 'b'));
  while (burst.Receive(-1) == 0) {
  }
  EXPECT_EQ(burst.Frame(0), Letters(60, 'b'));
  burst.Send(7, Letters(60, 'c'));
  EXPECT_EQ(burst.Transmit(), 0);
  EXPECT_EQ(ReadSome(theirs.Get()), Letters(60, 'c'));
}

CASE(RefusedWhileSpinning,
     "a UDP peer that is away for long is waited for while other ports are busy") {
  EnterNetns();
  TestBurst burst(false, SteppingClock);
  step_ns = kShortGap;
  const Pair busy = MakePair(SOCK_DGRAM);
  const UniqueFd ours = Udp(4001);
  ConnectUdp(ours.Get(), 4002);
  burst.AddPort(0, busy.ours.Get(), PortKind::kDatagram);
  burst.AddPort(7, ours.Get(), PortKind::kDatagram);
  burst.Io().SetBusyPoll(kBusyPollMicros);
  for (size_t i = 0; i < 100; i++) {
    // A spin reads the ports that had frames recently.
    if (i == 0) {
      const UniqueFd theirs = Udp(4002);
      ConnectUdp(theirs.Get(), 4001);
      WriteAll(theirs.Get(), Letters(60));
      EXPECT_EQ(burst.Receive(-1), 1);
    }
    burst.Send(7, Letters(60));
    EXPECT_EQ(burst.Transmit(), 0);
    WriteAll(busy.theirs.Get(), Letters(60));
    while (burst.Receive(-1) == 0) {
    }
    for (const Trouble& trouble : burst.Troubles()) EXPECT(!trouble.has_ended);
  }
  const UniqueFd theirs = Udp(4002);
  ConnectUdp(theirs.Get(), 4001);
  WriteAll(theirs.Get(), Letters(77));
  while (burst.Receive(-1) == 0) {
  }
  EXPECT_EQ(burst.Frame(0), Letters(77));
}

CASE(DeadUnixPeer, "a Unix peer that is gone is reported by the errors that the kernel gives") {
  char folder[] = "/tmp/addon-tests-XXXXXX";
  EXPECT(mkdtemp(folder) != nullptr);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof(address.sun_path), "%s/peer", folder);
  UniqueFd theirs(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const UniqueFd ours(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* const name = reinterpret_cast<const sockaddr*>(&address);
  EXPECT(bind(theirs.Get(), name, sizeof(address)) == 0);
  EXPECT(connect(ours.Get(), name, sizeof(address)) == 0);
  unlink(address.sun_path);
  rmdir(folder);

  TestBurst burst;
  burst.AddPort(0, ours.Get(), PortKind::kDatagram);
  burst.Send(0, Letters(60));
  EXPECT_EQ(burst.Transmit(), 0);
  theirs.Reset();
  std::vector<int> errors;
  for (size_t i = 0; i < 5; i++) {
    burst.Send(0, Letters(60));
    burst.Send(0, Letters(60));
    EXPECT_EQ(burst.Transmit(), 2);
    burst.Receive();
    for (const Trouble& trouble : burst.Troubles()) {
      errors.push_back(trouble.error);
      EXPECT(!trouble.has_ended);
    }
  }
  EXPECT((errors == std::vector<int>{ECONNREFUSED, ENOTCONN}));
}

CASE(ShutDown, "a datagram socket that is shut down fails") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_DGRAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kDatagram);
  EXPECT(shutdown(pair.ours.Get(), SHUT_WR) == 0);
  burst.Send(0, Letters(60));
  EXPECT_EQ(burst.Transmit(), 1);
  EXPECT_EQ(burst.Receive(), 0);
  EXPECT_EQ(burst.Troubles().size(), 1);
  EXPECT_EQ(burst.Troubles()[0].error, EPIPE);
  EXPECT(!burst.Troubles()[0].has_ended);
}

}  // namespace tapswitch::test

// Stream ports: frames behind their lengths, cut anywhere.

#include <sys/socket.h>

#include <algorithm>
#include <random>
#include <set>

#include "harness.h"

namespace tapswitch::test {
namespace {

// Decodes what a peer has received. Fails the case where the last frame is cut.
std::vector<std::string> Decode(const std::string& stream, size_t length_bytes = 4) {
  std::vector<std::string> frames;
  size_t at = 0;
  while (at < stream.size()) {
    EXPECT(stream.size() - at >= length_bytes);
    size_t length = 0;
    for (size_t i = 0; i < length_bytes; i++) {
      length = length << 8 | static_cast<uint8_t>(stream[at++]);
    }
    EXPECT(stream.size() - at >= length);
    frames.push_back(stream.substr(at, length));
    at += length;
  }
  return frames;
}

void ExpectTrouble(const TestBurst& burst, int32_t port, int error) {
  EXPECT_EQ(burst.Troubles().size(), 1);
  EXPECT_EQ(burst.Troubles()[0].port, port);
  EXPECT_EQ(burst.Troubles()[0].error, error);
  EXPECT(burst.Troubles()[0].has_ended);
}

}  // namespace

CASE(Splits, "a stream may be cut behind any byte") {
  const std::vector<std::string> frames = {Letters(60, 'x'), Letters(1, 'y'), Letters(17, 'z')};
  std::string stream;
  for (const std::string& frame : frames) stream += Prefixed(frame);
  for (size_t cut = 0; cut <= stream.size(); cut++) {
    TestBurst burst;
    const Pair pair = MakePair(SOCK_STREAM);
    burst.AddPort(3, pair.ours.Get(), PortKind::kStream);
    std::vector<std::string> came;
    for (const std::string& part : {stream.substr(0, cut), stream.substr(cut)}) {
      WriteAll(pair.theirs.Get(), part);
      const size_t count = burst.Receive();
      EXPECT_EQ(burst.CountFrom(3), count);
      for (size_t i = 0; i < count; i++) {
        came.push_back(burst.Frame(i));
        EXPECT_EQ(burst.Header(i), std::string(kVnetHeaderBytes, '\0'));
      }
    }
    EXPECT(came == frames);
  }
}

CASE(LongSplits, "a stream of two long frames may be cut near each length, and anywhere else") {
  // The random places are the same in each run.
  std::minstd_rand random(20);
  for (const auto& [first, second] : {std::pair<size_t, size_t>{kMaxFrameBytes, kMaxFrameBytes},
                                      {kMaxFrameBytes, 14},
                                      {1514, 9014}}) {
    const std::vector<std::string> frames = {Letters(first, 'x'), Letters(second, 'y')};
    const std::string stream = Prefixed(frames[0]) + Prefixed(frames[1]);
    std::set<size_t> cuts;
    for (const size_t edge : {size_t{0}, 4 + first, stream.size()}) {
      for (size_t cut = edge < 20 ? 0 : edge - 20; cut <= std::min(edge + 20, stream.size());
           cut++) {
        cuts.insert(cut);
      }
    }
    while (cuts.size() < 300) cuts.insert(random() % stream.size());
    TestBurst burst;
    const Pair pair = MakePair(SOCK_STREAM);
    burst.AddPort(3, pair.ours.Get(), PortKind::kStream);
    for (const size_t cut : cuts) {
      std::vector<std::string> came;
      const auto receive = [&] {
        const size_t count = burst.Receive();
        for (size_t i = 0; i < count; i++) came.push_back(burst.Frame(i));
      };
      WriteAll(pair.theirs.Get(), stream.substr(0, cut));
      receive();
      WriteAll(pair.theirs.Get(), stream.substr(cut));
      for (int look = 0; look < 3 && came.size() < frames.size(); look++) receive();
      EXPECT(came == frames);
      EXPECT_EQ(burst.Receive(), 0);
    }
  }
}

CASE(BytewiseStream, "a stream may come byte by byte") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  const std::string stream = Prefixed(Letters(300, 'x')) + Prefixed(Letters(14, 'y'));
  std::vector<std::string> came;
  for (const char byte : stream) {
    WriteAll(pair.theirs.Get(), std::string(1, byte));
    if (burst.Receive() == 1) came.push_back(burst.Frame(0));
  }
  EXPECT((came == std::vector<std::string>{Letters(300, 'x'), Letters(14, 'y')}));
}

CASE(LongestFrame, "the longest frame passes a stream both ways") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  const std::string frame = Letters(kMaxFrameBytes, 'x');
  WriteAll(pair.theirs.Get(), Prefixed(frame));
  EXPECT_EQ(burst.Receive(), 1);
  EXPECT(burst.Frame(0) == frame);
  burst.Send(0, frame);
  EXPECT_EQ(burst.Transmit(), 0);
  EXPECT(ReadAll(pair.theirs.Get()) == Prefixed(frame));
}

CASE(LongFrames, "a frame that is too long for every port comes as a whole, and others behind it") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  for (const size_t length : {kMaxFrameBytes + 1, kMaxSocketFrameBytes}) {
    const std::string stream = Prefixed(Letters(60)) + Prefixed(Letters(length, 'x'));
    // The stream is cut at every byte of the lengths, and at some bytes of the frame.
    for (size_t cut = 1; cut<stream.size(); cut += cut> 80 && cut + 80 < stream.size() ? 997 : 1) {
      WriteAll(pair.theirs.Get(), stream.substr(0, cut));
      size_t came = burst.Receive();
      if (came > 0) EXPECT_EQ(burst.Frame(0), Letters(60));
      WriteAll(pair.theirs.Get(), stream.substr(cut) + Prefixed(Letters(70)));
      for (; came < 3; came += burst.Receive(-1)) {
      }
      EXPECT_EQ(came, 3);
      EXPECT_EQ(burst.Troubles().size(), 0);
    }
  }
}

CASE(ShortLength, "a stream may have lengths of two bytes") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream, Framing::kPlain, 2);
  WriteAll(pair.theirs.Get(), Prefixed(Letters(60), 2));
  EXPECT_EQ(burst.Receive(), 1);
  EXPECT_EQ(burst.Frame(0), Letters(60));
  burst.Send(0, Letters(60, 'b'));
  burst.Send(0, Letters(kMaxFrameBytes, 'b'));
  EXPECT_EQ(burst.Transmit(), 1);
  EXPECT_EQ(burst.Status(1), EMSGSIZE);
  EXPECT_EQ(ReadAll(pair.theirs.Get()), Prefixed(Letters(60, 'b'), 2));
}

CASE(VnetStream, "the length of a stream counts the vnet header") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream, Framing::kVnet);
  WriteAll(pair.theirs.Get(), Prefixed("0123456789" + Letters(60)));
  EXPECT_EQ(burst.Receive(), 1);
  EXPECT_EQ(burst.Header(0), "0123456789");
  EXPECT_EQ(burst.Frame(0), Letters(60));
  burst.Send(0, Letters(60, 'b'), kTagAsItIs, "9876543210");
  EXPECT_EQ(burst.Transmit(), 0);
  EXPECT_EQ(ReadAll(pair.theirs.Get()), Prefixed("9876543210" + Letters(60, 'b')));
}

CASE(GarbageLengths, "a length that no frame has ends a stream with EPROTO, once") {
  for (const size_t length : {size_t{0}, kMaxSocketFrameBytes + 1, size_t{0xffffffff}}) {
    TestBurst burst;
    const Pair pair = MakePair(SOCK_STREAM);
    burst.AddPort(5, pair.ours.Get(), PortKind::kStream);
    WriteAll(pair.theirs.Get(), Prefixed(Letters(60)) + Number(length, 4) + Letters(100));
    EXPECT_EQ(burst.Receive(-1), 1);
    EXPECT_EQ(burst.Frame(0), Letters(60));
    if (burst.Troubles().empty()) EXPECT_EQ(burst.Receive(-1), 0);
    ExpectTrouble(burst, 5, EPROTO);
    WriteAll(pair.theirs.Get(), Prefixed(Letters(60)));
    EXPECT_EQ(burst.Receive(), 0);
    EXPECT_EQ(burst.Troubles().size(), 0);
    burst.Send(5, Letters(60));
    EXPECT_EQ(burst.Transmit(), 1);
    EXPECT_EQ(burst.Status(0), ENOTCONN);
  }
}

CASE(HangUp, "bytes before a hang-up are received, then the hang-up is reported") {
  TestBurst burst;
  Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(1, pair.ours.Get(), PortKind::kStream);
  WriteAll(pair.theirs.Get(), Prefixed(Letters(60)) + Prefixed(Letters(70)));
  pair.theirs.Reset();
  EXPECT_EQ(burst.Receive(-1), 2);
  if (burst.Troubles().empty()) EXPECT_EQ(burst.Receive(-1), 0);
  ExpectTrouble(burst, 1, 0);
  EXPECT_EQ(burst.Receive(), 0);
  EXPECT_EQ(burst.Troubles().size(), 0);
}

CASE(Reset, "a peer that hangs up without reading is reported as ECONNRESET") {
  TestBurst burst;
  Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(1, pair.ours.Get(), PortKind::kStream);
  burst.Send(1, Letters(60));
  EXPECT_EQ(burst.Transmit(), 0);
  pair.theirs.Reset();
  EXPECT_EQ(burst.Receive(-1), 0);
  ExpectTrouble(burst, 1, ECONNRESET);
}

CASE(Unread, "a peer that no longer reads is reported as EPIPE") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(1, pair.ours.Get(), PortKind::kStream);
  EXPECT(shutdown(pair.theirs.Get(), SHUT_RD) == 0);
  burst.Send(1, Letters(60));
  burst.Send(1, Letters(60));
  EXPECT_EQ(burst.Transmit(), 2);
  EXPECT_EQ(burst.Receive(-1), 0);
  ExpectTrouble(burst, 1, EPIPE);
}

CASE(PartialWrite, "a frame that is sent in part is finished first, and no other is cut") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  const int bytes = 20'000;
  EXPECT(setsockopt(pair.ours.Get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) == 0);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  std::vector<std::string> taken;
  std::string stream;
  size_t congested = 0;
  for (size_t round = 0; round < 300; round++) {
    std::vector<std::string> sent;
    for (size_t i = 0; i < 12; i++) {
      sent.push_back(Letters(14 + (round * 131 + i * 977) % 9000, static_cast<char>('a' + i)));
      burst.Send(0, sent.back());
    }
    burst.Transmit();
    bool is_congested = false;
    for (size_t i = 0; i < sent.size(); i++) {
      const int status = burst.Status(i);
      EXPECT(status == 0 || status == EAGAIN);
      // No frame is sent after a frame that was refused.
      EXPECT(status != 0 || !is_congested);
      is_congested = status != 0;
      if (status == 0) taken.push_back(sent[i]);
      if (status != 0) congested++;
    }
    // The peer reads a part of the bytes, and sometimes none.
    if (round % 3 > 0) stream += ReadSome(pair.theirs.Get());
    burst.Receive();
  }
  for (size_t round = 0; round < 10; round++) {
    stream += ReadAll(pair.theirs.Get());
    // EPOLLOUT makes the port send the rest.
    burst.Receive();
  }
  EXPECT(congested > 0);
  EXPECT(Decode(stream) == taken);
  EXPECT_EQ(burst.Troubles().size(), 0);
}

CASE(RestOfTheLast, "the end of a frame leaves without another frame") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  const int bytes = 5'000;
  EXPECT(setsockopt(pair.ours.Get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)) == 0);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  burst.Send(0, Letters(60'000));
  EXPECT_EQ(burst.Transmit(), 0);
  std::string stream = ReadAll(pair.theirs.Get());
  EXPECT(stream.size() < 60'004);
  burst.Send(0, Letters(60));
  // The socket has room again: the rest and the next frame leave together, or the next is
  // congested.
  const bool is_congested = burst.Transmit() > 0;
  const size_t expected = 60'004 + (is_congested ? 0 : 64);
  for (stream += ReadAll(pair.theirs.Get()); stream.size() < expected;) {
    burst.Receive(-1);
    stream += ReadAll(pair.theirs.Get());
  }
  EXPECT_EQ(Decode(stream).size(), is_congested ? 1 : 2);
}

CASE(EmptyFrames, "a frame without a byte is never sent to a stream") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  burst.Send(0, "");
  burst.Send(0, Letters(60));
  EXPECT_EQ(burst.Transmit(), 1);
  EXPECT_EQ(burst.Status(0), EINVAL);
  EXPECT_EQ(ReadAll(pair.theirs.Get()), Prefixed(Letters(60)));
}

CASE(ManyPairs, "an answer may have more frames than one call takes") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  std::string expected;
  for (size_t i = 0; i < 1200; i++) {
    const std::string frame = Letters(14 + i % 40, static_cast<char>('a' + i % 26));
    burst.Send(0, frame);
    expected += Prefixed(frame);
  }
  EXPECT_EQ(burst.Transmit(), 0);
  EXPECT(ReadAll(pair.theirs.Get()) == expected);
}

CASE(BufferedFrames, "a wait returns at once while frames that were read found no room") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  std::string stream;
  for (size_t i = 0; i < 200; i++) stream += Prefixed(Letters(20 + i));
  WriteAll(pair.theirs.Get(), stream);
  size_t came = 0;
  // The socket is empty after the first read. This would wait if it did not check the buffer.
  while (came < 200) {
    const size_t count = burst.Receive(-1);
    for (size_t i = 0; i < count; i++) EXPECT_EQ(burst.Frame(i).size(), 20 + came + i);
    came += count;
  }
  EXPECT_EQ(came, 200);
}

CASE(CarriedFrames, "a port with frames of the last burst is not read, and not forgotten") {
  TestBurst burst;
  const Pair pair = MakePair(SOCK_STREAM);
  burst.AddPort(0, pair.ours.Get(), PortKind::kStream);
  std::string stream;
  for (size_t i = 0; i < 100; i++) stream += Prefixed(Letters(60));
  WriteAll(pair.theirs.Get(), stream);
  EXPECT_EQ(burst.Receive(-1), 64);
  EXPECT_EQ(burst.Receive(-1, 2), 2);
  EXPECT_EQ(burst.Receive(-1), 36);
}

}  // namespace tapswitch::test

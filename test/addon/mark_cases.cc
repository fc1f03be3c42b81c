// The mark of BurstIo is a time. All frames that a port had queued before it were read, and their
// answers were sent.

#include <sys/socket.h>

#include "harness.h"

namespace tapswitch::test {
namespace {

// A clock that a case sets, in microseconds.
int64_t now_us = 0;
int64_t SetClock() {
  return now_us * 1000;
}

// A device, and a mark.
struct Marked {
  Marked() {
    now_us = 1'000;
    burst.AddPort(0, pair.ours.Get(), PortKind::kDevice);
    burst.AddPort(1, other.ours.Get(), PortKind::kDevice);
    burst.Io().MarkDrained(&mark);
  }

  // Frames that are received at this time.
  size_t ReceiveAt(int64_t us, size_t carried = 0) {
    now_us = us;
    return burst.Receive(0, carried);
  }
  void Bring(size_t frames) {
    for (size_t i = 0; i < frames; i++) WriteAll(pair.theirs.Get(), Letters(60));
  }
  // The time of the mark, rounded up. The mark is a little earlier than the exact time.
  uint64_t MarkUs() const { return mark / 1000 + 2; }

  TestBurst burst{false, SetClock};
  const Pair pair = MakePair(SOCK_DGRAM);
  const Pair other = MakePair(SOCK_DGRAM);
  uint64_t mark = 0;
};

}  // namespace

CASE(MarkWhenIdle, "the mark is the present time if no port has a frame") {
  Marked marked;
  EXPECT_EQ(marked.mark, 0);
  EXPECT_EQ(marked.ReceiveAt(2'000), 0);
  EXPECT_EQ(marked.MarkUs(), 2'000);
  // The mark does not move while no frame comes, because no frame waits for it.
  EXPECT_EQ(marked.ReceiveAt(3'000), 0);
  EXPECT_EQ(marked.MarkUs(), 2'000);
}

CASE(MarkBehindAnswer, "the mark moves on when the answer to a burst has been sent") {
  Marked marked;
  marked.ReceiveAt(2'000);
  marked.Bring(3);
  EXPECT_EQ(marked.ReceiveAt(3'000), 3);
  // The frames wait for their answer.
  EXPECT_EQ(marked.MarkUs(), 2'000);
  EXPECT_EQ(marked.ReceiveAt(4'000), 0);
  EXPECT_EQ(marked.MarkUs(), 4'000);
}

CASE(MarkUnderLoad, "under load the mark is the time at which the last burst was requested") {
  Marked marked;
  marked.Bring(1);
  EXPECT_EQ(marked.ReceiveAt(2'000), 1);
  EXPECT_EQ(marked.mark, 0);
  for (int64_t us = 3'000; us < 6'000; us += 1'000) {
    marked.Bring(1);
    EXPECT_EQ(marked.ReceiveAt(us), 1);
    EXPECT_EQ(marked.MarkUs(), static_cast<uint64_t>(us - 1'000));
  }
}

CASE(MarkOfFullBurst, "a burst that leaves frames in a queue moves no mark") {
  Marked marked;
  marked.Bring(TestBurst::kReceiveFrames + 1);
  EXPECT_EQ(marked.ReceiveAt(2'000), TestBurst::kReceiveFrames);
  EXPECT_EQ(marked.ReceiveAt(3'000), 1);
  EXPECT_EQ(marked.mark, 0);
  EXPECT_EQ(marked.ReceiveAt(4'000), 0);
  EXPECT_EQ(marked.MarkUs(), 4'000);
}

CASE(MarkOfCarried, "the mark does not move while frames wait for the next burst") {
  Marked marked;
  marked.ReceiveAt(2'000);
  marked.Bring(2);
  EXPECT_EQ(marked.ReceiveAt(3'000), 2);
  EXPECT_EQ(marked.ReceiveAt(4'000, 1), 1);
  EXPECT_EQ(marked.MarkUs(), 2'000);
  EXPECT_EQ(marked.ReceiveAt(5'000, 1), 1);
  EXPECT_EQ(marked.MarkUs(), 2'000);
  EXPECT_EQ(marked.ReceiveAt(6'000), 0);
  EXPECT_EQ(marked.MarkUs(), 6'000);
}

}  // namespace tapswitch::test

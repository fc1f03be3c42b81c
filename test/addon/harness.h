// Cases of the program `addon-tests`, and what they share: a burst without JavaScript, and sockets
// in place of TAPs. A case that fails prints one line and ends the program with status 1.
#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "io/burst_io.h"
#include "system/unique_fd.h"

namespace tapswitch::test {

struct Case {
  std::string name;
  void (*run)();
};

std::vector<Case>& Cases();

struct Registration {
  Registration(const char* name, void (*run)()) { Cases().push_back({name, run}); }
};

#define CASE(function, name)                                         \
  static void function();                                            \
  static const Registration registration_##function{name, function}; \
  static void function()

[[noreturn]] void FailCase(const char* file, int line, const std::string& what);

inline std::string Show(const std::string& value) {
  return value;
}
template <typename T>
std::string Show(const T& value) {
  return std::to_string(value);
}

template <typename A, typename B>
void Expect(const char* file, int line, const char* what, const A& actual, const B& expected) {
  if (actual == static_cast<A>(expected)) return;
  FailCase(file, line,
           std::string(what) + " is " + Show(actual) + ", not " + Show(static_cast<A>(expected)));
}

#define EXPECT_EQ(actual, expected) Expect(__FILE__, __LINE__, #actual, actual, expected)
#define EXPECT(condition) \
  if (!(condition)) FailCase(__FILE__, __LINE__, #condition " is false")

// A burst with room for 64 received frames and 2048 frames of its own, and a BurstIo.
class TestBurst {
 public:
  static constexpr size_t kReceiveFrames = 64;

  explicit TestBurst(bool wants_ring = false, BurstIo::Clock clock = BurstIo::MonotonicNanos);

  BurstIo& Io() { return *io_; }
  void AddPort(int32_t port, int fd, PortKind kind, Framing framing = Framing::kPlain,
               size_t length_bytes = 4);

  // Frames that were received. A carried frame is not among them.
  size_t Receive(int wait_ms = 0, size_t carried = 0);
  std::string Frame(size_t frame) const;
  std::string Header(size_t frame) const;
  int32_t Ingress(size_t frame) const { return ingress_[frame]; }
  // Frames of one port in the last burst.
  size_t CountFrom(int32_t port) const;

  // Adds a frame to the answer.
  void Send(int32_t port, const std::string& frame, int32_t tag = kTagAsItIs,
            const std::string& header = std::string(kVnetHeaderBytes, '\0'));
  // Adds the frame that was added last to another port.
  void SendSame(int32_t port, int32_t tag = kTagAsItIs);
  // Sends the answer and begins another one. Returns how many pairs failed.
  size_t Transmit();
  // The errno of a pair of the last answer; 0 if it was sent.
  int Status(size_t pair) const { return tx_status_[pair]; }
  size_t CountStatus(int status) const;

  // The errors of ports that the last Receive reported.
  std::vector<Trouble> Troubles() const;

 private:
  static constexpr size_t kOwnFrames = 2048;
  static constexpr size_t kOwnBytes = 1 << 20;

  std::vector<uint8_t> arena_;
  std::vector<int32_t> offset_, length_, ingress_, tx_frame_, tx_port_, tx_tag_, tx_status_;
  std::vector<int32_t> signals_;
  double now_ms_ = 0;
  size_t received_ = 0;
  size_t made_ = 0;
  size_t pairs_ = 0;
  size_t last_pairs_ = 0;
  size_t make_at_ = 0;
  std::unique_ptr<BurstIo> io_;
};

// A clock that advances by a step at each reading.
extern int64_t step_ns;
int64_t SteppingClock();
constexpr int64_t kBusyPollMicros = 50;
constexpr int64_t kShortGap = 1'000;
constexpr int64_t kLongGap = 1'000'000;

// Two connected sockets: the switch's end, and the peer's.
struct Pair {
  UniqueFd ours;
  UniqueFd theirs;
};
Pair MakePair(int type);

// Bytes of a frame: `length` times the same letter.
std::string Letters(size_t length, char letter = 'a');
// A number of a given length in bytes, in network order.
std::string Number(uint64_t value, size_t bytes);
// A frame behind its length.
std::string Prefixed(const std::string& frame, size_t length_bytes = 4);

// Writes everything.
void WriteAll(int fd, const std::string& bytes);
// Reads all bytes that are there, or the next datagram of a datagram socket.
std::string ReadSome(int fd);
// Reads until there are no more bytes.
std::string ReadAll(int fd);

// Descriptors that the epolls of this process watch.
size_t CountWatched();

}  // namespace tapswitch::test

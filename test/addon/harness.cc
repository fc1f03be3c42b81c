#include "harness.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace tapswitch::test {

std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

void FailCase(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
  std::exit(1);
}

TestBurst::TestBurst(bool wants_ring, BurstIo::Clock clock)
    : arena_(kReceiveFrames * kSlotBytes + kOwnBytes),
      offset_(kReceiveFrames + kOwnFrames),
      length_(kReceiveFrames + kOwnFrames),
      ingress_(kReceiveFrames + kOwnFrames, -1),
      tx_frame_(kOwnFrames),
      tx_port_(kOwnFrames),
      tx_tag_(kOwnFrames),
      tx_status_(kOwnFrames),
      signals_(kSignalTroubles + 62 * kTroubleWords),
      make_at_(kReceiveFrames * kSlotBytes) {
  BurstMemory memory;
  memory.arena = arena_.data();
  memory.arena_bytes = arena_.size();
  memory.offset = offset_.data();
  memory.length = length_.data();
  memory.ingress = ingress_.data();
  memory.tx_frame = tx_frame_.data();
  memory.tx_port = tx_port_.data();
  memory.tx_tag = tx_tag_.data();
  memory.tx_status = tx_status_.data();
  memory.receive_frames = kReceiveFrames;
  memory.receive_bytes = 128 * 1024;
  memory.now_ms = &now_ms_;
  memory.signals = signals_.data();
  memory.signals_size = signals_.size();
  io_ = std::make_unique<BurstIo>(memory, wants_ring, clock);
}

void TestBurst::AddPort(int32_t port, int fd, PortKind kind, Framing framing, size_t length_bytes) {
  BurstIo::Transport transport;
  transport.fd = fd;
  transport.kind = kind;
  transport.framing = framing;
  transport.length_bytes = length_bytes;
  io_->AddPort(port, transport);
}

size_t TestBurst::Receive(int wait_ms, size_t carried) {
  return received_ = io_->Receive(wait_ms, carried);
}

std::string TestBurst::Frame(size_t frame) const {
  const auto* const at = reinterpret_cast<const char*>(arena_.data()) + offset_[frame];
  return {at, static_cast<size_t>(length_[frame])};
}

std::string TestBurst::Header(size_t frame) const {
  const auto* const at = reinterpret_cast<const char*>(arena_.data()) + offset_[frame];
  return {at - kVnetHeaderBytes, kVnetHeaderBytes};
}

size_t TestBurst::CountFrom(int32_t port) const {
  return static_cast<size_t>(std::count(
      ingress_.begin(), ingress_.begin() + static_cast<std::ptrdiff_t>(received_), port));
}

void TestBurst::Send(int32_t port, const std::string& frame, int32_t tag,
                     const std::string& header) {
  const size_t index = kReceiveFrames + made_++;
  make_at_ += kHeadroomBytes;
  EXPECT(index < offset_.size() && make_at_ + frame.size() <= arena_.size());
  std::memcpy(&arena_[make_at_ - kVnetHeaderBytes], header.data(), header.size());
  std::memcpy(&arena_[make_at_], frame.data(), frame.size());
  offset_[index] = static_cast<int32_t>(make_at_);
  length_[index] = static_cast<int32_t>(frame.size());
  make_at_ += (frame.size() + 7) / 8 * 8;
  SendSame(port, tag);
}

void TestBurst::SendSame(int32_t port, int32_t tag) {
  tx_frame_[pairs_] = static_cast<int32_t>(kReceiveFrames + made_ - 1);
  tx_port_[pairs_] = port;
  tx_tag_[pairs_] = tag;
  pairs_++;
}

size_t TestBurst::Transmit() {
  const std::vector<uint8_t> before = arena_;
  const size_t failed = io_->Transmit(pairs_);
  // The same frame may go to other ports as it is.
  EXPECT(arena_ == before);
  last_pairs_ = pairs_;
  EXPECT_EQ(CountStatus(0), pairs_ - failed);
  pairs_ = made_ = 0;
  make_at_ = kReceiveFrames * kSlotBytes;
  return failed;
}

size_t TestBurst::CountStatus(int status) const {
  return static_cast<size_t>(std::count(
      tx_status_.begin(), tx_status_.begin() + static_cast<std::ptrdiff_t>(last_pairs_), status));
}

std::vector<Trouble> TestBurst::Troubles() const {
  std::vector<Trouble> troubles;
  for (int32_t i = 0; i < signals_[kSignalTroubleCount]; i++) {
    const size_t at = kSignalTroubles + static_cast<size_t>(i) * kTroubleWords;
    troubles.push_back({signals_[at], signals_[at + 1], signals_[at + 2] != 0});
  }
  return troubles;
}

int64_t step_ns = 0;
int64_t SteppingClock() {
  static int64_t now = 0;
  return now += step_ns;
}

Pair MakePair(int type) {
  int ends[2];
  EXPECT(socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::string Letters(size_t length, char letter) {
  return std::string(length, letter);
}

std::string Number(uint64_t value, size_t bytes) {
  std::string number;
  for (size_t i = bytes; i-- > 0;) number += static_cast<char>(value >> (8 * i));
  return number;
}

std::string Prefixed(const std::string& frame, size_t length_bytes) {
  return Number(frame.size(), length_bytes) + frame;
}

void WriteAll(int fd, const std::string& bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put = write(fd, bytes.data() + done, bytes.size() - done);
    EXPECT(put > 0);
    done += static_cast<size_t>(put);
  }
}

std::string ReadSome(int fd) {
  std::string bytes(1 << 18, '\0');
  const ssize_t got = read(fd, bytes.data(), bytes.size());
  bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return bytes;
}

std::string ReadAll(int fd) {
  std::string all;
  for (std::string some = ReadSome(fd); !some.empty(); some = ReadSome(fd)) all += some;
  return all;
}

// The kernel lists the watched descriptors, one a line: Documentation/filesystems/proc.rst, 3.8.
size_t CountWatched() {
  size_t count = 0;
  for (const auto& file : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream lines(file.path());
    for (std::string line; std::getline(lines, line);) count += line.rfind("tfd:", 0) == 0;
  }
  return count;
}

}  // namespace tapswitch::test

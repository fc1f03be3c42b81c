/*
 * The cost of a frame by the kind of its port: nanoseconds that BurstIo takes to send and to
 * receive a frame in a burst of 32, in one thread, through Unix socket pairs. It prints one line
 * for each way. Each figure is the median of the bursts, so that other work of the machine disturbs
 * it little.
 *
 *     port-kinds [BURSTS]
 */

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "io/burst_io.h"

namespace {

using namespace tapswitch;

constexpr size_t kFrames = 32;
constexpr size_t kReceiveFrames = 64;
constexpr size_t kSizes[] = {60, 1514};

// One way to move frames: a kind of port, over a type of socket.
struct Way {
  const char* name;
  PortKind kind;
  int type;
  bool has_ring;
  size_t pairs_at_once;
};

const Way kWays[] = {
    {"stream, a gathered call", PortKind::kStream, SOCK_STREAM, false, kFrames},
    {"stream, a call for each frame", PortKind::kStream, SOCK_STREAM, false, 1},
    {"datagram, sendmmsg and recvmmsg", PortKind::kDatagram, SOCK_DGRAM, false, kFrames},
    {"datagram, io_uring", PortKind::kDevice, SOCK_DGRAM, true, kFrames},
    {"datagram, a call for each frame", PortKind::kDevice, SOCK_DGRAM, false, kFrames},
};

void Die(const char* what) {
  std::perror(what);
  std::exit(1);
}

// A burst without JavaScript.
struct Memory {
  std::vector<uint8_t> arena = std::vector<uint8_t>((kReceiveFrames + 1) * kSlotBytes);
  std::vector<int32_t> words = std::vector<int32_t>(8 * 2 * kReceiveFrames);
  double now_ms = 0;

  BurstMemory Layout() {
    BurstMemory memory;
    memory.arena = arena.data();
    memory.arena_bytes = arena.size();
    const auto array = [this](size_t index) { return &words[index * 2 * kReceiveFrames]; };
    memory.offset = array(0);
    memory.length = array(1);
    memory.ingress = array(2);
    memory.tx_frame = array(3);
    memory.tx_port = array(4);
    memory.tx_tag = array(5);
    memory.tx_status = array(6);
    memory.signals = array(7);
    memory.signals_size = 2 * kReceiveFrames;
    memory.receive_frames = kReceiveFrames;
    memory.receive_bytes = 128 * 1024;
    memory.now_ms = &now_ms;
    return memory;
  }
};

double Median(std::vector<double>& readings) {
  const auto middle = readings.begin() + static_cast<std::ptrdiff_t>(readings.size() / 2);
  std::nth_element(readings.begin(), middle, readings.end());
  return *middle;
}

void Drain(int fd) {
  static char bytes[1 << 18];
  while (read(fd, bytes, sizeof(bytes)) > 0) {
  }
}

double TimeSending(BurstIo& io, const BurstMemory& memory, const Way& way, size_t frame_bytes,
                   int peer, int bursts) {
  for (size_t i = 0; i < kFrames; i++) {
    memory.offset[kReceiveFrames + i] =
        static_cast<int32_t>(kReceiveFrames * kSlotBytes + kHeadroomBytes);
    memory.length[kReceiveFrames + i] = static_cast<int32_t>(frame_bytes);
    const_cast<int32_t*>(memory.tx_frame)[i] = static_cast<int32_t>(kReceiveFrames + i);
  }
  std::vector<double> readings;
  for (int burst = 0; burst < bursts; burst++) {
    const int64_t began = BurstIo::MonotonicNanos();
    for (size_t sent = 0; sent < kFrames; sent += way.pairs_at_once) {
      if (io.Transmit(way.pairs_at_once) > 0) Die("a frame was not taken");
    }
    readings.push_back(static_cast<double>(BurstIo::MonotonicNanos() - began) / kFrames);
    Drain(peer);
  }
  return Median(readings);
}

double TimeReceiving(BurstIo& io, const Way& way, size_t frame_bytes, int peer, int bursts) {
  std::string frame(frame_bytes, 'x');
  if (way.kind == PortKind::kStream) {
    const char length[] = {0, 0, static_cast<char>(frame_bytes >> 8),
                           static_cast<char>(frame_bytes)};
    frame.insert(0, length, sizeof(length));
  }
  std::vector<double> readings;
  for (int burst = 0; burst < bursts; burst++) {
    for (size_t i = 0; i < kFrames; i++) {
      if (write(peer, frame.data(), frame.size()) < 0) Die("write");
    }
    const int64_t began = BurstIo::MonotonicNanos();
    for (size_t came = 0; came < kFrames;) came += io.Receive(0, 0);
    readings.push_back(static_cast<double>(BurstIo::MonotonicNanos() - began) / kFrames);
  }
  return Median(readings);
}

void Measure(const Way& way, int bursts) {
  std::printf("%-34s", way.name);
  for (const size_t frame_bytes : kSizes) {
    Memory memory;
    const BurstMemory layout = memory.Layout();
    BurstIo io(layout, way.has_ring);
    if (!io.WhyNoIoUring().empty()) Die("io_uring");
    int ends[2];
    if (socketpair(AF_UNIX, way.type | SOCK_NONBLOCK, 0, ends) != 0) Die("socketpair");
    BurstIo::Transport transport;
    transport.fd = ends[0];
    transport.kind = way.kind;
    io.AddPort(0, transport);
    const double sending = TimeSending(io, layout, way, frame_bytes, ends[1], bursts);
    const double receiving = TimeReceiving(io, way, frame_bytes, ends[1], bursts);
    std::printf("  %4zu B: send %5.0f, receive %5.0f", frame_bytes, sending, receiving);
    close(ends[0]);
    close(ends[1]);
  }
  std::printf("\n");
}

}  // namespace

int main(int count, char** arguments) {
  const int bursts = count > 1 ? std::atoi(arguments[1]) : 20'000;
  for (const Way& way : kWays) Measure(way, bursts);
}

#include "io/burst_io.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "system/system_error.h"

namespace tapswitch {
namespace {

constexpr uint64_t kDoorbellTag = UINT64_MAX;
constexpr size_t kMaxEvents = 256;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
// Spins that may find nothing before spinning ends.
constexpr int kSpinCredit = 4;
// So many frames in turn that need not be waited for are a backlog. One is an answer that was made
// while the question was being delivered.
constexpr int kHitsOfBacklog = 2;
// So often are the recent ports tried before every port and the doorbell are asked.
constexpr uint32_t kRoundsPerPoll = 16;
// Bursts of this size on average are bulk, which gains nothing from a short wait, while its ends
// need the processor.
constexpr double kBulkBytes = 4096;
constexpr double kBurstsAveraged = 8;
// Fewer writes than this are made one by one: the queue has a price of its own.
constexpr size_t kFewWrites = 3;

int64_t MonotonicNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosPerSecond + now.tv_nsec;
}

// read() and write() of glibc are cancellation points: in a process with threads each call takes
// two more locked instructions. These are the bare system calls, made again when a signal
// interrupts them.
ssize_t ReadFrom(int fd, void* to, size_t bytes) {
  ssize_t got;
  do {
    got = syscall(SYS_read, fd, to, bytes);
  } while (got < 0 && errno == EINTR);
  return got;
}

ssize_t WriteTo(int fd, const void* from, size_t bytes) {
  ssize_t put;
  do {
    put = syscall(SYS_write, fd, from, bytes);
  } while (put < 0 && errno == EINTR);
  return put;
}

UniqueFd Duplicate(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy.IsOpen()) throw SystemError("fcntl", "port");
  return copy;
}

}  // namespace

BurstIo::BurstIo(const BurstMemory& memory, bool wants_ring)
    : memory_(memory), epoll_(epoll_create1(EPOLL_CLOEXEC)), events_(kMaxEvents) {
  if (!epoll_.IsOpen()) throw SystemError("epoll_create1", "data plane");
  ready_.reserve(kMaxEvents);
  if (!wants_ring) return;
  try {
    ring_ = std::make_unique<Uring>(memory.arena, memory.arena_bytes);
  } catch (const SystemError& error) {
    why_no_ring_ = error.what();
  }
}

void BurstIo::Watch(int fd, uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  if (epoll_ctl(epoll_.Get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw SystemError("epoll_ctl", "data plane");
  }
}

void BurstIo::AddPort(int32_t port, int fd, bool has_vnet_header) {
  UniqueFd copy = Duplicate(fd);
  const size_t index = static_cast<size_t>(port);
  if (ports_.size() <= index) ports_.resize(index + 1);
  Watch(copy.Get(), static_cast<uint64_t>(port));
  if (ring_ && !ring_->CanServe(copy.Get())) {
    ring_.reset();
    why_no_ring_ = "TAPs can be used through io_uring from Linux 6.4 on";
  }
  ports_[index] = Port{};
  ports_[index].fd = std::move(copy);
  ports_[index].header_bytes = has_vnet_header ? kVnetHeaderBytes : 0;
}

void BurstIo::RemovePort(int32_t port) {
  Port* found = Find(port);
  if (found == nullptr) return;
  // Closing our copy does not take it off the epoll while the other copy is open.
  epoll_ctl(epoll_.Get(), EPOLL_CTL_DEL, found->fd.Get(), nullptr);
  found->fd.Reset();
}

void BurstIo::AddDoorbell(int fd) {
  doorbell_ = Duplicate(fd);
  Watch(doorbell_.Get(), kDoorbellTag);
}

BurstIo::Port* BurstIo::Find(int32_t port) {
  const size_t index = static_cast<size_t>(port);
  if (port < 0 || index >= ports_.size() || !ports_[index].fd.IsOpen()) return nullptr;
  return &ports_[index];
}

size_t BurstIo::Receive(int wait_ms, size_t carried) {
  frames_ = carried;
  slots_ = carried;
  bytes_ = 0;
  memory_.signals[kSignalDoorbell] = 0;
  memory_.signals[kSignalTroubleCount] = 0;
  SetCarried(carried, true);
  const size_t events = WaitForEvents(carried > 0 ? 0 : wait_ms);
  if (events > 0) ReadReadyPorts(events);
  SetCarried(carried, false);
  if (frames_ > carried) {
    bytes_per_burst_ += (static_cast<double>(bytes_) - bytes_per_burst_) / kBurstsAveraged;
  }
  memory_.now_ms[0] = static_cast<double>(MonotonicNanos()) / 1e6;
  return frames_;
}

// Marks the ports of the frames that the burst begins with.
void BurstIo::SetCarried(size_t carried, bool has_carried) {
  for (size_t i = 0; i < carried; i++) {
    Port* const port = Find(memory_.ingress[i]);
    if (port != nullptr) port->has_carried = has_carried;
  }
}

// Returns the number of events in events_. A spin may have read a frame already.
//
// Busy polling pays while frames come in quick succession, and only then: a gap between two bursts
// that a spin would have bridged earns the credit for the next few spins, a spin that found nothing
// uses some of it up. Without traffic, or with gaps too long to bridge, nothing spins.
size_t BurstIo::WaitForEvents(int wait_ms) {
  if (wait_ms == 0 || busy_poll_ns_ == 0) return WaitForReady(wait_ms);
  const int64_t gap_began = MonotonicNanos();
  if (spin_credit_ > 0 && bytes_per_burst_ < kBulkBytes) {
    const size_t events = Spin(gap_began + busy_poll_ns_);
    if (events > 0 || frames_ > 0) return events;
    spin_credit_--;
  }
  const size_t events = WaitForReady(wait_ms);
  if (events > 0 && MonotonicNanos() - gap_began < busy_poll_ns_) spin_credit_ = kSpinCredit;
  return events;
}

size_t BurstIo::WaitForReady(int wait_ms) {
  const int ready =
      epoll_wait(epoll_.Get(), events_.data(), static_cast<int>(events_.size()), wait_ms);
  return ready > 0 ? static_cast<size_t>(ready) : 0;
}

// Tries the ports that had frames lately, which costs a third of asking for all of them, and every
// few rounds all of them and the doorbell. One frame ends it: it came just now, and is in a hurry.
// But where one was there before the first look time and again, more are waiting, and every port
// has its share.
size_t BurstIo::Spin(int64_t until_ns) {
  uint32_t rounds = 0;
  do {
    if (++rounds % kRoundsPerPoll == 0) {
      const size_t events = WaitForReady(0);
      if (events > 0) return events;
    }
    // A question and its answer come from two ports in turn: begin behind the last one.
    for (size_t n = 0; n < recent_ports_.size(); n++) {
      recent_at_ = (recent_at_ + 1) % recent_ports_.size();
      const int32_t port = recent_ports_[recent_at_];
      if (Find(port) == nullptr || !ReadFrame(port)) continue;
      spin_credit_ = kSpinCredit;
      hits_at_once_ = rounds == 1 ? hits_at_once_ + 1 : 0;
      return hits_at_once_ >= kHitsOfBacklog ? WaitForReady(0) : 0;
    }
  } while (MonotonicNanos() < until_ns);
  return 0;
}

void BurstIo::SortEvents(size_t count) {
  ready_.clear();
  for (size_t i = 0; i < count; i++) {
    const epoll_event& event = events_[i];
    if (event.data.u64 == kDoorbellTag) {
      uint64_t rings;
      if (read(doorbell_.Get(), &rings, sizeof(rings)) > 0) memory_.signals[kSignalDoorbell] = 1;
      continue;
    }
    const auto port = static_cast<int32_t>(event.data.u64);
    if ((event.events & EPOLLIN) != 0) {
      if (!ports_[static_cast<size_t>(port)].has_carried) ready_.push_back({port});
    } else if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) {
      ReportGone(port);
    }
  }
  ready_open_ = ready_.size();
  if (ready_open_ > 0) NoteRecent(ready_.front().port);
}

void BurstIo::NoteRecent(int32_t port) {
  const auto known = std::find(recent_ports_.begin(), recent_ports_.end(), port);
  if (known != recent_ports_.end()) return;
  std::rotate(recent_ports_.begin(), recent_ports_.end() - 1, recent_ports_.end());
  recent_ports_.front() = port;
}

// Round after round, each ready port gets the same share of what is left of the burst. Epoll lists
// those that stay ready in the same order for ever, and not all may find room: begin behind the one
// that was read last.
void BurstIo::ReadReadyPorts(size_t events) {
  SortEvents(events);
  const auto last = std::find_if(ready_.begin(), ready_.end(),
                                 [this](const Ready& ready) { return ready.port == last_read_; });
  if (last != ready_.end()) std::rotate(ready_.begin(), last + 1, ready_.end());
  while (ready_open_ > 0 && !IsFull()) {
    const Share share = {std::max<size_t>(1, (memory_.receive_frames - slots_) / ready_open_),
                         (memory_.receive_bytes - bytes_) / ready_open_};
    if (ring_) {
      ReadRoundAtOnce(share);
    } else {
      ReadRound(share);
    }
  }
}

bool BurstIo::IsFull() const {
  return slots_ == memory_.receive_frames || bytes_ >= memory_.receive_bytes;
}

// The device was deleted. Its descriptor would report EPOLLERR for ever: stop listening to it.
void BurstIo::ReportGone(int32_t port) {
  const auto count = static_cast<size_t>(memory_.signals[kSignalTroubleCount]);
  const size_t at = kSignalTroubles + count * kTroubleWords;
  if (at + kTroubleWords > memory_.signals_size) return;
  memory_.signals[at] = port;
  memory_.signals[at + 1] = ENODEV;
  memory_.signals[kSignalTroubleCount]++;
  RemovePort(port);
}

void BurstIo::ReadRound(Share share) {
  for (Ready& ready : ready_) {
    if (IsFull()) return;
    if (!ready.drained) ReadShare(ready, share);
  }
}

// At least one frame; and then as long as one more like the last fits into the share, because how
// long the next one is shows only when it is read.
void BurstIo::ReadShare(Ready& ready, Share share) {
  const size_t end_slots = std::min(slots_ + share.frames, memory_.receive_frames);
  const size_t end_bytes = bytes_ + share.bytes;
  size_t before;
  do {
    before = bytes_;
    if (!ReadFrame(ready.port)) {
      ready.drained = true;
      ready_open_--;
      return;
    }
  } while (slots_ < end_slots && bytes_ + (bytes_ - before) <= end_bytes);
}

// The same in one system call. How many frames each port has must be guessed beforehand: as many as
// last time, twice as many if all of those came. A guess too high costs a vain look for each frame
// that is not there, a guess too low another round.
void BurstIo::ReadRoundAtOnce(Share share) {
  size_t slot = slots_;
  for (size_t i = 0; i < ready_.size() && slot < memory_.receive_frames; i++) {
    Ready& ready = ready_[i];
    if (ready.drained) continue;
    const size_t room = std::min(memory_.receive_frames - slot, ring_->Room());
    ready.asked = std::min(Guess(ready.port, share), room);
    for (size_t n = 0; n < ready.asked; n++) QueueRead(i, slot++);
  }
  ring_->Submit([this](uint64_t tag, int result) {
    Ready& ready = ready_[tag >> 32];
    if (!TakeFrame(ready.port, static_cast<uint32_t>(tag), result)) return;
    ready.frames++;
    ready.bytes += static_cast<size_t>(memory_.length[frames_ - 1]);
  });
  for (Ready& ready : ready_) NoteRound(ready);
}

// How many frames to ask a port for. 1 at least, for it has said that it is ready.
size_t BurstIo::Guess(int32_t port, Share share) const {
  const Port& from = ports_[static_cast<size_t>(port)];
  const size_t fit = std::max<size_t>(1, share.bytes / from.frame_bytes);
  return std::min({from.expected_frames, share.frames, fit});
}

void BurstIo::QueueRead(size_t ready, size_t slot) {
  const Port& from = ports_[static_cast<size_t>(ready_[ready].port)];
  ring_->Read(from.fd.Get(), SlotFor(from, slot), kMaxFrameBytes + from.header_bytes,
              static_cast<uint64_t>(ready) << 32 | slot);
}

// What a round of one port teaches about the next.
void BurstIo::NoteRound(Ready& ready) {
  if (ready.asked == 0) return;
  Port& port = ports_[static_cast<size_t>(ready.port)];
  if (ready.frames > 0) port.frame_bytes = std::max<size_t>(1, ready.bytes / ready.frames);
  if (ready.frames == ready.asked) {
    const size_t more = std::min(2 * ready.asked, memory_.receive_frames);
    port.expected_frames = std::max(port.expected_frames, more);
  } else {
    port.expected_frames = std::max<size_t>(1, ready.frames);
    ready.drained = true;
    ready_open_--;
  }
  ready = {ready.port, ready.drained};
}

bool BurstIo::ReadFrame(int32_t port) {
  const Port& from = ports_[static_cast<size_t>(port)];
  const ssize_t got =
      ReadFrom(from.fd.Get(), SlotFor(from, slots_), kMaxFrameBytes + from.header_bytes);
  return TakeFrame(port, slots_, got);
}

// Where a read from this port into this slot begins.
uint8_t* BurstIo::SlotFor(const Port& from, size_t slot) const {
  uint8_t* const frame = memory_.arena + slot * kSlotBytes + kHeadroomBytes;
  // The header that a port without one does not bring.
  if (from.header_bytes == 0) std::memset(frame - kVnetHeaderBytes, 0, kVnetHeaderBytes);
  return frame - from.header_bytes;
}

// Adds what a read brought to the burst; false if it brought nothing.
bool BurstIo::TakeFrame(int32_t port, size_t slot, ssize_t got) {
  const size_t header_bytes = ports_[static_cast<size_t>(port)].header_bytes;
  // EAGAIN: drained. EIO, EBADFD: down or gone, which is seen elsewhere (epoll, Inspect).
  if (got < static_cast<ssize_t>(header_bytes)) return false;
  const size_t length = static_cast<size_t>(got) - header_bytes;
  memory_.offset[frames_] = static_cast<int32_t>(slot * kSlotBytes + kHeadroomBytes);
  memory_.length[frames_] = static_cast<int32_t>(length);
  memory_.ingress[frames_] = port;
  frames_++;
  slots_ = slot + 1;
  bytes_ += length;
  last_read_ = port;
  return true;
}

long BurstIo::Exchange(size_t tx_count, int wait_ms, size_t carried) {
  const size_t failed = Transmit(tx_count);
  if (failed == 0) return static_cast<long>(Receive(wait_ms, carried));
  memory_.signals[kSignalDoorbell] = 0;
  memory_.signals[kSignalTroubleCount] = 0;
  return -static_cast<long>(failed);
}

size_t BurstIo::Transmit(size_t tx_count) {
  const bool at_once = ring_ && tx_count >= kFewWrites;
  size_t failed = 0;
  const auto note = [&](uint64_t pair, int result) {
    memory_.tx_status[pair] = -result;
    failed++;
  };
  for (size_t i = 0; i < tx_count; i++) {
    memory_.tx_status[i] = 0;
    const Port* to = Find(memory_.tx_port[i]);
    if (to == nullptr) {
      note(i, -EBADFD);
      continue;
    }
    const auto frame = static_cast<size_t>(memory_.tx_frame[i]);
    const uint8_t* const from = memory_.arena + memory_.offset[frame] - to->header_bytes;
    const size_t bytes = static_cast<size_t>(memory_.length[frame]) + to->header_bytes;
    if (at_once) {
      if (ring_->Room() == 0) ring_->Submit(note);
      ring_->Write(to->fd.Get(), from, bytes, i);
    } else if (WriteTo(to->fd.Get(), from, bytes) < 0) {
      note(i, -errno);
    }
  }
  if (at_once) ring_->Submit(note);
  return failed;
}

}  // namespace tapswitch

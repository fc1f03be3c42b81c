#include "io/burst_io.h"

#include <fcntl.h>
#include <time.h>

#include <algorithm>
#include <cerrno>

#include "io/datagram_port.h"
#include "io/device_port.h"
#include "io/stream_port.h"
#include "io/system_calls.h"
#include "system/system_error.h"

namespace tapswitch {
namespace {

constexpr uint64_t kDoorbellTag = UINT64_MAX;
constexpr size_t kMaxEvents = 256;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr double kNanosPerMillisecond = 1e6;
// A program of the kernel reads the same clock in another way (ktime_get_mono_fast_ns), which may
// differ a little while the clock's rate is adjusted.
constexpr int64_t kClockToleranceNs = 2'000;
// Spins that may find nothing before spinning ends.
constexpr int kSpinCredit = 4;
// Spins in turn whose first look finds a frame: from this number on there is a backlog. One such
// spin is an answer that was made while the question was being delivered.
constexpr int kHitsOfBacklog = 2;
// Rounds in which spins try the recent ports before they ask every port and the doorbell.
constexpr uint32_t kRoundsPerPoll = 16;
// Bytes of a burst, on average, from which on traffic is bulk. Bulk gains nothing from a short
// wait, while its ends need the processor.
constexpr double kBulkBytes = 4096;
constexpr double kBurstsAveraged = 8;

UniqueFd Duplicate(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!copy.IsOpen()) throw SystemError("fcntl", "port");
  return copy;
}

}  // namespace

BurstIo::BurstIo(const BurstMemory& memory, bool wants_uring, Clock clock)
    : memory_(memory), clock_(clock), intake_(memory_), events_(kMaxEvents) {
  ready_.reserve(kMaxEvents);
  if (wants_uring) {
    try {
      uring_ = std::make_unique<Uring>(memory.arena, memory.arena_bytes);
    } catch (const SystemError& error) {
      why_no_io_uring_ = error.what();
    }
  }
  outbox_ = std::make_unique<Outbox>(memory_, uring_.get());
}

int64_t BurstIo::MonotonicNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kNanosPerSecond + now.tv_nsec;
}

// Ports ----------------------------------------------------------------------------------------

void BurstIo::AddPort(int32_t port, const Transport& transport) {
  const size_t index = static_cast<size_t>(port);
  if (places_.size() <= index) places_.resize(index + 1);
  places_[index] = Place{};
  outbox_->Runs().Forget(port);
  places_[index].port = MakePort(port, transport);
}

std::unique_ptr<Port> BurstIo::MakePort(int32_t port, const Transport& transport) {
  const size_t header_bytes = transport.framing == Framing::kVnet ? kVnetHeaderBytes : 0;
  UniqueFd fd = Duplicate(transport.fd);
  switch (transport.kind) {
    case PortKind::kDevice: {
      Uring* const uring = UringFor(fd.Get());
      return std::make_unique<DevicePort>(port, std::move(fd), header_bytes, watch_, uring);
    }
    case PortKind::kStream:
      if (transport.length_bytes != 2 && transport.length_bytes != 4) break;
      return std::make_unique<StreamPort>(port, std::move(fd), header_bytes, transport.length_bytes,
                                          watch_);
    case PortKind::kDatagram:
      return std::make_unique<DatagramPort>(port, std::move(fd), header_bytes, watch_);
    case PortKind::kRing:
      if (header_bytes != 0) break;
      return std::make_unique<RingPort>(port, std::move(fd), Duplicate(transport.rings.peer_bell),
                                        transport.rings, watch_);
  }
  throw SystemError("addPort", "port", EINVAL);
}

// io_uring, if it serves a device; otherwise null, and why.
Uring* BurstIo::UringFor(int fd) {
  if (!uring_) return nullptr;
  if (uring_->CanServe(fd)) return uring_.get();
  why_no_io_uring_ = "TAPs can be used through io_uring from Linux 6.4 on";
  return nullptr;
}

void BurstIo::RemovePort(int32_t port) {
  Place* const place = Find(port);
  if (place != nullptr) *place = Place{};
}

void BurstIo::AddDoorbell(int fd) {
  doorbell_ = Duplicate(fd);
  watch_.Add(doorbell_.Get(), kDoorbellTag, EPOLLIN);
}

BurstIo::Place* BurstIo::Find(int32_t port) {
  const size_t index = static_cast<size_t>(port);
  if (port < 0 || index >= places_.size() || !places_[index].port) return nullptr;
  return &places_[index];
}

// Receiving ------------------------------------------------------------------------------------

size_t BurstIo::Receive(double wait_ms, size_t carried) {
  intake_.Begin(carried);
  ClearSignals();
  SetCarried(carried, true);
  const bool is_waited_for = carried == 0 && buffered_.empty() && !watch_.HasTroubles();
  has_emptied_ = has_emptied_ && carried == 0;
  const size_t events = drained_mark_ != nullptr && carried == 0
                            ? WaitAndMark(is_waited_for ? wait_ms : 0)
                            : WaitForEvents(is_waited_for ? wait_ms : 0);
  TakeEvents(events);
  if (!ready_.empty()) ReadReadyPorts();
  has_emptied_ = has_emptied_ && !intake_.IsFull() && events < kMaxEvents;
  is_mark_due_ = is_mark_due_ || intake_.Frames() > 0;
  SetCarried(carried, false);
  if (intake_.Frames() > carried) {
    const auto bytes = static_cast<double>(intake_.Bytes());
    bytes_per_burst_ += (bytes - bytes_per_burst_) / kBurstsAveraged;
  }
  if (watch_.HasTroubles()) watch_.ReportTroubles(memory_.signals, memory_.signals_size);
  memory_.now_ms[0] = static_cast<double>(clock_()) / 1e6;
  return intake_.Frames();
}

void BurstIo::ClearSignals() {
  memory_.signals[kSignalDoorbell] = 0;
  memory_.signals[kSignalTroubleCount] = 0;
}

// Marks the ports of the frames that the burst begins with.
void BurstIo::SetCarried(size_t carried, bool has_carried) {
  for (size_t i = 0; i < carried; i++) {
    Place* const place = Find(memory_.ingress[i]);
    if (place != nullptr) place->has_carried = has_carried;
  }
}

void BurstIo::MarkDrained(uint64_t* mark) {
  drained_mark_ = mark;
  is_mark_due_ = true;
  has_emptied_ = false;
}

// Waits like WaitForEvents, and moves the mark on. Whoever comes here has sent the answer to all
// that was read. So the mark is the time at which the last burst asked for its events, if that
// burst emptied every port; and, where no port has anything, the present.
size_t BurstIo::WaitAndMark(double wait_ms) {
  if (has_emptied_) SetDrained(asked_ns_);
  has_emptied_ = false;
  if (!is_mark_due_) return WaitForEvents(wait_ms);
  asked_ns_ = clock_();
  const size_t events = watch_.Wait(events_, 0);
  has_emptied_ = events > 0;
  if (events > 0 || watch_.HasTroubles()) return events;
  SetDrained(asked_ns_);
  is_mark_due_ = false;
  return WaitForEvents(wait_ms);
}

void BurstIo::SetDrained(int64_t before_ns) {
  const int64_t mark = before_ns - kClockToleranceNs;
  __atomic_store_n(drained_mark_, static_cast<uint64_t>(mark), __ATOMIC_RELEASE);
}

// Returns the number of events in events_. A spin may have read a frame already.
//
// Busy polling pays while frames come in quick succession, and only then: a gap between two bursts
// that a spin would have bridged earns the credit for the next few spins, a spin that found nothing
// uses some of it up. Without traffic, or with gaps too long to bridge, nothing spins.
size_t BurstIo::WaitForEvents(double wait_ms) {
  if (wait_ms == 0 || busy_poll_ns_ == 0) return watch_.Wait(events_, wait_ms);
  const int64_t gap_began = clock_();
  double left_ms = wait_ms;
  if (spin_credit_ > 0 && bytes_per_burst_ < kBulkBytes) {
    spins_.tried++;
    const auto wait_ns = static_cast<int64_t>(wait_ms * kNanosPerMillisecond);
    const int64_t spin_ns = wait_ms < 0 ? busy_poll_ns_ : std::min(busy_poll_ns_, wait_ns);
    const size_t events = Spin(gap_began + spin_ns);
    if (events > 0 || intake_.Frames() > 0 || watch_.HasTroubles()) {
      spins_.found++;
      return events;
    }
    spin_credit_--;
    if (wait_ms > 0) {
      const auto spun_ns = static_cast<double>(clock_() - gap_began);
      left_ms = std::max(0.0, wait_ms - spun_ns / kNanosPerMillisecond);
    }
  }
  const size_t events = watch_.Wait(events_, left_ms);
  if (events > 0 && clock_() - gap_began < busy_poll_ns_) spin_credit_ = kSpinCredit;
  return events;
}

// Tries the ports that had frames lately, which costs a third of asking all ports. Every few rounds
// it asks all ports and the doorbell. The rounds of one spin and the next count together: spins
// that always find a frame soon would keep the other ports and commands waiting for ever. One frame
// ends a spin, because it came just now and must not wait. Where spins find a frame at the first
// look again and again, there is a backlog: every port gets its share of the burst then.
size_t BurstIo::Spin(int64_t until_ns) {
  uint32_t rounds = 0;
  do {
    rounds++;
    if (++rounds_ >= kRoundsPerPoll) {
      rounds_ = 0;
      const size_t events = watch_.Wait(events_, 0);
      if (events > 0) return events;
    }
    // A question and its answer come from two ports in turn: begin behind the last one.
    for (size_t n = 0; n < recent_ports_.size(); n++) {
      recent_at_ = (recent_at_ + 1) % recent_ports_.size();
      if (!ReadOne(recent_ports_[recent_at_])) continue;
      spin_credit_ = kSpinCredit;
      hits_at_once_ = rounds == 1 ? hits_at_once_ + 1 : 0;
      return hits_at_once_ >= kHitsOfBacklog ? watch_.Wait(events_, 0) : 0;
    }
    // A port that was tried has failed.
    if (watch_.HasTroubles()) return 0;
  } while (clock_() < until_ns);
  return 0;
}

bool BurstIo::ReadOne(int32_t port) {
  Place* const place = Find(port);
  if (place == nullptr || !place->port->ReadOne(intake_)) return false;
  NoteBuffered(port);
  return true;
}

void BurstIo::NoteRecent(int32_t port) {
  const auto known = std::find(recent_ports_.begin(), recent_ports_.end(), port);
  if (known != recent_ports_.end()) return;
  std::rotate(recent_ports_.begin(), recent_ports_.end() - 1, recent_ports_.end());
  recent_ports_.front() = port;
}

void BurstIo::TakeEvents(size_t count) {
  for (size_t i = 0; i < count; i++) TakeEvent(events_[i]);
  if (!buffered_.empty() && !intake_.IsFull()) TakeBuffered();
  if (!ready_.empty()) NoteRecent(ready_.front());
}

void BurstIo::TakeEvent(const epoll_event& event) {
  if (event.data.u64 == kDoorbellTag) {
    uint64_t rings;
    if (ReadFrom(doorbell_.Get(), &rings, sizeof(rings)) > 0) memory_.signals[kSignalDoorbell] = 1;
    return;
  }
  const auto port = static_cast<int32_t>(event.data.u64);
  Place* const place = Find(port);
  if (place == nullptr) return;
  if ((event.events & EPOLLOUT) != 0) place->port->OnWritable();
  if ((event.events & EPOLLIN) != 0) {
    if ((event.events & EPOLLHUP) != 0) place->port->OnHangUp();
    AddReady(port);
  } else if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) {
    place->port->OnError();
  }
}

// Ports whose frames wait in a buffer of their own are ready as well.
void BurstIo::TakeBuffered() {
  size_t kept = 0;
  for (size_t i = 0; i < buffered_.size(); i++) {
    const Place* const place = Find(buffered_[i]);
    AddReady(buffered_[i]);
    if (place != nullptr && place->has_carried) buffered_[kept++] = buffered_[i];
  }
  buffered_.resize(kept);
}

void BurstIo::AddReady(int32_t port) {
  Place* const place = Find(port);
  if (place == nullptr || place->has_carried || place->is_ready) return;
  place->is_ready = true;
  ready_.push_back(port);
}

void BurstIo::NoteBuffered(int32_t port) {
  const Place* const place = Find(port);
  if (place == nullptr || !place->port->HasFrames()) return;
  if (std::find(buffered_.begin(), buffered_.end(), port) != buffered_.end()) return;
  buffered_.push_back(port);
}

// Round after round, each ready port gets the same share of what is left of the burst. Epoll lists
// those that stay ready in the same order for ever, and not all may find room: begin behind the one
// that was read last.
void BurstIo::ReadReadyPorts() {
  const auto last = std::find(ready_.begin(), ready_.end(), intake_.LastPort());
  if (last != ready_.end()) std::rotate(ready_.begin(), last + 1, ready_.end());
  while (!ready_.empty() && !intake_.IsFull()) ReadRound();
  for (const int32_t port : ready_) {
    places_[static_cast<size_t>(port)].is_ready = false;
    NoteBuffered(port);
  }
  ready_.clear();
}

void BurstIo::ReadRound() {
  const Share share = {std::max<size_t>(1, intake_.FreeSlots() / ready_.size()),
                       intake_.FreeBytes() / ready_.size()};
  size_t begun = 0;
  for (; begun < ready_.size() && !intake_.IsFull(); begun++) {
    places_[static_cast<size_t>(ready_[begun])].port->BeginRound(intake_, share);
  }
  if (uring_) {
    uring_->Submit([this](uint64_t tag, int result) {
      Port& port = *places_[tag >> 32].port;
      port.TakeRead(intake_, static_cast<uint32_t>(tag), result);
    });
  }
  intake_.EndRound();
  size_t kept = 0;
  for (size_t i = 0; i < ready_.size(); i++) {
    Place& place = places_[static_cast<size_t>(ready_[i])];
    if (i >= begun || place.port->EndRound(memory_.receive_frames)) {
      ready_[kept++] = ready_[i];
    } else {
      place.is_ready = false;
    }
  }
  ready_.resize(kept);
}

// Sending --------------------------------------------------------------------------------------

long BurstIo::Exchange(size_t tx_count, double wait_ms, size_t carried) {
  const size_t failed = Transmit(tx_count);
  if (failed == 0) return static_cast<long>(Receive(wait_ms, carried));
  ClearSignals();
  return -static_cast<long>(failed);
}

size_t BurstIo::Transmit(size_t tx_count) {
  outbox_->Begin(tx_count);
  for (size_t i = 0; i < tx_count; i++) {
    outbox_->Succeed(i);
    const int32_t port = memory_.tx_port[i];
    Place* const place = Find(port);
    if (place == nullptr) {
      outbox_->Fail(i, EBADFD);
      continue;
    }
    Port& to = *place->port;
    if (!to.HasQueue()) sending_.push_back(port);
    to.Queue(i);
  }
  for (const int32_t port : sending_) places_[static_cast<size_t>(port)].port->Flush(*outbox_);
  sending_.clear();
  outbox_->Submit();
  return outbox_->Failed();
}

}  // namespace tapswitch

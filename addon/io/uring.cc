#include "io/uring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "system/system_error.h"

// Flags of Linux 5.17 to 6.1. The headers of Ubuntu 22.04 are those of 5.15.
#ifndef IOSQE_CQE_SKIP_SUCCESS
#define IOSQE_CQE_SKIP_SUCCESS (1U << 6)
#endif
#ifndef IORING_SETUP_SUBMIT_ALL
#define IORING_SETUP_SUBMIT_ALL (1U << 7)
#endif
#ifndef IORING_SETUP_TASKRUN_FLAG
#define IORING_SETUP_TASKRUN_FLAG (1U << 9)
#define IORING_SQ_TASKRUN (1U << 2)
#endif
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

namespace tapswitch {
namespace {

constexpr const char* kSubject = "data plane";

// RWF_NOWAIT of linux/fs.h: the request does not wait.
constexpr int kNoWait = 0x00000008;

}  // namespace

Uring::Mapping::~Mapping() {
  if (at != nullptr) munmap(at, bytes);
}

Uring::Uring(void* arena, size_t arena_bytes) {
  io_uring_params params{};
  // One thread submits, and no result interrupts it before it asks for results. A flag tells that
  // there are some.
  params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL;
  fd_ = UniqueFd(static_cast<int>(syscall(SYS_io_uring_setup, kEntries, &params)));
  if (!fd_.IsOpen()) throw SystemError("io_uring_setup", kSubject);

  // One mapping for both queues: IORING_FEAT_SINGLE_MMAP, older than the flags above.
  Map(rings_,
      std::max(params.sq_off.array + params.sq_entries * sizeof(unsigned),
               params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe)),
      IORING_OFF_SQ_RING);
  Map(requests_memory_, params.sq_entries * sizeof(io_uring_sqe), IORING_OFF_SQES);
  const auto word = [this](uint32_t offset) {
    return reinterpret_cast<unsigned*>(rings_.at + offset);
  };
  requests_ = reinterpret_cast<io_uring_sqe*>(requests_memory_.at);
  request_tail_ = word(params.sq_off.tail);
  request_mask_ = *word(params.sq_off.ring_mask);
  request_flags_ = word(params.sq_off.flags);
  completions_ = reinterpret_cast<io_uring_cqe*>(rings_.at + params.cq_off.cqes);
  completion_head_ = word(params.cq_off.head);
  completion_tail_ = word(params.cq_off.tail);
  completion_mask_ = *word(params.cq_off.ring_mask);
  // Requests are taken in the order in which they lie.
  for (unsigned i = 0; i < params.sq_entries; i++) word(params.sq_off.array)[i] = i;

  // A registered buffer spares the kernel the look-up of the arena's pages for each frame. Where
  // RLIMIT_MEMLOCK refuses it, io_uring works without.
  const iovec memory{arena, arena_bytes};
  has_fixed_buffer_ =
      syscall(SYS_io_uring_register, fd_.Get(), IORING_REGISTER_BUFFERS, &memory, 1) == 0;
}

void Uring::Map(Mapping& mapping, size_t bytes, uint64_t what) {
  void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                        fd_.Get(), static_cast<off_t>(what));
  if (at == MAP_FAILED) throw SystemError("mmap", kSubject);
  mapping.at = static_cast<uint8_t*>(at);
  mapping.bytes = bytes;
}

bool Uring::CanServe(int fd) {
  // A read of no bytes takes no frame off the TAP's queue (tun_do_read, drivers/net/tun.c). Other
  // errors, such as a device that is gone, show when the descriptor is read.
  bool serves = true;
  Queue(IORING_OP_READ, fd, 0, 0, 0);
  Submit([&serves](uint64_t, int result) { serves = result != -EOPNOTSUPP; });
  return serves;
}

void Uring::Read(int fd, void* to, size_t bytes, uint64_t tag) {
  Queue(has_fixed_buffer_ ? IORING_OP_READ_FIXED : IORING_OP_READ, fd,
        reinterpret_cast<uint64_t>(to), bytes, tag);
}

void Uring::Write(int fd, const void* from, size_t bytes, uint64_t tag) {
  io_uring_sqe& request = Queue(has_fixed_buffer_ ? IORING_OP_WRITE_FIXED : IORING_OP_WRITE, fd,
                                reinterpret_cast<uint64_t>(from), bytes, tag);
  request.flags = IOSQE_CQE_SKIP_SUCCESS;
}

void Uring::WritePieces(int fd, const iovec* pieces, size_t count, uint64_t tag) {
  io_uring_sqe& request =
      Queue(IORING_OP_WRITEV, fd, reinterpret_cast<uint64_t>(pieces), count, tag);
  request.flags = IOSQE_CQE_SKIP_SUCCESS;
}

io_uring_sqe& Uring::Queue(uint8_t opcode, int fd, uint64_t address, size_t bytes, uint64_t tag) {
  io_uring_sqe& request = requests_[*request_tail_ & request_mask_];
  std::memset(&request, 0, sizeof(request));
  request.opcode = opcode;
  request.fd = fd;
  request.off = UINT64_MAX;  // no position, as read() and write() have none
  request.addr = address;
  request.len = static_cast<uint32_t>(bytes);
  request.rw_flags = kNoWait;
  request.user_data = tag;
  // The kernel looks at the tail in io_uring_enter, on this very thread.
  ++*request_tail_;
  queued_++;
  requests_so_far_++;
  return request;
}

// Carries out the queue. Returns 0, or the errno with which the kernel left a part of it.
int Uring::Enter() {
  while (queued_ > 0) {
    const long taken = syscall(SYS_io_uring_enter, fd_.Get(), queued_, 0, 0, nullptr, 0);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) return errno;
    queued_ -= static_cast<unsigned>(taken);
  }
  // The kernel completes a write that failed only when somebody asks for results (io_rw_done,
  // io_uring/rw.c).
  if ((__atomic_load_n(request_flags_, __ATOMIC_RELAXED) & IORING_SQ_TASKRUN) != 0) {
    syscall(SYS_io_uring_enter, fd_.Get(), 0, 0, IORING_ENTER_GETEVENTS, nullptr, 0);
  }
  return 0;
}

// Takes the last request back; returns its tag.
uint64_t Uring::Withdraw() {
  --*request_tail_;
  return requests_[*request_tail_ & request_mask_].user_data;
}

}  // namespace tapswitch

// An io_uring for one thread: many reads and writes in one system call. Submit carries out the
// queue, in order, and nothing is under way when it returns.
//
// Needs Linux 6.4, where TUN descriptors learned to answer at once instead of waiting (commit
// "tun: flag the device as supporting FMODE_NOWAIT"). The sysctl kernel.io_uring_disabled or a
// container's system call filter may forbid io_uring.
//
// Source: io_uring_setup(2), io_uring_enter(2), io_uring_register(2); linux/io_uring.h.
#pragma once

#include <linux/io_uring.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "system/unique_fd.h"

namespace tapswitch {

class Uring {
 public:
  // Read and Write move bytes of the arena only. Throws SystemError.
  Uring(void* arena, size_t arena_bytes);
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;

  // Whether a read of this descriptor that finds nothing ends at once. io_uring needs that.
  bool CanServe(int fd);

  // Queues a read. Assumes Room. `tag` comes back with the result.
  void Read(int fd, void* to, size_t bytes, uint64_t tag);
  // Queues a write. Assumes Room. Only a failure is reported.
  void Write(int fd, const void* from, size_t bytes, uint64_t tag);
  // Queues a write of several pieces, which may lie outside the arena and must stay until Submit.
  void WritePieces(int fd, const iovec* pieces, size_t count, uint64_t tag);
  // Requests that can still be queued before Submit.
  size_t Room() const { return kEntries - queued_; }
  // Requests that were ever queued.
  uint64_t Requests() const { return requests_so_far_; }

  // Carries out what is queued, then calls visit(tag, result) for each completion, in order of the
  // queue. The result is a number of bytes, or a negative errno.
  template <typename Visit>
  void Submit(Visit visit) {
    const int error = Enter();
    for (; *completion_head_ != CompletionTail(); ++*completion_head_) {
      const io_uring_cqe& done = completions_[*completion_head_ & completion_mask_];
      visit(done.user_data, done.res);
    }
    // Requests that the kernel did not take: it is out of memory.
    for (; queued_ > 0; queued_--) visit(Withdraw(), -error);
  }

 private:
  static constexpr unsigned kEntries = 128;

  struct Mapping {
    Mapping() = default;
    ~Mapping();
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    uint8_t* at = nullptr;
    size_t bytes = 0;
  };

  void Map(Mapping& mapping, size_t bytes, uint64_t what);
  io_uring_sqe& Queue(uint8_t opcode, int fd, uint64_t address, size_t bytes, uint64_t tag);
  int Enter();
  uint64_t Withdraw();
  // The tail that the kernel has written. The completions before it are written as well.
  unsigned CompletionTail() const { return __atomic_load_n(completion_tail_, __ATOMIC_ACQUIRE); }

  UniqueFd fd_;
  Mapping rings_;
  Mapping requests_memory_;
  io_uring_sqe* requests_ = nullptr;
  unsigned* request_tail_ = nullptr;
  const unsigned* request_flags_ = nullptr;
  unsigned request_mask_ = 0;
  const io_uring_cqe* completions_ = nullptr;
  unsigned* completion_head_ = nullptr;
  unsigned* completion_tail_ = nullptr;
  unsigned completion_mask_ = 0;
  unsigned queued_ = 0;
  uint64_t requests_so_far_ = 0;
  bool has_fixed_buffer_ = false;
};

}  // namespace tapswitch

// A ring of blocks in memory that two threads share: one writes, the other reads, and neither
// waits. src/frame/ring.ts describes it, and is the other side.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tapswitch {

// Words of the control block, and its size.
constexpr size_t kRingWritten = 0;
constexpr size_t kRingSkippedFrom = 1;
constexpr size_t kRingWaiting = 2;
constexpr size_t kRingRead = 16;
constexpr size_t kRingTold = 17;
constexpr size_t kRingControlBytes = 128;

class Ring {
 protected:
  // `memory` is aligned to words, and outlives the ring. Throws SystemError, where the size behind
  // the control block is no power of two.
  Ring(uint8_t* memory, size_t bytes);

  size_t Place(uint32_t position) const { return position & (size_ - 1); }
  uint32_t Load(size_t word) const { return __atomic_load_n(control_ + word, __ATOMIC_SEQ_CST); }
  void Store(size_t word, uint32_t value) {
    __atomic_store_n(control_ + word, value, __ATOMIC_SEQ_CST);
  }
  uint32_t Exchange(size_t word, uint32_t value) {
    return __atomic_exchange_n(control_ + word, value, __ATOMIC_SEQ_CST);
  }

  uint32_t* const control_;
  uint8_t* const bytes_;
  const uint32_t size_;
};

class RingReader : public Ring {
 public:
  RingReader(uint8_t* memory, size_t bytes);

  bool IsEmpty() const { return Load(kRingWritten) == read_; }
  // The next block, and the bytes that lie there in one piece; null if there is none.
  const uint8_t* Next(size_t& bytes);
  // Goes on behind the next block, which stays until Release.
  void Skip(size_t block_bytes) { read_ += static_cast<uint32_t>(block_bytes); }
  // Gives the room of the blocks that were skipped back. Returns whether the writer waits for room
  // and must hear that there is much.
  bool Release();
  // Asks to be woken when something is written. Returns whether it was woken since it last asked.
  bool Listen() { return Exchange(kRingTold, 0) != 0; }

 private:
  uint32_t read_;
};

class RingWriter : public Ring {
 public:
  RingWriter(uint8_t* memory, size_t bytes);

  // Room for a block, a multiple of four bytes; null if there is none.
  uint8_t* Append(size_t block_bytes);
  // Hands over the blocks. Returns whether the reader must be woken.
  bool Commit();

 private:
  bool HasRoom(uint32_t bytes);

  uint32_t written_;
  uint32_t skipped_from_;
  uint32_t read_seen_;
};

}  // namespace tapswitch

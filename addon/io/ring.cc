#include "io/ring.h"

#include <cerrno>

#include "system/system_error.h"

namespace tapswitch {
namespace {

// No position: those are multiples of four.
constexpr uint32_t kNowhere = UINT32_MAX;

uint32_t SizeOf(size_t bytes) {
  const size_t size = bytes > kRingControlBytes ? bytes - kRingControlBytes : 0;
  if (size == 0 || (size & (size - 1)) != 0 || size > UINT32_MAX / 2) {
    throw SystemError("addPort", "ring", EINVAL);
  }
  return static_cast<uint32_t>(size);
}

}  // namespace

Ring::Ring(uint8_t* memory, size_t bytes)
    : control_(reinterpret_cast<uint32_t*>(memory)),
      bytes_(memory + kRingControlBytes),
      size_(SizeOf(bytes)) {}

RingReader::RingReader(uint8_t* memory, size_t bytes) : Ring(memory, bytes) {
  read_ = Load(kRingRead);
}

const uint8_t* RingReader::Next(size_t& bytes) {
  const uint32_t written = Load(kRingWritten);
  if (written == read_) return nullptr;
  if (Load(kRingSkippedFrom) == read_) {
    read_ += size_ - static_cast<uint32_t>(Place(read_));
    if (written == read_) return nullptr;
  }
  const size_t at = Place(read_);
  const size_t waiting = written - read_;
  bytes = waiting < size_ - at ? waiting : size_ - at;
  return bytes_ + at;
}

bool RingReader::Release() {
  if (control_[kRingRead] != read_) Store(kRingRead, read_);
  if (Load(kRingWaiting) == 0) return false;
  // A writer that hears of each block would wake for each.
  if (Load(kRingWritten) - read_ > size_ / 2) return false;
  return Exchange(kRingWaiting, 0) != 0;
}

RingWriter::RingWriter(uint8_t* memory, size_t bytes) : Ring(memory, bytes) {
  written_ = Load(kRingWritten);
  skipped_from_ = Load(kRingSkippedFrom);
  read_seen_ = Load(kRingRead);
}

uint8_t* RingWriter::Append(size_t block_bytes) {
  const size_t at = Place(written_);
  const size_t to_end = size_ - at;
  const bool is_in_one_piece = block_bytes <= to_end;
  const auto wanted = static_cast<uint32_t>(is_in_one_piece ? block_bytes : to_end + block_bytes);
  if (!HasRoom(wanted)) return nullptr;
  // An end that was unused before lies a whole ring back: see src/frame/ring.ts.
  if (at == 0) skipped_from_ = kNowhere;
  if (!is_in_one_piece) skipped_from_ = written_;
  written_ += wanted;
  return bytes_ + (is_in_one_piece ? at : 0);
}

bool RingWriter::HasRoom(uint32_t bytes) {
  if (bytes <= size_ - (written_ - read_seen_)) return true;
  read_seen_ = Load(kRingRead);
  return bytes <= size_ - (written_ - read_seen_);
}

bool RingWriter::Commit() {
  if (control_[kRingWritten] == written_) return false;
  if (control_[kRingSkippedFrom] != skipped_from_) Store(kRingSkippedFrom, skipped_from_);
  Store(kRingWritten, written_);
  return Exchange(kRingTold, 1) == 0;
}

}  // namespace tapswitch

#include "io/outbox.h"

#include <cerrno>
#include <cstring>

#include "io/system_calls.h"

namespace tapswitch {
namespace {

constexpr size_t kAddressBytes = 12;
constexpr size_t kTagBytes = 4;

// Bytes by which a tag operation makes a frame longer.
int ShiftOf(int32_t tag) {
  if (tag == kTagAsItIs) return 0;
  return tag == kTagStrip ? -static_cast<int>(kTagBytes) : static_cast<int>(kTagBytes);
}

size_t Shifted(size_t bytes, int shift) {
  return static_cast<size_t>(static_cast<int64_t>(bytes) + shift);
}

// Places in a vnet header: virtio 1.2, 5.1.6. linux/virtio_net.h is no C++.
constexpr size_t kFlags = 0;
constexpr size_t kGsoType = 1;
constexpr size_t kHdrLen = 2;
constexpr size_t kCsumStart = 6;
constexpr uint8_t kNeedsCsum = 1;

// Tag of a request of io_uring that sends a run. Other tags are numbers of pairs.
constexpr uint64_t kRunTag = uint64_t{1} << 63;

// Moves an offset of a vnet header, modulo 2^16. A sender may have written any number there, and
// the kernel judges what comes of it.
void Move(uint8_t* field, int shift) {
  uint16_t offset;
  std::memcpy(&offset, field, sizeof(offset));
  offset = static_cast<uint16_t>(offset + shift);
  std::memcpy(field, &offset, sizeof(offset));
}

// Moves the offsets that count from the beginning of the frame, where they are in use: virtio 1.2,
// 5.1.6.2. csum_offset counts from csum_start. 0 as hdr_len says nothing and stays.
void MoveOffsets(uint8_t* header, int shift) {
  const bool has_open_checksum = (header[kFlags] & kNeedsCsum) != 0;
  if (!has_open_checksum && header[kGsoType] == 0) return;
  if (has_open_checksum) Move(header + kCsumStart, shift);
  if (header[kHdrLen] != 0 || header[kHdrLen + 1] != 0) Move(header + kHdrLen, shift);
}

void PutNetworkOrder(uint8_t* to, size_t bytes, size_t value) {
  for (size_t i = 0; i < bytes; i++) to[i] = static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
}

}  // namespace

bool Outbox::IsPossible(size_t pair) const {
  const size_t length = Bytes(pair, 0);
  if (IsAsItLies(pair)) return length > 0;
  return length >= kAddressBytes + (memory_.tx_tag[pair] == kTagStrip ? kTagBytes : 0);
}

size_t Outbox::BytesToLeave(size_t pair, Framing framing) const {
  return Shifted(framing.prefix_bytes + Bytes(pair, framing.header_bytes),
                 ShiftOf(memory_.tx_tag[pair]));
}

iovec* Outbox::AddPieces(size_t pair, Framing framing, size_t& count) {
  uint8_t* const head = heads_[parcels_].data();
  iovec* const pieces = &pieces_[kPieces * parcels_++];
  const auto [prefix, header] = framing;
  const int32_t tag = memory_.tx_tag[pair];
  const size_t bytes = BytesToLeave(pair, framing);
  PutNetworkOrder(head, prefix, bytes - prefix);
  uint8_t* const frame = const_cast<uint8_t*>(From(pair, 0));  // an iovec is for reading, too
  size_t head_bytes = prefix;
  uint8_t* rest = frame - header;
  if (tag != kTagAsItIs) {
    WriteTag(pair, head + prefix, header, ShiftOf(tag));
    head_bytes += header + kAddressBytes + (tag == kTagStrip ? 0 : kTagBytes);
    rest = frame + kAddressBytes + (tag == kTagStrip ? kTagBytes : 0);
  }
  count = 0;
  if (head_bytes > 0) pieces[count++] = {head, head_bytes};
  if (bytes > head_bytes) pieces[count++] = {rest, bytes - head_bytes};
  return pieces;
}

// Writes what is in front of the tag's place: the vnet header and the addresses. Behind them the
// tag itself, if it is pushed.
void Outbox::WriteTag(size_t pair, uint8_t* head, size_t header_bytes, int shift) const {
  std::memcpy(head, From(pair, header_bytes), header_bytes + kAddressBytes);
  if (header_bytes > 0) MoveOffsets(head, shift);
  const int32_t tag = memory_.tx_tag[pair];
  if (tag == kTagStrip) return;
  PutNetworkOrder(head + header_bytes + kAddressBytes, kTagBytes, static_cast<uint32_t>(tag));
}

void Outbox::QueueInUring(int fd, size_t pair, size_t header_bytes) {
  if (uring_->Room() == 0 || !HasRoom()) Submit();
  if (IsAsItLies(pair)) {
    uring_->Write(fd, From(pair, header_bytes), Bytes(pair, header_bytes), pair);
    return;
  }
  size_t count;
  const iovec* const pieces = AddPieces(pair, {0, header_bytes}, count);
  uring_->WritePieces(fd, pieces, count, pair);
}

void Outbox::SendRun(int fd, uint32_t first, bool in_uring) {
  const iovec* pieces;
  size_t count = coalescer_.Gather(first, pieces);
  if (count == 0 || (in_uring && uring_->Room() == 0)) {
    Submit();
    count = coalescer_.Gather(first, pieces);
  }
  if (in_uring) {
    queued_runs_.push_back({first, fd, 0});
    uring_->WritePieces(fd, pieces, count, kRunTag | (queued_runs_.size() - 1));
    return;
  }
  EndRun(fd, first, WritePiecesTo(fd, pieces, count) < 0 ? errno : 0);
  if (queued_runs_.empty()) coalescer_.Renew();
}

// A kernel that refuses a super-frame gets its segments.
void Outbox::EndRun(int fd, uint32_t first, int error) {
  if (error == 0) coalescer_.Count(first);
  if (error == 0) return;
  const bool is_refused = error == EINVAL || error == EMSGSIZE;
  if (is_refused) coalescer_.NoteRefusal(memory_.tx_port[first]);
  for (uint32_t pair = first; pair != Coalescer::kNone; pair = coalescer_.Next(pair)) {
    if (is_refused) {
      SendApart(fd, pair);
    } else {
      Fail(pair, error);
    }
  }
}

void Outbox::SendApart(int fd, uint32_t pair) {
  if (!HasRoom()) Renew();
  size_t count;
  const iovec* const pieces = AddPieces(pair, {0, kVnetHeaderBytes}, count);
  if (WritePiecesTo(fd, pieces, count) < 0) Fail(pair, errno);
  parcels_--;
}

void Outbox::Submit() {
  if (uses_uring_) {
    uring_->Submit([this](uint64_t tag, int result) {
      if ((tag & kRunTag) == 0) Fail(tag, -result);
      if ((tag & kRunTag) != 0) queued_runs_[tag & ~kRunTag].error = -result;
    });
    parcels_ = 0;
    for (const auto& [first, fd, error] : queued_runs_) EndRun(fd, first, error);
    queued_runs_.clear();
  }
  parcels_ = 0;
  coalescer_.Renew();
}

}  // namespace tapswitch

// Memory that JavaScript and the addon share: a burst of frames, and the signals beside it. The
// memory is JavaScript's. src/frame/burst.ts says what lies where, src/native/native.ts hands it
// over. Every frame has its 10-byte virtio_net_hdr directly in front of it.
//
// The constants are exported to JavaScript, which compares them with its own when it loads the
// addon (src/native/constants.ts).
#pragma once

#include <cstddef>
#include <cstdint>

namespace tapswitch {

constexpr size_t kVnetHeaderBytes = 10;
constexpr size_t kHeadroomBytes = 16;
// The longest frame that leaves by any port.
constexpr size_t kMaxFrameBytes = 65536 + 18;
// The longest frame that a socket may bring: NET_BUFSIZE of QEMU (include/net/net.h). The bridge
// drops what is longer than any port takes.
constexpr size_t kMaxSocketFrameBytes = 4096 + 65536;
constexpr size_t kSlotBytes = kMaxSocketFrameBytes + 128;

// Layout of the signals: whether the doorbell rang, how many ports have trouble, and for each of
// them three words: its id, an errno, and whether the port has ended.
constexpr size_t kSignalDoorbell = 0;
constexpr size_t kSignalTroubleCount = 1;
constexpr size_t kSignalTroubles = 2;
constexpr size_t kTroubleWords = 3;

// Tag operations of a pair (src/frame/tag-operation.ts): the frame leaves as it lies, without its
// outer tag, or with a tag pushed in front of its EtherType. Any other value is that tag: TPID <<
// 16 | TCI.
constexpr int32_t kTagAsItIs = 0;
constexpr int32_t kTagStrip = -1;

// Kinds of ports: which class of addon/io moves their frames.
enum class PortKind : int32_t { kDevice = 0, kStream = 1, kDatagram = 2, kRing = 3 };
// Bytes in front of each frame of a port: nothing, or a vnet header. A stream has the length of
// both in front of that.
enum class Framing : int32_t { kPlain = 0, kVnet = 1 };

// The arrays of a Burst, and two more for what is not a frame.
struct BurstMemory {
  uint8_t* arena = nullptr;
  size_t arena_bytes = 0;
  int32_t* offset = nullptr;
  int32_t* length = nullptr;
  int32_t* ingress = nullptr;
  const int32_t* tx_frame = nullptr;
  const int32_t* tx_port = nullptr;
  const int32_t* tx_tag = nullptr;  // kTag*
  int32_t* tx_status = nullptr;
  size_t receive_frames = 0;
  size_t receive_bytes = 0;
  double* now_ms = nullptr;    // [0]: CLOCK_MONOTONIC when the burst was complete
  int32_t* signals = nullptr;  // kSignal*
  size_t signals_size = 0;     // words
};

}  // namespace tapswitch

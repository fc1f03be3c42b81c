// The number of frames to ask a port for before it is known how many it has. As many as last time,
// twice as many if all of those came. A guess too high costs a vain look for each frame that is not
// there, a guess too low another round.
#pragma once

#include <algorithm>
#include <cstddef>

#include "io/intake.h"

namespace tapswitch {

class ReadGuess {
 public:
  // At least 1: the port has said that it is ready.
  size_t Frames(Share share) const {
    const size_t fit = std::max<size_t>(1, share.bytes / frame_bytes_);
    return std::min({expected_frames_, share.frames, fit});
  }

  // Learns from a round. `asked` is not 0. Returns whether the port may have more.
  bool Note(size_t asked, size_t frames, size_t bytes, size_t most) {
    if (frames > 0) frame_bytes_ = std::max<size_t>(1, bytes / frames);
    if (frames == asked) {
      expected_frames_ = std::max(expected_frames_, std::min(2 * asked, most));
      return true;
    }
    expected_frames_ = std::max<size_t>(1, frames);
    return false;
  }

 private:
  size_t expected_frames_ = 1;
  size_t frame_bytes_ = 1;  // on average, in the last round that brought any
};

}  // namespace tapswitch

#include "io/doorbell.h"

#include <sys/eventfd.h>

#include <cstdint>

#include "system/system_error.h"

namespace tapswitch {

Doorbell::Doorbell() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!fd_.IsOpen()) throw SystemError("eventfd", "doorbell");
}

void Doorbell::Ring() const {
  const uint64_t one = 1;
  // A write fails only when 2^64 - 2 rings are pending, and the bell is rung then.
  if (write(fd_.Get(), &one, sizeof(one)) < 0) return;
}

void Doorbell::Clear() const {
  uint64_t rings;
  // A read fails only when nobody has rung.
  if (read(fd_.Get(), &rings, sizeof(rings)) < 0) return;
}

}  // namespace tapswitch

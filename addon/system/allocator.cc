#include "system/allocator.h"

#include <malloc.h>

namespace tapswitch {

#ifdef __GLIBC__
namespace {

constexpr int kLargeBytes = 128 * 1024;

}  // namespace
#endif

void GiveMemoryBack() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  mallopt(M_TRIM_THRESHOLD, kLargeBytes);
#endif
}

}  // namespace tapswitch

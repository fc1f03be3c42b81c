// What malloc(3) keeps of freed memory.
#pragma once

namespace tapswitch {

// Has malloc give freed memory back to the kernel from now on, in all threads: blocks of 128 KiB or
// more, and 128 KiB or more of free memory at the end of an arena. Those are the values with which
// glibc starts. It raises them to the size of the largest block that was freed, and to twice that
// (M_MMAP_THRESHOLD and M_TRIM_THRESHOLD in mallopt(3)). Does nothing without glibc.
void GiveMemoryBack();

}  // namespace tapswitch

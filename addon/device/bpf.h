// The system call bpf(2), for which the C library has no function.
#pragma once

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tapswitch {

// Returns a descriptor or 0; -1 with errno.
inline int Bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(syscall(SYS_bpf, command, &attributes, sizeof(attributes)));
}

}  // namespace tapswitch

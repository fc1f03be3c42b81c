// Memory that a program in the kernel and this process share: an eBPF map of one element, which
// both read and write in place, without a system call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "system/unique_fd.h"

namespace tapswitch {

// Makes zeroed memory of so many bytes: BPF_MAP_TYPE_ARRAY with BPF_F_MMAPABLE, Linux 5.5. It is
// freed when the last descriptor, mapping and program that refer to it are gone.
//
// name: at most 15 letters, digits and underscores, for `bpftool map`. Throws SystemError: EPERM
// without CAP_BPF, ENOMEM.
UniqueFd MakeProgramMemory(size_t bytes, const std::string& name);

// A mapping of such memory, which lasts as long as the object.
class MappedMemory {
 public:
  // Throws SystemError.
  MappedMemory(int fd, size_t bytes);
  ~MappedMemory();
  MappedMemory(const MappedMemory&) = delete;
  MappedMemory& operator=(const MappedMemory&) = delete;

  uint8_t* Data() const { return data_; }
  size_t Bytes() const { return bytes_; }

 private:
  uint8_t* data_;
  size_t bytes_;
};

}  // namespace tapswitch

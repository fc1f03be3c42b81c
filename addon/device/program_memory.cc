#include "device/program_memory.h"

#include <linux/bpf.h>
#include <sys/mman.h>

#include "device/bpf.h"
#include "system/system_error.h"

namespace tapswitch {
namespace {

constexpr char kSubject[] = "memory of a program";

}  // namespace

UniqueFd MakeProgramMemory(size_t bytes, const std::string& name) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = sizeof(uint32_t);
  attributes.value_size = static_cast<uint32_t>(bytes);
  attributes.max_entries = 1;
  attributes.map_flags = BPF_F_MMAPABLE;
  name.copy(attributes.map_name, sizeof(attributes.map_name) - 1);
  UniqueFd map(Bpf(BPF_MAP_CREATE, attributes));
  if (!map.IsOpen()) throw SystemError("bpf", kSubject);
  return map;
}

MappedMemory::MappedMemory(int fd, size_t bytes) : bytes_(bytes) {
  void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) throw SystemError("mmap", kSubject);
  data_ = static_cast<uint8_t*>(at);
}

MappedMemory::~MappedMemory() {
  munmap(data_, bytes_);
}

}  // namespace tapswitch

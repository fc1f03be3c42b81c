#include "device/redirect.h"

#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cstring>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "device/bpf.h"
#include "device/netns.h"
#include "system/system_error.h"

namespace tapswitch {
namespace {

// linux/bpf.h of Debian 12 does not have it: Linux 6.6, enum bpf_attach_type.
constexpr uint32_t kTcxIngress = 46;
constexpr size_t kLogBytes = 4 * 1024 * 1024;

// The verifier writes its complaint in front of a line of statistics.
std::string Complaint(const char* log) {
  std::string last;
  std::string line;
  for (const char* at = log; *at != '\0'; at++) {
    if (*at != '\n') {
      line += *at;
      continue;
    }
    if (line.rfind("processed ", 0) != 0 && !line.empty()) last = line;
    line.clear();
  }
  return last;
}

void InNetnsOf(const std::string& netns_path, const std::function<void()>& work) {
  if (netns_path.empty()) {
    work();
  } else {
    InNetns(OpenNetns(netns_path).Get(), netns_path, work);
  }
}

std::string Subject(int index) {
  return "interface " + std::to_string(index);
}

std::shared_ptr<const UniqueFd> NewPacketSocket(const std::string& subject) {
  // Protocol 0: the socket itself receives nothing.
  UniqueFd packets(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!packets.IsOpen()) throw SystemError("socket", subject);
  return std::make_shared<const UniqueFd>(std::move(packets));
}

std::shared_ptr<const UniqueFd> PacketSocket(const std::string& netns_path,
                                             const std::string& subject) {
  if (netns_path.empty()) {
    static const std::shared_ptr<const UniqueFd> own = NewPacketSocket(subject);
    return own;
  }
  std::shared_ptr<const UniqueFd> packets;
  InNetnsOf(netns_path, [&] { packets = NewPacketSocket(subject); });
  return packets;
}

int ChangeMembership(int packets, int option, int index) {
  packet_mreq request{};
  request.mr_ifindex = index;
  request.mr_type = PACKET_MR_PROMISC;
  return setsockopt(packets, SOL_PACKET, option, &request, static_cast<socklen_t>(sizeof(request)));
}

}  // namespace

UniqueFd LoadTrafficProgram(const uint8_t* instructions, size_t bytes, const std::string& name) {
  // No function of the kernel that is for GPL programs only is called, and yet: it says whose it
  // is.
  static constexpr char kLicense[] = "MIT";
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_SCHED_CLS;
  attributes.insns = reinterpret_cast<uintptr_t>(instructions);
  attributes.insn_cnt = static_cast<uint32_t>(bytes / sizeof(bpf_insn));
  attributes.license = reinterpret_cast<uintptr_t>(kLicense);
  name.copy(attributes.prog_name, sizeof(attributes.prog_name) - 1);
  UniqueFd program(Bpf(BPF_PROG_LOAD, attributes));
  if (program.IsOpen()) return program;
  SystemError error("bpf", name);
  // Once more, for the verifier's words: it refuses what its log has no room for.
  std::vector<char> log(kLogBytes);
  attributes.log_buf = reinterpret_cast<uintptr_t>(log.data());
  attributes.log_size = static_cast<uint32_t>(log.size());
  attributes.log_level = 1;
  program = UniqueFd(Bpf(BPF_PROG_LOAD, attributes));
  if (program.IsOpen()) return program;
  throw std::move(error).WithDetail(Complaint(log.data()));
}

UniqueFd AttachToIngress(int program, int index, const std::string& netns_path) {
  UniqueFd link;
  InNetnsOf(netns_path, [&] {
    bpf_attr attributes{};
    attributes.link_create.prog_fd = static_cast<uint32_t>(program);
    attributes.link_create.target_ifindex = static_cast<uint32_t>(index);
    attributes.link_create.attach_type = kTcxIngress;
    link = UniqueFd(Bpf(BPF_LINK_CREATE, attributes));
    if (!link.IsOpen()) throw SystemError("bpf", Subject(index));
  });
  return link;
}

void PromiscuousMode::Prepare() {
  PacketSocket("", "promiscuous mode");
}

PromiscuousMode::PromiscuousMode(int index, const std::string& netns_path)
    : index_(index), packets_(PacketSocket(netns_path, Subject(index))) {
  if (ChangeMembership(packets_->Get(), PACKET_ADD_MEMBERSHIP, index) != 0) {
    throw SystemError("PACKET_ADD_MEMBERSHIP", Subject(index));
  }
}

// The interface may be gone: then its membership is, too.
PromiscuousMode::~PromiscuousMode() {
  ChangeMembership(packets_->Get(), PACKET_DROP_MEMBERSHIP, index_);
}

}  // namespace tapswitch

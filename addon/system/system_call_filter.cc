#include "system/system_call_filter.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <initializer_list>
#include <vector>

#include "system/system_error.h"

// Numbers that the headers of Debian 12 or an architecture lack. The newer ones are the same on all
// (include/uapi/asm-generic/unistd.h).
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_ARCHITECTURE AUDIT_ARCH_RISCV64
#else
#error "what does AUDIT_ARCH_* call this architecture? linux/audit.h"
#endif

namespace tapswitch {
namespace {

// Calls that move frames. They are allowed first, so that a frame never waits for the rest of the
// list.
constexpr int kFrameCalls[] = {SYS_io_uring_enter, SYS_read,     SYS_write,        SYS_readv,
                               SYS_writev,         SYS_recvfrom, SYS_sendmsg,      SYS_recvmmsg,
                               SYS_sendmmsg,       SYS_futex,    SYS_clock_gettime};

constexpr int kRefused[] = {
    // Starts other programs: the switch has none to start.
    SYS_execve,
    SYS_execveat,
    // Looks into other processes of the user, and changes them. (pidfd_getfd finds the holder of a
    // TAP.)
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    // Changes what is mounted, and leads out of a root directory.
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    SYS_open_tree_attr,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_open_by_handle_at,
    SYS_quotactl,
    SYS_swapon,
    SYS_swapoff,
    // Makes namespaces, in which a plain user is root: most of the kernel's weak spots are there.
    // Entering a network namespace is below.
    SYS_unshare,
    // Loads code into the kernel. A port that is a network card will take bpf.
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_bpf,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
    // Changes the machine: clock, name, power, accounting, ports of the processor.
    SYS_reboot,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_acct,
    SYS_syslog,
    SYS_vhangup,
    SYS_personality,
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
    // Reaches large and rarely used parts of the kernel.
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_fanotify_init,
    SYS_mknodat,
#ifdef SYS_mknod
    SYS_mknod,
#endif
    // Makes an io_uring, whose calls no filter sees. That of the frames is there already.
    SYS_io_uring_setup,
// Makes processes; SYS_clone is below.
#ifdef SYS_fork
    SYS_fork,
    SYS_vfork,
#endif
};

// Families of socket(2) that are allowed: local clients, interfaces and addresses, routes. Others
// are weak spots of the kernel.
constexpr std::initializer_list<unsigned> kAllowedFamilies = {AF_UNIX, AF_INET, AF_INET6,
                                                              AF_NETLINK};

// Requests of ioctl(2) that type into the terminal from which the switch was started.
constexpr unsigned long kRefusedIoctls[] = {TIOCSTI, 0x541C /* TIOCLINUX */};

class Program {
 public:
  Program() {
    Load(offsetof(seccomp_data, arch));
    // Another architecture has other numbers: 32-bit calls of a 64-bit process.
    Return(kRefuse, BPF_JEQ, NATIVE_ARCHITECTURE, false);
    Load(offsetof(seccomp_data, nr));
#ifdef __x86_64__
    // x32: the same with this bit, arch/x86/include/uapi/asm/unistd.h.
    Return(kRefuse, BPF_JGE, 0x40000000, true);
#endif
    for (const int number : kFrameCalls) Return(SECCOMP_RET_ALLOW, BPF_JEQ, Word(number), true);
    for (const int number : kRefused) Return(kRefuse, BPF_JEQ, Word(number), true);
    // Flags of clone3 lie in memory, where no filter looks. The C library takes clone instead.
    Return(SECCOMP_RET_ERRNO | ENOSYS, BPF_JEQ, SYS_clone3, true);
    // clone makes threads, and no processes.
    AllowOnly(SYS_clone, 0, BPF_JSET, {CLONE_THREAD});
    // setns enters network namespaces only.
    AllowOnly(SYS_setns, 1, BPF_JEQ, {CLONE_NEWNET});
    AllowOnly(SYS_socket, 0, BPF_JEQ, kAllowedFamilies);
    RefuseIoctls();
    Append(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }

  sock_fprog Get() {
    return {static_cast<unsigned short>(instructions_.size()), instructions_.data()};
  }

 private:
  static constexpr unsigned kRefuse = SECCOMP_RET_ERRNO | EPERM;

  static unsigned Word(int number) {
    return static_cast<unsigned>(number);
  }

  void Append(sock_filter instruction) {
    instructions_.push_back(instruction);
  }

  void Load(size_t offset) {
    Append(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)));
  }

  // Loads the low half of an argument; these processors are little endian.
  void LoadArgument(size_t index) {
    Load(offsetof(seccomp_data, args) + index * sizeof(seccomp_data::args[0]));
  }

  // Ends with `action` where the comparison comes out as `when`.
  void Return(unsigned action, unsigned short jump, unsigned value, bool when) {
    Append(BPF_JUMP(static_cast<unsigned short>(BPF_JMP | jump | BPF_K), value,
                    static_cast<unsigned char>(when ? 0 : 1),
                    static_cast<unsigned char>(when ? 1 : 0)));
    Append(BPF_STMT(BPF_RET | BPF_K, action));
  }

  // Refuses the call unless the comparison of its argument with a value comes out true.
  void AllowOnly(int number, size_t argument, unsigned short jump,
                 std::initializer_list<unsigned> values) {
    const size_t begin = BeginCall(number);
    LoadArgument(argument);
    for (const unsigned value : values) Return(SECCOMP_RET_ALLOW, jump, value, true);
    Append(BPF_STMT(BPF_RET | BPF_K, kRefuse));
    EndCall(begin);
  }

  void RefuseIoctls() {
    const size_t begin = BeginCall(SYS_ioctl);
    LoadArgument(1);
    for (const unsigned long request : kRefusedIoctls) {
      Return(kRefuse, BPF_JEQ, static_cast<unsigned>(request), true);
    }
    Append(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    EndCall(begin);
  }

  // Another call skips what comes until EndCall, where it is still loaded.
  size_t BeginCall(int number) {
    Append(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, Word(number), 0, 0));
    return instructions_.size() - 1;
  }
  void EndCall(size_t begin) {
    instructions_[begin].jf = static_cast<unsigned char>(instructions_.size() - 1 - begin);
  }

  std::vector<sock_filter> instructions_;
};

}  // namespace

void RefuseSystemCalls() {
  Program program;
  const sock_fprog filter = program.Get();
  // SPEC_ALLOW: the filter keeps no secrets. Before Linux 5.16 every system call and every branch
  // would pay for a protection of programs that run code of strangers.
  const unsigned long flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  const long outcome = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
  if (outcome < 0) throw SystemError("seccomp", "system call filter");
  // A positive result is the number of a thread that has a filter of its own.
  if (outcome > 0) throw SystemError("seccomp", "system call filter", EBUSY);
}

}  // namespace tapswitch

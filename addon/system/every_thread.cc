#include "system/every_thread.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <set>
#include <string>

#include "system/system_error.h"

namespace tapswitch {
namespace {

// Signal: SIGSETXID of glibc, nptl/nptl-signals.h; SIGSYNCCALL of musl,
// src/internal/pthread_impl.h.
#ifdef __GLIBC__
constexpr int kSignal = 33;
#else
constexpr int kSignal = 34;
#endif
// Size of the kernel's sigset_t. The C library's is larger.
constexpr size_t kSignalSetBytes = 8;
// Time between two checks whether a thread has reacted, and the number of checks: five seconds, for
// a thread that waits for a slow disk.
constexpr timespec kLookInterval{0, 100'000};
constexpr int kLooksMax = 50'000;

// Work of the threads. It is not on a stack, because a thread may react late.
struct {
  std::atomic<ThreadWork> work{nullptr};
  std::atomic<const void*> argument{nullptr};
  std::atomic<int> error{0};
  // The last thread that has done the work.
  std::atomic<pid_t> doer{0};
} errand;

pid_t OwnThreadId() {
  return static_cast<pid_t>(syscall(SYS_gettid));
}

void DoWork() {
  const ThreadWork work = errand.work;
  if (work == nullptr) return;
  const int error = work(errand.argument);
  int none = 0;
  if (error != 0) errand.error.compare_exchange_strong(none, error);
}

void OnSignal(int) {
  const int saved = errno;
  DoWork();
  errand.doer = OwnThreadId();
  errno = saved;
}

// The kernel's struct sigaction as opaque words. The handler comes first on x86-64, arm64 and
// riscv64 (linux/signal_types.h).
struct KernelAction {
  unsigned long words[8] = {};
};

void KernelSigaction(int signal, const KernelAction* action, KernelAction* before) {
  if (syscall(SYS_rt_sigaction, signal, action, before, kSignalSetBytes) != 0) {
    throw SystemError("rt_sigaction", "threads");
  }
}

// The addon's handler for the C library's signal. sigaction(3) of the library refuses to change
// that signal. The way back from a handler (SA_RESTORER) is private to the library: it is copied
// from a signal that may be changed.
class HandlerInPlace {
 public:
  HandlerInPlace() {
    struct sigaction ours, others;
    std::memset(&ours, 0, sizeof(ours));
    ours.sa_handler = OnSignal;
    ours.sa_flags = SA_RESTART;
    sigfillset(&ours.sa_mask);
    if (sigaction(SIGRTMAX, &ours, &others) != 0) throw SystemError("sigaction", "threads");
    KernelAction action;
    KernelSigaction(SIGRTMAX, nullptr, &action);
    sigaction(SIGRTMAX, &others, nullptr);
    KernelSigaction(kSignal, &action, &before_);
  }

  // Restores the library's handler. No signal may be on its way any more.
  void Remove() { KernelSigaction(kSignal, &before_, nullptr); }

 private:
  KernelAction before_;
};

std::set<pid_t> ThreadIds() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/task"), closedir);
  if (!folder) throw SystemError("open", "/proc/self/task");
  std::set<pid_t> ids;
  while (const dirent* entry = readdir(folder.get())) {
    const int id = std::atoi(entry->d_name);
    if (id > 0) ids.insert(id);
  }
  return ids;
}

bool IsAlive(pid_t thread) {
  return syscall(SYS_tgkill, getpid(), thread, 0) == 0;
}

// Whether a thread has reacted in time, or has ended.
bool HasDone(pid_t thread) {
  for (int look = 0; look < kLooksMax; look++) {
    if (errand.doer == thread || !IsAlive(thread)) return true;
    nanosleep(&kLookInterval, nullptr);
  }
  return false;
}

}  // namespace

void OnEveryThread(ThreadWork work, const void* argument, const char* subject) {
  errand.argument = argument;
  errand.error = 0;
  errand.doer = 0;
  errand.work = work;
  HandlerInPlace handler;
  std::set<pid_t> done{OwnThreadId()};
  // A thread that has not done the work yet may start others. Threads that are started later
  // inherit its result.
  for (bool found_more = true; found_more;) {
    found_more = false;
    for (const pid_t thread : ThreadIds()) {
      if (!done.insert(thread).second) continue;
      found_more = true;
      if (syscall(SYS_tgkill, getpid(), thread, kSignal) != 0) continue;
      if (!HasDone(thread)) throw SystemError("tgkill", subject, ETIMEDOUT);
    }
  }
  handler.Remove();
  DoWork();
  errand.work = nullptr;
  if (errand.error != 0) throw SystemError("prctl", subject, errand.error);
}

}  // namespace tapswitch

// The functions runInterruptible, interrupt, limitHeap and endProcess: JavaScript that may never
// return, or that may take all memory of its thread, is ended, and the thread goes on. Where it
// does not, because a system call waits, only the process can end.
//
// Node-API has no call for this. V8 has: v8::Isolate::TerminateExecution unwinds all JavaScript
// above the innermost call from C++, and CancelTerminateExecution lets the thread run JavaScript
// again. vm.Script uses both for its option `timeout`, with a thread for each call. The addon is
// built against Node-API alone, so that it fits every version of Node. So it looks these functions
// up by name. A version that does not have them runs JavaScript all the same, and interrupts
// nothing.

#include <dlfcn.h>
#include <napi.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>

#include "node/exports.h"

namespace tapswitch {
namespace {

using Isolate = void;
using NearHeapLimit = std::size_t (*)(void* data, std::size_t current, std::size_t initial);

// Functions of V8 (v8-isolate.h), by their mangled names; null where this version does not have
// them.
struct V8 {
  Isolate* (*get_current)();
  void (*terminate_execution)(Isolate*);
  void (*cancel_terminate_execution)(Isolate*);
  void (*add_near_heap_limit_callback)(Isolate*, NearHeapLimit, void*);

  static const V8& Get() {
    static const V8 v8;
    return v8;
  }

  bool CanInterrupt() const {
    return get_current != nullptr && terminate_execution != nullptr &&
           cancel_terminate_execution != nullptr;
  }

 private:
  V8() {
    Find(get_current, "_ZN2v87Isolate10GetCurrentEv");
    Find(terminate_execution, "_ZN2v87Isolate18TerminateExecutionEv");
    Find(cancel_terminate_execution, "_ZN2v87Isolate24CancelTerminateExecutionEv");
    Find(add_near_heap_limit_callback, "_ZN2v87Isolate24AddNearHeapLimitCallbackEPFmPvmmES1_");
  }

  template <typename Function>
  static void Find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  }
};

struct Run {
  Isolate* isolate;
  bool is_interrupted;
};

// Threads that run something interruptible, by the number that their caller chose.
std::mutex mutex;
std::map<int, Run> running;
// Whether a full heap has ended what this thread runs.
thread_local bool is_heap_full = false;

class Registration {
 public:
  Registration(int key, Isolate* isolate) : key_(key) {
    const std::lock_guard<std::mutex> lock(mutex);
    running[key_] = {isolate, false};
    is_heap_full = false;
  }
  ~Registration() {
    const std::lock_guard<std::mutex> lock(mutex);
    running.erase(key_);
  }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  // Whether this file has ended the execution. Node does so too, when it ends the thread.
  bool IsInterrupted() const {
    const std::lock_guard<std::mutex> lock(mutex);
    return is_heap_full || running[key_].is_interrupted;
  }

 private:
  const int key_;
};

// Words of the mark of hooks: src/dataplane/hook-mark.ts.
constexpr int kRunning = 0;
constexpr int kHeapLimit = 2;
// Bytes by which the limit of a full heap is raised, so that the thread can unwind and go on. One
// allocation may be large, and V8 ends the process if it does not fit.
constexpr std::size_t kSpareBytes = std::size_t{1} << 30;

// Runs in the thread of the heap, during a garbage collection. A hook that is at work is ended; the
// limit is raised, because what it held is freed only later.
std::size_t OnNearHeapLimit(void* data, std::size_t current, std::size_t) {
  auto* const mark = static_cast<std::atomic<int>*>(data);
  mark[kHeapLimit] = 1;
  int hook = mark[kRunning];
  if (hook > 0 && mark[kRunning].compare_exchange_strong(hook, -1)) {
    is_heap_full = true;
    V8::Get().terminate_execution(V8::Get().get_current());
  }
  return current + kSpareBytes;
}

// runInterruptible(key, run): whether `run` has returned, and was not interrupted.
Napi::Value RunInterruptible(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const V8& v8 = V8::Get();
  const Napi::Function run = info[1].As<Napi::Function>();
  if (!v8.CanInterrupt()) {
    run.Call({});
    return Napi::Boolean::New(env, true);
  }
  Isolate* const isolate = v8.get_current();
  napi_value result = nullptr;
  napi_status status = napi_ok;
  bool is_interrupted = false;
  {
    const Registration registration(info[0].As<Napi::Number>(), isolate);
    status = napi_call_function(env, env.Undefined(), run, 0, nullptr, &result);
    is_interrupted = registration.IsInterrupted();
  }
  if (status == napi_ok) return Napi::Boolean::New(env, true);
  bool is_pending = false;
  napi_is_exception_pending(env, &is_pending);
  if (is_pending && is_interrupted) v8.cancel_terminate_execution(isolate);
  napi_value exception = nullptr;
  if (is_pending) napi_get_and_clear_last_exception(env, &exception);
  // What ended the call is no value: JavaScript can throw null, but the data plane does not.
  const Napi::Value thrown(env, exception);
  if (!thrown.IsEmpty() && !thrown.IsNull() && !thrown.IsUndefined())
    throw Napi::Error(env, thrown);
  if (!is_pending || !is_interrupted) {
    // Node ends this thread, as it does at process.exit. The callers are unwound too.
    v8.terminate_execution(isolate);
    return Napi::Value();
  }
  return Napi::Boolean::New(env, false);
}

// interrupt(key): whether a thread runs something under this number; it is unwound then.
Napi::Value Interrupt(const Napi::CallbackInfo& info) {
  const std::lock_guard<std::mutex> lock(mutex);
  const auto found = running.find(info[0].As<Napi::Number>());
  if (found == running.end()) return Napi::Boolean::New(info.Env(), false);
  found->second.is_interrupted = true;
  V8::Get().terminate_execution(found->second.isolate);
  return Napi::Boolean::New(info.Env(), true);
}

// limitHeap(mark): from now on a hook that fills the heap of the calling thread is ended, and not
// the thread.
void LimitHeap(const Napi::CallbackInfo& info) {
  const V8& v8 = V8::Get();
  if (!v8.CanInterrupt() || v8.add_near_heap_limit_callback == nullptr) return;
  static_assert(sizeof(std::atomic<int>) == sizeof(int));
  v8.add_near_heap_limit_callback(v8.get_current(), OnNearHeapLimit,
                                  info[0].As<Napi::Int32Array>().Data());
}

// endProcess(status): ends the process at once. process.exit would wait for each thread.
void EndProcess(const Napi::CallbackInfo& info) {
  _exit(info[0].As<Napi::Number>());
}

}  // namespace

void ExportInterruptible(Napi::Env env, Napi::Object exports) {
  exports["runInterruptible"] = Napi::Function::New<RunInterruptible>(env);
  exports["interrupt"] = Napi::Function::New<Interrupt>(env);
  exports["limitHeap"] = Napi::Function::New<LimitHeap>(env);
  exports["endProcess"] = Napi::Function::New<EndProcess>(env);
}

}  // namespace tapswitch

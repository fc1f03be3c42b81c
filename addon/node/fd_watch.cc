// The class FdWatch.

#include "io/fd_watch.h"

#include <napi.h>

#include <atomic>
#include <memory>

#include "node/call.h"
#include "node/exports.h"

namespace tapswitch {
namespace {

// Calls a JavaScript function on its own thread when a descriptor is ready. Keeps that thread's
// event loop alive while it is armed.
class FdWatchWrap : public Napi::ObjectWrap<FdWatchWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "FdWatch",
        {InstanceMethod<&FdWatchWrap::Arm>("arm"), InstanceMethod<&FdWatchWrap::Disarm>("disarm"),
         InstanceMethod<&FdWatchWrap::Close>("close")});
  }

  explicit FdWatchWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const int fd = info[0].As<Napi::Number>();
    // A queue of one: a second call before the first was served says nothing new.
    on_ready_ = Napi::ThreadSafeFunction::New(info.Env(), info[1].As<Napi::Function>(),
                                              "tapswitch:FdWatch", 1, 1);
    on_ready_.Unref(info.Env());
    try {
      watch_ = Guard(info.Env(),
                     [&] { return std::make_unique<FdWatch>(fd, [this] { return Notify(); }); });
    } catch (const Napi::Error&) {
      on_ready_.Release();
      throw;
    }
  }
  ~FdWatchWrap() override { Release(); }

 private:
  // Called on the thread of the watches. A JavaScript environment that closes has released
  // `on_ready_`.
  bool Notify() {
    is_released_ = on_ready_.NonBlockingCall() == napi_closing;
    return !is_released_;
  }

  void Release() {
    if (!watch_) return;
    watch_.reset();
    if (!is_released_) on_ready_.Release();
    is_released_ = true;
  }

  void Arm(const Napi::CallbackInfo& info) {
    const uint32_t events = info[0].As<Napi::Number>();
    if (!watch_) throw Napi::Error::New(info.Env(), "this watch has been closed");
    Guard(info.Env(), [&] { watch_->Arm(events); });
    on_ready_.Ref(info.Env());
  }
  void Disarm(const Napi::CallbackInfo& info) {
    if (watch_) on_ready_.Unref(info.Env());
  }
  void Close(const Napi::CallbackInfo&) { Release(); }

  std::unique_ptr<FdWatch> watch_;
  Napi::ThreadSafeFunction on_ready_;
  std::atomic<bool> is_released_{false};
};

}  // namespace

void ExportFdWatch(Napi::Env env, Napi::Object exports) {
  exports["FdWatch"] = FdWatchWrap::Define(env);
}

}  // namespace tapswitch

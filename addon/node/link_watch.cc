// The class LinkWatch.

#include <napi.h>

#include <atomic>
#include <memory>

#include "device/netns_socket.h"
#include "node/call.h"
#include "node/exports.h"

namespace tapswitch {
namespace {

// Calls a JavaScript function on its own thread when an interface may have changed. Keeps no event
// loop alive.
class LinkWatchWrap : public Napi::ObjectWrap<LinkWatchWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "LinkWatch", {InstanceMethod<&LinkWatchWrap::Close>("close")});
  }

  explicit LinkWatchWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    // A queue of one: a second call before the first was served says nothing new.
    on_change_ = Napi::ThreadSafeFunction::New(info.Env(), info[0].As<Napi::Function>(),
                                               "tapswitch:LinkWatch", 1, 1);
    on_change_.Unref(info.Env());
    try {
      watch_ = Guard(info.Env(), [&] { return std::make_unique<LinkWatch>([this] { Notify(); }); });
    } catch (const Napi::Error&) {
      on_change_.Release();
      throw;
    }
  }
  ~LinkWatchWrap() override { Release(); }

 private:
  // Called on the thread of FdWatch. A JavaScript environment that closes has released
  // `on_change_`.
  void Notify() {
    if (!is_released_) is_released_ = on_change_.NonBlockingCall() == napi_closing;
  }

  void Release() {
    if (!watch_) return;
    watch_.reset();
    if (!is_released_) on_change_.Release();
    is_released_ = true;
  }

  void Close(const Napi::CallbackInfo&) { Release(); }

  std::unique_ptr<LinkWatch> watch_;
  Napi::ThreadSafeFunction on_change_;
  std::atomic<bool> is_released_{false};
};

}  // namespace

void ExportLinkWatch(Napi::Env env, Napi::Object exports) {
  exports["LinkWatch"] = LinkWatchWrap::Define(env);
}

}  // namespace tapswitch

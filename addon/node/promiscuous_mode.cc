// The class PromiscuousMode.

#include <napi.h>

#include "device/redirect.h"
#include "node/call.h"
#include "node/exports.h"
#include "system/unique_fd.h"

namespace tapswitch {
namespace {

class PromiscuousModeWrap : public Napi::ObjectWrap<PromiscuousModeWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "PromiscuousMode",
                       {InstanceMethod<&PromiscuousModeWrap::Close>("close")});
  }

  explicit PromiscuousModeWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    socket_ = Guard(info.Env(), [&] {
      return HearAllFrames(info[0].As<Napi::Number>(), OptionalString(info[1]));
    });
  }

 private:
  void Close(const Napi::CallbackInfo&) { socket_.Reset(); }

  UniqueFd socket_;
};

}  // namespace

void ExportPromiscuousMode(Napi::Env env, Napi::Object exports) {
  exports["PromiscuousMode"] = PromiscuousModeWrap::Define(env);
}

}  // namespace tapswitch

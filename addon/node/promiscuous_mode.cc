// The class PromiscuousMode.

#include <napi.h>

#include <optional>

#include "device/redirect.h"
#include "node/call.h"
#include "node/exports.h"

namespace tapswitch {
namespace {

class PromiscuousModeWrap : public Napi::ObjectWrap<PromiscuousModeWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "PromiscuousMode",
                       {InstanceMethod<&PromiscuousModeWrap::Close>("close")});
  }

  explicit PromiscuousModeWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const int index = info[0].As<Napi::Number>();
    Guard(info.Env(), [&] { mode_.emplace(index, OptionalString(info[1])); });
  }

 private:
  void Close(const Napi::CallbackInfo&) { mode_.reset(); }

  std::optional<PromiscuousMode> mode_;
};

void PreparePromiscuousModeWrap(const Napi::CallbackInfo& info) {
  Guard(info.Env(), [] { PromiscuousMode::Prepare(); });
}

}  // namespace

void ExportPromiscuousMode(Napi::Env env, Napi::Object exports) {
  exports["PromiscuousMode"] = PromiscuousModeWrap::Define(env);
  exports["preparePromiscuousMode"] = Napi::Function::New<PreparePromiscuousModeWrap>(env);
}

}  // namespace tapswitch

// The class TrafficProgram.

#include <napi.h>

#include "device/redirect.h"
#include "node/call.h"
#include "node/exports.h"
#include "system/unique_fd.h"

namespace tapswitch {
namespace {

class TrafficProgramWrap : public Napi::ObjectWrap<TrafficProgramWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "TrafficProgram",
                       {InstanceAccessor<&TrafficProgramWrap::Fd>("fd"),
                        InstanceMethod<&TrafficProgramWrap::Attach>("attach"),
                        InstanceMethod<&TrafficProgramWrap::Detach>("detach"),
                        InstanceMethod<&TrafficProgramWrap::Close>("close")});
  }

  explicit TrafficProgramWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const auto instructions = info[0].As<Napi::Uint8Array>();
    program_ = Guard(info.Env(), [&] {
      return LoadTrafficProgram(instructions.Data(), instructions.ByteLength(),
                                info[1].As<Napi::String>());
    });
  }

 private:
  Napi::Value Fd(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), program_.Get());
  }

  void Attach(const Napi::CallbackInfo& info) {
    place_ = Guard(info.Env(), [&] {
      return AttachToIngress(program_.Get(), info[0].As<Napi::Number>(), OptionalString(info[1]));
    });
  }

  void Detach(const Napi::CallbackInfo&) { place_.Reset(); }

  void Close(const Napi::CallbackInfo&) {
    place_.Reset();
    program_.Reset();
  }

  UniqueFd program_;
  UniqueFd place_;
};

}  // namespace

void ExportTrafficProgram(Napi::Env env, Napi::Object exports) {
  exports["TrafficProgram"] = TrafficProgramWrap::Define(env);
}

}  // namespace tapswitch

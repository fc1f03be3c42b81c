// The class Doorbell.

#include "io/doorbell.h"

#include <napi.h>

#include <memory>

#include "node/call.h"
#include "node/exports.h"

namespace tapswitch {
namespace {

class DoorbellWrap : public Napi::ObjectWrap<DoorbellWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Doorbell",
        {InstanceAccessor<&DoorbellWrap::Fd>("fd"), InstanceMethod<&DoorbellWrap::Ring>("ring"),
         InstanceMethod<&DoorbellWrap::Clear>("clear"),
         InstanceMethod<&DoorbellWrap::Close>("close")});
  }

  explicit DoorbellWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    doorbell_ = Guard(info.Env(), [] { return std::make_unique<Doorbell>(); });
  }

 private:
  Napi::Value Fd(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), doorbell_ ? doorbell_->Fd() : -1);
  }
  void Ring(const Napi::CallbackInfo&) {
    if (doorbell_) doorbell_->Ring();
  }
  void Clear(const Napi::CallbackInfo&) {
    if (doorbell_) doorbell_->Clear();
  }
  void Close(const Napi::CallbackInfo&) { doorbell_.reset(); }

  std::unique_ptr<Doorbell> doorbell_;
};

}  // namespace

void ExportDoorbell(Napi::Env env, Napi::Object exports) {
  exports["Doorbell"] = DoorbellWrap::Define(env);
}

}  // namespace tapswitch

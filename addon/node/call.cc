#include "node/call.h"

#include <cstring>

namespace tapswitch {
namespace {

std::string ErrorName(int error) {
#ifdef __GLIBC__
  const char* name = strerrorname_np(error);
  if (name != nullptr) return name;
#endif
  return "E" + std::to_string(error);
}

}  // namespace

Napi::Error ToJavaScript(Napi::Env env, const SystemError& error) {
  Napi::Error result = Napi::Error::New(env, error.what());
  Napi::Object value = result.Value();
  value["code"] = Napi::String::New(env, ErrorName(error.error()));
  value["errno"] = Napi::Number::New(env, error.error());
  value["syscall"] = Napi::String::New(env, error.syscall());
  value["subject"] = Napi::String::New(env, error.subject());
  if (!error.detail().empty()) value["detail"] = Napi::String::New(env, error.detail());
  return result;
}

std::string OptionalString(const Napi::Value& value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
}

}  // namespace tapswitch

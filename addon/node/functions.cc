// Exports beside the classes: one function for each request to the system.

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "device/held_device.h"
#include "device/netns.h"
#include "device/route_netlink.h"
#include "node/call.h"
#include "node/exports.h"
#include "system/accounts.h"
#include "system/privileges.h"
#include "system/service.h"
#include "system/system_call_filter.h"
#include "system/work_thread.h"

namespace tapswitch {
namespace {

void StartThreadsWrap(const Napi::CallbackInfo& info) {
  Guard(info.Env(), [] {
    StartNetnsThread();
    WorkThread::Closing();
  });
}

Napi::Value AskRouteNetlinkWrap(const Napi::CallbackInfo& info) {
  const auto request = info[0].As<Napi::Uint8Array>();
  const std::vector<uint8_t> answer = Guard(info.Env(), [&] {
    return AskRouteNetlink(request.Data(), request.ByteLength(), OptionalString(info[1]));
  });
  return Napi::Buffer<uint8_t>::Copy(info.Env(), answer.data(), answer.size());
}

Napi::Value NetnsOfHeldDeviceWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto netns = Guard(env, [&] {
    return NetnsOfHeldDevice(info[0].As<Napi::Number>(), info[1].As<Napi::Number>());
  });
  if (!netns) return env.Undefined();
  return Napi::String::New(env, std::to_string(netns->device) + ":" + std::to_string(netns->inode));
}

void BecomeUserWrap(const Napi::CallbackInfo& info) {
  uint64_t kept = 0;
  const auto capabilities = info[1].As<Napi::Array>();
  for (uint32_t index = 0; index < capabilities.Length(); index++) {
    kept |= uint64_t{1} << capabilities.Get(index).As<Napi::Number>().Uint32Value();
  }
  Guard(info.Env(), [&] { BecomeUser(info[0].As<Napi::Number>().Uint32Value(), kept); });
}

void RefuseSystemCallsWrap(const Napi::CallbackInfo& info) {
  Guard(info.Env(), [] { RefuseSystemCalls(); });
}

Napi::Value FindUserWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto user = Guard(env, [&] {
    return info[0].IsNumber() ? FindUser(info[0].As<Napi::Number>().Uint32Value())
                              : FindUser(info[0].As<Napi::String>().Utf8Value());
  });
  if (!user) return env.Undefined();
  Napi::Object result = Napi::Object::New(env);
  result["name"] = Napi::String::New(env, user->name);
  result["uid"] = Napi::Number::New(env, user->uid);
  result["gid"] = Napi::Number::New(env, user->gid);
  return result;
}

Napi::Value FindGroupWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto group = Guard(env, [&] {
    return info[0].IsNumber() ? FindGroup(info[0].As<Napi::Number>().Uint32Value())
                              : FindGroup(info[0].As<Napi::String>().Utf8Value());
  });
  if (!group) return env.Undefined();
  Napi::Object result = Napi::Object::New(env);
  result["name"] = Napi::String::New(env, group->name);
  result["gid"] = Napi::Number::New(env, group->gid);
  return result;
}

void NotifyServiceWrap(const Napi::CallbackInfo& info) {
  Guard(info.Env(), [&] { NotifyService(info[0].As<Napi::String>(), info[1].As<Napi::String>()); });
}

}  // namespace

void ExportFunctions(Napi::Env env, Napi::Object exports) {
  exports["startThreads"] = Napi::Function::New<StartThreadsWrap>(env);
  exports["askRouteNetlink"] = Napi::Function::New<AskRouteNetlinkWrap>(env);
  exports["netnsOfHeldDevice"] = Napi::Function::New<NetnsOfHeldDeviceWrap>(env);
  exports["becomeUser"] = Napi::Function::New<BecomeUserWrap>(env);
  exports["refuseSystemCalls"] = Napi::Function::New<RefuseSystemCallsWrap>(env);
  exports["findUser"] = Napi::Function::New<FindUserWrap>(env);
  exports["findGroup"] = Napi::Function::New<FindGroupWrap>(env);
  exports["notifyService"] = Napi::Function::New<NotifyServiceWrap>(env);
}

}  // namespace tapswitch

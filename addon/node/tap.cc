// The class Tap, and the closing of several at once.

#include <linux/if_tun.h>
#include <napi.h>

#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/tap_device.h"
#include "node/call.h"
#include "node/exports.h"
#include "system/work_thread.h"

namespace tapswitch {
namespace {

MacAddress ToMac(const Napi::Value& value) {
  const auto bytes = value.As<Napi::Uint8Array>();
  MacAddress mac{};
  if (bytes.ByteLength() != mac.size()) {
    throw Napi::TypeError::New(value.Env(), "a MAC address takes six bytes");
  }
  std::memcpy(mac.data(), bytes.Data(), mac.size());
  return mac;
}

// Flags of a found device: `{packetInfo, vnetHeader}` in JavaScript. nullopt where none was found.
std::optional<int> FoundFraming(const Napi::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const auto found = value.As<Napi::Object>();
  return (found.Get("packetInfo").ToBoolean() ? 0 : IFF_NO_PI) |
         (found.Get("vnetHeader").ToBoolean() ? IFF_VNET_HDR : 0);
}

class Tap : public Napi::ObjectWrap<Tap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Tap",
        {InstanceAccessor<&Tap::Fd>("fd"), InstanceAccessor<&Tap::Name>("name"),
         InstanceAccessor<&Tap::Created>("created"),
         InstanceAccessor<&Tap::HasVnetHeader>("hasVnetHeader"),
         InstanceAccessor<&Tap::Offloads>("offloads"), InstanceAccessor<&Tap::HasNews>("hasNews"),
         InstanceAccessor<&Tap::NetnsLost>("isNetnsLost"),
         InstanceMethod<&Tap::ReleaseNetns>("releaseNetns"),
         InstanceMethod<&Tap::ReadState>("readState"), InstanceMethod<&Tap::LinkSpeed>("linkSpeed"),
         InstanceMethod<&Tap::SetMtu>("setMtu"), InstanceMethod<&Tap::SetQueue>("setQueue"),
         InstanceMethod<&Tap::SetMac>("setMac"), InstanceMethod<&Tap::SetUp>("setUp"),
         InstanceMethod<&Tap::SetPersist>("setPersist"), InstanceMethod<&Tap::SetOwner>("setOwner"),
         InstanceMethod<&Tap::SetGroup>("setGroup"), InstanceMethod<&Tap::SetOffload>("setOffload"),
         InstanceMethod<&Tap::Close>("close")});
  }

  explicit Tap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const auto object = info[0].As<Napi::Object>();
    TapOptions options;
    options.name = object.Get("name").As<Napi::String>();
    options.netns_path = OptionalString(object.Get("netnsPath"));
    options.tun = object.Get("tun").ToBoolean();
    options.packet_info = object.Get("packetInfo").ToBoolean();
    options.multi_queue = object.Get("multiQueue").ToBoolean();
    options.joins = object.Get("joins").ToBoolean();
    options.found_framing = FoundFraming(object.Get("found"));
    options.vnet_header = object.Get("vnetHeader").ToBoolean();
    options.offload = object.Get("offload").ToBoolean();
    options.only_existing = object.Get("onlyExisting").ToBoolean();
    options.only_new = object.Get("onlyNew").ToBoolean();
    options.persist = object.Get("persist").ToBoolean();
    options.up = object.Get("up").IsUndefined() || object.Get("up").ToBoolean();
    options.mtu = OptionalNumber<int>(object, "mtu");
    options.queue = OptionalNumber<int>(object, "queueFrames");
    options.owner = OptionalNumber<uid_t>(object, "owner");
    options.group = OptionalNumber<gid_t>(object, "group");
    options.send_buffer = OptionalNumber<int>(object, "sendBufferBytes");
    if (object.Get("mac").IsTypedArray()) options.mac = ToMac(object.Get("mac"));
    device_ =
        Guard(info.Env(), [&] { return std::make_unique<TapDevice>(TapDevice::Open(options)); });
  }

  // Gives the device away; null where it was closed. Its settings are put back here, because
  // another thread may lack the rights.
  std::unique_ptr<TapDevice> Release() {
    if (device_) device_->LeaveAsFound();
    return std::move(device_);
  }

 private:
  TapDevice& Device(Napi::Env env) {
    if (!device_) throw Napi::Error::New(env, "this TAP has been closed");
    return *device_;
  }

  Napi::Value Fd(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), Device(info.Env()).Fd());
  }
  Napi::Value Name(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), Device(info.Env()).Name());
  }
  Napi::Value Created(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), Device(info.Env()).Created());
  }
  Napi::Value HasVnetHeader(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), Device(info.Env()).HasVnetHeader());
  }
  Napi::Value Offloads(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), Device(info.Env()).Offloads());
  }

  Napi::Value HasNews(const Napi::CallbackInfo& info) {
    const TapDevice& device = Device(info.Env());
    return Napi::Boolean::New(info.Env(), Guard(info.Env(), [&] { return device.HasNews(); }));
  }
  Napi::Value NetnsLost(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), Device(info.Env()).NetnsLost());
  }
  void ReleaseNetns(const Napi::CallbackInfo& info) { Device(info.Env()).ReleaseNetns(); }

  Napi::Value ReadState(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    TapDevice& device = Device(env);
    const TapStatus status = Guard(env, [&] { return device.Inspect(); });
    Napi::Object result = Napi::Object::New(env);
    result["gone"] = Napi::Boolean::New(env, status.gone);
    result["up"] = Napi::Boolean::New(env, status.up);
    result["mtu"] = Napi::Number::New(env, status.mtu);
    if (status.mac) {
      result["mac"] = Napi::Buffer<uint8_t>::Copy(env, status.mac->data(), status.mac->size());
    }
    if (status.queue >= 0) result["queueFrames"] = Napi::Number::New(env, status.queue);
    result["name"] = Napi::String::New(env, status.name);
    if (status.obstacle) result["obstacle"] = ToJavaScript(env, *status.obstacle).Value();
    return result;
  }

  Napi::Value LinkSpeed(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    const unsigned speed =
        Guard(info.Env(), [&] { return device.LinkSpeed(info[0].As<Napi::String>()); });
    return Napi::Number::New(info.Env(), speed);
  }

  void SetQueue(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    Guard(info.Env(), [&] { device.SetQueue(info[0].As<Napi::Number>()); });
  }

  void SetMtu(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    Guard(info.Env(), [&] { device.SetMtu(info[0].As<Napi::Number>()); });
  }
  void SetMac(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    const MacAddress mac = ToMac(info[0]);
    Guard(info.Env(), [&] { device.SetMac(mac); });
  }
  void SetUp(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    Guard(info.Env(), [&] { device.SetUp(info[0].ToBoolean()); });
  }
  void SetPersist(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    Guard(info.Env(), [&] { device.SetPersist(info[0].ToBoolean()); });
  }
  void SetOwner(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    Guard(info.Env(), [&] { device.SetOwner(info[0].As<Napi::Number>().Uint32Value()); });
  }
  void SetGroup(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    Guard(info.Env(), [&] { device.SetGroup(info[0].As<Napi::Number>().Uint32Value()); });
  }
  void SetOffload(const Napi::CallbackInfo& info) {
    TapDevice& device = Device(info.Env());
    Guard(info.Env(), [&] { device.SetOffload(info[0].ToBoolean()); });
  }
  void Close(const Napi::CallbackInfo&) { device_.reset(); }
  std::unique_ptr<TapDevice> device_;
};

// Devices that are being closed, and the promise that tells of the end.
struct Closing {
  Napi::Promise::Deferred done;
  std::vector<std::unique_ptr<TapDevice>> devices;
  Napi::ThreadSafeFunction tell;
};

// Closes devices on a thread of the addon. A thread of libuv's pool would be started with the first
// call, and libuv aborts where the system has no thread left.
Napi::Value CloseTapsWrap(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto taps = info[0].As<Napi::Array>();
  auto closing = std::make_shared<Closing>(Closing{Napi::Promise::Deferred::New(env), {}, {}});
  for (uint32_t index = 0; index < taps.Length(); index++) {
    closing->devices.push_back(Tap::Unwrap(taps.Get(index).As<Napi::Object>())->Release());
  }
  const Napi::Promise promise = closing->done.Promise();
  const auto nothing = Napi::Function::New(env, [](const Napi::CallbackInfo&) {});
  closing->tell = Napi::ThreadSafeFunction::New(env, nothing, "tapswitch:closeTaps", 0, 1);
  const auto close = [closing] {
    CloseAll(std::move(closing->devices));
    closing->tell.BlockingCall([closing](Napi::Env, Napi::Function) {
      closing->done.Resolve(closing->done.Env().Undefined());
    });
    closing->tell.Release();
  };
  try {
    WorkThread::Closing().Post(close);
  } catch (const std::exception&) {
    // There is no thread for it: this one waits.
    close();
  }
  return promise;
}

}  // namespace

void ExportTap(Napi::Env env, Napi::Object exports) {
  exports["Tap"] = Tap::Define(env);
  exports["closeTaps"] = Napi::Function::New<CloseTapsWrap>(env);
}

}  // namespace tapswitch

// The only file that speaks Node-API: unwraps arguments, calls the rest of the addon, wraps what
// comes back. src/native/native.ts declares every name that is exported here.

#include <linux/if_tun.h>
#include <napi.h>

#include <atomic>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "accounts.h"
#include "burst_io.h"
#include "doorbell.h"
#include "fd_watch.h"
#include "held_device.h"
#include "netns_socket.h"
#include "privileges.h"
#include "route_netlink.h"
#include "service.h"
#include "system_call_filter.h"
#include "system_error.h"
#include "tap_device.h"
#include "work_thread.h"

namespace tapswitch {
namespace {

std::string ErrorName(int error) {
#ifdef __GLIBC__
  const char* name = strerrorname_np(error);
  if (name != nullptr) return name;
#endif
  return "E" + std::to_string(error);
}

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

// Runs `work`; whatever C++ throws becomes a JavaScript exception that says what was refused, and
// none ends the process. NODE_ADDON_API_CPP_EXCEPTIONS_ALL does that, without the details, for what
// is not under a Guard.
template <typename Work>
auto Guard(Napi::Env env, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const Napi::Error&) {
    throw;
  } catch (const SystemError& error) {
    throw ToJavaScript(env, error);
  } catch (const std::system_error& error) {
    throw ToJavaScript(env, SystemError("system", error.what(), error.code().value()));
  } catch (const std::bad_alloc&) {
    throw ToJavaScript(env, SystemError("new", "memory", ENOMEM));
  } catch (const std::exception& error) {
    throw ToJavaScript(env, SystemError("addon", error.what(), ENOTRECOVERABLE));
  }
}

template <typename T>
std::optional<T> OptionalNumber(const Napi::Object& options, const char* key) {
  const Napi::Value value = options.Get(key);
  if (!value.IsNumber()) return std::nullopt;
  return static_cast<T>(value.As<Napi::Number>().Int64Value());
}

// Empty where the value is no text.
std::string OptionalString(const Napi::Value& value) {
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
}

MacAddress ToMac(const Napi::Value& value) {
  const auto bytes = value.As<Napi::Uint8Array>();
  MacAddress mac{};
  if (bytes.ByteLength() != mac.size()) {
    throw Napi::TypeError::New(value.Env(), "a MAC address takes six bytes");
  }
  std::memcpy(mac.data(), bytes.Data(), mac.size());
  return mac;
}

// Of `{packetInfo, vnetHeader}`.
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
         InstanceMethod<&Tap::Inspect>("inspect"), InstanceMethod<&Tap::SetMtu>("setMtu"),
         InstanceMethod<&Tap::SetQueue>("setQueue"), InstanceMethod<&Tap::SetMac>("setMac"),
         InstanceMethod<&Tap::SetUp>("setUp"), InstanceMethod<&Tap::SetPersist>("setPersist"),
         InstanceMethod<&Tap::SetOwner>("setOwner"), InstanceMethod<&Tap::SetGroup>("setGroup"),
         InstanceMethod<&Tap::SetOffload>("setOffload"), InstanceMethod<&Tap::Close>("close")});
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

  // Nothing where it was closed. The device is left here and now: another thread may lack the
  // rights.
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

  Napi::Value Inspect(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    TapDevice& device = Device(env);
    const TapStatus status = Guard(env, [&] { return device.Inspect(); });
    Napi::Object result = Napi::Object::New(env);
    result["gone"] = Napi::Boolean::New(env, status.gone);
    result["up"] = Napi::Boolean::New(env, status.up);
    result["mtu"] = Napi::Number::New(env, status.mtu);
    if (status.queue >= 0) result["queueFrames"] = Napi::Number::New(env, status.queue);
    result["name"] = Napi::String::New(env, status.name);
    if (status.obstacle) result["obstacle"] = ToJavaScript(env, *status.obstacle).Value();
    return result;
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

// The end of a closing, for the thread that asked for it.
struct Closing {
  Napi::Promise::Deferred done;
  std::vector<std::unique_ptr<TapDevice>> devices;
  Napi::ThreadSafeFunction tell;
};

// On a thread of ours: one of libuv's pool would be started with the first call, and libuv aborts
// where the system has none left.
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
    // The thread cannot be had: it takes longer, and this thread waits.
    close();
  }
  return promise;
}

class DoorbellWrap : public Napi::ObjectWrap<DoorbellWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Doorbell",
        {InstanceAccessor<&DoorbellWrap::Fd>("fd"), InstanceMethod<&DoorbellWrap::Ring>("ring")});
  }

  explicit DoorbellWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    doorbell_ = Guard(info.Env(), [] { return std::make_unique<Doorbell>(); });
  }

 private:
  Napi::Value Fd(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), doorbell_->Fd());
  }
  void Ring(const Napi::CallbackInfo&) { doorbell_->Ring(); }

  std::unique_ptr<Doorbell> doorbell_;
};

class BurstIoWrap : public Napi::ObjectWrap<BurstIoWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "BurstIo",
                       {InstanceMethod<&BurstIoWrap::AddPort>("addPort"),
                        InstanceMethod<&BurstIoWrap::RemovePort>("removePort"),
                        InstanceMethod<&BurstIoWrap::AddDoorbell>("addDoorbell"),
                        InstanceMethod<&BurstIoWrap::SetBusyPoll>("setBusyPoll"),
                        InstanceAccessor<&BurstIoWrap::WhyNoRing>("whyNoRing"),
                        InstanceMethod<&BurstIoWrap::Receive>("receive"),
                        InstanceMethod<&BurstIoWrap::Transmit>("transmit"),
                        InstanceMethod<&BurstIoWrap::Exchange>("exchange"),
                        InstanceMethod<&BurstIoWrap::Close>("close")});
  }

  explicit BurstIoWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    // The arrays live in `memory`; this reference keeps the garbage collector off them.
    const auto memory = info[0].As<Napi::Object>();
    keep_alive_ = Napi::Persistent(memory);
    BurstMemory layout;
    auto arena = memory.Get("arena").As<Napi::ArrayBuffer>();
    layout.arena = static_cast<uint8_t*>(arena.Data());
    layout.arena_bytes = arena.ByteLength();
    layout.offset = Words(memory, "offset").Data();
    layout.length = Words(memory, "length").Data();
    layout.ingress = Words(memory, "ingress").Data();
    layout.tx_frame = Words(memory, "txFrame").Data();
    layout.tx_port = Words(memory, "txPort").Data();
    layout.tx_status = Words(memory, "txStatus").Data();
    layout.receive_frames = memory.Get("receiveFrames").As<Napi::Number>().Uint32Value();
    layout.receive_bytes = memory.Get("receiveBytes").As<Napi::Number>().Uint32Value();
    layout.now_ms = memory.Get("clock").As<Napi::Float64Array>().Data();
    layout.signals = info[1].As<Napi::Int32Array>().Data();
    layout.signals_size = info[1].As<Napi::Int32Array>().ElementLength();
    signals_ = Napi::Persistent(info[1].As<Napi::Object>());
    const bool wants_ring = info[2].ToBoolean();
    io_ = Guard(info.Env(), [&] { return std::make_unique<BurstIo>(layout, wants_ring); });
  }

 private:
  BurstIo& Io(Napi::Env env) {
    if (!io_) throw Napi::Error::New(env, "this burst I/O has been closed");
    return *io_;
  }

  static Napi::Int32Array Words(const Napi::Object& memory, const char* name) {
    return memory.Get(name).As<Napi::Int32Array>();
  }

  void AddPort(const Napi::CallbackInfo& info) {
    BurstIo& io = Io(info.Env());
    Guard(info.Env(), [&] {
      io.AddPort(info[0].As<Napi::Number>(), info[1].As<Napi::Number>(), info[2].ToBoolean());
    });
  }
  void RemovePort(const Napi::CallbackInfo& info) {
    BurstIo& io = Io(info.Env());
    Guard(info.Env(), [&] { io.RemovePort(info[0].As<Napi::Number>()); });
  }
  void AddDoorbell(const Napi::CallbackInfo& info) {
    BurstIo& io = Io(info.Env());
    Guard(info.Env(), [&] { io.AddDoorbell(info[0].As<Napi::Number>()); });
  }
  void SetBusyPoll(const Napi::CallbackInfo& info) {
    Io(info.Env()).SetBusyPoll(info[0].As<Napi::Number>().Int64Value());
  }
  Napi::Value WhyNoRing(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), Io(info.Env()).WhyNoRing());
  }
  Napi::Value Receive(const Napi::CallbackInfo& info) {
    const size_t frames = Io(info.Env()).Receive(info[0].As<Napi::Number>(), 0);
    return Napi::Number::New(info.Env(), static_cast<double>(frames));
  }
  Napi::Value Transmit(const Napi::CallbackInfo& info) {
    const size_t failed = Io(info.Env()).Transmit(info[0].As<Napi::Number>().Uint32Value());
    return Napi::Number::New(info.Env(), static_cast<double>(failed));
  }

  Napi::Value Exchange(const Napi::CallbackInfo& info) {
    const long result =
        Io(info.Env())
            .Exchange(info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Number>(),
                      info[2].As<Napi::Number>().Uint32Value());
    return Napi::Number::New(info.Env(), static_cast<double>(result));
  }

  // Lets go of the memory too: the garbage collector comes late to this object, whose own size is
  // nothing.
  void Close(const Napi::CallbackInfo&) {
    io_.reset();
    keep_alive_.Reset();
    signals_.Reset();
  }

  std::unique_ptr<BurstIo> io_;
  Napi::ObjectReference keep_alive_;
  Napi::ObjectReference signals_;
};

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
    // A queue of one: the second call of two that nobody has answered yet says nothing new.
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
  // On the thread of the watches. A JavaScript environment that closes has let go of `on_ready_`.
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

// Calls a JavaScript function on its own thread when an interface may have changed. Keeps no event
// loop alive.
class LinkWatchWrap : public Napi::ObjectWrap<LinkWatchWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "LinkWatch", {InstanceMethod<&LinkWatchWrap::Close>("close")});
  }

  explicit LinkWatchWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    // A queue of one: a second call that nobody has answered yet says nothing new.
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
  // On the thread of FdWatch. A JavaScript environment that closes has let go of `on_change_`.
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

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports["Tap"] = Tap::Define(env);
  exports["closeTaps"] = Napi::Function::New<CloseTapsWrap>(env);
  exports["Doorbell"] = DoorbellWrap::Define(env);
  exports["BurstIo"] = BurstIoWrap::Define(env);
  exports["FdWatch"] = FdWatchWrap::Define(env);
  exports["LinkWatch"] = LinkWatchWrap::Define(env);
  exports["startThreads"] = Napi::Function::New<StartThreadsWrap>(env);
  exports["askRouteNetlink"] = Napi::Function::New<AskRouteNetlinkWrap>(env);
  exports["netnsOfHeldDevice"] = Napi::Function::New<NetnsOfHeldDeviceWrap>(env);
  exports["becomeUser"] = Napi::Function::New<BecomeUserWrap>(env);
  exports["refuseSystemCalls"] = Napi::Function::New<RefuseSystemCallsWrap>(env);
  exports["findUser"] = Napi::Function::New<FindUserWrap>(env);
  exports["findGroup"] = Napi::Function::New<FindGroupWrap>(env);
  exports["notifyService"] = Napi::Function::New<NotifyServiceWrap>(env);
  return exports;
}

}  // namespace
}  // namespace tapswitch

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) {
  return tapswitch::Init(env, exports);
}
NODE_API_MODULE(tapswitch, InitModule)

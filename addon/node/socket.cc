// The class Socket.

#include "system/socket.h"

#include <napi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "node/call.h"
#include "node/exports.h"
#include "system/system_error.h"

namespace tapswitch {
namespace {

// A path is a text; a host with a port is an object.
SocketAddress ToAddress(const Napi::Value& value) {
  if (value.IsString()) return SocketAddress::OfPath(value.As<Napi::String>());
  const auto object = value.As<Napi::Object>();
  const auto port = object.Get("port").As<Napi::Number>().Uint32Value();
  return SocketAddress::OfHost(object.Get("host").As<Napi::String>(), static_cast<uint16_t>(port));
}

class SocketWrap : public Napi::ObjectWrap<SocketWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "Socket",
        {InstanceAccessor<&SocketWrap::Fd>("fd"), InstanceMethod<&SocketWrap::Bind>("bind"),
         InstanceMethod<&SocketWrap::Listen>("listen"),
         InstanceMethod<&SocketWrap::Connect>("connect"),
         InstanceMethod<&SocketWrap::Disconnect>("disconnect"),
         InstanceMethod<&SocketWrap::Accept>("accept"),
         InstanceMethod<&SocketWrap::TakeError>("takeError"),
         InstanceAccessor<&SocketWrap::HasHungUp>("hasHungUp"),
         InstanceMethod<&SocketWrap::Peer>("peer"),
         InstanceAccessor<&SocketWrap::PeerAddress>("peerAddress"),
         InstanceAccessor<&SocketWrap::OwnAddress>("ownAddress"),
         InstanceMethod<&SocketWrap::Receive>("receive"),
         InstanceMethod<&SocketWrap::Close>("close")});
  }

  // An external holds a socket that was accepted; nobody else can make one.
  explicit SocketWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    if (info[0].IsExternal()) {
      socket_.emplace(std::move(*info[0].As<Napi::External<Socket>>().Data()));
      return;
    }
    const bool is_stream = info[0].As<Napi::String>().Utf8Value() == "stream";
    socket_ = Guard(info.Env(), [&] {
      return std::make_optional<Socket>(ToAddress(info[1]).Family(),
                                        is_stream ? SOCK_STREAM : SOCK_DGRAM);
    });
  }

 private:
  Socket& Get(Napi::Env env) {
    if (!socket_) throw Napi::Error::New(env, "this socket has been closed");
    return *socket_;
  }

  Napi::Value Fd(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), Get(info.Env()).Fd());
  }
  void Bind(const Napi::CallbackInfo& info) {
    Guard(info.Env(), [&] {
      Get(info.Env()).Bind(ToAddress(info[0]), info[1].As<Napi::Number>().Uint32Value());
    });
  }
  void Listen(const Napi::CallbackInfo& info) {
    Guard(info.Env(), [&] { Get(info.Env()).Listen(); });
  }
  Napi::Value Connect(const Napi::CallbackInfo& info) {
    const bool is_connected =
        Guard(info.Env(), [&] { return Get(info.Env()).Connect(ToAddress(info[0])); });
    return Napi::Boolean::New(info.Env(), is_connected);
  }
  void Disconnect(const Napi::CallbackInfo& info) { Get(info.Env()).Disconnect(); }
  Napi::Value Accept(const Napi::CallbackInfo& info) {
    std::optional<Socket> accepted = Guard(info.Env(), [&] { return Get(info.Env()).Accept(); });
    if (!accepted) return info.Env().Undefined();
    const auto constructor = Value().Get("constructor").As<Napi::Function>();
    return constructor.New({Napi::External<Socket>::New(info.Env(), &*accepted)});
  }
  Napi::Value TakeError(const Napi::CallbackInfo& info) {
    const int error = Get(info.Env()).TakeError();
    if (error == 0) return info.Env().Undefined();
    return ToJavaScript(info.Env(), SystemError("connect", "port", error)).Value();
  }
  Napi::Value HasHungUp(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), Get(info.Env()).HasHungUp());
  }
  Napi::Value Peer(const Napi::CallbackInfo& info) {
    const PeerProcess peer = Guard(info.Env(), [&] { return Get(info.Env()).Peer(); });
    Napi::Object result = Napi::Object::New(info.Env());
    result["pid"] = Napi::Number::New(info.Env(), peer.pid);
    result["uid"] = Napi::Number::New(info.Env(), peer.uid);
    Napi::Array groups = Napi::Array::New(info.Env(), peer.groups.size());
    for (uint32_t i = 0; i < peer.groups.size(); i++) {
      groups.Set(i, Napi::Number::New(info.Env(), peer.groups[i]));
    }
    result["groups"] = groups;
    return result;
  }
  Napi::Value PeerAddress(const Napi::CallbackInfo& info) {
    const auto address = Guard(info.Env(), [&] { return Get(info.Env()).PeerAddress(); });
    return Napi::String::New(info.Env(), address.Text());
  }
  Napi::Value OwnAddress(const Napi::CallbackInfo& info) {
    const auto address = Guard(info.Env(), [&] { return Get(info.Env()).OwnAddress(); });
    return Napi::String::New(info.Env(), address.Text());
  }
  Napi::Value Receive(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto datagram = Guard(env, [&] {
      return Get(env).Receive(info[0].As<Napi::Number>().Uint32Value(), info[1].ToBoolean());
    });
    if (!datagram) return env.Undefined();
    Napi::Object result = Napi::Object::New(env);
    result["bytes"] =
        Napi::Buffer<uint8_t>::Copy(env, datagram->bytes.data(), datagram->bytes.size());
    result["from"] = Napi::String::New(env, datagram->from.Text());
    return result;
  }
  void Close(const Napi::CallbackInfo&) { socket_.reset(); }

  std::optional<Socket> socket_;
};

}  // namespace

void ExportSocket(Napi::Env env, Napi::Object exports) {
  exports["Socket"] = SocketWrap::Define(env);
}

}  // namespace tapswitch

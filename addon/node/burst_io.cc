// The class BurstIo.

#include "io/burst_io.h"

#include <napi.h>

#include <map>
#include <memory>

#include "node/call.h"
#include "node/exports.h"

namespace tapswitch {
namespace {

class BurstIoWrap : public Napi::ObjectWrap<BurstIoWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "BurstIo",
                       {InstanceMethod<&BurstIoWrap::AddPort>("addPort"),
                        InstanceMethod<&BurstIoWrap::RemovePort>("removePort"),
                        InstanceMethod<&BurstIoWrap::AddDoorbell>("addDoorbell"),
                        InstanceMethod<&BurstIoWrap::SetBusyPoll>("setBusyPoll"),
                        InstanceMethod<&BurstIoWrap::MarkDrained>("markDrained"),
                        InstanceMethod<&BurstIoWrap::Coalesce>("coalesce"),
                        InstanceAccessor<&BurstIoWrap::WhyNoIoUring>("whyNoIoUring"),
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
    layout.tx_tag = Words(memory, "txTag").Data();
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
    const auto options = info[1].As<Napi::Object>();
    BurstIo::Transport transport;
    transport.fd = options.Get("fd").As<Napi::Number>();
    transport.kind = static_cast<PortKind>(options.Get("kind").As<Napi::Number>().Int32Value());
    transport.framing =
        static_cast<Framing>(options.Get("framing").As<Napi::Number>().Int32Value());
    transport.length_bytes = options.Get("lengthBytes").As<Napi::Number>().Uint32Value();
    const int32_t port = info[0].As<Napi::Number>();
    Napi::ObjectReference rings;
    if (options.Get("rings").IsObject()) {
      const auto ends = options.Get("rings").As<Napi::Object>();
      transport.rings = RingsOf(ends);
      rings = Napi::Persistent(ends);
    }
    Guard(info.Env(), [&] { io.AddPort(port, transport); });
    rings_.erase(port);
    if (!rings.IsEmpty()) rings_.emplace(port, std::move(rings));
  }
  static RingEnds RingsOf(const Napi::Object& ends) {
    auto incoming = ends.Get("incoming").As<Napi::Uint8Array>();
    auto outgoing = ends.Get("outgoing").As<Napi::Uint8Array>();
    const int32_t peer_bell = ends.Get("peerBellFd").As<Napi::Number>();
    return {incoming.Data(), incoming.ByteLength(), outgoing.Data(), outgoing.ByteLength(),
            peer_bell};
  }
  void RemovePort(const Napi::CallbackInfo& info) {
    BurstIo& io = Io(info.Env());
    const int32_t port = info[0].As<Napi::Number>();
    Guard(info.Env(), [&] { io.RemovePort(port); });
    rings_.erase(port);
  }
  void AddDoorbell(const Napi::CallbackInfo& info) {
    BurstIo& io = Io(info.Env());
    Guard(info.Env(), [&] { io.AddDoorbell(info[0].As<Napi::Number>()); });
  }
  void SetBusyPoll(const Napi::CallbackInfo& info) {
    Io(info.Env()).SetBusyPoll(info[0].As<Napi::Number>().Int64Value());
  }
  void MarkDrained(const Napi::CallbackInfo& info) {
    BurstIo& io = Io(info.Env());
    auto memory = info[0].As<Napi::ArrayBuffer>();
    mark_ = Napi::Persistent(memory.As<Napi::Object>());
    auto* const at =
        static_cast<uint8_t*>(memory.Data()) + info[1].As<Napi::Number>().Uint32Value();
    io.MarkDrained(reinterpret_cast<uint64_t*>(at));
  }
  void Coalesce(const Napi::CallbackInfo& info) {
    BurstIo& io = Io(info.Env());
    const auto takes_offloads = info[0].As<Napi::Uint8Array>();
    auto counts = info[1].As<Napi::Float64Array>();
    takes_offloads_ = Napi::Persistent(takes_offloads.As<Napi::Object>());
    counts_ = Napi::Persistent(counts.As<Napi::Object>());
    io.Coalesce(takes_offloads.Data(), counts.Data(), info[2].As<Napi::Number>().Uint32Value(),
                info[3].As<Napi::Number>().Uint32Value());
  }
  Napi::Value WhyNoIoUring(const Napi::CallbackInfo& info) {
    return Napi::String::New(info.Env(), Io(info.Env()).WhyNoIoUring());
  }
  Napi::Value Receive(const Napi::CallbackInfo& info) {
    const size_t frames = Io(info.Env()).Receive(info[0].As<Napi::Number>().DoubleValue(), 0);
    return Napi::Number::New(info.Env(), static_cast<double>(frames));
  }
  Napi::Value Transmit(const Napi::CallbackInfo& info) {
    const size_t failed = Io(info.Env()).Transmit(info[0].As<Napi::Number>().Uint32Value());
    return Napi::Number::New(info.Env(), static_cast<double>(failed));
  }

  Napi::Value Exchange(const Napi::CallbackInfo& info) {
    const long result = Io(info.Env())
                            .Exchange(info[0].As<Napi::Number>().Uint32Value(),
                                      info[1].As<Napi::Number>().DoubleValue(),
                                      info[2].As<Napi::Number>().Uint32Value());
    return Napi::Number::New(info.Env(), static_cast<double>(result));
  }

  // Releases the memory as well: the garbage collector comes late to this object, because it is
  // small.
  void Close(const Napi::CallbackInfo&) {
    io_.reset();
    keep_alive_.Reset();
    signals_.Reset();
    mark_.Reset();
    takes_offloads_.Reset();
    counts_.Reset();
    rings_.clear();
  }

  std::unique_ptr<BurstIo> io_;
  Napi::ObjectReference keep_alive_;
  Napi::ObjectReference signals_;
  Napi::ObjectReference mark_;
  Napi::ObjectReference takes_offloads_;
  Napi::ObjectReference counts_;
  // Memory of the ports that are rings, by port.
  std::map<int32_t, Napi::ObjectReference> rings_;
};

}  // namespace

void ExportBurstIo(Napi::Env env, Napi::Object exports) {
  exports["BurstIo"] = BurstIoWrap::Define(env);
}

}  // namespace tapswitch

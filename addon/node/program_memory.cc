// The class ProgramMemory, and mapProgramMemory.

#include "device/program_memory.h"

#include <napi.h>

#include <memory>

#include "node/call.h"
#include "node/exports.h"
#include "system/unique_fd.h"

namespace tapswitch {
namespace {

class ProgramMemoryWrap : public Napi::ObjectWrap<ProgramMemoryWrap> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "ProgramMemory",
                       {InstanceAccessor<&ProgramMemoryWrap::Fd>("fd"),
                        InstanceMethod<&ProgramMemoryWrap::Close>("close")});
  }

  explicit ProgramMemoryWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    memory_ = Guard(info.Env(), [&] {
      return MakeProgramMemory(info[0].As<Napi::Number>().Uint32Value(),
                               info[1].As<Napi::String>());
    });
  }

 private:
  Napi::Value Fd(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), memory_.Get());
  }

  void Close(const Napi::CallbackInfo&) { memory_.Reset(); }

  UniqueFd memory_;
};

// The buffer belongs to the calling thread; each thread maps the memory for itself.
Napi::Value MapProgramMemoryWrap(const Napi::CallbackInfo& info) {
  auto mapped = Guard(info.Env(), [&] {
    return std::make_unique<MappedMemory>(info[0].As<Napi::Number>(),
                                          info[1].As<Napi::Number>().Uint32Value());
  });
  MappedMemory* const memory = mapped.release();
  return Napi::ArrayBuffer::New(
      info.Env(), memory->Data(), memory->Bytes(),
      [](Napi::BasicEnv, void*, MappedMemory* done) { delete done; }, memory);
}

}  // namespace

void ExportProgramMemory(Napi::Env env, Napi::Object exports) {
  exports["ProgramMemory"] = ProgramMemoryWrap::Define(env);
  exports["mapProgramMemory"] = Napi::Function::New<MapProgramMemoryWrap>(env);
}

}  // namespace tapswitch

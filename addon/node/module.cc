// Registers the addon with Node. This folder alone speaks Node-API: each file unwraps arguments,
// calls the rest of the addon, and wraps what comes back. src/native/native.ts declares every name
// that is exported.

#include <napi.h>

#include "node/exports.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  tapswitch::ExportConstants(env, exports);
  tapswitch::ExportTap(env, exports);
  tapswitch::ExportBurstIo(env, exports);
  tapswitch::ExportDoorbell(env, exports);
  tapswitch::ExportFdWatch(env, exports);
  tapswitch::ExportLinkWatch(env, exports);
  tapswitch::ExportTrafficProgram(env, exports);
  tapswitch::ExportPromiscuousMode(env, exports);
  tapswitch::ExportProgramMemory(env, exports);
  tapswitch::ExportSocket(env, exports);
  tapswitch::ExportInterruptible(env, exports);
  tapswitch::ExportFunctions(env, exports);
  return exports;
}
NODE_API_MODULE(tapswitch, Init)

// The functions that fill the addon's exports. Each file of this folder defines one of them.
#pragma once

#include <napi.h>

namespace tapswitch {

void ExportConstants(Napi::Env env, Napi::Object exports);
void ExportTap(Napi::Env env, Napi::Object exports);
void ExportBurstIo(Napi::Env env, Napi::Object exports);
void ExportDoorbell(Napi::Env env, Napi::Object exports);
void ExportFdWatch(Napi::Env env, Napi::Object exports);
void ExportLinkWatch(Napi::Env env, Napi::Object exports);
void ExportTrafficProgram(Napi::Env env, Napi::Object exports);
void ExportPromiscuousMode(Napi::Env env, Napi::Object exports);
void ExportProgramMemory(Napi::Env env, Napi::Object exports);
void ExportSocket(Napi::Env env, Napi::Object exports);
void ExportInterruptible(Napi::Env env, Napi::Object exports);
void ExportFunctions(Napi::Env env, Napi::Object exports);

}  // namespace tapswitch

// The constants that JavaScript has, too. src/native/constants.ts compares the two.

#include <napi.h>

#include "io/burst_memory.h"
#include "node/exports.h"

namespace tapswitch {

void ExportConstants(Napi::Env env, Napi::Object exports) {
  Napi::Object constants = Napi::Object::New(env);
  const auto add = [&](const char* name, size_t value) {
    constants[name] = Napi::Number::New(env, static_cast<double>(value));
  };
  add("vnetHeaderBytes", kVnetHeaderBytes);
  add("headroomBytes", kHeadroomBytes);
  add("maxFrameBytes", kMaxFrameBytes);
  add("receiveSlotBytes", kSlotBytes);
  add("signalDoorbell", kSignalDoorbell);
  add("signalTroubleCount", kSignalTroubleCount);
  add("signalTroubles", kSignalTroubles);
  add("troubleWords", kTroubleWords);
  exports["constants"] = constants;
}

}  // namespace tapswitch

// The constants that JavaScript has, too. src/native/constants.ts compares the two.

#include <napi.h>

#include "io/burst_memory.h"
#include "io/ring.h"
#include "node/exports.h"

namespace tapswitch {

void ExportConstants(Napi::Env env, Napi::Object exports) {
  Napi::Object constants = Napi::Object::New(env);
  const auto add = [&](const char* name, auto value) {
    constants[name] = Napi::Number::New(env, static_cast<double>(value));
  };
  add("vnetHeaderBytes", kVnetHeaderBytes);
  add("headroomBytes", kHeadroomBytes);
  add("maxFrameBytes", kMaxFrameBytes);
  add("maxSocketFrameBytes", kMaxSocketFrameBytes);
  add("receiveSlotBytes", kSlotBytes);
  add("signalDoorbell", kSignalDoorbell);
  add("signalTroubleCount", kSignalTroubleCount);
  add("signalTroubles", kSignalTroubles);
  add("troubleWords", kTroubleWords);
  add("tagAsItIs", kTagAsItIs);
  add("tagStrip", kTagStrip);
  add("kindDevice", PortKind::kDevice);
  add("kindStream", PortKind::kStream);
  add("kindDatagram", PortKind::kDatagram);
  add("kindRing", PortKind::kRing);
  add("framingPlain", Framing::kPlain);
  add("framingVnet", Framing::kVnet);
  add("ringWritten", kRingWritten);
  add("ringSkippedFrom", kRingSkippedFrom);
  add("ringWaiting", kRingWaiting);
  add("ringRead", kRingRead);
  add("ringTold", kRingTold);
  add("ringControlBytes", kRingControlBytes);
  exports["constants"] = constants;
}

}  // namespace tapswitch

// Errors and optional values, for calls from JavaScript.
#pragma once

#include <napi.h>

#include <exception>
#include <new>
#include <optional>
#include <string>
#include <system_error>

#include "system/system_error.h"

namespace tapswitch {

Napi::Error ToJavaScript(Napi::Env env, const SystemError& error);

// Runs `work`. An exception of C++ becomes a JavaScript exception that names the refused call, and
// none ends the process. NODE_ADDON_API_CPP_EXCEPTIONS_ALL does the same, without the details, for
// code that is not under a Guard.
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

// Text of a value; empty where the value is no text.
std::string OptionalString(const Napi::Value& value);

}  // namespace tapswitch

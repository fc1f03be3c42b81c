// For Node.js: the CPU time of the calling thread. It does not grow while another thread or the
// hypervisor has the processor (CLOCK_THREAD_CPUTIME_ID, clock_gettime(2)).

#include <node_api.h>
#include <time.h>

static napi_value CpuNs(napi_env env, napi_callback_info info) {
  (void)info;
  struct timespec now;
  napi_value result = NULL;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  napi_create_double(env, now.tv_sec * 1e9 + now.tv_nsec, &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function = NULL;
  napi_create_function(env, "cpuNs", NAPI_AUTO_LENGTH, CpuNs, NULL, &function);
  napi_set_named_property(env, exports, "cpuNs", function);
  return exports;
}

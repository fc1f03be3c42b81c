// `addon-tests` prints the names of its cases, `addon-tests NAME` runs one of them.

#include <sys/resource.h>

#include <cstdio>
#include <cstring>

#include "harness.h"

int main(int count, char** arguments) {
  // Cases use hundreds of pairs of sockets.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  for (const auto& [name, run] : tapswitch::test::Cases()) {
    if (count < 2) std::puts(name.c_str());
    if (count < 2 || name != arguments[1]) continue;
    run();
    return 0;
  }
  if (count < 2) return 0;
  std::fprintf(stderr, "no case is called '%s'\n", arguments[1]);
  return 1;
}

/*
 * Shared by the programs of the bench: the clock, and the exit after an error.
 */
#ifndef TAPSWITCH_BENCH_COMMON_H
#define TAPSWITCH_BENCH_COMMON_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000LL

/* Monotonic time. */
static inline long long nowNs(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * NS_PER_S + time.tv_nsec;
}

/* One line that names the thing and the cause, and exit status 1. */
static inline void die(const char* what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

#endif

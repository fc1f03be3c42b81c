/*
 * A UDP stream with generic segmentation offload, which iperf3 3.12 cannot send.
 *
 * The sender hands the kernel 44 datagrams in one call (UDP_SEGMENT); the receiver takes what the
 * kernel joined again (UDP_GRO). Where the path between them has UDP segmentation offload, the 44
 * travel as one super-frame.
 *
 * usage: udpgso send ADDRESS PORT MILLISECONDS
 *        udpgso receive PORT      until 300 ms pass without data; prints {"bytes":N,"elapsedNs":N}
 *
 * Source of the interface: Linux include/uapi/linux/udp.h, udp(7).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "common.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

enum { DATAGRAM_BYTES = 1472, DATAGRAMS = 44, SILENCE_US = 300000, FIRST_WAIT_S = 5 };

static char buffer[65536];

static struct sockaddr_in addressOf(const char* address, const char* port) {
  struct sockaddr_in result = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
  if (inet_pton(AF_INET, address, &result.sin_addr) != 1) die(address);
  return result;
}

static int sendFor(const char* address, const char* port, long long durationNs) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), segmentBytes = DATAGRAM_BYTES;
  struct sockaddr_in to = addressOf(address, port);
  if (fd < 0 || connect(fd, (struct sockaddr*)&to, sizeof to) < 0 ||
      setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segmentBytes, sizeof segmentBytes) < 0) {
    die("send");
  }
  for (long long endNs = nowNs() + durationNs; nowNs() < endNs;) {
    /* A refusal by a full queue is loss, which the receiver counts. */
    if (send(fd, buffer, DATAGRAM_BYTES * DATAGRAMS, 0) < 0 && errno != ENOBUFS) die("send");
  }
  return 0;
}

static int receiveAll(const char* port) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0), enable = 1, queueBytes = 8 << 20;
  struct sockaddr_in here = addressOf("0.0.0.0", port);
  struct timeval patience = {.tv_sec = FIRST_WAIT_S};
  if (fd < 0 || bind(fd, (struct sockaddr*)&here, sizeof here) < 0 ||
      setsockopt(fd, SOL_UDP, UDP_GRO, &enable, sizeof enable) < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queueBytes, sizeof queueBytes) < 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0) {
    die("receive");
  }
  puts("ready");
  fflush(stdout);

  long long bytes = 0, firstNs = 0, lastNs = 0;
  for (ssize_t count; (count = recv(fd, buffer, sizeof buffer, 0)) > 0; lastNs = nowNs()) {
    bytes += count;
    if (firstNs > 0) continue;
    firstNs = nowNs();
    patience = (struct timeval){.tv_usec = SILENCE_US};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) < 0) die("receive");
  }
  printf("{\"bytes\":%lld,\"elapsedNs\":%lld}\n", bytes, lastNs - firstNs);
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 5 && strcmp(argv[1], "send") == 0) {
    return sendFor(argv[2], argv[3], atoll(argv[4]) * 1000000);
  }
  if (argc == 3 && strcmp(argv[1], "receive") == 0) return receiveAll(argv[2]);
  fprintf(stderr, "usage: udpgso send ADDRESS PORT MILLISECONDS | udpgso receive PORT\n");
  return 2;
}

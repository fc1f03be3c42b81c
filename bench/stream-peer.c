/*
 * The other end of a stream port: a host's TAP at a Unix stream socket, as QEMU's `-netdev stream`
 * has its guest.
 *
 * Frames that the TAP has are gathered, up to 64, each behind its length, and leave in one call.
 * While the socket has no room, the TAP is not read. Frames that come are written to the TAP one by
 * one; one that it refuses is lost. It makes the TAP in its own network namespace, without vnet
 * header: a stream has plain frames.
 *
 * usage: stream-peer TAP SOCKET
 *
 * Source of the format: QEMU, net/stream.c.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common.h"

enum { BURST = 64, LENGTH_BYTES = 4, FRAME_BYTES = 65536 + 18, BUFFER_BYTES = 1 << 19 };

static char leaving[BURST * (LENGTH_BYTES + FRAME_BYTES)];
static size_t leavingBegin, leavingEnd;
static char coming[BUFFER_BYTES];
static size_t comingEnd;

static int openTap(const char* name) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {0};
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) die(name);
  return fd;
}

static int connectTo(const char* path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr*)&address, sizeof address) < 0) die(path);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

/* Fills what leaves with the frames of the TAP. */
static void gather(int tap) {
  leavingBegin = leavingEnd = 0;
  for (int i = 0; i < BURST; i++) {
    char* const frame = leaving + leavingEnd + LENGTH_BYTES;
    const ssize_t bytes = read(tap, frame, FRAME_BYTES);
    if (bytes <= 0) return;
    const uint32_t length = htonl((uint32_t)bytes);
    memcpy(leaving + leavingEnd, &length, LENGTH_BYTES);
    leavingEnd += LENGTH_BYTES + (size_t)bytes;
  }
}

static void flush(int socket) {
  if (leavingBegin == leavingEnd) return;
  const ssize_t sent =
      send(socket, leaving + leavingBegin, leavingEnd - leavingBegin, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN) exit(1);
  if (sent > 0) leavingBegin += (size_t)sent;
}

/* Writes the frames that have come as a whole to the TAP. */
static void deliver(int socket, int tap) {
  const ssize_t got = recv(socket, coming + comingEnd, sizeof coming - comingEnd, 0);
  if (got == 0 || (got < 0 && errno != EAGAIN)) exit(0);
  if (got < 0) return;
  comingEnd += (size_t)got;
  size_t at = 0;
  while (comingEnd - at >= LENGTH_BYTES) {
    uint32_t length;
    memcpy(&length, coming + at, LENGTH_BYTES);
    const size_t bytes = ntohl(length);
    if (comingEnd - at - LENGTH_BYTES < bytes) break;
    const ssize_t written = write(tap, coming + at + LENGTH_BYTES, bytes);
    if (written < 0 && errno == EBADFD) exit(1);
    at += LENGTH_BYTES + bytes;
  }
  memmove(coming, coming + at, comingEnd - at);
  comingEnd -= at;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: stream-peer TAP SOCKET\n");
    return 2;
  }
  const int tap = openTap(argv[1]);
  const int socket = connectTo(argv[2]);
  puts("ready");
  fflush(stdout);
  for (;;) {
    const int isWaiting = leavingBegin < leavingEnd;
    struct pollfd ends[2] = {{.fd = tap, .events = isWaiting ? 0 : POLLIN},
                             {.fd = socket, .events = POLLIN | (isWaiting ? POLLOUT : 0)}};
    if (poll(ends, 2, -1) < 0) die("poll");
    if (ends[1].revents & (POLLIN | POLLHUP)) deliver(socket, tap);
    if (!isWaiting && ends[0].revents & POLLIN) gather(tap);
    flush(socket);
  }
}

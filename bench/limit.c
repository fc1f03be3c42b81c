/*
 * The limit loop: it shows the limit of two system calls per frame on this machine.
 *
 * Reads a burst of frames from one TAP, writes it to the other, and decides nothing. It opens the
 * TAPs with the same flags and offloads as the switch, so that the difference between the two is
 * the price of deciding. It creates the TAPs in its own network namespace; the bench moves them.
 *
 * usage: limit [--vnet] [--busy-poll MICROSECONDS] TAP TAP
 *   --vnet       IFF_VNET_HDR with checksum, TSO and USO offloads
 *   --busy-poll  keep reading for this long after the last frame before blocking
 *
 * Source of the interface: Linux drivers/net/tun.c, include/uapi/linux/if_tun.h.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common.h"

#ifndef TUN_F_USO4 /* Linux 6.2; Debian 12's headers are 6.1 */
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

enum { BURST = 64, SLOT_BYTES = 65536 + 64, VNET_HEADER_BYTES = 10 };

static char slots[BURST][SLOT_BYTES];
static ssize_t lengths[BURST];

static int openTap(const char* name, int withVnetHeader) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {0};
  request.ifr_flags = IFF_TAP | IFF_NO_PI | (withVnetHeader ? IFF_VNET_HDR : 0);
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) die(name);
  if (withVnetHeader) {
    int headerBytes = VNET_HEADER_BYTES;
    unsigned segmentation = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
    if (ioctl(fd, TUNSETVNETHDRSZ, &headerBytes) < 0 ||
        (ioctl(fd, TUNSETOFFLOAD, segmentation | TUN_F_USO4 | TUN_F_USO6) < 0 &&
         ioctl(fd, TUNSETOFFLOAD, segmentation) < 0))
      die("offloads");
  }
  return fd;
}

/* Moves one burst; returns how many frames it had. A frame that cannot be written is lost. */
static int moveBurst(int from, int to) {
  int count = 0;
  while (count < BURST) {
    lengths[count] = read(from, slots[count], SLOT_BYTES);
    if (lengths[count] <= 0) break;
    count++;
  }
  for (int i = 0; i < count; i++) {
    if (write(to, slots[i], (size_t)lengths[i]) < 0 && errno == EBADFD) exit(1);
  }
  return count;
}

int main(int argc, char** argv) {
  int withVnetHeader = 0;
  long long busyPollNs = 0;
  int argument = 1;
  for (; argument < argc && argv[argument][0] == '-'; argument++) {
    if (strcmp(argv[argument], "--vnet") == 0) withVnetHeader = 1;
    if (strcmp(argv[argument], "--busy-poll") == 0 && argument + 1 < argc) {
      busyPollNs = atoll(argv[++argument]) * 1000;
    }
  }
  if (argc - argument != 2) {
    fprintf(stderr, "usage: limit [--vnet] [--busy-poll MICROSECONDS] TAP TAP\n");
    return 2;
  }
  int a = openTap(argv[argument], withVnetHeader);
  int b = openTap(argv[argument + 1], withVnetHeader);
  puts("ready");
  fflush(stdout);

  struct pollfd ports[2] = {{.fd = a, .events = POLLIN}, {.fd = b, .events = POLLIN}};
  long long blockAtNs = 0;
  for (;;) {
    if (moveBurst(a, b) + moveBurst(b, a) > 0) {
      if (busyPollNs > 0) blockAtNs = nowNs() + busyPollNs;
    } else if (busyPollNs == 0 || nowNs() >= blockAtNs) {
      poll(ports, 2, -1);
    }
  }
}

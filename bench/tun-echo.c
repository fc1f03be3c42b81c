/*
 * A TUN echo in C, with which the echo of tun-echo.mjs is compared, and the flood that measures
 * both. See tun-echo.ts.
 *
 * usage: tun-echo echo NAME                  send each IPv4 packet back to its sender
 *        tun-echo flood NAME MILLISECONDS BYTES  UDP packets into the interface, as many as it
 * takes
 *
 * The echo reads a burst, then writes it, as the library does. The flood prints how many packets
 * it offered. It listens on the port that the answers come to, so that the kernel does not answer
 * them with errors; it never reads them.
 *
 * Source of the interface: Linux drivers/net/tun.c, packet(7); RFC 791 and RFC 768 for the packet.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum { BURST = 64, PACKET_BYTES = 2048, DISCARD_PORT = 9, SOURCE = 12, ADDRESS_BYTES = 4 };

static char packets[BURST][PACKET_BYTES];

static void echo(const char* name) {
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {0};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) die(name);
  puts("ready");
  fflush(stdout);
  struct pollfd ready = {.fd = fd, .events = POLLIN};
  for (;;) {
    ssize_t lengths[BURST];
    int count = 0;
    while (count < BURST && (lengths[count] = read(fd, packets[count], PACKET_BYTES)) > 0) count++;
    for (int i = 0; i < count; i++) {
      char* source = packets[i] + SOURCE;
      char* destination = source + ADDRESS_BYTES;
      char asked[ADDRESS_BYTES];
      memcpy(asked, destination, ADDRESS_BYTES);
      memcpy(destination, source, ADDRESS_BYTES);
      memcpy(source, asked, ADDRESS_BYTES);
      if (write(fd, packets[i], (size_t)lengths[i]) < 0 && errno == EBADFD) exit(1);
    }
    if (count == 0) poll(&ready, 1, -1);
  }
}

static uint16_t checksum(const void* header, size_t bytes) {
  const uint16_t* word = header;
  uint32_t sum = 0;
  for (size_t i = 0; i < bytes / 2; i++) sum += word[i];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

/* 198.18.0.1 asks 198.18.0.2 (RFC 2544 appendix C.2.2). */
static void makePacket(char* packet, int bytes) {
  struct iphdr* ip = (struct iphdr*)packet;
  *ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};
  ip->tot_len = htons((uint16_t)bytes);
  ip->saddr = inet_addr("198.18.0.1");
  ip->daddr = inet_addr("198.18.0.2");
  ip->check = checksum(ip, sizeof *ip);
  struct udphdr* udp = (struct udphdr*)(ip + 1);
  udp->source = udp->dest = htons(DISCARD_PORT);
  udp->len = htons((uint16_t)(bytes - (int)sizeof *ip));
}

static void listenWithoutReading(void) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(DISCARD_PORT)};
  if (fd < 0 || bind(fd, (struct sockaddr*)&any, sizeof any) < 0) die("udp");
}

static void flood(const char* name, long long durationNs, int bytes) {
  int fd = socket(AF_PACKET, SOCK_DGRAM, 0);
  int bypassesQdisc = 1;
  if (fd < 0 ||
      setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &bypassesQdisc, sizeof bypassesQdisc) < 0) {
    die("packet socket");
  }
  struct sockaddr_ll to = {.sll_family = AF_PACKET,
                           .sll_protocol = htons(ETH_P_IP),
                           .sll_ifindex = (int)if_nametoindex(name)};
  makePacket(packets[0], bytes);
  struct iovec part = {.iov_base = packets[0], .iov_len = (size_t)bytes};
  struct mmsghdr messages[BURST] = {0};
  for (int i = 0; i < BURST; i++) {
    messages[i].msg_hdr = (struct msghdr){
        .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &part, .msg_iovlen = 1};
  }
  long long sent = 0;
  for (long long end = nowNs() + durationNs; nowNs() < end;) {
    int count = sendmmsg(fd, messages, BURST, 0);
    /* A refused packet is offered and lost, as on a wire. */
    sent += count > 0 ? count : 1;
  }
  printf("%lld\n", sent);
}

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "echo") == 0) echo(argv[2]);
  if (argc != 5 || strcmp(argv[1], "flood") != 0 || atoi(argv[4]) < 28 ||
      atoi(argv[4]) > PACKET_BYTES) {
    fprintf(stderr, "usage: tun-echo echo NAME | tun-echo flood NAME MILLISECONDS BYTES\n");
    return 2;
  }
  listenWithoutReading();
  flood(argv[2], atoll(argv[3]) * NS_PER_S / 1000, atoi(argv[4]));
}

/*
 * A hostile host: it sends TCP super-frames out of a TAP, as fast as the queue takes them, to one
 * address or to the broadcast address. The vnet header of each frame asks for a chosen segment
 * size.
 *
 * usage: super-flood INTERFACE SOURCE-MAC DESTINATION-MAC FRAME-BYTES GSO-SIZE MILLISECONDS
 *
 * Prints how many frames the kernel took.
 *
 * Source of the interface: packet(7), PACKET_VNET_HDR; linux/virtio_net.h.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum { ETHERNET = 14, IP = 20, TCP = 20, HEADERS = ETHERNET + IP + TCP, MAX_FRAME = 65536 + 14 };

static unsigned char packet[sizeof(struct virtio_net_hdr) + MAX_FRAME];

static void putU16(unsigned char* at, unsigned value) {
  at[0] = (unsigned char)(value >> 8);
  at[1] = (unsigned char)value;
}

static void putMac(unsigned char* at, const char* text) {
  unsigned mac[6];
  if (sscanf(text, "%x:%x:%x:%x:%x:%x", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6)
    die(text);
  for (int i = 0; i < 6; i++) at[i] = (unsigned char)mac[i];
}

static unsigned addWords(const unsigned char* at, int bytes, unsigned sum) {
  for (int i = 0; i < bytes; i += 2) sum += (unsigned)(at[i] << 8 | at[i + 1]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

/* 198.18.1.1 to 198.19.255.255, which nobody has. */
static void fill(unsigned char* frame, int bytes) {
  static const unsigned char addresses[] = {198, 18, 1, 1, 198, 19, 255, 255};
  unsigned char* ip = frame + ETHERNET;
  unsigned char* tcp = ip + IP;
  putU16(frame + 12, ETH_P_IP);
  ip[0] = 0x45;
  putU16(ip + 2, (unsigned)(bytes - ETHERNET));
  ip[8] = 64;
  ip[9] = IPPROTO_TCP;
  memcpy(ip + 12, addresses, sizeof addresses);
  putU16(ip + 10, ~addWords(ip, IP, 0) & 0xffff);
  putU16(tcp, 9);
  putU16(tcp + 2, 9);
  tcp[12] = TCP / 4 << 4;
  tcp[13] = 0x10;
  putU16(tcp + 16,
         addWords(addresses, sizeof addresses, IPPROTO_TCP + (unsigned)(bytes - ETHERNET - IP)));
}

int main(int argc, char** argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: super-flood INTERFACE SOURCE DESTINATION FRAME-BYTES GSO-SIZE MS\n");
    return 2;
  }
  const int bytes = atoi(argv[4]);
  const int gsoSize = atoi(argv[5]);
  if (bytes <= HEADERS || bytes > MAX_FRAME || gsoSize < 1) die("sizes");
  struct virtio_net_hdr* header = (struct virtio_net_hdr*)packet;
  unsigned char* frame = packet + sizeof *header;
  header->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
  header->gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
  header->hdr_len = HEADERS;
  header->gso_size = (unsigned short)gsoSize;
  header->csum_start = ETHERNET + IP;
  header->csum_offset = 16;
  putMac(frame, argv[3]);
  putMac(frame + 6, argv[2]);
  fill(frame, bytes);

  const int fd = socket(AF_PACKET, SOCK_RAW, 0);
  const int yes = 1;
  struct sockaddr_ll to = {.sll_family = AF_PACKET,
                           .sll_protocol = htons(ETH_P_IP),
                           .sll_ifindex = (int)if_nametoindex(argv[1])};
  if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) < 0) die("socket");
  if (bind(fd, (struct sockaddr*)&to, sizeof to) < 0) die(argv[1]);
  const long long endNs = nowNs() + atoll(argv[6]) * 1000000;
  long taken = 0;
  while (nowNs() < endNs) {
    if (write(fd, packet, sizeof *header + (size_t)bytes) >= 0) {
      taken++;
    } else if (errno != ENOBUFS && errno != EAGAIN) {
      die("write");
    }
  }
  printf("%ld\n", taken);
  return 0;
}

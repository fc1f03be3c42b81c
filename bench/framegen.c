/*
 * The frame generator: UDP frames into one or several interfaces, from one process on one CPU.
 *
 * trafgen (netsniff-ng) was measured first. It paces well and its slow path (-t 0) is as fast, but
 * its ring offered 0.53 M frames/s to a TAP that took 0.65 M, perhaps because it sends a refused
 * frame again. And one trafgen can neither load the ports of several network namespaces from one
 * CPU nor walk through 100,000 source addresses. So the bench uses this generator everywhere.
 *
 * usage: framegen [--milliseconds N] [--frames N] [--exact] STREAM...
 *   STREAM = netns=PATH,dev=NAME,src=FIRST+COUNT,dst=FIRST+COUNT,sizes=60[/60...][,rate=N]
 *   src, dst  station numbers: MAC address 02:00:00:xx:xx:xx; dst=broadcast
 *   sizes     frame lengths in bytes without FCS, used in turn
 *   rate      frames per second; as many as possible where none is given
 *   --frames  stop after this many frames per stream
 *   --exact   never rest, and never catch up: what a stall of the generator kept back is sent later
 * at the stream's rate, because a burst in its place would overrun queues by itself
 *
 * Prints one JSON line: {"sent":[per stream],"elapsedNs":N}. "sent" counts what was offered: a
 * frame that the interface refuses (queue full, no carrier) is offered and lost, as on a wire.
 * Whether the rate was kept shows in the two: stalls make "elapsedNs" longer.
 *
 * Source of the interface: packet(7); RFC 791 and RFC 768 for the packet inside.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum {
  BURST = 64,
  EXACT_BURST = 16,
  MAX_STREAMS = 256,
  MAX_SIZES = 16,
  FRAME_BYTES = 9018,
  REST_NS = 20000
};

struct stations {
  uint32_t first, count, next;
};

struct stream {
  int fd;
  struct stations source, destination;
  int isBroadcast;
  int sizes[MAX_SIZES], sizeCount;
  double framesPerNs; /* 0: as many as possible */
  double skipped;     /* frames delayed by stalls: the rest of the schedule moved by this number */
  long long sent;
};

struct packet {
  struct ethhdr ethernet;
  struct iphdr ip;
  struct udphdr udp;
} __attribute__((packed));

static struct stream streams[MAX_STREAMS];
static int streamCount;
static int isExact;

static unsigned char frames[BURST][FRAME_BYTES];
static struct iovec vectors[BURST];
static struct mmsghdr messages[BURST];

static void usage(const char* what) {
  fprintf(stderr, "framegen: %s: the head of framegen.c says how a stream is written\n", what);
  exit(2);
}

static int openSocket(const char* netns, const char* device) {
  int ns = open(netns, O_RDONLY);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) die(netns);
  close(ns);
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                .sll_ifindex = (int)if_nametoindex(device)};
  int enable = 1;
  if (fd < 0 || address.sll_ifindex == 0 ||
      bind(fd, (struct sockaddr*)&address, sizeof address) < 0 ||
      setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &enable, sizeof enable) < 0) {
    die(device);
  }
  return fd;
}

static struct stations parseStations(const char* text) {
  struct stations stations = {.count = 1};
  sscanf(text, "%u+%u", &stations.first, &stations.count);
  return stations;
}

static void parseSizes(char* text, struct stream* stream) {
  while (text && stream->sizeCount < MAX_SIZES) {
    int lengthBytes = (int)strtol(text, &text, 10);
    if (lengthBytes < 60 || lengthBytes > FRAME_BYTES) usage("sizes are 60 to 9018");
    stream->sizes[stream->sizeCount++] = lengthBytes;
    text = *text == '/' ? text + 1 : NULL;
  }
}

static void parseStream(char* text, struct stream* stream) {
  const char *netns = "/proc/self/ns/net", *device = "";
  for (char* word = strtok(text, ","); word; word = strtok(NULL, ",")) {
    char* value = strchr(word, '=');
    if (!value) usage(word);
    *value++ = 0;
    if (strcmp(word, "netns") == 0) netns = value;
    if (strcmp(word, "dev") == 0) device = value;
    if (strcmp(word, "src") == 0) stream->source = parseStations(value);
    if (strcmp(word, "dst") == 0) stream->isBroadcast = strcmp(value, "broadcast") == 0;
    if (strcmp(word, "dst") == 0) stream->destination = parseStations(value);
    if (strcmp(word, "rate") == 0) stream->framesPerNs = atof(value) / 1e9;
    if (strcmp(word, "sizes") == 0) parseSizes(value, stream);
  }
  if (stream->sizeCount == 0) stream->sizes[stream->sizeCount++] = 60;
  stream->fd = openSocket(netns, device);
}

static void putStation(unsigned char* mac, struct stations* stations) {
  uint32_t number = stations->first + stations->next;
  if (++stations->next == stations->count) stations->next = 0;
  mac[0] = 0x02;
  mac[1] = mac[2] = 0;
  mac[3] = (unsigned char)(number >> 16);
  mac[4] = (unsigned char)(number >> 8);
  mac[5] = (unsigned char)number;
}

/* IPv4 and UDP, 198.18.0.1 to 198.19.0.1 (RFC 2544 appendix C.2.2), port 9 (discard). */
static void prepareFrames(void) {
  for (int i = 0; i < BURST; i++) {
    struct packet* packet = (struct packet*)frames[i];
    packet->ethernet.h_proto = htons(ETH_P_IP);
    packet->ip.version = 4;
    packet->ip.ihl = sizeof packet->ip / 4;
    packet->ip.ttl = 64;
    packet->ip.protocol = IPPROTO_UDP;
    packet->ip.saddr = htonl(0xc6120001);
    packet->ip.daddr = htonl(0xc6130001);
    packet->udp.source = htons(4000);
    packet->udp.dest = htons(9);
    vectors[i].iov_base = frames[i];
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
}

/* RFC 1071. */
static uint16_t checksumOf(const unsigned char* header, int lengthBytes) {
  uint32_t sum = 0;
  for (int i = 0; i < lengthBytes; i += 2) sum += (uint32_t)(header[i] << 8 | header[i + 1]);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons((uint16_t)~sum);
}

static void putLengths(unsigned char* frame, int lengthBytes) {
  struct packet* packet = (struct packet*)frame;
  packet->ip.tot_len = htons((uint16_t)(lengthBytes - ETH_HLEN));
  packet->udp.len = htons((uint16_t)(lengthBytes - ETH_HLEN - (int)sizeof packet->ip));
  packet->ip.check = 0;
  packet->ip.check = checksumOf(frame + ETH_HLEN, sizeof packet->ip);
}

static void sendBurst(struct stream* stream, int count) {
  for (int i = 0; i < count; i++) {
    int lengthBytes = stream->sizes[(stream->sent + i) % stream->sizeCount];
    if (stream->isBroadcast)
      memset(frames[i], 0xff, 6);
    else
      putStation(frames[i], &stream->destination);
    putStation(frames[i] + 6, &stream->source);
    if (vectors[i].iov_len != (size_t)lengthBytes) putLengths(frames[i], lengthBytes);
    vectors[i].iov_len = (size_t)lengthBytes;
  }
  for (int done = 0; done < count;) {
    int sent = sendmmsg(stream->fd, messages + done, (unsigned)(count - done), 0);
    if (sent < 0 && errno != ENOBUFS && errno != ENETDOWN) die("sendmmsg");
    done += sent > 0 ? sent : 1;
  }
  stream->sent += count;
}

static int countDue(struct stream* stream, long long elapsedNs, long long frameLimit) {
  long long due = BURST;
  if (stream->framesPerNs > 0) {
    double scheduled = (double)elapsedNs * stream->framesPerNs - stream->skipped;
    due = (long long)scheduled - stream->sent;
    if (isExact && due > EXACT_BURST) {
      stream->skipped += (double)(due - EXACT_BURST);
      due = EXACT_BURST;
    }
  }
  if (due > frameLimit - stream->sent) due = frameLimit - stream->sent;
  return due > BURST ? BURST : (int)due;
}

int main(int argc, char** argv) {
  long long durationNs = INT64_MAX, frameLimit = INT64_MAX;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--milliseconds") == 0 && i + 1 < argc)
      durationNs = atoll(argv[++i]) * 1000000;
    else if (strcmp(argv[i], "--frames") == 0 && i + 1 < argc)
      frameLimit = atoll(argv[++i]);
    else if (strcmp(argv[i], "--exact") == 0)
      isExact = 1;
    else if (streamCount < MAX_STREAMS)
      parseStream(argv[i], &streams[streamCount++]);
  }
  prepareFrames();
  prctl(PR_SET_TIMERSLACK, 1);

  long long startNs = nowNs(), elapsedNs = 0;
  int hasMore = 1;
  while (hasMore && elapsedNs < durationNs) {
    int sentNow = 0;
    hasMore = 0;
    for (int i = 0; i < streamCount; i++) {
      int due = countDue(&streams[i], elapsedNs, frameLimit);
      if (due > 0) sendBurst(&streams[i], due);
      if (due > 0) sentNow += due;
      if (streams[i].sent < frameLimit) hasMore = 1;
    }
    if (sentNow == 0 && !isExact) nanosleep(&(struct timespec){.tv_nsec = REST_NS}, NULL);
    elapsedNs = nowNs() - startNs;
  }
  printf("{\"sent\":[");
  for (int i = 0; i < streamCount; i++) printf("%s%lld", i ? "," : "", streams[i].sent);
  printf("],\"elapsedNs\":%lld}\n", elapsedNs);
}

/*
 * The operators of a switch, all at once: they read the resources a hundred times a second, add and
 * remove a port every 100 ms, reload every second, capture, and listen to events, half of them
 * without reading. It is written in C, because it takes processor time from the measured switch.
 *
 *     operators SOCKET PORT ADDRESS
 *
 * PORT is the body that adds a port, ADDRESS its resource. Each line on standard input begins a
 * turn (with the query of its capture behind a "+") or ends it ("-"), and is answered by a line:
 * that of an end tells what was done. An answer that is no success ends the program.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common.h"

#define MS 1000000LL
#define READERS 10 /* one at a time would wait for the slowest answer */
#define READ_INTERVAL_NS (10 * MS)
#define PORT_INTERVAL_NS (100 * MS)
#define RELOAD_INTERVAL_NS (1000 * MS)
#define LISTENERS 10
#define ASKERS (READERS + 2)
#define HEAD_MAX_BYTES 8192
#define READ_BYTES (256 * 1024)
#define LAST_CHUNK "\r\n0\r\n\r\n"
#define LAST_CHUNK_BYTES 7

static const char* const RESOURCES[] = {
    "/v1/bridge", "/v1/ports",  "/v1/fdb",          "/v1/neighbours", "/v1/addresses",
    "/v1/stats",  "/v1/config", "/v1/openapi.json", "/metrics",
};
#define RESOURCE_COUNT (sizeof(RESOURCES) / sizeof(RESOURCES[0]))

typedef enum { READ, ADD_PORT, REMOVE_PORT, RELOAD } Question;

/* A connection for one request after the other. */
typedef struct {
  int fd;
  Question question;
  int isWaiting;
  long long dueNs;
  long long intervalNs;
  /* State of the answer: its head, then the rest of its body, or its end. */
  char head[HEAD_MAX_BYTES];
  size_t headBytes;
  int isInBody;
  int isChunked;
  long long bodyBytes;
  char tail[LAST_CHUNK_BYTES];
} Asker;

static const char* socketPath;
static const char* portBody;
static const char* portAddress;

static Asker askers[ASKERS];
static int listeners[LISTENERS];
static int capture;
static int isRunning;
static long long reads, portTurns, reloads, capturedBytes;
static long long beganNs, beganCpuNs;
static char buffer[READ_BYTES];

static void fail(const char* what, const char* why) {
  fprintf(stderr, "operators: %s: %s\n", what, why);
  exit(1);
}

static int openSocket(void) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  snprintf(to.sun_path, sizeof(to.sun_path), "%s", socketPath);
  if (connect(fd, (struct sockaddr*)&to, sizeof(to)) < 0) die(socketPath);
  return fd;
}

static void say(int fd, const char* method, const char* resource, const char* body) {
  char request[4096];
  int bytes =
      snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: switch\r\n", method, resource);
  if (body != NULL) {
    bytes += snprintf(request + bytes, sizeof(request) - (size_t)bytes,
                      "Content-Type: application/json\r\nContent-Length: %zu\r\n", strlen(body));
  }
  bytes += snprintf(request + bytes, sizeof(request) - (size_t)bytes, "\r\n%s",
                    body == NULL ? "" : body);
  if (bytes >= (int)sizeof(request)) fail(resource, "the request is too long");
  if (write(fd, request, (size_t)bytes) != bytes) die(resource);
}

/* Requests an answer that has no end, and waits until it begins. */
static int listenTo(const char* resource) {
  char start[12];
  int fd = openSocket();
  say(fd, "GET", resource, NULL);
  if (recv(fd, start, sizeof(start), MSG_PEEK | MSG_WAITALL) != sizeof(start)) die(resource);
  if (memcmp(start + 9, "200", 3) != 0) fail(resource, "refused");
  return fd;
}

static void ask(Asker* asker) {
  asker->isWaiting = 1;
  asker->headBytes = 0;
  asker->isInBody = 0;
  switch (asker->question) {
    case READ:
      return say(asker->fd, "GET", RESOURCES[reads++ % (long long)RESOURCE_COUNT], NULL);
    case ADD_PORT:
      return say(asker->fd, "POST", "/v1/ports", portBody);
    case REMOVE_PORT:
      return say(asker->fd, "DELETE", portAddress, NULL);
    case RELOAD:
      return say(asker->fd, "POST", "/v1/reload", NULL);
  }
}

/* Handles a complete answer. */
static void answered(Asker* asker, int status) {
  /* A reload takes away a port that is not in the file. */
  const int isExpected = status / 100 == 2 || (asker->question == REMOVE_PORT && status == 404);
  if (!isExpected) fail("an answer", asker->head);
  asker->isWaiting = 0;
  if (asker->question == ADD_PORT) {
    asker->question = REMOVE_PORT;
    return ask(asker);
  }
  if (asker->question == REMOVE_PORT) {
    asker->question = ADD_PORT;
    portTurns++;
  }
  if (asker->question == RELOAD) reloads++;
  /* After a long wait for this answer, the delayed requests follow at once. */
  asker->dueNs += asker->intervalNs;
}

static int statusOf(const Asker* asker) {
  return atoi(asker->head + 9);
}

/* Returns the number of bytes that belong to the head; the rest begins the body. */
static size_t takeHead(Asker* asker, const char* bytes, size_t count) {
  const size_t before = asker->headBytes;
  const size_t room = HEAD_MAX_BYTES - 1 - before;
  const size_t taken = count < room ? count : room;
  memcpy(asker->head + before, bytes, taken);
  asker->headBytes += taken;
  asker->head[asker->headBytes] = 0;
  const char* const end = strstr(asker->head, "\r\n\r\n");
  if (end == NULL) {
    if (taken < count) fail("an answer", "the head has no end");
    return count;
  }
  const char* const length = strcasestr(asker->head, "\r\ncontent-length:");
  asker->isInBody = 1;
  asker->isChunked = strcasestr(asker->head, "\r\ntransfer-encoding: chunked") != NULL;
  asker->bodyBytes = length == NULL || length > end ? 0 : atoll(length + 17);
  memset(asker->tail, 0, LAST_CHUNK_BYTES);
  return (size_t)(end + 4 - asker->head) - before;
}

static int isWhole(Asker* asker, const char* body, size_t count) {
  if (!asker->isChunked) return (asker->bodyBytes -= (long long)count) <= 0;
  if (count >= LAST_CHUNK_BYTES) {
    memcpy(asker->tail, body + count - LAST_CHUNK_BYTES, LAST_CHUNK_BYTES);
  } else {
    memmove(asker->tail, asker->tail + count, LAST_CHUNK_BYTES - count);
    memcpy(asker->tail + LAST_CHUNK_BYTES - count, body, count);
  }
  return memcmp(asker->tail, LAST_CHUNK, LAST_CHUNK_BYTES) == 0;
}

static void take(Asker* asker) {
  const ssize_t got = read(asker->fd, buffer, sizeof(buffer));
  if (got <= 0) fail("the switch", "has hung up");
  size_t at = 0;
  if (!asker->isInBody) at = takeHead(asker, buffer, (size_t)got);
  if (!asker->isInBody || !isWhole(asker, buffer + at, (size_t)got - at)) return;
  answered(asker, statusOf(asker));
}

static long long cpuNs(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * NS_PER_S +
         (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1000LL;
}

static void begin(const char* query) {
  char resource[2048];
  for (int i = 0; i < LISTENERS; i++) listeners[i] = listenTo("/v1/events");
  snprintf(resource, sizeof(resource), "/v1/capture%s", query);
  capture = listenTo(resource);
  beganNs = nowNs();
  beganCpuNs = cpuNs();
  reads = portTurns = reloads = capturedBytes = 0;
  for (int i = 0; i < ASKERS; i++) {
    Asker* const asker = &askers[i];
    asker->fd = openSocket();
    asker->isWaiting = 0;
    asker->question = i < READERS ? READ : i == READERS ? ADD_PORT : RELOAD;
    asker->intervalNs = i < READERS    ? READERS * READ_INTERVAL_NS
                        : i == READERS ? PORT_INTERVAL_NS
                                       : RELOAD_INTERVAL_NS;
    asker->dueNs = beganNs + asker->intervalNs;
  }
  isRunning = 1;
}

/* Continues all running requests; with `mayBegin`, starts the requests that are due. */
static void serve(int mayBegin, int hasInput) {
  struct pollfd polled[ASKERS + LISTENERS + 2];
  nfds_t count = 0;
  const long long now = nowNs();
  long long nextNs = now + NS_PER_S;
  for (int i = 0; i < ASKERS; i++) {
    if (mayBegin && !askers[i].isWaiting && askers[i].dueNs <= now) ask(&askers[i]);
    if (mayBegin && !askers[i].isWaiting && askers[i].dueNs < nextNs) nextNs = askers[i].dueNs;
    polled[count++] = (struct pollfd){.fd = askers[i].fd, .events = POLLIN};
  }
  polled[count++] = (struct pollfd){.fd = capture, .events = POLLIN};
  for (int i = 0; i < LISTENERS; i += 2) {
    polled[count++] = (struct pollfd){.fd = listeners[i], .events = POLLIN};
  }
  if (hasInput) polled[count++] = (struct pollfd){.fd = STDIN_FILENO, .events = POLLIN};
  const struct timespec wait = {(nextNs - now) / NS_PER_S, (nextNs - now) % NS_PER_S};
  if (ppoll(polled, count, &wait, NULL) < 0 && errno != EINTR) die("poll");
  for (int i = 0; i < ASKERS; i++) {
    if (polled[i].revents != 0) take(&askers[i]);
  }
  for (int i = 0; i <= LISTENERS / 2; i++) {
    if (polled[ASKERS + i].revents == 0) continue;
    const ssize_t got = read(polled[ASKERS + i].fd, buffer, sizeof(buffer));
    if (got <= 0) fail("the switch", "has ended a stream");
    if (i == 0) capturedBytes += got;
  }
}

static int isBusy(void) {
  for (int i = 0; i < ASKERS; i++) {
    if (askers[i].isWaiting) return 1;
  }
  return 0;
}

static void end(void) {
  printf(
      "{\"reads\":%lld,\"portTurns\":%lld,\"reloads\":%lld,\"capturedBytes\":%lld,"
      "\"cpuMs\":%.3f,\"elapsedMs\":%.3f}\n",
      reads, portTurns, reloads, capturedBytes, (double)(cpuNs() - beganCpuNs) / 1e6,
      (double)(nowNs() - beganNs) / 1e6);
  while (isBusy()) serve(0, 0);
  for (int i = 0; i < ASKERS; i++) close(askers[i].fd);
  for (int i = 0; i < LISTENERS; i++) close(listeners[i]);
  close(capture);
  isRunning = 0;
}

/* Carries out the next line of standard input. Returns 0 if there is none. */
static int takeLine(void) {
  char line[1024];
  if (fgets(line, sizeof(line), stdin) == NULL) return 0;
  line[strcspn(line, "\n")] = 0;
  if (line[0] == '+') {
    begin(line + 1);
    printf("{}\n");
  } else {
    end();
  }
  fflush(stdout);
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 4) fail("usage", "operators SOCKET PORT ADDRESS");
  socketPath = argv[1];
  portBody = argv[2];
  portAddress = argv[3];
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  for (;;) {
    if (isRunning) serve(1, 1);
    const int hasLine = poll(&input, 1, isRunning ? 0 : -1);
    if (hasLine > 0 && !takeLine()) return 0;
  }
}

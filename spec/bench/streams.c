/*
** A thousand streams at once, beside libcurl's multi interface: CPU a stream, and memory.
** A server (one process) sends every stream an event each 50 ms.  Each peer runs in a process of its
** own, in turn, several rounds; what is printed are medians, and those of the ratios in one round.
*/
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "spec/bench/peers.h"

#include <curl/curl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { ROUNDS = 5, STREAMS = 1000, EVENTS = 34, PACE = 50 /* ms */, PIECE = 4, ROOM = 512 };

static char events[EVENTS + 1][ROOM];
static size_t sizes[EVENTS + 1];

/* ---- the server ------------------------------------------------------------------------------ */

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";

/* One event as one chunk of the body. */
static void make_event(int i, const char *delta, const char *finish) {
  char data[ROOM - 32];
  int n = snprintf(data, sizeof data,
                   "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"model\":"
                   "\"m\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n",
                   delta, finish);
  sizes[i] = (size_t)snprintf(events[i], ROOM, "%x\r\n%s\r\n", (unsigned)n, data);
}

/* A tool call in pieces of four bytes, and the end. */
static void make_events(void) {
  static const char answer[] =
      "{\"name\":\"Jason Liu\",\"age\":30,\"email\":\"jason@example.com\",\"is_active\":true,"
      "\"role\":\"user\",\"score\":4.5,\"tags\":[\"a\",\"b\",\"c\"]}";
  char delta[ROOM / 2], piece[4 * PIECE + 1];
  make_event(0,
             "{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"function\":{\"name\":\"Response\","
             "\"arguments\":\"\"}}]}",
             "null");
  size_t at = 0, step = (sizeof answer - 1 + EVENTS - 3) / (EVENTS - 2);
  for (int i = 1; i < EVENTS - 1; i++) {
    size_t n = 0;
    for (size_t end = at + step; at < end && at < sizeof answer - 1; at++) {
      if (answer[at] == '"') piece[n++] = '\\';
      piece[n++] = answer[at];
    }
    piece[n] = '\0';
    snprintf(delta, sizeof delta,
             "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"%s\"}}]}", piece);
    make_event(i, delta, "null");
  }
  make_event(EVENTS - 1, "{}", "\"tool_calls\"");
  sizes[EVENTS] = (size_t)snprintf(events[EVENTS], ROOM, "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The next event of each stream; a connection is used once. */
static nfds_t tick(struct pollfd *fds, int *at, nfds_t count) {
  for (nfds_t i = count; i-- > 1;) {
    if (at[i] < 0) continue;
    bool failed = write(fds[i].fd, events[at[i]], sizes[at[i]]) < 0;
    if (!failed && ++at[i] <= EVENTS) continue;
    close(fds[i].fd);
    fds[i] = fds[--count];
    at[i] = at[count];
  }
  return count;
}

/* A request is short: the first bytes of it are taken for all. */
static void begin(const struct pollfd *fd, int *at) {
  char request[65536];
  if (read(fd->fd, request, sizeof request) <= 0 || *at >= 0) return;
  if (write(fd->fd, head, sizeof head - 1) > 0) *at = 0;
}

static void serve(int listener) {
  static struct pollfd fds[STREAMS + 64];
  static int at[STREAMS + 64];
  nfds_t count = 1;
  int yes = 1;
  fds[0] = (struct pollfd){listener, POLLIN, 0};
  for (double next = seconds();;) {
    double left = next - seconds();
    if (left <= 0) {
      count = tick(fds, at, count);
      next += PACE / 1e3;
      continue;
    }
    if (poll(fds, count, (int)(left * 1e3) + 1) <= 0) continue;
    for (nfds_t i = 1; i < count; i++)
      if (fds[i].revents != 0) begin(&fds[i], &at[i]);
    if (fds[0].revents == 0 || count == STREAMS + 64) continue;
    int fd = accept(listener, NULL, NULL);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    at[count] = -1;
    fds[count++] = (struct pollfd){fd, POLLIN, 0};
  }
}

/* ---- libcurl, plain -------------------------------------------------------------------------- */

static size_t drop_bytes(char *p, size_t one, size_t n, void *ctx) {
  (void)p, (void)ctx;
  return one * n;
}

static void run_multi(void) {
  char whole[128];
  CURLM *multi = curl_multi_init();
  int running = STREAMS;
  snprintf(whole, sizeof whole, "%s/chat/completions", url);
  for (int i = 0; i < STREAMS; i++) {
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, whole);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "{\"stream\":true}");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_bytes);
    curl_multi_add_handle(multi, easy);
  }
  while (running > 0) {
    curl_multi_perform(multi, &running);
    if (running > 0) curl_multi_poll(multi, NULL, 0, 100, NULL);
  }
}

static void run_map(void) {
  char count[16];
  const char *lua = getenv("LUA");
  snprintf(count, sizeof count, "%d", STREAMS);
  lua = lua != NULL ? lua : "lua5.4";
  execlp(lua, lua, "spec/bench/client/ask.lua", "streams", url, count, (char *)NULL);
  die(lua);
}

/* ---- measuring ------------------------------------------------------------------------------- */

typedef struct cost {
  double cpu;    /* ms a stream */
  double memory; /* MB at the most */
} cost;

/* 'run' in a process of its own. */
static cost measure(void (*run)(void)) {
  struct rusage r;
  int status = 0;
  pid_t pid = fork();
  if (pid == 0) {
    run();
    _exit(0);
  }
  if (wait4(pid, &status, 0, &r) != pid || status != 0) die("a peer failed");
  return (cost){cpu_of(&r) / STREAMS * 1e3, (double)r.ru_maxrss / 1024};
}

int main(void) {
  double plain[ROUNDS], ours[ROUNDS], ratio[ROUNDS], plain_mb[ROUNDS], our_mb[ROUNDS];
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  make_events();
  pid_t server = start_server(serve, 1024);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  for (int i = 0; i < ROUNDS; i++) {
    cost multi = measure(run_multi), map = measure(run_map);
    plain[i] = multi.cpu, plain_mb[i] = multi.memory;
    ours[i] = map.cpu, our_mb[i] = map.memory;
    ratio[i] = map.cpu / multi.cpu;
  }
  kill(server, SIGTERM);
  waitpid(server, NULL, 0);
  printf("%d streams at once, an event each %d ms\n", STREAMS, PACE);
  printf("  %-40s %9.2f ms  %6.2fx  %6.1f MB\n", "libcurl, curl_multi", median(plain, ROUNDS), 1.0,
         median(plain_mb, ROUNDS));
  printf("  %-40s %9.2f ms  %6.2fx  %6.1f MB  (goal: at most 2.00x, 45 MB)\n", "instructor.map",
         median(ours, ROUNDS), median(ratio, ROUNDS), median(our_mb, ROUNDS));
  return 0;
}

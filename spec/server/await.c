/*
** Small services for specs: see the header.  In: words of the command line.  Out: a line on
** stdout and an exit status.  Each wait has an end.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/await.h"
#include "spec/server/bytes.h"
#include "spec/server/serve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NAP 1000000 /* nanoseconds between two looks */

/* Prints and frees a text; returns the exit status. */
static int print(fault_bytes *text) {
  bool well = fault_write_all(1, text->p, text->n);
  fault_bytes_clear(text);
  return well ? 0 : 1;
}

static void check_count(char **words, int count, const char *usage) {
  for (int i = 0; i < count; i++)
    if (!words[i]) fault_die("%s", usage);
}

int fault_now(char **words) {
  (void)words;
  fault_bytes text = {0};
  fault_bytes_add_seconds(&text, fault_clock());
  fault_bytes_add(&text, "\n", 1);
  return print(&text);
}

/* Looks again and again until 'look' is content or the time is over. */
static bool await(bool (*look)(void *ctx), void *ctx, const char *seconds) {
  int64_t due = fault_clock() + (int64_t)(strtod(seconds, NULL) * 1e6);
  while (!look(ctx)) {
    if (fault_clock() >= due) return false;
    nanosleep(&(struct timespec){.tv_nsec = NAP}, NULL);
  }
  return true;
}

/* ---- lines of a file --------------------------------------------------------------------------- */

typedef struct awaited_lines {
  const char *path;
  uint64_t count;   /* lines wanted */
  fault_bytes text; /* of the file when it was last looked at */
} awaited_lines;

/* A file that is not there yet has no lines. */
static bool look_at_lines(void *ctx) {
  awaited_lines *lines = ctx;
  uint64_t count = 0;
  fault_bytes_clear(&lines->text);
  if (!fault_bytes_add_file(&lines->text, lines->path)) return false;
  for (size_t i = 0; i < lines->text.n; i++) count += lines->text.p[i] == '\n';
  return count >= lines->count;
}

/* Prints what there is even when the time is over: it may say what went wrong. */
int fault_await_lines(char **words) {
  check_count(words, 3, "--await-lines FILE COUNT SECONDS");
  awaited_lines lines = {.path = words[0]};
  if (!fault_read_number(words[1], strlen(words[1]), INT32_MAX, &lines.count))
    fault_die("COUNT is a number");
  bool well = await(look_at_lines, &lines, words[2]);
  return print(&lines.text) || !well;
}

/* ---- ports ------------------------------------------------------------------------------------- */

/* Loopback answers at once, so connect does not wait. */
static bool look_at_port(void *ctx) {
  const struct sockaddr_in *address = ctx;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  bool well = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
  if (fd >= 0) close(fd);
  return well;
}

int fault_await_port(char **words) {
  check_count(words, 2, "--await-port PORT SECONDS");
  uint64_t port;
  if (!fault_read_number(words[0], strlen(words[0]), 65535, &port)) fault_die("PORT is a number");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return await(look_at_port, &address, words[1]) ? 0 : 1;
}

/* The port may be taken again before it is used: the caller must try twice. */
int fault_free_port(char **words) {
  (void)words;
  int port = 0;
  close(fault_listen(&port, 0));
  fault_bytes text = {0};
  fault_bytes_add_number(&text, (uint64_t)port);
  fault_bytes_add(&text, "\n", 1);
  return print(&text);
}

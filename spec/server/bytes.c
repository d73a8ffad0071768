/*
** A growing run of bytes, with the few notations the script and the journal use; the clock; and
** the way to give up.  Knows nothing of scripts, requests or sockets.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/bytes.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void fault_die(const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("faultserver: ", stderr);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  exit(2);
}

void *fault_resize(void *p, size_t count, size_t size) {
  if (count > SIZE_MAX / 2 / size) fault_die("too much memory asked for");
  void *moved = realloc(p, count * size);
  if (!moved) fault_die("memory is out");
  return moved;
}

/* Makes room for that many more bytes; doubling keeps a long run of additions linear. */
static void reserve(fault_bytes *b, size_t more) {
  if (b->cap - b->n >= more) return;
  size_t cap = b->cap ? b->cap : 256;
  while (cap - b->n < more) cap *= 2;
  b->p = fault_resize(b->p, cap, 1);
  b->cap = cap;
}

void fault_bytes_add(fault_bytes *b, const void *p, size_t n) {
  if (!n) return;
  reserve(b, n);
  memcpy(b->p + b->n, p, n);
  b->n += n;
}

void fault_bytes_add_text(fault_bytes *b, const char *text) {
  fault_bytes_add(b, text, strlen(text));
}

void fault_bytes_add_number(fault_bytes *b, uint64_t number) {
  char text[24];
  int n = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
  fault_bytes_add(b, text, (size_t)n);
}

void fault_bytes_add_seconds(fault_bytes *b, int64_t microseconds) {
  char text[40];
  int n = snprintf(text, sizeof text, "%lld.%06lld", (long long)(microseconds / 1000000),
                   (long long)(microseconds % 1000000));
  fault_bytes_add(b, text, (size_t)n);
}

/* May this byte stand in a JSON string as it is? */
static bool is_plain(char c) {
  return c != '"' && c != '\\' && c != 0x7f && (unsigned char)c >= 0x20;
}

/* Adds one byte that may not, in the notation every JSON reader knows. */
static void add_escape(fault_bytes *b, char c) {
  char text[8];
  int n = c == '"' || c == '\\' ? snprintf(text, sizeof text, "\\%c", c)
                                : snprintf(text, sizeof text, "\\u%04x", (unsigned char)c);
  fault_bytes_add(b, text, (size_t)n);
}

void fault_bytes_add_json(fault_bytes *b, const char *p, size_t n) {
  fault_bytes_add(b, "\"", 1);
  for (size_t i = 0, run = 0; i < n; i += run + 1) {
    for (run = 0; i + run < n && is_plain(p[i + run]);) run++;
    fault_bytes_add(b, p + i, run);
    if (i + run < n) add_escape(b, p[i + run]);
  }
  fault_bytes_add(b, "\"", 1);
}

int fault_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool fault_bytes_add_unescaped(fault_bytes *b, const char *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char c = p[i];
    if (c == '\\') {
      int high = n - i > 2 ? fault_hex_digit(p[i + 1]) : -1;
      int low = high >= 0 ? fault_hex_digit(p[i + 2]) : -1;
      if (low < 0) return false;
      c = (char)(high * 16 + low);
      i += 2;
    }
    fault_bytes_add(b, &c, 1);
  }
  return true;
}

void fault_bytes_drop(fault_bytes *b, size_t n) {
  b->n -= n;
  if (b->n) memmove(b->p, b->p + n, b->n);
}

void fault_bytes_clear(fault_bytes *b) {
  free(b->p);
  *b = (fault_bytes){0};
}

/* Reads in large pieces: a journal with big bodies is read again and again. */
bool fault_bytes_add_file(fault_bytes *b, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  size_t n;
  do {
    reserve(b, 65536);
    n = fread(b->p + b->n, 1, 65536, file);
    b->n += n;
  } while (n);
  bool well = !ferror(file);
  fclose(file);
  return well;
}

int64_t fault_clock(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Used for files and short answers only: a connection never waits like this. */
bool fault_write_all(int fd, const char *p, size_t n) {
  while (n) {
    ssize_t k = write(fd, p, n);
    if (k >= 0) {
      p += k;
      n -= (size_t)k;
    } else if (errno == EAGAIN) {
      poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/* The limit is checked before each step, so the sum cannot overflow. */
bool fault_read_number(const char *p, size_t n, uint64_t limit, uint64_t *number) {
  uint64_t sum = 0;
  for (size_t i = 0; i < n; i++) {
    if (p[i] < '0' || p[i] > '9') return false;
    uint64_t digit = (uint64_t)(p[i] - '0');
    if (digit > limit || sum > (limit - digit) / 10) return false;
    sum = sum * 10 + digit;
  }
  *number = sum;
  return n > 0;
}

/*
** Servers that keep silent before anybody is connected to them: their queues are full, so that the
** system lets further calls wait.  (As Linux does it.)
*/
#ifndef SPEC_CORE_SILENCE_H
#define SPEC_CORE_SILENCE_H

#include "spec/core/check.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILLERS = 8 };

/* A queue that is full, so that the system lets further calls wait, and those who filled it. */
typedef struct silence {
  int listener, fillers[FILLERS];
} silence;

static inline struct sockaddr_in address(const char *host, int port) {
  struct sockaddr_in at;
  memset(&at, 0, sizeof at);
  at.sin_family = AF_INET;
  at.sin_port = htons((uint16_t)port);
  assert_int_equal(inet_pton(AF_INET, host, &at.sin_addr), 1);
  return at;
}

static inline int new_socket(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  assert_true(fd >= 0);
  return fd;
}

/* A listener that takes no more than it must; 'port' 0: any. */
static inline int listen_at(const char *host, int port) {
  const struct sockaddr_in at = address(host, port);
  const int yes = 1, fd = new_socket();
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
  assert_int_equal(listen(fd, 0), 0);
  return fd;
}

static inline void fill(silence *s, const char *host, int port) {
  const struct sockaddr_in at = address(host, port);
  for (int i = 0; i < FILLERS; i++) {
    s->fillers[i] = new_socket();
    fcntl(s->fillers[i], F_SETFL, O_NONBLOCK);
    (void)connect(s->fillers[i], (const struct sockaddr *)&at, sizeof at);
  }
}

static inline void end_silence(silence *s) {
  for (int i = 0; i < FILLERS; i++) close(s->fillers[i]);
  close(s->listener);
}

static inline void keep_silent(silence *s, const char *host, int port) {
  s->listener = listen_at(host, port);
  fill(s, host, port);
}

static inline int port_of(int fd) {
  struct sockaddr_in at;
  socklen_t size = sizeof at;
  assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
  return ntohs(at.sin_port);
}

#endif

/*
** Signals as bytes in a pipe.  In: signals.  Out: their numbers, in order.  The handler does
** nothing but write one byte.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/signals.h"
#include "spec/server/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static int ends[2] = {-1, -1}; /* to read, to write */

/* The handler: nothing but one write, which may fail without harm. */
static void pass_on(int number) {
  int kept = errno;
  unsigned char byte = (unsigned char)number;
  ssize_t n = write(ends[1], &byte, 1); /* full: enough signals are waiting already */
  (void)n;
  errno = kept;
}

/* Restarts calls: the pipe is the only way a signal is noticed. */
static void set(int number, void (*handler)(int)) {
  struct sigaction action = {.sa_flags = SA_RESTART};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

/* The pipe is closed in programs we become. */
int fault_signals_open(const int *signals, int count) {
  if (pipe(ends)) fault_die("no pipe");
  for (int i = 0; i < 2; i++) {
    fcntl(ends[i], F_SETFL, O_NONBLOCK);
    fcntl(ends[i], F_SETFD, FD_CLOEXEC);
  }
  set(SIGPIPE, SIG_IGN);
  for (int i = 0; i < count; i++) set(signals[i], pass_on);
  return ends[0];
}

int fault_signals_next(void) {
  unsigned char byte;
  return read(ends[0], &byte, 1) == 1 ? byte : 0;
}

void fault_signals_forget(void) {
  static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGPIPE};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) set(all[i], SIG_DFL);
}

/*
** What libcurl means for the process that hosts it.
** In: nothing.  Out: libcurl set up once, a thread that no SIGPIPE can kill, and code that stays
** loaded for as long as libcurl's own threads may run it.
** Rule: this room knows no engine and no exchange.
*/
#define _GNU_SOURCE /* dladdr; the rest is POSIX */

#include "core/net/curl_parts.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode once_result = CURLE_FAILED_INIT;

/* Keeps libcurl loaded until the process ends.  A cancelled exchange leaves a thread behind that
** looks up a name (see CURLOPT_QUICK_EXIT in curl_request.c); a host that unloads its modules,
** as lua_close does, would pull the code from under it. */
static void stay_loaded(void) {
  Dl_info where;
  if (dladdr((void *)(uintptr_t)curl_easy_init, &where) == 0 || where.dli_fname == NULL) return;
  /* Where libcurl is part of the program itself this finds nothing to open, and need not. */
  (void)dlopen(where.dli_fname, RTLD_LAZY | RTLD_LOCAL);
}

static void set_up(void) {
  once_result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (once_result == CURLE_OK) stay_loaded();
}

CURLcode inst_curl_process_init(void) {
  if (pthread_once(&once, set_up) != 0) return CURLE_FAILED_INIT;
  return once_result;
}

static sigset_t only_pipe(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

static bool is_pending(void) {
  sigset_t set;
  sigemptyset(&set);
  sigpending(&set);
  return sigismember(&set, SIGPIPE) == 1;
}

/* Takes a pending SIGPIPE off this thread without waiting for one. */
static void swallow(void) {
  const sigset_t set = only_pipe();
#if defined(__APPLE__) || defined(__OpenBSD__) /* which have no sigtimedwait */
  int taken;
  if (is_pending()) sigwait(&set, &taken);
#else
  const struct timespec at_once = {0, 0};
  while (sigtimedwait(&set, NULL, &at_once) == -1 && errno == EINTR) continue;
#endif
}

/* CURLOPT_NOSIGNAL keeps libcurl from touching signals at all, so it does not ignore SIGPIPE
** either; its own sends ask for none, but OpenSSL's writes do not.  A write raises SIGPIPE in the
** writing thread, so blocking it there is enough, and the host's handler is left alone. */
void inst_curl_guard_enter(inst_curl_guard *guard) {
  if (!guard->needed || guard->on) return;
  const sigset_t set = only_pipe();
  guard->on = true;
  pthread_sigmask(SIG_BLOCK, &set, &guard->old);
  /* One that was not blocked before cannot have been waiting. */
  guard->pending = sigismember(&guard->old, SIGPIPE) == 1 && is_pending();
}

void inst_curl_guard_leave(inst_curl_guard *guard) {
  if (!guard->on) return;
  if (!guard->pending) swallow();
  pthread_sigmask(SIG_SETMASK, &guard->old, NULL);
  guard->on = false;
}

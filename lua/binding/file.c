/*
** A file that is added to, one whole line at a time, and made readable by its owner alone.
** In: a path, then texts.  Out: nothing, or the system's own words for what went wrong.
** Rule 1: no signal that a write may raise reaches the host.
** Rule 2: what could not be written whole is taken back, where nobody wrote behind it.
*/
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "lua/binding/binding.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct file_box {
  int fd; /* 0: not open; a file of ours is never the standard input */
} file_box;

static file_box *check_file(lua_State *L) {
  return luaL_checkudata(L, 1, INST_FILE_BOX);
}

static int push_failure(lua_State *L, int number) {
  lua_pushnil(L);
  lua_pushstring(L, strerror(number));
  return 2;
}

/* A descriptor above 0: a host that closed its standard input would lend us that number. */
static int open_above_0(const char *path) {
  const mode_t owner_alone = S_IRUSR | S_IWUSR;
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, owner_alone);
  if (fd != 0) return fd;
  int other = fcntl(fd, F_DUPFD_CLOEXEC, 1), number = errno;
  close(fd);
  errno = number;
  return other;
}

/* core.append(path) -> file; or nil, why not */
static int file_open(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  file_box *box = inst_box_new(L, sizeof *box, INST_FILE_BOX);
  int fd = open_above_0(path);
  if (fd < 0) return push_failure(L, errno);
  box->fd = fd;
  return 1;
}

/* ---- signals --------------------------------------------------------------------------------- */

/* A write past the limit of a file's size raises SIGXFSZ, one into a closed pipe SIGPIPE, both in
** the writing thread: they are held back there, and taken off when the write is done. */
typedef struct guard {
  sigset_t old;
  bool pending[2];
} guard;

static const int signals[2] = {SIGXFSZ, SIGPIPE};

static bool is_pending(int number) {
  sigset_t set;
  sigemptyset(&set);
  sigpending(&set);
  return sigismember(&set, number) == 1;
}

static guard enter_guard(void) {
  guard g;
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < 2; i++) {
    sigaddset(&set, signals[i]);
    g.pending[i] = is_pending(signals[i]);
  }
  pthread_sigmask(SIG_BLOCK, &set, &g.old);
  return g;
}

static void leave_guard(const guard *g) {
  for (int i = 0; i < 2; i++) {
    sigset_t set;
    int taken;
    sigemptyset(&set);
    sigaddset(&set, signals[i]);
    if (!g->pending[i] && is_pending(signals[i])) sigwait(&set, &taken);
  }
  pthread_sigmask(SIG_SETMASK, &g->old, NULL);
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Cuts off the 'written' bytes that stand at the end, if they still do. */
static void take_back(int fd, size_t written) {
  struct stat info;
  off_t end = lseek(fd, 0, SEEK_CUR);
  if (written == 0 || end < (off_t)written || fstat(fd, &info) != 0) return;
  if (S_ISREG(info.st_mode) && info.st_size == end && ftruncate(fd, end - (off_t)written) != 0)
    return; /* then half a line stays, and whoever reads it is told where */
}

/* 0, or the number of the error. */
static int write_whole(int fd, inst_str text) {
  size_t written = 0;
  while (written < text.n) {
    ssize_t n = write(fd, text.p + written, text.n - written);
    int number = n == 0 ? ENOSPC : errno;
    if (n > 0) {
      written += (size_t)n;
    } else if (n == 0 || number != EINTR) {
      take_back(fd, written);
      return number;
    }
  }
  return 0;
}

/* file:write(text) -> true; or nil, why not */
static int file_write(lua_State *L) {
  file_box *box = check_file(L);
  luaL_checktype(L, 2, LUA_TSTRING);
  if (box->fd == 0) return push_failure(L, EBADF);
  guard g = enter_guard();
  int number = write_whole(box->fd, inst_lua_str(L, 2));
  leave_guard(&g);
  if (number != 0) return push_failure(L, number);
  lua_pushboolean(L, 1);
  return 1;
}

static int file_close(lua_State *L) {
  file_box *box = check_file(L);
  if (box->fd != 0) close(box->fd);
  box->fd = 0;
  return 0;
}

static const luaL_Reg methods[] = {{"write", file_write}, {"close", file_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"append", file_open}, {NULL, NULL}};

void inst_lua_open_file(lua_State *L) {
  inst_lua_type(L, INST_FILE_BOX, methods, file_close);
  inst_lua_functions(L, functions);
}

/*
** Runs one command for a spec and sees to it that it ends: see the header for its language.  In:
** lines on stdin, the end of stdin, signals, time.  Out: signals to the command, a report.
** A signal is sent only to a command that was not waited for, so it cannot meet a stranger.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/guard.h"
#include "spec/server/bytes.h"
#include "spec/server/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE 2000000 /* microseconds between SIGTERM and SIGKILL */
#define SWEEP 500000  /* the same, for what an ended command has left behind */
#define NAP 2000000   /* nanoseconds between two looks at that */

/* Where the command runs, as the options say. */
typedef struct setting {
  const char *report, *in, *out, *err; /* paths */
  const char *cwd;                     /* NULL: ours */
  const char *limit, *wait;            /* seconds, or NULL */
  char **changes;                      /* all options; "--set" and "--unset" are among them */
  char **command;                      /* ends with NULL */
} setting;

typedef struct guard {
  pid_t child;
  int report; /* descriptor */
  int64_t start;
  int64_t due;       /* when the command is ended, or killed; 0: never */
  bool running;      /* has the command not ended yet? */
  bool leaving;      /* end with the command */
  bool waiting;      /* the end of stdin means nothing */
  bool ended;        /* did stdin end? */
  bool termed;       /* was SIGTERM sent? then SIGKILL is next */
  fault_bytes lines; /* from stdin, not read yet */
} guard;

static const struct {
  const char *name;
  int number;
} signals[] = {{"INT", SIGINT},   {"TERM", SIGTERM}, {"KILL", SIGKILL},
               {"HUP", SIGHUP},   {"QUIT", SIGQUIT}, {"USR1", SIGUSR1},
               {"USR2", SIGUSR2}, {"STOP", SIGSTOP}, {"CONT", SIGCONT}};

/* ---- options ----------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  size_t field; /* where its value goes in a setting */
} options[] = {{"--report", offsetof(setting, report)}, {"--stdin", offsetof(setting, in)},
               {"--stdout", offsetof(setting, out)},    {"--stderr", offsetof(setting, err)},
               {"--cwd", offsetof(setting, cwd)},       {"--limit", offsetof(setting, limit)},
               {"--wait", offsetof(setting, wait)}};

/* "--set" and "--unset" are left for the child. */
static void read_option(setting *s, const char *name, const char *value) {
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (strcmp(name, options[i].name) != 0) continue;
    memcpy((char *)s + options[i].field, &value, sizeof value);
    return;
  }
  if (strcmp(name, "--set") != 0 && strcmp(name, "--unset") != 0)
    fault_die("guard: no option %s", name);
}

/* Options in pairs, then "--", then the command. */
static void read_setting(setting *s, char **words) {
  *s = (setting){.in = "/dev/null", .out = "/dev/null", .err = "/dev/null", .changes = words};
  for (; words[0] && strcmp(words[0], "--") != 0; words += 2) {
    if (!words[1]) fault_die("guard: %s needs a value", words[0]);
    read_option(s, words[0], words[1]);
  }
  if (!s->report || !words[0] || !words[1]) fault_die("guard: --report FILE -- COMMAND");
  s->command = words + 1;
}

/* ---- the command ------------------------------------------------------------------------------- */

/* The status a shell gives for a command it cannot run. */
static _Noreturn void fail_child(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  _exit(127);
}

/* Makes 'fd' the file of that path. */
static void redirect(int fd, const char *path, int flags) {
  int opened = open(path, flags, 0600);
  if (opened < 0) fail_child(path);
  if (opened == fd) return;
  dup2(opened, fd);
  close(opened);
}

/* 'assignment' is NAME=VALUE and is taken apart in place. */
static void set_variable(char *assignment) {
  char *equals = strchr(assignment, '=');
  if (!equals) fault_die("guard: --set NAME=VALUE");
  *equals = '\0';
  setenv(assignment, equals + 1, 1);
}

/* In order, so that a later word wins. */
static void change_environment(char **words) {
  for (; strcmp(words[0], "--") != 0; words += 2) {
    if (strcmp(words[0], "--set") == 0) set_variable(words[1]);
    if (strcmp(words[0], "--unset") == 0) unsetenv(words[1]);
  }
}

/* stderr comes first: it tells what is wrong with the others. */
static _Noreturn void become_command(const setting *s, const sigset_t *mask) {
  setpgid(0, 0);
  fault_signals_forget();
  sigprocmask(SIG_SETMASK, mask, NULL);
  redirect(2, s->err, O_WRONLY | O_CREAT | O_TRUNC);
  redirect(0, s->in, O_RDONLY);
  redirect(1, s->out, O_WRONLY | O_CREAT | O_TRUNC);
  change_environment(s->changes);
  if (s->cwd && chdir(s->cwd)) fail_child(s->cwd);
  execvp(s->command[0], s->command);
  fail_child(s->command[0]);
}

/* Signals are held back meanwhile, so that the child never runs the guard's own handler. */
static void start_command(guard *g, const setting *s) {
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  g->child = fork();
  if (g->child < 0) fault_die("guard: %s", strerror(errno));
  if (g->child == 0) become_command(s, &before);
  setpgid(g->child, g->child); /* fails when the child was quicker */
  sigprocmask(SIG_SETMASK, &before, NULL);
  g->running = true;
}

/* ---- the report -------------------------------------------------------------------------------- */

/* Writes "WORD [DETAIL] [TIME]". */
static void report(const guard *g, const char *word, const char *detail, bool timed) {
  fault_bytes line = {0};
  fault_bytes_add_text(&line, word);
  if (detail) {
    fault_bytes_add(&line, " ", 1);
    fault_bytes_add_text(&line, detail);
  }
  if (timed) {
    fault_bytes_add(&line, " ", 1);
    fault_bytes_add_seconds(&line, fault_clock() - g->start);
  }
  fault_bytes_add(&line, "\n", 1);
  if (!fault_write_all(g->report, line.p, line.n)) fault_die("guard: no report");
  fault_bytes_clear(&line);
}

/* The same with a number as its detail. */
static void report_number(const guard *g, const char *word, int number, bool timed) {
  char text[16];
  snprintf(text, sizeof text, "%d", number);
  report(g, word, text, timed);
}

/* ---- what happens ------------------------------------------------------------------------------ */

/* SIGTERM the first time, SIGKILL when its time of grace is over. */
static void end_command(guard *g) {
  if (!g->running) return;
  kill(-g->child, g->termed ? SIGKILL : SIGTERM);
  kill(-g->child, SIGCONT);
  g->termed = true;
  g->due = fault_clock() + GRACE;
}

/* Ends what is left of the group.  Guards among it need a moment for what they guard. */
static void sweep(const guard *g) {
  int64_t due = fault_clock() + SWEEP;
  kill(-g->child, SIGTERM);
  waitpid(g->child, NULL, 0);
  while (kill(-g->child, 0) == 0 && fault_clock() < due)
    nanosleep(&(struct timespec){.tv_nsec = NAP}, NULL);
  kill(-g->child, SIGKILL);
}

/* Learns that it has ended without reaping it, so that its pid stays its own meanwhile. */
static void look_at_command(guard *g) {
  siginfo_t info = {0};
  if (!g->running || waitid(P_PID, (id_t)g->child, &info, WEXITED | WNOHANG | WNOWAIT)) return;
  if (info.si_pid != g->child) return;
  g->running = false;
  g->due = 0;
  if (info.si_code == CLD_EXITED)
    report_number(g, "exit", info.si_status, true);
  else
    report_number(g, "killed", info.si_status, true);
  sweep(g);
}

/* A signal for a command that has ended is dropped. */
static void send_signal(guard *g, const char *name) {
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    if (strcmp(signals[i].name, name) != 0) continue;
    if (!g->running) return;
    report(g, "signal", name, true);
    kill(g->child, signals[i].number);
    return;
  }
  fault_die("guard: no signal %s", name);
}

/* One line of stdin, its newline gone. */
static void obey(guard *g, const char *line) {
  if (strncmp(line, "WAIT ", 5) != 0) {
    send_signal(g, line);
    return;
  }
  g->waiting = g->leaving = true;
  if (g->running) g->due = fault_clock() + (int64_t)(strtod(line + 5, NULL) * 1e6);
}

/* An unfinished line waits for its rest. */
static void read_lines(guard *g) {
  char block[256];
  ssize_t n = read(0, block, sizeof block);
  if (n < 0) return;
  g->ended = n == 0;
  fault_bytes_add(&g->lines, block, (size_t)n);
  char *end;
  while (g->lines.n && (end = memchr(g->lines.p, '\n', g->lines.n))) {
    *end = '\0';
    obey(g, g->lines.p);
    fault_bytes_drop(&g->lines, (size_t)(end + 1 - g->lines.p));
  }
  if (!g->ended) return;
  g->leaving = true;
  if (!g->waiting) end_command(g);
}

/* Whoever ends the guard ends the command. */
static void look_at_signals(guard *g) {
  for (int number; (number = fault_signals_next());) {
    if (number == SIGCHLD) continue;
    g->leaving = true;
    end_command(g);
  }
}

/* Time is over: the limit, or the grace after SIGTERM. */
static void look_at_clock(guard *g) {
  if (!g->due || fault_clock() < g->due) return;
  if (!g->termed) report(g, "limit", NULL, true);
  end_command(g);
}

/* ---- the guard --------------------------------------------------------------------------------- */

/* Rounded up, so that the clock is past the moment when poll returns. */
static int time_to_poll(const guard *g) {
  if (!g->due) return -1;
  int64_t left = (g->due - fault_clock()) / 1000 + 1;
  return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* Until the command has ended and nobody can write to us any more. */
static void watch(guard *g, int signal_pipe) {
  while (g->running || !g->leaving) {
    struct pollfd polled[] = {{.fd = g->ended ? -1 : 0, .events = POLLIN},
                              {.fd = signal_pipe, .events = POLLIN}};
    if (poll(polled, 2, time_to_poll(g)) > 0) {
      if (polled[1].revents) look_at_signals(g);
      if (polled[0].revents) read_lines(g);
    }
    look_at_command(g);
    look_at_clock(g);
  }
}

int fault_guard(char **words) {
  static const int caught[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
  setting s;
  read_setting(&s, words);
  guard g = {.start = fault_clock(), .waiting = s.wait, .leaving = s.wait};
  g.report = open(s.report, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (g.report < 0) fault_die("%s: %s", s.report, strerror(errno));
  int signal_pipe = fault_signals_open(caught, 4);
  start_command(&g, &s);
  report_number(&g, "pid", (int)g.child, false);
  const char *limit = s.wait ? s.wait : s.limit;
  if (limit) g.due = g.start + (int64_t)(strtod(limit, NULL) * 1e6);
  watch(&g, signal_pipe);
  fault_bytes_clear(&g.lines);
  close(g.report);
  return 0;
}

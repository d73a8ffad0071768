/*
** The sandbox: an OpenAI-compatible server on loopback that answers by rules, not by a language
** model.  It reads the schema and the user's text in a request and fills the schema with what it
** finds.  Started by "make demo" and "make sandbox"; "sandbox --help" tells its options.
*/
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examples/sandbox/routes.h"
#include "examples/sandbox/serve.h"

#define MOST_PACE 10000 /* milliseconds */

static const char usage[] =
    "usage: sandbox [--port N] [--sloppy[=KIND]] [--pace MS] [--until-eof]\n"
    "\n"
    "An OpenAI-compatible server on 127.0.0.1 that answers by rules, not by a language model.\n"
    "\n"
    "  --port N         listen there (0, the default: a free port)\n"
    "  --sloppy[=KIND]  the first answer of a conversation errs: words (\"30 years\" for a "
    "number),\n"
    "                   missing (a key), fence (JSON in a fenced block), prose (no JSON)\n"
    "  --pace MS        rest between two events of a stream\n"
    "  --until-eof      end when standard input, a pipe, does\n";

typedef struct options {
  unsigned port, pace;
  box_slip slip;
  bool until_eof;
  bool help;
} options;

/* ---- options --------------------------------------------------------------------------------- */

static bool read_number(const char *text, unsigned most, unsigned *number) {
  char *end;
  if (text == NULL || text[0] < '0' || text[0] > '9') return false;
  errno = 0;
  unsigned long n = strtoul(text, &end, 10);
  if (*end != '\0' || errno != 0 || n > most) return false;
  *number = (unsigned)n;
  return true;
}

static bool read_slip(const char *word, box_slip *slip) {
  *slip = box_slip_find(inst_str_of(word));
  return *slip != BOX_SLIP_COUNT;
}

/* Reads one option; returns how many words it took, 0 for one that is not understood. */
static int read_option(options *o, char *const *words) {
  inst_str word = inst_str_of(words[0]);
  if (inst_str_is(word, INST_LIT("--port"))) return read_number(words[1], 65535, &o->port) ? 2 : 0;
  if (inst_str_is(word, INST_LIT("--pace")))
    return read_number(words[1], MOST_PACE, &o->pace) ? 2 : 0;
  if (inst_str_is(word, INST_LIT("--sloppy"))) return read_slip("words", &o->slip) ? 1 : 0;
  if (inst_str_starts(word, INST_LIT("--sloppy=")))
    return read_slip(words[0] + 9, &o->slip) ? 1 : 0;
  if (inst_str_is(word, INST_LIT("--until-eof")))
    o->until_eof = true;
  else if (inst_str_is(word, INST_LIT("--help")))
    o->help = true;
  else
    return 0;
  return 1;
}

static bool read_options(options *o, char *const *words) {
  while (*words != NULL) {
    int n = read_option(o, words);
    if (n == 0) {
      fprintf(stderr, "sandbox: cannot understand '%s'\n%s", *words, usage);
      return false;
    }
    words += n;
  }
  return true;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static int stop_pipe[2]; /* a signal writes into it, the server reads */

static void on_signal(int number) {
  int kept = errno;
  (void)number;
  if (write(stop_pipe[1], "", 1) < 0) { /* it is full: the server has been told already */
  }
  errno = kept;
}

static bool prepare_signals(void) {
  struct sigaction stop = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
  if (pipe(stop_pipe) != 0 || fcntl(stop_pipe[1], F_SETFL, O_NONBLOCK) != 0) return false;
  sigemptyset(&stop.sa_mask);
  sigemptyset(&ignore.sa_mask);
  return sigaction(SIGTERM, &stop, NULL) == 0 && sigaction(SIGINT, &stop, NULL) == 0 &&
         sigaction(SIGPIPE, &ignore, NULL) == 0;
}

/* A file or /dev/null ends at once: that cannot be meant. */
static bool has_stream_input(void) {
  struct stat input;
  return fstat(STDIN_FILENO, &input) == 0 &&
         (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode) || isatty(STDIN_FILENO));
}

static int serve(const options *o) {
  box_routes routes = {.slip = o->slip};
  inst_error error = {0};
  box_server *server = box_server_new(o->port, box_routes_answer, &routes, routes.alloc, &error);
  if (server == NULL) {
    fprintf(stderr, "sandbox: %s\n", error.text);
    return 1;
  }
  routes.port = box_server_port(server);
  box_server_set_pace(server, o->pace);
  printf("sandbox: http://127.0.0.1:%u/v1 (answers by rules, not by a language model)\n",
         routes.port);
  bool told = fflush(stdout) == 0;
  if (told) box_server_run(server, stop_pipe[0], o->until_eof ? STDIN_FILENO : -1);
  box_server_free(server);
  return told ? 0 : 1;
}

int main(int argc, char **argv) {
  options o = {.slip = BOX_SLIP_NONE};
  (void)argc;
  if (argv[0] == NULL || !read_options(&o, argv + 1)) return 2;
  if (o.help) {
    fputs(usage, stdout);
    return 0;
  }
  if (o.until_eof && !has_stream_input()) {
    fputs("sandbox: --until-eof needs a pipe as standard input\n", stderr);
    return 2;
  }
  if (!prepare_signals()) {
    fputs("sandbox: cannot prepare for signals\n", stderr);
    return 1;
  }
  return serve(&o);
}

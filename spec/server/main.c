/*
** faultserver: the server for misbehaviour of the specs, and what specs need to handle processes.
** In: the command line.  Out: one of its services, each in a room of its own.
** It stands alone: plain POSIX, nothing of the library it tests.
*/
#define _POSIX_C_SOURCE 200809L
#include "spec/server/await.h"
#include "spec/server/bytes.h"
#include "spec/server/guard.h"
#include "spec/server/serve.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "faultserver --script FILE --journal FILE [--port NUMBER] [--receive-buffer BYTES]\n"
    "            [--until-eof | --stdio]\n"
    "  answers HTTP requests on 127.0.0.1 as the script says and writes down what it was asked;\n"
    "  prints its port on a line when it is ready; ends at SIGTERM, and with --until-eof when\n"
    "  stdin ends.  --stdio: serves the one connection that stdin and stdout are.\n"
    "faultserver --guard …                        runs a command and sees to it that it ends\n"
    "faultserver --now                            prints seconds on a clock\n"
    "faultserver --await-lines FILE COUNT SECONDS waits until a file has so many lines\n"
    "faultserver --await-port PORT SECONDS        waits until a port answers\n"
    "faultserver --free-port                      prints a port that is free\n";

static const struct {
  const char *name;
  int (*run)(char **words);
} services[] = {{"--guard", fault_guard},
                {"--now", fault_now},
                {"--await-lines", fault_await_lines},
                {"--await-port", fault_await_port},
                {"--free-port", fault_free_port}};

static int to_int(const char *name, const char *value, uint64_t limit) {
  uint64_t number;
  if (!fault_read_number(value, strlen(value), limit, &number))
    fault_die("%s takes a number", name);
  return (int)number;
}

/* Reads one option; returns how many words it took. */
static int read_option(fault_serve_options *o, char **words) {
  const char *name = words[0], *value = words[1];
  if (strcmp(name, "--until-eof") == 0) {
    o->until_eof = true;
    return 1;
  }
  if (strcmp(name, "--stdio") == 0) {
    o->stdio = true;
    return 1;
  }
  if (!value) fault_die("%s needs a value", name);
  if (strcmp(name, "--script") == 0)
    o->script = value;
  else if (strcmp(name, "--journal") == 0)
    o->journal = value;
  else if (strcmp(name, "--port") == 0)
    o->port = to_int(name, value, 65535);
  else if (strcmp(name, "--receive-buffer") == 0)
    o->receive_buffer = to_int(name, value, 1 << 30);
  else
    fault_die("no option %s; try --help", name);
  return 2;
}

/* The server itself needs no name of its own. */
static int serve(char **words) {
  fault_serve_options options = {0};
  while (*words) words += read_option(&options, words);
  if (!options.script || !options.journal) fault_die("--script and --journal are needed");
  if (options.stdio && options.until_eof) fault_die("--stdio ends with stdin anyway");
  return fault_serve(&options);
}

/* A spec process may hold connections open: they must not live on in a program it starts. */
static void forget_inherited(void) {
  for (int fd = 3; fd < 1024; fd++) close(fd);
}

int main(int count, char **words) {
  forget_inherited();
  if (count < 2 || strcmp(words[1], "--help") == 0) {
    fputs(usage, count < 2 ? stderr : stdout);
    return count < 2 ? 2 : 0;
  }
  for (size_t i = 0; i < sizeof services / sizeof *services; i++)
    if (strcmp(words[1], services[i].name) == 0) return services[i].run(words + 2);
  return serve(words + 1);
}

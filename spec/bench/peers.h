/*
** What the programs that measure clients share: a server in a process of its own, and medians.
** Static, since each of these programs is a file by itself.
*/
#ifndef SPEC_BENCH_PEERS_H
#define SPEC_BENCH_PEERS_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static char url[64]; /* of the server */

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* A socket of the loopback that listens, with room for 'waiting' connections; fills in 'url'. */
static int listen_somewhere(int waiting) {
  struct sockaddr_in here = {.sin_family = AF_INET};
  socklen_t size = sizeof here;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&here, sizeof here) != 0 ||
      listen(listener, waiting) != 0 || getsockname(listener, (struct sockaddr *)&here, &size) != 0)
    die("server");
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", ntohs(here.sin_port));
  return listener;
}

/* 'serve' in a process of its own, which ends with ours. */
static pid_t start_server(void (*serve)(int listener), int waiting) {
  int listener = listen_somewhere(waiting);
  pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    signal(SIGPIPE, SIG_IGN);
    serve(listener);
    _exit(1);
  }
  close(listener);
  return pid;
}

/* Seconds of CPU, the system's part included. */
static double cpu_of(const struct rusage *r) {
  return (double)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) +
         (double)(r->ru_utime.tv_usec + r->ru_stime.tv_usec) / 1e6;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Sorts 'list'. */
static double median(double *list, size_t n) {
  qsort(list, n, sizeof *list, compare);
  return list[n / 2];
}

#endif

/*
** What the libcurl transport waits with: a list of sockets that the system keeps, and what becomes
** of it where there is none or where a process shares it.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/curl_check.h"

#include <sys/resource.h>
#include <sys/wait.h>

/* Two at once, whom nobody answers: from then on the engine has its list. */
static void crowd(void) {
  for (int i = 14; i < 16; i++) {
    inst_request request = question("http://127.0.0.1:1/");
    assert_int_equal(start_request(&the.w[i], &request), 0);
  }
  for (int i = 14; i < 16; i++) {
    for (int k = 0; k < 100 && the.w[i].ends == 0; k++) pump(0.1);
    assert_int_equal(the.w[i].ends, 1);
  }
}

/* The system is asked for what it says of us, where our transport has such lists. */
static DIR *open_own(const char *folder) {
#if defined(__linux__) && !defined(INST_NO_EPOLL)
  return opendir(folder);
#else
  (void)folder;
  return NULL;
#endif
}

/* The sum of what 'count' finds behind each path in that folder; -1: nothing is said there. */
static int count_in_own(const char *name, int (*count)(const char *path)) {
  DIR *folder = open_own(name);
  char path[300];
  int n = 0;
  if (folder == NULL) return -1;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    snprintf(path, sizeof path, "%s/%s", name, entry->d_name);
    n += count(path);
  }
  closedir(folder);
  return n;
}

static int sockets_told_in(const char *path) {
  char line[200];
  int n = 0;
  FILE *info = fopen(path, "r");
  while (info != NULL && fgets(line, sizeof line, info) != NULL) n += strncmp(line, "tfd:", 4) == 0;
  if (info != NULL) fclose(info);
  return n;
}

static int is_list(const char *path) {
  char name[64];
  const ssize_t length = readlink(path, name, sizeof name - 1);
  name[length > 0 ? length : 0] = '\0';
  return strstr(name, "eventpoll") != NULL;
}

/* How many sockets the system watches for us, as it says itself; -1: it says nothing. */
static int count_watched(void) {
  return count_in_own("/proc/self/fdinfo", sockets_told_in);
}

/* How many lists of sockets we have; -1: it says nothing. */
static int count_lists(void) {
  return count_in_own("/proc/self/fd", is_list);
}

/* How the child 'pid' ended. */
static int status_of(pid_t pid) {
  int status = -1;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_process_forked_off_takes_none_of_our_sockets_with_it(void **state) {
  (void)state;
  SERVE(SAY(OK("4") "here"));
  crowd();
  the.server.together = 2; /* so that nobody is answered yet */
  inst_request request = question(url_at(0, the.server.port, "/"));
  request.connect_timeout = request.total_timeout = 60; /* no time of libcurl's is over meanwhile */
  assert_int_equal(start_request(&the.w[0], &request), 0);
  pump_for(0.3);
  const pid_t pid = fork();
  if (pid == 0) {
    the.curl->close(the.engine);
    _exit(0);
  }
  assert_int_equal(status_of(pid), 0);
  the.server.together = 0;
  ask(1, "/"); /* wakes the server; it is told no, for there was one turn */
  finish(1);
  assert_true(the.w[0].whole);
  assert_string_equal(the.w[0].body, "here");
}

static void a_process_forked_off_may_use_the_engine_itself(void **state) {
  (void)state;
  SERVE(SAY_THEN(OK("4") "here", LOOPBACK_CLOSE), SAY(OK("5") "there"));
  crowd();
  const pid_t pid = fork();
  if (pid == 0) {
    ask(0, "/");
    for (int i = 0; i < 100 && the.w[0].ends == 0; i++) pump(0.1);
    the.curl->close(the.engine);
    _exit(the.w[0].whole && the.w[0].body_n == 4 ? 0 : 1);
  }
  assert_int_equal(status_of(pid), 0);
  ask(1, "/");
  for (int i = 0; i < 100 && the.w[1].ends == 0; i++) pump(0.1);
  assert_true(the.w[1].whole);
  assert_int_equal(the.w[1].body_n, 5);
}

/* When it wants one, there is no descriptor left. */
static void where_the_system_refuses_a_list_all_goes_on_without(void **state) {
  (void)state;
  struct rlimit before, none;
  SERVE(DRIP(CHUNKED "4\r\nhere\r\n0\r\n\r\n"), SAY(OK("5") "there"));
  const int next = dup(0);
  assert_true(next > 0);
  close(next);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = before;
  none.rlim_cur = (rlim_t)next;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  crowd();
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  ask(0, "/");
  ask(1, "/");
  finish(2);
  assert_true(the.w[0].whole && the.w[1].whole);
  assert_true(count_lists() <= 0);
}

/* When the second comes, libcurl has no time left that would have it look at the first. */
static void one_that_was_alone_is_heard_when_others_join_it(void **state) {
  (void)state;
  SERVE(SAY(OK("4") "here"), SAY(OK("5") "there"));
  the.server.together = 2;
  for (int i = 0; i < 2; i++) {
    inst_request request = question(url_at(i, the.server.port, "/"));
    request.connect_timeout = request.total_timeout = 60;
    assert_int_equal(start_request(&the.w[i], &request), 0);
    pump_for(i == 0 ? 0.4 : 0);
    pump(0);
    assert_true(count_lists() == i || count_lists() < 0);
  }
  finish(2);
  assert_true(the.w[0].whole && the.w[1].whole);
}

static void what_nobody_answers_ends_in_its_time_however_many_wait(void **state) {
  (void)state;
  enum { COUNT = 16 };
  loopback_turn turns[COUNT];
  for (int i = 0; i < COUNT; i++) turns[i] = (loopback_turn)SAY_THEN("", LOOPBACK_STALL);
  serve(&the.server, turns, COUNT);
  for (int i = 0; i < COUNT; i++) {
    inst_request request = question(url_at(i % 16, the.server.port, "/"));
    request.total_timeout = 0.2 + 0.01 * i;
    if (start_request(&the.w[i], &request) != 0) fail_msg("start: %s", the.w[i].error.text);
  }
  finish(COUNT);
  for (int i = 0; i < COUNT; i++) assert_int_equal(the.w[i].error.code, INST_E_TIMEOUT);
}

/* A stream is read in sips, whatever the handle read before. */
static void a_long_answer_comes_whole_as_a_stream_and_at_once(void **state) {
  (void)state;
  size_t n;
  char *text = make_flood(OK("65536"), "0123456789abcdef", 65536 + strlen(OK("65536")), &n);
  const loopback_turn turns[] = {{text, n, LOOPBACK_KEEP, false}, {text, n, LOOPBACK_KEEP, false}};
  serve(&the.server, turns, 2);
  inst_request request = question(url_at(0, the.server.port, "/"));
  int pieces[2];
  for (int i = 0; i < 2; i++) {
    request.streamed = i == 1;
    assert_int_equal(start_request(&the.w[i], &request), 0);
    finish(i + 1);
    assert_true(the.w[i].whole);
    assert_int_equal(the.w[i].body_n, 65536);
    pieces[i] = the.w[i].bodies;
  }
  assert_true(pieces[1] > 2 * pieces[0]);
  loopback_stop(&the.server);
  free(text);
}

static void ask_and_finish(int i) {
  ask(i, "/");
  finish(i + 1);
  assert_true(the.w[i].whole);
  assert_string_equal(the.w[i].body, "here");
}

#define HERE CHUNKED "4\r\nhere\r\n0\r\n\r\n"

static void a_connection_that_rests_is_not_watched_anew(void **state) {
  (void)state;
  SERVE(DRIP(HERE), DRIP(HERE), SAY(OK("4") "here"), DRIP(HERE));
  if (count_watched() != 0) skip();
  crowd();
  for (int i = 0; i < 4; i++) {
    ask_and_finish(i);
    assert_int_equal(count_watched(), 1);
  }
  assert_int_equal(the.server.accepted, 1);
}

/* What comes on it then is no reason to wake up, but once. */
static void one_that_the_server_closes_meanwhile_wakes_nobody(void **state) {
  (void)state;
  static const loopback_turn turns[] = {{HERE, sizeof HERE - 1, LOOPBACK_CLOSE, true}, DRIP(HERE)};
  serve(&the.server, turns, CHECK_COUNT(turns));
  crowd();
  ask_and_finish(0);
  for (int i = 0; i < 50 && count_watched() > 0; i++) pump(0.1);
  assert_true(count_watched() <= 0);
  const double before = seconds_now();
  pump(0.2);
  assert_true(seconds_now() - before > 0.15);
  ask_and_finish(1);
  assert_int_equal(the.server.accepted, 2);
}

static void connections_that_libcurl_closes_leave_the_list(void **state) {
  (void)state;
  SERVE(DRIP("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nhere"), DRIP(HERE),
        DRIP("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nhere"), DRIP(HERE));
  if (count_watched() != 0) skip();
  crowd();
  for (int i = 0; i < 4; i++) {
    ask_and_finish(i);
    assert_int_equal(count_watched(), i % 2);
  }
}

/* The system itself forgets a socket only when nobody has it any more. */
static void they_do_so_though_another_process_still_has_them(void **state) {
  (void)state;
  SERVE(DRIP(HERE), DRIP("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nhere"));
  if (count_watched() != 0) skip();
  crowd();
  ask_and_finish(0);
  const pid_t pid = fork();
  if (pid == 0) {
    sleep(60);
    _exit(0);
  }
  ask_and_finish(1);
  const int left = count_watched();
  assert_int_equal(kill(pid, SIGKILL), 0);
  status_of(pid);
  assert_int_equal(left, 0);
}

int main(void) {
  const struct CMUnitTest specs[] = {
      SPEC(a_process_forked_off_takes_none_of_our_sockets_with_it),
      SPEC(a_process_forked_off_may_use_the_engine_itself),
      SPEC(where_the_system_refuses_a_list_all_goes_on_without),
      SPEC(one_that_was_alone_is_heard_when_others_join_it),
      SPEC(what_nobody_answers_ends_in_its_time_however_many_wait),
      SPEC(a_long_answer_comes_whole_as_a_stream_and_at_once),
      SPEC(a_connection_that_rests_is_not_watched_anew),
      SPEC(one_that_the_server_closes_meanwhile_wakes_nobody),
      SPEC(connections_that_libcurl_closes_leave_the_list),
      SPEC(they_do_so_though_another_process_still_has_them),
  };
  return cmocka_run_group_tests_name("curl: waiting", specs, curl_check_begin, NULL);
}

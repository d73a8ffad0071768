/*
** The libcurl transport under its driver: exchanges cancelled and started at awkward moments, many
** at once, the wait in pump, memory that runs out, and signals.
*/
#define _GNU_SOURCE /* RTLD_NEXT */

#include "spec/core/curl_check.h"

#include <dlfcn.h>
#include <netdb.h>
#include <sys/time.h>

/* ---- cancelling and starting, from inside and outside ---------------------------------------- */

static void cancelling_closes_the_connection_and_says_nothing(void **state) {
  (void)state;
  SERVE(SAY_THEN("HTTP/1.1 200 OK\r\nX-Half", LOOPBACK_STALL));
  ask(0, "/");
  pump_until_asked(1);
  pump_for(0.03);
  cancel(&the.w[0]);
  cancel(&the.w[0]); /* harmless */
  wait_until_hung_up(1);
  pump_for(0.03);
  assert_int_equal(the.w[0].heads + the.w[0].bodies + the.w[0].ends, 0);
}

static void closing_cancels_what_is_under_way(void **state) {
  (void)state;
  SERVE(SAY_THEN("", LOOPBACK_STALL), SAY_THEN("", LOOPBACK_STALL));
  ask(0, "/");
  ask(1, "/");
  pump_until_asked(2);
  ask(2, "/");
  the.curl->close(the.engine);
  the.engine = NULL;
  check_no_leaks(&the.memory);
  wait_until_hung_up(2);
  for (int i = 0; i < 3; i++) assert_int_equal(the.w[i].ends, 0);
}

static void cancel_me(witness *w) {
  cancel(w);
}
static void cancel_other(witness *w) {
  cancel(w->other);
}
static void start_other(witness *w) {
  start(w->other, w->other == &the.w[1] ? the.url[1] : "");
}
static void start_and_cancel_other(witness *w) {
  start_other(w);
  cancel_other(w);
}

static void a_sink_may_cancel_its_own_exchange(void **state) {
  (void)state;
  SERVE(SAY(OK("2") "hi"), SAY(OK("2") "hi"), SAY(OK("2") "hi"), SAY(OK("2") "hi"));
  the.w[0].at_head = the.w[1].at_header = the.w[2].at_body = the.w[3].at_end = cancel_me;
  for (int i = 0; i < 4; i++) {
    ask(i, "/");
    pump_until(i == 3 ? &the.w[i].ends : &the.w[i].heads, 1);
    pump_for(0.03);
    assert_int_equal(the.w[i].headers, i == 0 ? 0 : 1);
    assert_int_equal(the.w[i].bodies, i < 2 ? 0 : 1);
    assert_int_equal(the.w[i].ends, i < 3 ? 0 : 1);
  }
}

static void a_sink_may_cancel_another_exchange(void **state) {
  (void)state;
  static const loopback_turn turns[] = {SAY(OK("2") "hi"), SAY(OK("2") "hi")};
  void (**places[])(witness *) = {&the.w[0].at_head, &the.w[0].at_body, &the.w[0].at_end};
  for (size_t i = 0; i < CHECK_COUNT(places); i++) {
    start_over();
    the.server.together = 2; /* so that both answers lie ready at once */
    serve(&the.server, turns, 2);
    *places[i] = cancel_other;
    the.w[0].other = &the.w[1];
    ask(0, "/");
    ask(1, "/");
    pump_until_asked(2);
    for (int n = 0; n < 10; n++) rest_a_moment();
    finish(1);
    pump_for(0.03);
    assert_true(the.w[0].whole);
  }
}

static void a_sink_may_start_another_exchange(void **state) {
  (void)state;
  static const loopback_turn turns[] = {SAY(OK("3") "one"), SAY(OK("3") "two")};
  void (**places[])(witness *) = {&the.w[0].at_head, &the.w[0].at_body, &the.w[0].at_end};
  for (size_t i = 0; i < CHECK_COUNT(places); i++) {
    start_over();
    serve(&the.server, turns, 2);
    *places[i] = start_other;
    the.w[0].other = &the.w[1];
    url_at(1, the.server.port, "/");
    ask(0, "/");
    finish(2);
    assert_body(&the.w[0], "one");
    assert_body(&the.w[1], "two");
  }
}

static void what_a_sink_started_it_may_cancel_at_once(void **state) {
  (void)state;
  SERVE(SAY(OK("3") "one"), SAY(OK("3") "two"));
  the.w[0].at_body = start_and_cancel_other;
  the.w[0].other = &the.w[1];
  url_at(1, the.server.port, "/");
  ask(0, "/");
  finish(1);
  pump_for(0.03);
  assert_true(the.w[0].whole);
  assert_int_equal(the.w[1].ends, 0);
  assert_int_equal(the.server.asked, 1);
}

static void pump_again(witness *w) {
  assert_int_equal(the.curl->pump(the.engine, 0, &w->error), -1);
  assert_int_equal(w->error.code, INST_E_USAGE);
}

static void a_sink_may_not_pump(void **state) {
  (void)state;
  SERVE(SAY(OK("2") "hi"));
  the.w[0].at_body = the.w[0].at_end = pump_again;
  ask(0, "/");
  finish(1);
  assert_true(the.w[0].whole);
}

static void an_old_exchange_cannot_cancel_a_new_one(void **state) {
  (void)state;
  SERVE(SAY(OK("3") "one"), SAY(OK("3") "two"));
  ask(0, "/");
  finish(1);
  ask(1, "/"); /* on the same easy handle */
  cancel(&the.w[0]);
  finish(2);
  assert_body(&the.w[1], "two");
}

static void ask_sixteen(bool at_once) {
  memset(the.w, 0, sizeof the.w);
  the.server.together = at_once ? 16 : 0;
  for (int i = 0; i < 16; i++) {
    ask(i, "/");
    if (!at_once) finish(i + 1);
  }
  finish(16);
  for (int i = 0; i < 16; i++) {
    assert_true(the.w[i].whole);
    assert_body(&the.w[i], "each");
  }
  assert_int_equal(the.server.accepted, 16);
}

static void sixteen_exchanges_go_on_at_once_and_their_connections_stay(void **state) {
  (void)state;
  static const loopback_turn one = SAY(OK("4") "each");
  loopback_turn turns[48];
  for (size_t i = 0; i < CHECK_COUNT(turns); i++) turns[i] = one;
  serve(&the.server, turns, CHECK_COUNT(turns));
  ask_sixteen(true);
  ask_sixteen(false);
  ask_sixteen(true);
  loopback_stop(&the.server);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void pump_waits_as_long_as_it_may_and_no_longer(void **state) {
  (void)state;
  SERVE(SAY_THEN("", LOOPBACK_STALL));
  ask(0, "/");
  pump_until_asked(1);
  pump_for(0.05);
  const double begun = seconds_now();
  for (int i = 0; i < 1000; i++) pump(0);
  assert_true(seconds_now() - begun < 10);
  int pumps = 0; /* a limit of libcurl's may end one early */
  for (const double end = seconds_now() + 0.3; seconds_now() < end; pumps++) pump(0.1);
  assert_true(pumps < 30);
  assert_true(seconds_now() - begun < 20);
}

static void pump_returns_as_soon_as_there_is_something_to_tell(void **state) {
  (void)state;
  SERVE(SAY_THEN(OK("9") "some", LOOPBACK_STALL));
  ask(0, "/");
  const double begun = seconds_now();
  while (the.w[0].bodies == 0) pump(20);
  assert_true(seconds_now() - begun < 10);
  cancel(&the.w[0]);
}

static volatile sig_atomic_t signals;

static void note_signal(int number) {
  (void)number;
  signals = 1;
}

static void a_signal_ends_the_wait(void **state) {
  (void)state;
  SERVE(SAY_THEN("", LOOPBACK_STALL));
  struct sigaction before, action = {.sa_handler = note_signal};
  /* Again and again: one may come before the wait has begun. */
  const struct itimerval soon = {{0, 100 * 1000}, {0, 100 * 1000}}, never = {{0, 0}, {0, 0}};
  ask(0, "/");
  pump_until_asked(1);
  pump_for(0.05);
  signals = 0;
  sigaction(SIGALRM, &action, &before);
  const double begun = seconds_now();
  setitimer(ITIMER_REAL, &soon, NULL);
  while (signals == 0) pump(20);
  setitimer(ITIMER_REAL, &never, NULL);
  sigaction(SIGALRM, &before, NULL);
  assert_true(seconds_now() - begun < 10);
}

/* The program's own getaddrinfo comes before the C library's, for libcurl too. */
int getaddrinfo(const char *restrict name, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict found) {
  typedef int finder(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  if (name != NULL && strcmp(name, "slow.invalid") == 0) {
    const struct timespec long_time = {3, 0};
    nanosleep(&long_time, NULL);
    return EAI_AGAIN;
  }
  finder *next = NULL;
  *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
  return next(name, service, hints, found);
}

static void a_slow_name_server_does_not_hold_up_a_cancel(void **state) {
  (void)state;
  const double begun = seconds_now();
  start(&the.w[0], "http://slow.invalid/");
  pump(0.05);
  pump(0.05);
  cancel(&the.w[0]);
  the.curl->close(the.engine);
  the.engine = NULL;
  assert_true(seconds_now() - begun < 2.5);
}

static void an_unknown_name_is_said_plainly(void **state) {
  (void)state;
  start(&the.w[0], "http://slow.invalid:8080/path");
  finish(1);
  assert_fault(&the.w[0], INST_E_NETWORK, true,
               "could not find the address of slow.invalid port 8080");
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* One exchange, redirected or not; false: some step said that memory ran out. */
static bool whole_exchange(inst_alloc alloc, void *ctx) {
  const inst_transport_options options = {.proxy = "", .user_agent = "mine/1"};
  inst_error error = {.code = INST_E_NONE};
  void *engine = NULL;
  witness *w = ctx;
  memset(w, 0, sizeof *w);
  if (the.curl->open(&options, alloc, &engine, &error) != 0) {
    assert_int_equal(error.code, INST_E_MEMORY);
    return false;
  }
  const inst_request request = question(the.url[0]);
  const inst_sink sink = {w, NULL, hear_head, hear_header, hear_body, hear_end};
  if (the.curl->start(engine, &request, &sink, &w->exchange, &w->error) == 0)
    for (int i = 0; i < 100 && w->ends == 0; i++)
      assert_int_equal(the.curl->pump(engine, 1, &error), 0);
  the.curl->close(engine);
  if (!w->whole) assert_int_equal(w->error.code, INST_E_MEMORY);
  return w->whole;
}

static void every_failing_allocation_is_reported(void **state) {
  (void)state;
  static const loopback_turn answers[] = {
      SAY_THEN("HTTP/1.1 307 Go\r\nLocation: /\r\n\r\n", LOOPBACK_CLOSE), SAY(OK("4") "here")};
  loopback_turn turns[LOOPBACK_ROOM];
  for (size_t i = 0; i < LOOPBACK_ROOM; i++) turns[i] = answers[i % 2];
  serve(&the.server, turns, LOOPBACK_ROOM);
  url_at(0, the.server.port, "/");
  assert_true(check_every_failure(whole_exchange, &the.w[0]) >= 5);
  loopback_stop(&the.server);
}

/* ---- broken pipes ---------------------------------------------------------------------------- */

static void a_broken_pipe_of_the_host_stays_the_hosts(void **state) {
  (void)state;
  sigset_t set, before;
  const struct timespec at_once = {0, 0};
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, &before);
  raise(SIGPIPE);
  pump(0);
  assert_int_equal(sigtimedwait(&set, NULL, &at_once), SIGPIPE);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int main(void) {
  const struct CMUnitTest specs[] = {
      SPEC(cancelling_closes_the_connection_and_says_nothing),
      SPEC(closing_cancels_what_is_under_way),
      SPEC(a_sink_may_cancel_its_own_exchange),
      SPEC(a_sink_may_cancel_another_exchange),
      SPEC(a_sink_may_start_another_exchange),
      SPEC(what_a_sink_started_it_may_cancel_at_once),
      SPEC(a_sink_may_not_pump),
      SPEC(an_old_exchange_cannot_cancel_a_new_one),
      SPEC(sixteen_exchanges_go_on_at_once_and_their_connections_stay),
      SPEC(pump_waits_as_long_as_it_may_and_no_longer),
      SPEC(pump_returns_as_soon_as_there_is_something_to_tell),
      SPEC(a_signal_ends_the_wait),
      SPEC(a_slow_name_server_does_not_hold_up_a_cancel),
      SPEC(an_unknown_name_is_said_plainly),
      SPEC(every_failing_allocation_is_reported),
      SPEC(a_broken_pipe_of_the_host_stays_the_hosts),
  };
  return cmocka_run_group_tests_name("curl: flow", specs, curl_check_begin, NULL);
}

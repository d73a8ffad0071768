/*
** How long an exchange of the libcurl transport may take: to be connected, and in all.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/curl_check.h"
#include "spec/core/silence.h"

#define HERE OK("4") "here"

static void start_within(int i, const char *url, double connect, double total) {
  inst_request request = question(url);
  request.connect_timeout = connect;
  request.total_timeout = total;
  if (start_request(&the.w[i], &request) != 0) fail_msg("start: %s", the.w[i].error.text);
}

static void an_answer_may_take_longer_than_its_connection(void **state) {
  (void)state;
  SERVE(SAY(HERE), SAY(HERE));
  the.server.together = 2;
  start_within(0, url_at(0, the.server.port, "/"), 0.1, 10);
  pump_for(0.4);
  assert_int_equal(the.w[0].ends, 0);
  ask(1, "/");
  finish(2);
  assert_true(the.w[0].whole && the.w[1].whole);
}

#define NO_ANSWER "no whole answer came from 127.0.0.1 port "

/* Pumps until the witness has heard that its time is over; it was to be soon. */
static void wait_in_vain(int i) {
  const double before = seconds_now();
  while (the.w[i].ends == 0) pump(5);
  assert_true(seconds_now() - before < 4);
  assert_fault(&the.w[i], INST_E_TIMEOUT, true, NO_ANSWER);
}

/* On connections that stand already libcurl has nothing to wake up for. */
static void a_pump_sleeps_no_longer_than_a_limit_allows(void **state) {
  (void)state;
  SERVE(SAY(HERE), SAY_THEN("", LOOPBACK_STALL));
  ask(0, "/");
  finish(1);
  start_within(1, url_at(1, the.server.port, "/"), 5, 0.15);
  wait_in_vain(1);
}

static void the_least_of_the_limits_counts_whoever_came_first(void **state) {
  (void)state;
  SERVE(SAY(HERE), SAY(HERE), SAY_THEN("", LOOPBACK_STALL), SAY_THEN("", LOOPBACK_STALL));
  the.server.together = 2;
  ask(0, "/");
  ask(1, "/");
  finish(2);
  start_within(2, url_at(2, the.server.port, "/"), 5, 60);
  pump_for(0.05);
  start_within(3, url_at(3, the.server.port, "/"), 5, 0.15);
  wait_in_vain(3);
  assert_int_equal(the.w[2].ends, 0);
}

static int pumps_in_vain(int i) {
  int n = 0;
  for (; the.w[i].ends == 0; n++) pump(5);
  return n;
}

/* libcurl is called now and then for those that are connecting, and not for the others. */
static void a_pump_sleeps_while_a_server_is_silent(void **state) {
  (void)state;
  silence there;
  SERVE(SAY_THEN("", LOOPBACK_STALL), SAY_THEN("", LOOPBACK_STALL));
  the.server.together = 2;
  for (int i = 0; i < 2; i++) start_within(i, url_at(0, the.server.port, "/"), 5, 0.3 + 1.3 * i);
  pump_until_asked(2);
  pumps_in_vain(0);
  assert_true(pumps_in_vain(1) <= 5);
  keep_silent(&there, "127.0.0.2", the.server.port);
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.2:%d/", the.server.port);
  for (int i = 2; i < 4; i++) start_within(i, url, 1, 60);
  assert_true(pumps_in_vain(2) <= 40);
  finish(4);
  end_silence(&there);
}

static void an_answer_that_came_in_time_counts_however_late_it_is_looked_at(void **state) {
  (void)state;
  SERVE(SAY(HERE));
  start_within(0, url_at(0, the.server.port, "/"), 5, 0.2);
  pump_until_asked(1);
  for (int i = 0; i < 80; i++) rest_a_moment();
  finish(1);
  assert_true(the.w[0].whole);
}

static void who_was_away_before_the_first_pump_has_lost_no_time(void **state) {
  (void)state;
  SERVE(SAY(HERE));
  start_within(0, url_at(0, the.server.port, "/"), 0.1, 0.2);
  for (int i = 0; i < 80; i++) rest_a_moment();
  finish(1);
  assert_true(the.w[0].whole);
}

#define NO_CONNECTION "could not connect to 127.0.0.1 port "

static void a_server_that_was_known_may_keep_silent_no_longer_than_any(void **state) {
  (void)state;
  silence there;
  SERVE(SAY(HERE), SAY_THEN(HERE, LOOPBACK_CLOSE));
  for (int i = 0; i < 2; i++) {
    start_within(i, url_at(0, the.server.port, "/"), 0.3, 60);
    finish(i + 1);
    assert_true(the.w[i].whole);
  }
  loopback_stop(&the.server);
  keep_silent(&there, "127.0.0.1", the.server.port);
  start_within(2, the.url[0], 0.3, 60);
  finish(3);
  end_silence(&there);
  assert_fault(&the.w[2], INST_E_TIMEOUT, true, NO_CONNECTION);
}

/* Reads the request that comes on 'fd'. */
static void read_request(int fd) {
  char bytes[4096];
  ssize_t n = -1;
  for (int i = 0; i < 200 && n <= 0; i++) {
    pump(0.01);
    n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  }
  assert_true(n > 0);
}

/* libcurl itself tries again what it sent on a connection that is closed then.  It is the third, for which
** it was told no time: the second found its connection. */
static void one_that_loses_its_connection_has_that_time_again(void **state) {
  (void)state;
  silence there = {.listener = listen_at("127.0.0.1", 0)};
  const int port = port_of(there.listener);
  int peer = -1;
  for (int i = 0; i < 2; i++) {
    start_within(i, url_at(0, port, "/"), 0.3, 60);
    pump_for(0.05);
    if (peer < 0) peer = accept(there.listener, NULL, NULL);
    read_request(peer);
    assert_int_equal(send(peer, HERE, sizeof HERE - 1, 0), sizeof HERE - 1);
    finish(i + 1);
  }
  fill(&there, "127.0.0.1", port);
  start_within(2, the.url[0], 0.3, 60);
  read_request(peer);
  pump_for(0.4); /* connected, it has all the time */
  assert_int_equal(the.w[2].ends, 0);
  close(peer);
  finish(3);
  end_silence(&there);
  assert_fault(&the.w[2], INST_E_TIMEOUT, true, NO_CONNECTION);
}

/* The redirect has come by the time anybody looks at it. */
static void the_time_to_connect_begins_anew_with_a_redirect(void **state) {
  (void)state;
  silence place;
  static const char there[] = "HTTP/1.1 307 There\r\nLocation: /there\r\nConnection: close\r\n"
                              "Content-Length: 0\r\n\r\n";
  static const loopback_turn turns[] = {
      SAY(HERE), SAY(HERE), {there, sizeof there - 1, LOOPBACK_CLOSE, true}};
  serve(&the.server, turns, 3);
  for (int i = 0; i < 2; i++) {
    start_within(i, url_at(0, the.server.port, "/"), 0.3, 60);
    finish(i + 1);
  }
  start_within(2, the.url[0], 0.3, 60);
  pump_until_asked(3);
  for (int i = 0; i < 80; i++) rest_a_moment();
  loopback_stop(&the.server);
  keep_silent(&place, "127.0.0.1", the.server.port);
  finish(3);
  end_silence(&place);
  assert_fault(&the.w[2], INST_E_TIMEOUT, true, NO_CONNECTION);
}

int main(void) {
  const struct CMUnitTest specs[] = {
      SPEC(an_answer_may_take_longer_than_its_connection),
      SPEC(a_pump_sleeps_no_longer_than_a_limit_allows),
      SPEC(the_least_of_the_limits_counts_whoever_came_first),
      SPEC(a_pump_sleeps_while_a_server_is_silent),
      SPEC(an_answer_that_came_in_time_counts_however_late_it_is_looked_at),
      SPEC(who_was_away_before_the_first_pump_has_lost_no_time),
      SPEC(a_server_that_was_known_may_keep_silent_no_longer_than_any),
      SPEC(one_that_loses_its_connection_has_that_time_again),
      SPEC(the_time_to_connect_begins_anew_with_a_redirect),
  };
  return cmocka_run_group_tests_name("curl: limits", specs, curl_check_begin, NULL);
}

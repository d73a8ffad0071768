/*
** Names of servers that the libcurl transport looks up.
*/
#define _GNU_SOURCE /* RTLD_NEXT */

#include "spec/core/curl_check.h"
#include "spec/core/silence.h"

#include <dlfcn.h>
#include <netdb.h>

/* What the system says of two.test: a silent address, and one where there is a server; of three.test:
** two where nobody listens, and that one.  There is no none.test. */
static const struct {
  const char *name, *addresses[4];
} told[] = {
    {"two.test", {"127.0.0.9", "127.0.0.1"}},
    {"three.test", {"127.0.0.7", "127.0.0.8", "127.0.0.1"}},
    {"none.test", {NULL}},
};

INST_API int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                         struct addrinfo **found);
int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                struct addrinfo **found) {
  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
  size_t i = 0;
  while (i < CHECK_COUNT(told) && (host == NULL || strcmp(host, told[i].name) != 0)) i++;
  if (i == CHECK_COUNT(told)) return real(host, port, hints, found);
  int failed = EAI_NONAME;
  for (const char *const *at = told[i].addresses; *at != NULL; at++) {
    failed = real(*at, port, hints, found);
    if (failed != 0) return failed;
    found = &(*found)->ai_next;
  }
  return failed;
}

static void start_at(int i, const char *name, double connect) {
  char url[64];
  snprintf(url, sizeof url, "http://%s:%d/", name, the.server.port);
  inst_request request = question(url);
  request.connect_timeout = connect;
  assert_int_equal(start_request(&the.w[i], &request), 0);
}

/* No connection is kept here, so each of them has to look for the address that answers. */
static void each_address_of_a_server_has_its_share_of_the_time(void **state) {
  (void)state;
  static const char here[] =
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nhere";
  SERVE(SAY_THEN(here, LOOPBACK_CLOSE), SAY_THEN(here, LOOPBACK_CLOSE),
        SAY_THEN(here, LOOPBACK_CLOSE));
  silence there;
  keep_silent(&there, "127.0.0.9", the.server.port);
  for (int i = 0; i < 3; i++) {
    start_at(i, "two.test", 0.6);
    finish(i + 1);
    assert_true(the.w[i].whole);
  }
  end_silence(&there);
}

/* Some releases of libcurl forget, between two addresses, those whose sockets we watch. */
static void several_at_once_get_from_one_address_to_the_next(void **state) {
  (void)state;
  silence there;
  SERVE(SAY(OK("4") "here"), SAY(OK("4") "here"), SAY(OK("4") "here"), SAY(OK("4") "here"));
  keep_silent(&there, "127.0.0.9", the.server.port);
  for (int i = 0; i < 4; i++) start_at(i, told[i % 2].name, 3);
  finish(4);
  for (int i = 0; i < 4; i++) assert_true(the.w[i].whole);
  end_silence(&there);
}

static void one_gets_to_the_next_address_while_others_are_connected(void **state) {
  (void)state;
  silence there;
  SERVE(SAY_THEN("", LOOPBACK_STALL), SAY_THEN("", LOOPBACK_STALL), SAY(OK("4") "here"));
  the.server.together = 2;
  keep_silent(&there, "127.0.0.9", the.server.port);
  start_at(0, "two.test", 3);
  pump(0.01);
  ask(1, "/");
  ask(2, "/");
  pump_until_asked(2);
  finish(1);
  assert_true(the.w[0].whole);
  end_silence(&there);
}

/* libcurl's handle would refuse an option that the next request needs. */
static void a_name_that_is_not_found_spoils_nothing_for_those_after_it(void **state) {
  (void)state;
  SERVE(SAY(OK("4") "here"));
  for (int i = 0; i < 3; i++) {
    inst_request request = question("http://none.test/");
    request.streamed = i % 2 == 1;
    assert_int_equal(start_request(&the.w[i], &request), 0);
    finish(i + 1);
    assert_fault(&the.w[i], INST_E_NETWORK, true, "could not find the address of none.test");
  }
  ask(3, "/");
  finish(4);
  assert_true(the.w[3].whole);
}

int main(void) {
  const struct CMUnitTest specs[] = {
      SPEC(each_address_of_a_server_has_its_share_of_the_time),
      SPEC(several_at_once_get_from_one_address_to_the_next),
      SPEC(one_gets_to_the_next_address_while_others_are_connected),
      SPEC(a_name_that_is_not_found_spoils_nothing_for_those_after_it),
  };
  return cmocka_run_group_tests_name("curl: names", specs, curl_check_begin, NULL);
}

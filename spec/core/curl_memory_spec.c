/*
** The fourth sweep: libcurl's own requests for memory, refused in turn.
** Two calls over one engine, the first redirected, the second on the connection the first has left,
** against a server that answers well.  Whatever is refused, each call ends well or with an ordinary
** error, and libcurl gives back what it took.
*/
#define _POSIX_C_SOURCE 200809L

#include "spec/core/curl_check.h"

#include <curl/curl.h>
#include <stdlib.h>

/* What libcurl takes its memory from.  Its threads, if it starts any, come here too. */
static struct {
  pthread_mutex_t lock;
  size_t asked;   /* requests since the sweep began this round */
  size_t fail_at; /* this one is refused; 0: none */
  bool for_good;  /* and all after it */
  size_t blocks;  /* that are out */
} heap = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool is_refused(void) {
  pthread_mutex_lock(&heap.lock);
  size_t n = ++heap.asked;
  bool refused = heap.fail_at > 0 && (n == heap.fail_at || (heap.for_good && n > heap.fail_at));
  pthread_mutex_unlock(&heap.lock);
  return refused;
}

static void *count_block(void *p) {
  pthread_mutex_lock(&heap.lock);
  heap.blocks += p != NULL;
  pthread_mutex_unlock(&heap.lock);
  return p;
}

static void *heap_malloc(size_t size) {
  return is_refused() ? NULL : count_block(malloc(size));
}

static void *heap_calloc(size_t count, size_t size) {
  return is_refused() ? NULL : count_block(calloc(count, size));
}

static char *heap_strdup(const char *text) {
  size_t n = strlen(text) + 1;
  char *copy = heap_malloc(n);
  return copy != NULL ? memcpy(copy, text, n) : NULL;
}

static void *heap_realloc(void *p, size_t size) {
  if (p == NULL) return heap_malloc(size);
  return is_refused() ? NULL : realloc(p, size);
}

static void heap_free(void *p) {
  if (p == NULL) return;
  pthread_mutex_lock(&heap.lock);
  heap.blocks--;
  pthread_mutex_unlock(&heap.lock);
  free(p);
}

/* ---- two calls ------------------------------------------------------------------------------- */

#define COMPLETION "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"hello\"}}]}"

static inst_call_options options_for(const char *url, const inst_value *params) {
  inst_call_options options;
  inst_call_defaults(&options);
  options.provider = inst_provider_find(INST_LIT("compatible"));
  options.base_url = inst_str_of(url);
  options.api_key = INST_LIT(KEY);
  options.params = params;
  options.http_retries = 0;
  options.deadline = 5;
  return options;
}

/* An error that may be had where memory is short.  LIMIT: to an older libcurl a header line that is
** too long and one it has no memory for are the same. */
static bool is_ordinary(inst_code code) {
  return code == INST_E_MEMORY || code == INST_E_NETWORK || code == INST_E_LIMIT;
}

/* How the call ended. */
static inst_code drive(inst_engine *engine, const inst_call_options *options) {
  inst_error error = {.code = INST_E_NONE};
  inst_call *call = inst_call_new(options, &error);
  assert_non_null(call);
  inst_want want = inst_engine_drive(engine, call, 6);
  assert_true(want == INST_WANT_DONE || want == INST_WANT_FAILED);
  error = *inst_call_error(call);
  inst_engine_drop(engine, call);
  inst_call_free(call);
  if (error.code != INST_E_NONE && !is_ordinary(error.code))
    fail_msg("request %zu: %s: %s", heap.fail_at, inst_code_name(error.code), error.text);
  assert_int_equal(error.code == INST_E_NONE, error.text[0] == '\0');
  return error.code;
}

/* Did both calls end well? */
static bool ask_twice(const inst_value *params) {
  inst_error error = {.code = INST_E_NONE};
  inst_engine *engine = inst_engine_new(the.curl, NULL, (inst_alloc){NULL, NULL}, &error);
  if (engine == NULL) {
    assert_int_equal(error.code, INST_E_MEMORY);
    return false;
  }
  inst_call_options options = options_for(the.url[0], params);
  bool well = drive(engine, &options) == INST_E_NONE;
  well = drive(engine, &options) == INST_E_NONE && well;
  inst_engine_free(engine);
  return well;
}

/* ---- the sweep ------------------------------------------------------------------------------- */

/* One round against a fresh server; libcurl holds afterwards what it held before. */
static bool round_of(size_t fail_at, bool for_good, const inst_value *params) {
  static const loopback_turn turns[] = {
      SAY("HTTP/1.1 307 Go\r\nLocation: /v1/other\r\nContent-Length: 0\r\n\r\n"),
      SAY(OK("64") COMPLETION), SAY(OK("64") COMPLETION)};
  serve(&the.server, turns, CHECK_COUNT(turns));
  url_at(0, the.server.port, "/v1");
  size_t before = heap.blocks;
  heap.asked = 0;
  heap.for_good = for_good;
  heap.fail_at = fail_at;
  bool well = ask_twice(params);
  heap.fail_at = 0;
  if (heap.blocks != before)
    fail_msg("request %zu: %zu blocks, before %zu", fail_at, heap.blocks, before);
  start_over();
  return well;
}

static void sweep(bool for_good) {
  inst_error error = {.code = INST_E_NONE};
  inst_arena *arena = inst_arena_new((inst_alloc){NULL, NULL});
  const inst_value *params =
      inst_json_parse(arena, INST_LIT("{\"model\":\"m\",\"messages\":\"hello\"}"), 8, &error);
  assert_true(round_of(0, false, params)); /* and whatever libcurl makes once is made */
  size_t n = 0;
  do assert_true(n < 2000);
  while (round_of(++n, for_good, params) ? heap.asked >= n : true);
  assert_true(n > 50);
  inst_arena_free(arena);
}

static void a_request_that_is_refused_is_an_ordinary_error(void **state) {
  (void)state;
  sweep(false);
}

static void memory_that_is_gone_for_good_is_one_too(void **state) {
  (void)state;
  sweep(true);
}

/* libcurl takes its memory from here from the first moment on. */
static int begin(void **state) {
  if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, heap_malloc, heap_free, heap_realloc, heap_strdup,
                           heap_calloc) != CURLE_OK)
    return -1;
  return curl_check_begin(state);
}

int main(void) {
  const struct CMUnitTest specs[] = {
      SPEC(a_request_that_is_refused_is_an_ordinary_error),
      SPEC(memory_that_is_gone_for_good_is_one_too),
  };
  return cmocka_run_group_tests_name("curl: memory", specs, begin, NULL);
}

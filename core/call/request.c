/*
** URL, headers, body.
*/
#include "core/call/request.h"

#include "core/base/error.h"
#include "core/json/write.h"

#define BODY_SIZE 2000 /* bytes that a short question is written from */

static bool is_token_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_name(inst_str name) {
  for (size_t i = 0; i < name.n; i++)
    if (!is_token_byte(name.p[i])) return false;
  return name.n > 0;
}

static bool is_field_value(inst_str value) {
  for (size_t i = 0; i < value.n; i++)
    if (value.p[i] == '\r' || value.p[i] == '\n' || value.p[i] == '\0') return false;
  return true;
}

/* The base URL, less a '/' at its end, and the dialect's path; a query of the base stays behind, a
** fragment goes. */
static const char *join_url(inst_str base, const char *path, inst_arena *arena) {
  inst_buf buf;
  size_t end = 0, query = 0;
  while (end < base.n && base.p[end] != '?' && base.p[end] != '#') end++;
  for (query = end; query < base.n && base.p[query] != '#';) query++;
  inst_str behind = {base.p + end, query - end};
  while (end > 0 && base.p[end - 1] == '/') end--;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_add(&buf, (inst_str){base.p, end});
  inst_buf_add(&buf, inst_str_of(path));
  inst_buf_add(&buf, behind);
  return inst_buf_take(&buf, arena).p;
}

static bool is_given(const inst_call_options *options, inst_str name) {
  for (size_t i = 0; i < options->header_count; i++)
    if (inst_str_is_nocase(options->headers[i].name, name)) return true;
  return false;
}

/* The key where the provider wants it: as a bearer's, or bare in a header of its own. */
static inst_header key_header(const inst_call_options *options, inst_arena *arena) {
  const char *own = options->provider->key_header;
  inst_header out = {inst_str_of(own != NULL ? own : "Authorization"), {NULL, 0}};
  inst_buf buf;
  if (options->api_key.n == 0) return out;
  inst_buf_init(&buf, arena->alloc);
  if (own == NULL) inst_buf_add(&buf, INST_LIT("Bearer "));
  inst_buf_add(&buf, options->api_key);
  out.value = inst_buf_take(&buf, arena);
  return out;
}

/* A header without a value is not sent; the user's takes ours of that name away. */
static int add_header(inst_request *request, inst_header *list, inst_header header,
                      inst_error *error) {
  if (!is_name(header.name))
    return inst_error_set(error, INST_E_USAGE,
                          "the name of a header holds a character that HTTP forbids");
  if (!is_field_value(header.value))
    return inst_error_set(error, INST_E_USAGE,
                          "the header %.*s cannot be sent: its value holds a line break",
                          (int)(header.name.n < 64 ? header.name.n : 64), header.name.p);
  if (header.value.p != NULL) list[request->header_count++] = header;
  return 0;
}

/* Ours first, then the user's, which win over ours of the same name. */
static int build_headers(inst_request *request, const inst_call_options *options, inst_arena *arena,
                         inst_error *error) {
  const inst_str json = INST_LIT("application/json");
  inst_header *list = inst_arena_get(arena, (options->header_count + 3) * sizeof *list);
  if (list == NULL) return inst_error_memory(error);
  inst_header ours[] = {
      {INST_LIT("Content-Type"), json},
      {INST_LIT("Accept"), json},
      key_header(options, arena),
  };
  request->headers = list;
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
    if (!is_given(options, ours[i].name) && add_header(request, list, ours[i], error) != 0)
      return -1;
  for (size_t i = 0; i < options->header_count; i++)
    if (add_header(request, list, options->headers[i], error) != 0) return -1;
  return inst_arena_failed(arena) ? inst_error_memory(error) : 0;
}

bool inst_header_is_secret(inst_str name) {
  static const char *const marks[] = {"auth", "key", "token", "secret", "cookie"};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    for (size_t at = 0, n = strlen(marks[i]); at + n <= name.n; at++)
      if (inst_str_is_nocase((inst_str){name.p + at, n}, inst_str_of(marks[i]))) return true;
  return false;
}

static inst_str body_text(const inst_dialect *dialect, const inst_ask *ask, const inst_value *turns,
                          inst_arena *work, inst_arena *arena) {
  const inst_value *body = dialect->write(ask, turns, work);
  return body != NULL && !inst_arena_failed(work) ? inst_json_text(arena, body)
                                                  : (inst_str){NULL, 0};
}

/* The body's text; p NULL: no memory.  A stream, which waits long, gives back what it was written
** from. */
static inst_str write_body(const inst_call_options *options, const inst_dialect *dialect,
                           const inst_ask *ask, const inst_value *turns, inst_arena *arena) {
  inst_arena scratch;
  if (!options->stream) return body_text(dialect, ask, turns, arena, arena);
  inst_arena_init(&scratch, arena->alloc);
  inst_arena_reserve(&scratch, BODY_SIZE);
  inst_str text = body_text(dialect, ask, turns, &scratch, arena);
  inst_arena_clear(&scratch);
  return text;
}

int inst_request_build(inst_request *request, const inst_call_options *options,
                       const inst_dialect *dialect, const inst_ask *ask, const inst_value *turns,
                       inst_arena *arena, inst_error *error) {
  inst_str base = options->base_url;
  if (base.p == NULL) base = inst_str_of(options->provider->base_url);
  *request = (inst_request){.method = "POST",
                            .url = join_url(base, dialect->path, arena),
                            .body = write_body(options, dialect, ask, turns, arena),
                            .connect_timeout = options->connect_timeout,
                            .total_timeout = options->deadline,
                            .streamed = options->stream};
  if (request->url == NULL || request->body.p == NULL) return inst_error_memory(error);
  return build_headers(request, options, arena, error);
}

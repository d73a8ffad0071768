/*
** URL, headers, body.
*/
#include "core/call/request.h"

#include "core/base/error.h"
#include "core/json/write.h"

static bool is_token_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

bool inst_request_header_is_fit(const inst_header *header) {
  for (size_t i = 0; i < header->name.n; i++)
    if (!is_token_byte(header->name.p[i])) return false;
  for (size_t i = 0; i < header->value.n; i++)
    if (header->value.p[i] == '\r' || header->value.p[i] == '\n' || header->value.p[i] == '\0')
      return false;
  return header->name.n > 0;
}

/* The base URL, less a '/' at its end, and the dialect's path; a query of the base stays behind. */
static const char *join_url(inst_str base, const char *path, inst_arena *arena) {
  inst_buf buf;
  size_t end = 0;
  while (end < base.n && base.p[end] != '?') end++;
  inst_str query = {base.p + end, base.n - end};
  while (end > 0 && base.p[end - 1] == '/') end--;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_add(&buf, (inst_str){base.p, end});
  inst_buf_addf(&buf, "%s", path);
  inst_buf_add(&buf, query);
  return inst_buf_take(&buf, arena).p;
}

static bool is_given(const inst_call_options *options, inst_str name) {
  for (size_t i = 0; i < options->header_count; i++)
    if (inst_str_is_nocase(options->headers[i].name, name)) return true;
  return false;
}

static inst_str bearer(inst_str key, inst_arena *arena) {
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  inst_buf_addf(&buf, "Bearer ");
  inst_buf_add(&buf, key);
  return inst_buf_take(&buf, arena);
}

static int add_header(inst_request *request, inst_header *list, inst_header header,
                      inst_error *error) {
  if (!inst_request_header_is_fit(&header))
    return inst_error_set(error, INST_E_USAGE,
                          "the header %.*s cannot be sent: its name or value "
                          "holds a character that HTTP forbids",
                          (int)(header.name.n < 64 ? header.name.n : 64),
                          header.name.p ? header.name.p : "");
  list[request->header_count++] = header;
  return 0;
}

/* Ours first, then the user's, which win over ours of the same name. */
static int build_headers(inst_request *request, const inst_call_options *options, inst_arena *arena,
                         inst_error *error) {
  inst_header *list = inst_arena_get(arena, (options->header_count + 3) * sizeof *list);
  if (list == NULL) return inst_error_memory(error);
  inst_header ours[] = {
      {INST_LIT("Content-Type"), INST_LIT("application/json")},
      {INST_LIT("Accept"), INST_LIT("application/json")},
      {INST_LIT("Authorization"),
       options->api_key.n > 0 ? bearer(options->api_key, arena) : (inst_str){NULL, 0}},
  };
  request->headers = list;
  request->header_count = 0;
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
    if (ours[i].value.p != NULL && !is_given(options, ours[i].name) &&
        add_header(request, list, ours[i], error) != 0)
      return -1;
  for (size_t i = 0; i < options->header_count; i++)
    if (add_header(request, list, options->headers[i], error) != 0) return -1;
  return 0;
}

int inst_request_build(inst_request *request, const inst_call_options *options,
                       const inst_dialect *dialect, const inst_ask *ask, const inst_value *turns,
                       inst_arena *arena, inst_error *error) {
  inst_str base = options->base_url;
  if (base.p == NULL) base = inst_str_of(options->provider->base_url);
  if (base.n == 0) return inst_error_set(error, INST_E_USAGE, "no base_url was given");
  const inst_value *body = dialect->write(ask, turns, arena);
  *request = (inst_request){.method = "POST",
                            .url = join_url(base, dialect->path, arena),
                            .body = body ? inst_json_text(arena, body) : (inst_str){NULL, 0},
                            .connect_timeout = options->connect_timeout,
                            .total_timeout = options->deadline};
  if (request->url == NULL || request->body.p == NULL) return inst_error_memory(error);
  return build_headers(request, options, arena, error);
}

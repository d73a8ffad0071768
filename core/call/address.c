/*
** URL and headers: checked, joined, copied.
*/
#include "core/call/address.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/call/secrets.h"

/* ---- checking -------------------------------------------------------------------------------- */

/* The length of 'start' where 'text' begins with it, in whatever case; else 0. */
static size_t begins(inst_str text, inst_str start) {
  bool long_enough = text.n >= start.n;
  return long_enough && inst_str_is_nocase((inst_str){text.p, start.n}, start) ? start.n : 0;
}

/* A URL that two readers could read differently is none: no blanks, no controls, no backslash. */
static bool is_url(inst_str url) {
  size_t scheme = begins(url, INST_LIT("http://")) + begins(url, INST_LIT("https://"));
  for (size_t i = 0; i < url.n; i++)
    if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7F || url.p[i] == '\\') return false;
  return scheme > 0 && url.n > scheme && strchr("/?#", url.p[scheme]) == NULL;
}

int inst_address_check(const inst_call_options *options, inst_error *error) {
  inst_str url = options->base_url;
  if (url.p == NULL) url = inst_str_of(options->provider->base_url);
  if (url.n == 0) return inst_error_set(error, INST_E_USAGE, "no base_url was given");
  if (!is_url(url))
    return inst_error_set(error, INST_E_USAGE,
                          "base_url must be a URL such as \"https://host/v1\"");
  return 0;
}

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

/* ---- what it is made of ---------------------------------------------------------------------- */

static const inst_header *copy_headers(const inst_call_options *options, inst_arena *arena) {
  size_t n = options->header_count;
  inst_header *copy = inst_arena_get(arena, (n + 1) * sizeof *copy);
  for (size_t i = 0; copy != NULL && i < n; i++)
    copy[i] = (inst_header){inst_arena_copy(arena, options->headers[i].name),
                            inst_arena_copy(arena, options->headers[i].value)};
  return copy;
}

void inst_address_init(inst_address *address, const inst_call_options *options, inst_arena *arena) {
  inst_call_options own = *options;
  own.base_url = inst_arena_copy(arena, options->base_url);
  own.api_key = inst_arena_copy(arena, options->api_key);
  own.headers = copy_headers(options, arena);
  *address = (inst_address){.provider = own.provider,
                            .base_url = own.base_url,
                            .api_key = own.api_key,
                            .given = own.headers,
                            .given_count = own.header_count};
  if (!inst_arena_failed(arena)) address->secrets = inst_secrets_of(&own, arena);
}

/* No text and an empty one are not the same. */
static bool is_same(inst_str a, inst_str b) {
  if (a.p == NULL || b.p == NULL) return a.p == b.p;
  return inst_str_is(a, b);
}

bool inst_address_is_of(const inst_address *address, const inst_call_options *options) {
  if (address->provider != options->provider || address->given_count != options->header_count ||
      !is_same(address->base_url, options->base_url) ||
      !is_same(address->api_key, options->api_key))
    return false;
  for (size_t i = 0; i < options->header_count; i++)
    if (!is_same(address->given[i].name, options->headers[i].name) ||
        !is_same(address->given[i].value, options->headers[i].value))
      return false;
  return true;
}

/* ---- what comes of it ------------------------------------------------------------------------ */

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

static bool is_given(const inst_address *address, inst_str name) {
  for (size_t i = 0; i < address->given_count; i++)
    if (inst_str_is_nocase(address->given[i].name, name)) return true;
  return false;
}

/* The key where the provider wants it: as a bearer's, or bare in a header of its own. */
static inst_header key_header(const inst_address *address, inst_arena *arena) {
  const char *own = address->provider->key_header;
  inst_header out = {inst_str_of(own != NULL ? own : "Authorization"), {NULL, 0}};
  inst_buf buf;
  if (address->api_key.n == 0) return out;
  inst_buf_init(&buf, arena->alloc);
  if (own == NULL) inst_buf_add(&buf, INST_LIT("Bearer "));
  inst_buf_add(&buf, address->api_key);
  out.value = inst_buf_take(&buf, arena);
  return out;
}

/* A header without a value is not sent; the user's takes ours of that name away. */
static int add_header(inst_address *address, inst_header *list, inst_header header,
                      inst_error *error) {
  if (!is_name(header.name))
    return inst_error_set(error, INST_E_USAGE,
                          "the name of a header holds a character that HTTP forbids");
  if (!is_field_value(header.value))
    return inst_error_set(error, INST_E_USAGE,
                          "the header %.*s cannot be sent: its value holds a line break",
                          (int)(header.name.n < 64 ? header.name.n : 64), header.name.p);
  if (header.value.p != NULL) list[address->header_count++] = header;
  return 0;
}

/* Ours first, then the user's, which win over ours of the same name. */
static int build_headers(inst_address *address, inst_arena *arena, inst_error *error) {
  const inst_str json = INST_LIT("application/json");
  inst_header *list = inst_arena_get(arena, (address->given_count + 3) * sizeof *list);
  if (list == NULL) return inst_error_memory(error);
  inst_header ours[] = {
      {INST_LIT("Content-Type"), json},
      {INST_LIT("Accept"), json},
      key_header(address, arena),
  };
  address->headers = list;
  address->header_count = 0;
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
    if (!is_given(address, ours[i].name) && add_header(address, list, ours[i], error) != 0)
      return -1;
  for (size_t i = 0; i < address->given_count; i++)
    if (add_header(address, list, address->given[i], error) != 0) return -1;
  return inst_arena_failed(arena) ? inst_error_memory(error) : 0;
}

int inst_address_complete(inst_address *address, const char *path, inst_arena *arena,
                          inst_error *error) {
  inst_str base = address->base_url;
  if (base.p == NULL) base = inst_str_of(address->provider->base_url);
  const char *url = join_url(base, path, arena);
  if (url == NULL) return inst_error_memory(error);
  if (build_headers(address, arena, error) != 0) return -1;
  address->url = url;
  return 0;
}

bool inst_header_is_secret(inst_str name) {
  static const char *const marks[] = {"auth", "key", "token", "secret", "cookie"};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    for (size_t at = 0, n = strlen(marks[i]); at + n <= name.n; at++)
      if (inst_str_is_nocase((inst_str){name.p + at, n}, inst_str_of(marks[i]))) return true;
  return false;
}

/*
** Collecting: raw first, then the other spellings, the longest in front.
*/
#include "core/call/secrets.h"

#include "core/base/text.h"

#define SHORTEST_PARAMETER 8 /* bytes; a shorter one may be no secret in spite of its name */

typedef struct collector {
  inst_str *list;
  size_t count;
  inst_arena *arena;
} collector;

static bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         (c != '\0' && strchr("-._~", c) != NULL);
}

/* 'text' as it stands in a URL; the text itself where that is the same. */
static inst_str encoded(inst_str text, inst_arena *arena) {
  size_t plain = 0;
  while (plain < text.n && is_plain(text.p[plain])) plain++;
  if (plain == text.n) return text;
  inst_buf buf;
  inst_buf_init(&buf, arena->alloc);
  for (size_t i = 0; i < text.n; i++) {
    if (is_plain(text.p[i]))
      inst_buf_byte(&buf, text.p[i]);
    else
      inst_buf_addf(&buf, "%%%02X", (unsigned)(unsigned char)text.p[i]);
  }
  return inst_buf_take(&buf, arena);
}

/* As it is, and as a URL spells it. */
static void add(collector *to, inst_str secret) {
  if (secret.n == 0) return;
  to->list[to->count++] = secret;
  inst_str other = encoded(secret, to->arena);
  if (other.p != NULL && other.p != secret.p) to->list[to->count++] = other;
}

/* "Bearer key" holds the key behind its blank. */
static inst_str last_word(inst_str value) {
  size_t from = value.n;
  while (from > 0 && value.p[from - 1] != ' ') from--;
  return (inst_str){value.p + from, value.n - from};
}

static void add_header(collector *to, const inst_header *header, const inst_provider *row) {
  inst_str own = inst_str_of(row->key_header), word = last_word(header->value);
  if (!inst_header_is_secret(header->name) && !inst_str_is_nocase(header->name, own)) return;
  add(to, header->value);
  if (word.n < header->value.n) add(to, word);
}

/* ---- parameters of the URL ------------------------------------------------------------------- */

static bool is_mark(char c) {
  return c == '?' || c == '&' || c == '#';
}

static size_t count_marks(inst_str url) {
  size_t n = 0;
  for (size_t i = 0; i < url.n; i++) n += is_mark(url.p[i]);
  return n;
}

static bool holds(inst_str text, inst_str part) {
  for (size_t i = 0; i + part.n <= text.n; i++)
    if (inst_str_is_nocase((inst_str){text.p + i, part.n}, part)) return true;
  return false;
}

static bool is_secret_name(inst_str name) {
  return inst_header_is_secret(name) || holds(name, INST_LIT("sig")) ||
         holds(name, INST_LIT("pass"));
}

static int digit(char c) {
  const char *digits = "0123456789abcdef", *at;
  char low = (char)(c >= 'A' && c <= 'F' ? c + 32 : c);
  at = low != '\0' ? strchr(digits, low) : NULL;
  return at != NULL ? (int)(at - digits) : -1;
}

/* What a parameter says; the text itself where nothing in it is encoded. */
static inst_str decoded(inst_str text, inst_arena *arena) {
  if (text.n == 0 || memchr(text.p, '%', text.n) == NULL) return text;
  char *out = inst_arena_get(arena, text.n + 1);
  size_t n = 0;
  if (out == NULL) return text;
  for (size_t i = 0; i < text.n; i++) {
    int high = i + 2 < text.n ? digit(text.p[i + 1]) : -1,
        low = high < 0 ? -1 : digit(text.p[i + 2]);
    bool code = text.p[i] == '%' && low >= 0;
    out[n++] = code ? (char)(unsigned char)(high * 16 + low) : text.p[i];
    if (code) i += 2;
  }
  out[n] = '\0';
  return (inst_str){out, n};
}

/* "name=value" */
static void add_parameter(collector *to, inst_str parameter) {
  const char *equals = parameter.n > 0 ? memchr(parameter.p, '=', parameter.n) : NULL;
  if (equals == NULL) return;
  size_t n = (size_t)(equals - parameter.p);
  inst_str name = decoded((inst_str){parameter.p, n}, to->arena);
  inst_str value = {equals + 1, parameter.n - n - 1};
  if (value.n < SHORTEST_PARAMETER || !is_secret_name(name)) return;
  inst_str said = decoded(value, to->arena);
  add(to, said);
  if (said.p != value.p) to->list[to->count++] = value;
}

static void add_parameters(collector *to, inst_str url) {
  size_t from = 0, end;
  while (from < url.n && url.p[from] != '?') from++;
  for (from++; from < url.n; from = end + 1) {
    for (end = from; end < url.n && !is_mark(url.p[end]);) end++;
    add_parameter(to, (inst_str){url.p + from, end - from});
  }
}

/* ---- all ------------------------------------------------------------------------------------- */

/* A secret may begin another one, whose end must not show. */
static void put_longest_first(inst_str *list, size_t n) {
  for (size_t i = 1; i < n; i++)
    for (size_t k = i; k > 0 && list[k].n > list[k - 1].n; k--) {
      inst_str longer = list[k];
      list[k] = list[k - 1];
      list[k - 1] = longer;
    }
}

inst_secrets inst_secrets_of(const inst_call_options *options, inst_arena *arena) {
  size_t most = 2 + 4 * options->header_count + 3 * count_marks(options->base_url);
  collector to = {inst_arena_get(arena, most * sizeof(inst_str)), 0, arena};
  if (to.list == NULL) return (inst_secrets){NULL, 0};
  add(&to, options->api_key);
  for (size_t i = 0; i < options->header_count; i++)
    add_header(&to, &options->headers[i], options->provider);
  add_parameters(&to, options->base_url);
  put_longest_first(to.list, to.count);
  return (inst_secrets){to.list, to.count};
}

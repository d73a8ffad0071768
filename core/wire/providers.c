/*
** Providers: how a row is found, and whether one is whole.
** In: a name or a base URL; a row of a host's own.  Out: the row; what is wrong with it.
** Rule: knows no single provider; those stand in rows.c.
*/
#include "core/base/error.h"
#include "core/json/value.h"
#include "core/wire/rows.h"

const inst_provider *inst_provider_at(size_t index) {
  return index < inst_row_count ? &inst_rows[index] : NULL;
}

const inst_provider *inst_provider_find(inst_str name) {
  for (size_t i = 0; i < inst_row_count; i++)
    if (inst_str_is_nocase(name, inst_str_of(inst_rows[i].name))) return &inst_rows[i];
  return NULL;
}

/* ---- hosts ----------------------------------------------------------------------------------- */

/* Where the host of a URL begins: behind "scheme://", and nothing else will do, for a key goes where
** this room says.  0: it has none. */
static size_t authority_of(inst_str url) {
  size_t at = 0;
  while (at < url.n && memchr("/?#:", url.p[at], 4) == NULL) at++;
  bool found = at > 0 && url.n - at > 3 && memcmp(url.p + at, "://", 3) == 0;
  return found ? at + 3 : 0;
}

/* 'authority' less its port; an address in brackets holds colons of its own. */
static inst_str host_in(inst_str authority) {
  size_t n = 0;
  char end = authority.n > 0 && authority.p[0] == '[' ? ']' : ':';
  while (n < authority.n && authority.p[n] != end) n++;
  if (end == ']' && n < authority.n) n++;
  return (inst_str){authority.p, n};
}

/* The host of a URL: what stands behind "//" (and a "user@"), before the port or path.  Where a
** backslash or a zero makes that doubtful, there is none. */
static inst_str host_of(inst_str url) {
  size_t from = authority_of(url), to = from;
  const inst_str none = {NULL, 0};
  if (from == 0) return none;
  for (; to < url.n && memchr("/?#", url.p[to], 3) == NULL; to++) {
    if (url.p[to] == '\\' || url.p[to] == '\0') return none;
    if (url.p[to] == '@') from = to + 1;
  }
  return host_in((inst_str){url.p + from, to - from});
}

/* A host that means another machine to everyone: no row can own it. */
static bool is_local(inst_str host) {
  static const char *const names[] = {"localhost", "0.0.0.0", "[::1]", "[::]"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (inst_str_is_nocase(host, inst_str_of(names[i]))) return true;
  return inst_str_starts(host, INST_LIT("127."));
}

bool inst_provider_is_host(const inst_provider *row, inst_str base_url) {
  inst_str host = host_of(base_url);
  if (host.n == 0 || is_local(host)) return false;
  return inst_str_is_nocase(host, host_of(inst_str_of(row->base_url))) ||
         inst_str_is_nocase(host, inst_str_of(row->other_host));
}

const inst_provider *inst_provider_for_url(inst_str base_url) {
  size_t i = 0, compatible = inst_row_count - 1;
  while (i < compatible && !inst_provider_is_host(&inst_rows[i], base_url)) i++;
  return &inst_rows[i];
}

/* ---- rows of a host's own -------------------------------------------------------------------- */

/* What is wrong with the extra body of a row, or NULL. */
static const char *extra_fault(const inst_provider *row, inst_arena *scratch) {
  inst_error error = {.code = INST_E_NONE};
  if (row->extra_body == NULL) return NULL;
  const inst_value *v =
      inst_json_parse(scratch, inst_str_of(row->extra_body), INST_MAX_DEPTH, &error);
  if (error.code == INST_E_MEMORY) return "memory ran out";
  return v == NULL || inst_value_kind_of(v) != INST_OBJECT ? "its extra_body is no JSON object"
                                                           : NULL;
}

/* What is wrong with the modes of a row, or NULL. */
static const char *modes_fault(const inst_provider *row) {
  if (row->modes == 0 || row->modes >= 1u << INST_MODE_COUNT)
    return "its modes are none that exist";
  if ((unsigned)row->default_mode >= INST_MODE_COUNT || (row->modes & 1u << row->default_mode) == 0)
    return "its default mode is not among its modes";
  return NULL;
}

/* A key must not travel in the clear, but to this machine. */
static const char *url_fault(const inst_provider *row) {
  inst_str url = inst_str_of(row->base_url), host = host_of(url);
  if (row->base_url != NULL && host.n == 0) return "its base_url is no URL";
  if (row->key_env != NULL && row->base_url == NULL)
    return "a key_env needs a base_url it belongs to";
  if (row->key_env != NULL && !inst_str_starts(url, INST_LIT("https://")) && !is_local(host))
    return "a key_env needs a base_url that begins with https://";
  return NULL;
}

/* What is wrong with the words of a row, or NULL. */
static const char *words_fault(const inst_provider *row) {
  if ((unsigned)row->envelope >= INST_ENVELOPE_COUNT) return "its envelope is none";
  if ((unsigned)row->strict >= INST_STRICT_COUNT) return "its strict is none";
  return (unsigned)row->tool_choice >= INST_CHOICE_COUNT ? "its tool_choice is none" : NULL;
}

int inst_provider_check(const inst_provider *row, inst_arena *scratch, inst_error *error) {
  if (row->name == NULL || row->name[0] == '\0')
    return inst_error_set(error, INST_E_USAGE, "a provider has no name");
  const char *fault = url_fault(row);
  if (fault == NULL) fault = modes_fault(row);
  if (fault == NULL) fault = words_fault(row);
  if (fault == NULL) fault = extra_fault(row, scratch);
  if (fault == NULL) return 0;
  return inst_error_set(error, INST_E_USAGE, "the provider %s cannot be: %s", row->name, fault);
}

/* ---- modes ----------------------------------------------------------------------------------- */

static const char *const mode_names[] = {
#define INST_X(name, text, meaning) text,
    INST_MODES(INST_X)
#undef INST_X
};

const char *inst_mode_name(inst_mode mode) {
  return (unsigned)mode < INST_MODE_COUNT ? mode_names[mode] : "unknown";
}

inst_mode inst_mode_find(inst_str name) {
  int mode = 0;
  while (mode < INST_MODE_COUNT && !inst_str_is_nocase(name, inst_str_of(mode_names[mode]))) mode++;
  return (inst_mode)mode;
}

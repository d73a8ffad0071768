/*
** A row of providers as a userdata, and as a table to read.
** A row of the user's own lives in its box: nothing of it is shared between two Lua states.
*/
#include "lua/binding/provider.h"

#include <string.h>

#define MANY_NAMES 64 /* ignored parameters of one row */

typedef struct provider_box {
  const inst_provider *row; /* one of ours, or 'own' */
  inst_provider own;
  inst_arena *arena; /* what 'own' points to */
} provider_box;

const inst_provider *inst_lua_provider(lua_State *L, int i) {
  const provider_box *box = luaL_checkudata(L, i, INST_PROVIDER_BOX);
  return box->row;
}

static int provider_gc(lua_State *L) {
  provider_box *box = luaL_checkudata(L, 1, INST_PROVIDER_BOX);
  inst_arena_free(box->arena);
  box->arena = NULL;
  return 0;
}

/* ---- words ----------------------------------------------------------------------------------- */

static const char *const envelopes[] = {
#define INST_X(name, text) text,
    INST_ENVELOPES(INST_X)
#undef INST_X
};

static const char *const strictnesses[] = {
#define INST_X(name, text) text,
    INST_STRICTNESSES(INST_X)
#undef INST_X
};

static const char *const choices[] = {
#define INST_X(name, text) text,
    INST_CHOICES(INST_X)
#undef INST_X
};

/* The limits of a row, by name. */
static const struct {
  const char *name;
  size_t at;
} limits[] = {
    {"properties", offsetof(inst_limits, properties)},
    {"levels", offsetof(inst_limits, levels)},
    {"values", offsetof(inst_limits, values)},
    {"enum_text", offsetof(inst_limits, enum_text)},
    {"text", offsetof(inst_limits, text)},
};

enum { LIMITS = sizeof limits / sizeof *limits };

/* ---- reading a row --------------------------------------------------------------------------- */

void inst_lua_push_modes(lua_State *L, unsigned modes) {
  int n = 0;
  lua_newtable(L);
  for (int mode = 0; mode < INST_MODE_COUNT; mode++) {
    if ((modes & 1u << mode) == 0) continue;
    lua_pushstring(L, inst_mode_name((inst_mode)mode));
    lua_rawseti(L, -2, ++n);
  }
}

static void set_string(lua_State *L, const char *key, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, key);
}

static void set_word(lua_State *L, const char *key, const char *const *words, int count,
                     unsigned which) {
  set_string(L, key, which < (unsigned)count ? words[which] : NULL);
}

static void set_boolean(lua_State *L, const char *key, bool b) {
  lua_pushboolean(L, b);
  lua_setfield(L, -2, key);
}

static void set_limits(lua_State *L, const inst_limits *of) {
  lua_createtable(L, 0, LIMITS);
  for (size_t i = 0; i < LIMITS; i++) {
    const unsigned *limit = (const unsigned *)(const void *)((const char *)of + limits[i].at);
    if (*limit == 0) continue;
    lua_pushinteger(L, (lua_Integer)*limit);
    lua_setfield(L, -2, limits[i].name);
  }
  lua_setfield(L, -2, "limits");
}

static void set_ignores(lua_State *L, const char *const *names) {
  lua_newtable(L);
  for (int i = 0; names != NULL && names[i] != NULL; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "ignores");
}

/* Pushes the row as a table, with the box itself, which is on top, as "row". */
static int push_table(lua_State *L, const inst_provider *row) {
  lua_createtable(L, 0, 16);
  lua_insert(L, -2);
  lua_setfield(L, -2, "row");
  set_string(L, "name", row->name);
  set_string(L, "base_url", row->base_url);
  set_string(L, "other_host", row->other_host);
  set_string(L, "key_env", row->key_env);
  set_string(L, "key_header", row->key_header);
  inst_lua_push_modes(L, row->modes);
  lua_setfield(L, -2, "modes");
  set_string(L, "default_mode", inst_mode_name(row->default_mode));
  set_word(L, "envelope", envelopes, INST_ENVELOPE_COUNT, row->envelope);
  set_word(L, "strict", strictnesses, INST_STRICT_COUNT, row->strict);
  set_word(L, "tool_choice", choices, INST_CHOICE_COUNT, row->tool_choice);
  set_boolean(L, "bare_root", row->bare_root);
  set_boolean(L, "schema_in_prompt", row->schema_in_prompt);
  set_string(L, "extra_body", row->extra_body);
  set_limits(L, &row->limits);
  set_ignores(L, row->ignores);
  return 1;
}

static int push_row(lua_State *L, const inst_provider *row) {
  provider_box *box = inst_box_new(L, sizeof *box, INST_PROVIDER_BOX);
  box->row = row;
  return push_table(L, row);
}

/* core.provider(name) -> table, or nil */
static int provider_find(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  const inst_provider *row = inst_provider_find(inst_lua_str(L, 1));
  return row != NULL ? push_row(L, row) : 0;
}

/* core.provider_for_url(base_url) -> table */
static int provider_for_url(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  return push_row(L, inst_provider_for_url(inst_lua_str(L, 1)));
}

/* core.providers() -> names */
static int provider_names(lua_State *L) {
  lua_newtable(L);
  for (int i = 0; inst_provider_at((size_t)i) != NULL; i++) {
    lua_pushstring(L, inst_provider_at((size_t)i)->name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

/* core.provider_is_host(row, base_url) -> is that the host of the row? */
static int provider_is_host(lua_State *L) {
  const inst_provider *row = inst_lua_provider(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  lua_pushboolean(L, inst_provider_is_host(row, inst_lua_str(L, 2)));
  return 1;
}

/* ---- a row of the user's own ----------------------------------------------------------------- */

/* A copy of the text at 'i' that lives as long as the box; NULL for anything else. */
static const char *keep(lua_State *L, const provider_box *box, int i) {
  inst_str given = inst_lua_opt_str(L, i);
  if (given.p == NULL) return NULL;
  char *p = inst_arena_get(box->arena, given.n + 1);
  if (p == NULL) luaL_error(L, "memory ran out");
  memcpy(p, given.p, given.n);
  p[given.n] = '\0';
  return p;
}

/* The text 'key' of the table at 1; NULL where there is none. */
static const char *text(lua_State *L, const provider_box *box, const char *key) {
  lua_getfield(L, 1, key);
  const char *p = keep(L, box, -1);
  lua_pop(L, 1);
  return p;
}

/* Which of 'count' words the text 'key' is; 'count' where it is none of them. */
static int word(lua_State *L, const char *key, const char *const *words, int count) {
  int i = 0;
  lua_getfield(L, 1, key);
  const char *given = lua_tostring(L, -1);
  while (i < count && (given == NULL || strcmp(given, words[i]) != 0)) i++;
  lua_pop(L, 1);
  return i;
}

static inst_mode mode_at(lua_State *L, int i) {
  return inst_mode_find(inst_lua_opt_str(L, i));
}

static unsigned read_modes(lua_State *L) {
  unsigned modes = 0;
  lua_getfield(L, 1, "modes");
  luaL_checktype(L, -1, LUA_TTABLE);
  for (int i = 1, n = (int)lua_rawlen(L, -1); i <= n; i++) {
    lua_rawgeti(L, -1, i);
    modes |= 1u << mode_at(L, -1);
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return modes;
}

static bool flag(lua_State *L, const char *key) {
  lua_getfield(L, 1, key);
  bool set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return set;
}

static void read_limits(lua_State *L, inst_limits *out) {
  lua_getfield(L, 1, "limits");
  for (size_t i = 0; i < LIMITS && lua_istable(L, -1); i++) {
    unsigned *limit = (unsigned *)(void *)((char *)out + limits[i].at);
    lua_getfield(L, -1, limits[i].name);
    double d = lua_tonumber(L, -1);
    *limit = d >= 1 && d < 4e9 ? (unsigned)d : 0;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

/* The names of the list 'ignores', with NULL behind them. */
static const char *const *read_ignores(lua_State *L, const provider_box *box) {
  lua_getfield(L, 1, "ignores");
  size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
  if (n > MANY_NAMES) n = MANY_NAMES;
  const char **names = inst_arena_get(box->arena, (n + 1) * sizeof *names);
  if (names == NULL) luaL_error(L, "memory ran out");
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    names[i] = keep(L, box, -1);
    lua_pop(L, 1);
  }
  names[n] = NULL;
  lua_pop(L, 1);
  return names;
}

static void read_row(lua_State *L, const provider_box *box, inst_provider *row) {
  row->name = text(L, box, "name");
  row->base_url = text(L, box, "base_url");
  row->other_host = text(L, box, "other_host");
  row->key_env = text(L, box, "key_env");
  row->key_header = text(L, box, "key_header");
  row->extra_body = text(L, box, "extra_body");
  row->modes = read_modes(L);
  lua_getfield(L, 1, "default_mode");
  row->default_mode = mode_at(L, -1);
  lua_pop(L, 1);
  row->envelope = (inst_envelope)word(L, "envelope", envelopes, INST_ENVELOPE_COUNT);
  row->strict = (inst_strictness)word(L, "strict", strictnesses, INST_STRICT_COUNT);
  row->tool_choice = (inst_choice)word(L, "tool_choice", choices, INST_CHOICE_COUNT);
  row->bare_root = flag(L, "bare_root");
  row->schema_in_prompt = flag(L, "schema_in_prompt");
  read_limits(L, &row->limits);
  row->ignores = read_ignores(L, box);
}

/* core.provider_new(table as core.provider gives it) -> table; raises what is wrong with it */
static int provider_new(lua_State *L) {
  inst_error error = {.code = INST_E_NONE};
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  provider_box *box = inst_box_new(L, sizeof *box, INST_PROVIDER_BOX);
  box->arena = inst_arena_new(inst_lua_alloc(L));
  if (box->arena == NULL) return luaL_error(L, "memory ran out");
  box->row = &box->own;
  read_row(L, box, &box->own);
  if (inst_provider_check(&box->own, box->arena, &error) != 0) return inst_lua_raise(L, &error);
  return push_table(L, &box->own);
}

static const luaL_Reg functions[] = {
    {"provider", provider_find},
    {"providers", provider_names},
    {"provider_for_url", provider_for_url},
    {"provider_is_host", provider_is_host},
    {"provider_new", provider_new},
    {NULL, NULL},
};

/* The words that may stand in a row, as a list. */
static void set_words(lua_State *L, const char *key, const char *const *words, int count) {
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, words[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, key);
}

void inst_lua_open_provider(lua_State *L) {
  inst_lua_type(L, INST_PROVIDER_BOX, NULL, provider_gc);
  inst_lua_functions(L, functions);
  set_words(L, "envelopes", envelopes, INST_ENVELOPE_COUNT);
  set_words(L, "strictnesses", strictnesses, INST_STRICT_COUNT);
  set_words(L, "tool_choices", choices, INST_CHOICE_COUNT);
}

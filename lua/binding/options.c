/*
** The options of a call, read from tables that the Lua side has already checked.
*/
#include "lua/binding/options.h"

#include <stddef.h>
#include <string.h>

/* ---- one option ------------------------------------------------------------------------------ */

typedef struct place {
  lua_State *L;
  int i; /* where the option's value stands */
  inst_call_options *options;
  inst_arena *arena;
} place;

static double number(lua_State *L, int i, const char *key, double otherwise) {
  lua_getfield(L, i, key);
  double d = lua_isnil(L, -1) ? otherwise : luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return d;
}

/* {initial =, factor =, max =, jitter =}, or "host": the host is asked. */
static void read_backoff(lua_State *L, int i, inst_backoff *backoff) {
  if (lua_type(L, i) == LUA_TSTRING) backoff->host = true;
  if (!lua_istable(L, i)) return;
  backoff->host = false;
  backoff->initial = number(L, i, "initial", backoff->initial);
  backoff->factor = number(L, i, "factor", backoff->factor);
  backoff->max = number(L, i, "max", backoff->max);
  backoff->jitter = number(L, i, "jitter", backoff->jitter);
}

static void take_backoff(const place *p) {
  read_backoff(p->L, p->i, &p->options->http_backoff);
  read_backoff(p->L, p->i, &p->options->reask_backoff);
}

/* {{"Name", "value"}, …}: the texts stay alive in their lists. */
static void take_headers(const place *p) {
  lua_State *L = p->L;
  size_t n = lua_istable(L, p->i) ? lua_rawlen(L, p->i) : 0;
  inst_header *headers = inst_arena_get(p->arena, (n + 1) * sizeof *headers);
  if (headers == NULL) luaL_error(L, "memory ran out");
  for (size_t k = 0; k < n; k++) {
    lua_rawgeti(L, p->i, (int)k + 1);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    headers[k] = (inst_header){inst_lua_str(L, -2), inst_lua_str(L, -1)};
    lua_pop(L, 3);
  }
  p->options->headers = headers;
  p->options->header_count = n;
}

inst_repair_level inst_lua_repair_level(lua_State *L, int i, inst_repair_level otherwise) {
  if (lua_isnoneornil(L, i)) return otherwise;
  if (lua_type(L, i) == LUA_TSTRING) return INST_REPAIR_COERCE;
  return lua_toboolean(L, i) ? INST_REPAIR_TEXT : INST_REPAIR_NONE;
}

static void take_repair(const place *p) {
  p->options->repair = inst_lua_repair_level(p->L, p->i, p->options->repair);
}

static void take_max_answer(const place *p) {
  double most = luaL_checknumber(p->L, p->i);
  p->options->max_answer = most >= (double)(SIZE_MAX / 2) ? SIZE_MAX / 2
                           : most > 0                     ? (size_t)most
                                                          : 0;
}

/* The gate of the client, which keeps it alive. */
static void take_gate(const place *p) {
  p->options->gate = luaL_checkudata(p->L, p->i, INST_GATE_BOX);
}

static void take_mode(const place *p) {
  inst_str mode = inst_lua_str(p->L, p->i);
  p->options->mode = inst_mode_find(mode);
  if (p->options->mode == INST_MODE_COUNT) luaL_error(p->L, "there is no mode %s", mode.p);
}

/* ---- all of them ----------------------------------------------------------------------------- */

typedef enum option_kind { SECONDS, COUNT, FLAG, TEXT, OTHER } option_kind;

#define PLAIN(name, kind)                                                                          \
  { #name, kind, offsetof(inst_call_options, name), NULL }
#define TAKEN(name, take)                                                                          \
  { #name, OTHER, 0, take }

static const struct option {
  const char *name;
  option_kind kind;
  size_t at;
  void (*take)(const place *p);
} known[] = {
    PLAIN(max_retries, COUNT),
    PLAIN(http_retries, COUNT),
    PLAIN(stream, FLAG),
    PLAIN(deadline, SECONDS),
    TAKEN(backoff, take_backoff),
    TAKEN(repair, take_repair),
    PLAIN(base_url, TEXT),
    PLAIN(api_key, TEXT),
    TAKEN(headers, take_headers),
    TAKEN(mode, take_mode),
    PLAIN(connect_timeout, SECONDS),
    PLAIN(idle_timeout, SECONDS),
    PLAIN(first_byte_timeout, SECONDS),
    TAKEN(max_answer, take_max_answer),
    TAKEN(gate, take_gate),
    PLAIN(open_strings, FLAG),
    PLAIN(early_stop, FLAG),
    PLAIN(unjudged, FLAG),
    PLAIN(watched, FLAG),
    PLAIN(keeps_events, FLAG),
    PLAIN(exact_http_retries, FLAG),
};

int inst_lua_count(lua_State *L, int i) {
  double d = luaL_checknumber(L, i);
  return d > 1e9 ? 1000000000 : d > 0 ? (int)d : 0;
}

static void take(const struct option *option, const place *p) {
  char *field = (char *)p->options + option->at;
  switch (option->kind) {
  case SECONDS: *(double *)(void *)field = luaL_checknumber(p->L, p->i); break;
  case COUNT: *(int *)(void *)field = inst_lua_count(p->L, p->i); break;
  case FLAG: *(bool *)field = lua_toboolean(p->L, p->i); break;
  case TEXT: *(inst_str *)(void *)field = inst_lua_str(p->L, p->i); break;
  case OTHER: option->take(p); break;
  }
}

static const struct option *find(const char *name) {
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(known[i].name, name) == 0) return &known[i];
  return NULL;
}

void inst_lua_call_options(lua_State *L, int i, inst_call_options *options, inst_arena *arena) {
  for (lua_pushnil(L); lua_next(L, i) != 0; lua_pop(L, 1)) {
    const struct option *option = find(luaL_checkstring(L, -2));
    const place here = {L, lua_gettop(L), options, arena};
    if (option != NULL) take(option, &here);
  }
}

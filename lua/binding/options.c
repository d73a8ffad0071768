/*
** The options of a call, read from the table that the Lua side has already checked.
*/
#include "lua/binding/options.h"

#include "lua/binding/provider.h"

static double number(lua_State *L, int i, const char *key, double otherwise) {
  lua_getfield(L, i, key);
  double d = lua_isnil(L, -1) ? otherwise : luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return d;
}

/* A whole number of at least 0, however large the one given. */
static int count(lua_State *L, int i, const char *key, int otherwise) {
  double d = number(L, i, key, otherwise);
  return d > 1e9 ? 1000000000 : d > 0 ? (int)d : 0;
}

static bool flag(lua_State *L, int i, const char *key, bool otherwise) {
  lua_getfield(L, i, key);
  bool set = lua_isnil(L, -1) ? otherwise : lua_toboolean(L, -1);
  lua_pop(L, 1);
  return set;
}

/* The text stays alive in the table it came from. */
static inst_str text(lua_State *L, int i, const char *key) {
  lua_getfield(L, i, key);
  inst_str s = inst_lua_opt_str(L, -1);
  lua_pop(L, 1);
  return s;
}

inst_repair_level inst_lua_repair_level(lua_State *L, int i, inst_repair_level otherwise) {
  if (lua_isnoneornil(L, i)) return otherwise;
  if (lua_type(L, i) == LUA_TSTRING) return INST_REPAIR_COERCE;
  return lua_toboolean(L, i) ? INST_REPAIR_TEXT : INST_REPAIR_NONE;
}

static void read_repair(lua_State *L, int i, inst_call_options *options) {
  lua_getfield(L, i, "repair");
  options->repair = inst_lua_repair_level(L, lua_gettop(L), options->repair);
  lua_pop(L, 1);
}

/* {initial =, factor =, max =, jitter =}, or "host": the host is asked. */
static void read_backoff(lua_State *L, int i, const char *key, inst_backoff *backoff) {
  lua_getfield(L, i, key);
  int at = lua_gettop(L);
  if (lua_type(L, at) == LUA_TSTRING) backoff->host = true;
  if (lua_istable(L, at)) {
    backoff->initial = number(L, at, "initial", backoff->initial);
    backoff->factor = number(L, at, "factor", backoff->factor);
    backoff->max = number(L, at, "max", backoff->max);
    backoff->jitter = number(L, at, "jitter", backoff->jitter);
  }
  lua_pop(L, 1);
}

/* {{"Name", "value"}, …}: the texts stay alive in their lists. */
static void read_headers(lua_State *L, int i, inst_call_options *options, inst_arena *arena) {
  lua_getfield(L, i, "headers");
  size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;
  inst_header *headers = inst_arena_get(arena, (n + 1) * sizeof *headers);
  if (headers == NULL) luaL_error(L, "memory ran out");
  for (size_t k = 0; k < n; k++) {
    lua_rawgeti(L, -1, (int)k + 1);
    lua_rawgeti(L, -1, 1);
    lua_rawgeti(L, -2, 2);
    headers[k] = (inst_header){inst_lua_str(L, -2), inst_lua_str(L, -1)};
    lua_pop(L, 3);
  }
  lua_pop(L, 1);
  options->headers = headers;
  options->header_count = n;
}

static const inst_value *read_params(lua_State *L, int i, inst_arena *arena) {
  inst_lua_reader reader = {.L = L, .arena = arena, .lists = true};
  lua_getfield(L, i, "params");
  luaL_checktype(L, -1, LUA_TTABLE);
  const inst_value *params = inst_lua_read(&reader, lua_gettop(L));
  lua_pop(L, 1);
  if (inst_value_kind_of(params) != INST_OBJECT) luaL_error(L, "create takes named parameters");
  return params;
}

static void read_provider(lua_State *L, int i, inst_call_options *options) {
  inst_str mode = text(L, i, "mode");
  lua_getfield(L, i, "provider");
  options->provider = inst_lua_provider(L, -1);
  lua_pop(L, 1);
  options->mode = mode.p ? inst_mode_find(mode) : options->provider->default_mode;
  if (options->mode == INST_MODE_COUNT) luaL_error(L, "there is no mode %s", mode.p);
}

/* The gate of the client, which keeps it alive; NULL: none. */
static inst_gate *gate(lua_State *L, int i) {
  lua_getfield(L, i, "gate");
  inst_gate *shared = lua_isnil(L, -1) ? NULL : luaL_checkudata(L, -1, INST_GATE_BOX);
  lua_pop(L, 1);
  return shared;
}

/* The prints of the client and the schema, which the call keeps alive; NULL: none. */
static inst_prints *prints(lua_State *L, int i) {
  lua_getfield(L, i, "prints");
  inst_prints **box = lua_isnil(L, -1) ? NULL : luaL_checkudata(L, -1, INST_PRINTS_BOX);
  lua_pop(L, 1);
  return box != NULL ? *box : NULL;
}

void inst_lua_call_options(lua_State *L, int i, inst_call_options *options, inst_arena *arena) {
  inst_call_defaults(options);
  read_provider(L, i, options);
  read_headers(L, i, options, arena);
  read_backoff(L, i, "http_backoff", &options->http_backoff);
  read_backoff(L, i, "reask_backoff", &options->reask_backoff);
  options->params = read_params(L, i, arena);
  options->name = text(L, i, "name");
  options->description = text(L, i, "description");
  options->base_url = text(L, i, "base_url");
  options->api_key = text(L, i, "api_key");
  options->max_retries = count(L, i, "max_retries", 0);
  options->http_retries = count(L, i, "http_retries", options->http_retries);
  options->connect_timeout = number(L, i, "connect_timeout", options->connect_timeout);
  options->first_byte_timeout = number(L, i, "first_byte_timeout", options->first_byte_timeout);
  options->idle_timeout = number(L, i, "idle_timeout", options->idle_timeout);
  options->deadline = number(L, i, "deadline", options->deadline);
  options->gate = gate(L, i);
  options->prints = prints(L, i);
  options->wall_clock = number(L, i, "wall_clock", 0);
  options->stream = flag(L, i, "stream", false);
  options->open_strings = flag(L, i, "open_strings", true);
  options->early_stop = flag(L, i, "early_stop", true);
  options->unjudged = flag(L, i, "unjudged", false);
  lua_getfield(L, i, "watched");
  options->watched = lua_toboolean(L, -1);
  lua_pop(L, 1);
  read_repair(L, i, options);
  double most = number(L, i, "max_answer", (double)options->max_answer);
  options->max_answer = most >= (double)(SIZE_MAX / 2) ? SIZE_MAX / 2 : most > 0 ? (size_t)most : 0;
}

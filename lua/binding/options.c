/*
** The options of a call, read from tables that the Lua side has already checked: those of a client
** once, into a setup; those of one call over them.
*/
#include "lua/binding/options.h"

#include "lua/binding/call.h"
#include "lua/binding/provider.h"

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
    PLAIN(name, TEXT),
    PLAIN(deadline, SECONDS),
    TAKEN(backoff, take_backoff),
    TAKEN(repair, take_repair),
    PLAIN(description, TEXT),
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

/* ---- a client's ------------------------------------------------------------------------------ */

inst_setup *inst_lua_setup(lua_State *L, int i) {
  inst_setup *setup = luaL_checkudata(L, i, INST_SETUP_BOX);
  if (setup->kept == NULL) luaL_error(L, "the client is gone: the Lua state is being closed");
  return setup;
}

/* What the companion of a setup keeps; behind it stand the boxes of calls that are over. */
enum { OPTIONS = 1, OURS, DEFAULTS, BOXES };

/* core.setup(options with a provider's row, names of create's that are not the provider's, its
** parameters where a call gives none) -> what the calls of one client share */
static int setup_new(lua_State *L) {
  lua_settop(L, 3);
  for (int i = 1; i <= 3; i++) luaL_checktype(L, i, LUA_TTABLE);
  inst_setup *setup = inst_box_new(L, sizeof *setup, INST_SETUP_BOX);
  setup->kept = inst_arena_new(inst_lua_alloc(L));
  if (setup->kept == NULL) return inst_lua_no_memory(L);
  inst_box_companion(L, 4);
  lua_pushvalue(L, 1); /* the options point into its texts, the row and the gate */
  lua_rawseti(L, -2, OPTIONS);
  lua_pushvalue(L, 2);
  lua_rawseti(L, -2, OURS);
  lua_pushvalue(L, 3);
  lua_rawseti(L, -2, DEFAULTS);
  inst_call_defaults(&setup->options);
  lua_getfield(L, 1, "provider");
  setup->options.provider = inst_lua_provider(L, -1);
  setup->options.mode = setup->options.provider->default_mode;
  inst_lua_call_options(L, 1, &setup->options, setup->kept);
  lua_settop(L, 4);
  return 1;
}

bool inst_lua_take_box(lua_State *L, inst_setup *setup, int company) {
  if (setup->spares == 0) return false;
  int place = BOXES + --setup->spares;
  lua_rawgeti(L, company, place);
  lua_pushnil(L);
  lua_rawseti(L, company, place);
  return true;
}

static int setup_gc(lua_State *L) {
  inst_setup *setup = luaL_checkudata(L, 1, INST_SETUP_BOX);
  lua_settop(L, 1);
  inst_box_companion(L, 1);
  for (; inst_lua_take_box(L, setup, 2); lua_pop(L, 1))
    inst_lua_call_free(L, lua_touserdata(L, -1));
  inst_arena_free(setup->kept);
  setup->kept = NULL;
  return 0;
}

bool inst_lua_give_box(lua_State *L, inst_setup *setup, int company, int i, size_t bytes) {
  bool full = setup->spares == INST_SPARE_BOXES || setup->spare_bytes + bytes > INST_SPARE_BYTES;
  if (setup->kept == NULL || full) return false;
  lua_pushvalue(L, i);
  lua_rawseti(L, company, BOXES + setup->spares); /* which may find no memory */
  setup->spare_bytes += bytes;
  setup->spares++;
  return true;
}

const inst_value *inst_lua_params(lua_State *L, int i, int company, inst_arena *arena) {
  inst_lua_reader reader = {.L = L, .arena = arena, .lists = true};
  int top = lua_gettop(L);
  luaL_checktype(L, i, LUA_TTABLE);
  lua_rawgeti(L, company, OURS);
  lua_rawgeti(L, company, DEFAULTS);
  lua_getfield(L, i, "extra_body");
  const inst_lua_layers layers = {.over = lua_istable(L, top + 3) ? top + 3 : 0,
                                  .main = i,
                                  .left_out = top + 1,
                                  .under = top + 2};
  const inst_value *params = inst_lua_read_layers(&reader, &layers);
  lua_settop(L, top);
  return params;
}

const inst_value *inst_lua_known_params(lua_State *L, inst_lua_known *known, int company,
                                        inst_arena *arena) {
  inst_lua_reader reader = {.L = L, .arena = arena, .lists = true, .quiet = true};
  int top = lua_gettop(L);
  lua_rawgeti(L, company, DEFAULTS);
  if (!known->model) known->list[known->count++] = (inst_lua_member){{"model", 5}, top + 1};
  const inst_value *params = inst_lua_read_members(&reader, known->list, known->count);
  lua_settop(L, top);
  return reader.spoilt ? NULL : params;
}

static const luaL_Reg functions[] = {{"setup", setup_new}, {NULL, NULL}};

void inst_lua_open_setup(lua_State *L) {
  inst_lua_type(L, INST_SETUP_BOX, NULL, setup_gc);
  inst_lua_functions(L, functions);
}

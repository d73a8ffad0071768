/*
** The module instructor.core: the list of its rooms, and what they share.
*/
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif

#include "lua/binding/live.h"
#include "lua/binding/provider.h"

#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* ---- shared ---------------------------------------------------------------------------------- */

inst_alloc inst_lua_alloc(lua_State *L) {
  inst_alloc alloc;
  alloc.fn = lua_getallocf(L, &alloc.ctx);
  return alloc;
}

typedef struct arena_box {
  inst_arena *arena;
} arena_box;

static int arena_gc(lua_State *L) {
  inst_lua_arena_done(L, 1);
  return 0;
}

inst_arena *inst_lua_arena(lua_State *L) {
  arena_box *box = inst_box_bare(L, sizeof *box, INST_ARENA_BOX);
  box->arena = inst_arena_new(inst_lua_alloc(L));
  if (box->arena == NULL) luaL_error(L, "memory ran out");
  return box->arena;
}

void inst_lua_arena_done(lua_State *L, int i) {
  arena_box *box = luaL_checkudata(L, i, INST_ARENA_BOX);
  inst_arena_free(box->arena);
  box->arena = NULL;
}

inst_str inst_lua_str(lua_State *L, int i) {
  inst_str s;
  s.p = lua_tolstring(L, i, &s.n);
  return s.p != NULL ? s : (inst_str){"", 0};
}

inst_str inst_lua_opt_str(lua_State *L, int i) {
  return lua_type(L, i) == LUA_TSTRING ? inst_lua_str(L, i) : (inst_str){NULL, 0};
}

void inst_lua_push_str(lua_State *L, inst_str text) {
  if (text.p == NULL)
    lua_pushnil(L);
  else
    lua_pushlstring(L, text.p, text.n);
}

int inst_lua_raise(lua_State *L, const inst_error *error) {
  lua_pushstring(L, error->text);
  return lua_error(L);
}

int inst_lua_push_fault(lua_State *L, const inst_error *error) {
  if (error->code == INST_E_MEMORY) return inst_lua_no_memory(L);
  lua_pushnil(L);
  lua_pushstring(L, error->text);
  lua_pushinteger(L, (lua_Integer)error->offset + 1);
  lua_pushstring(L, inst_code_name(error->code));
  return 4;
}

void inst_lua_type(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc) {
  luaL_newmetatable(L, name);
  lua_pushcfunction(L, gc);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  if (methods != NULL) luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void inst_lua_functions(lua_State *L, const luaL_Reg *functions) {
  luaL_setfuncs(L, functions, 0);
}

/* ---- small functions ------------------------------------------------------------------------- */

/* core.encode(value) -> JSON text */
static int encode(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  inst_arena *arena = inst_lua_arena(L);
  inst_lua_reader reader = {.L = L, .arena = arena, .lists = true};
  const inst_value *v = inst_lua_read(&reader, 1);
  inst_str text = inst_json_text(arena, v != NULL ? v : inst_null(arena));
  if (text.p == NULL) return luaL_error(L, "memory ran out");
  inst_lua_push_str(L, text);
  inst_lua_arena_done(L, 2);
  return 1;
}

/* core.decode(text) -> value; or nil, message */
static int decode(lua_State *L) {
  inst_error error = {.code = INST_E_NONE};
  luaL_checktype(L, 1, LUA_TSTRING);
  lua_settop(L, 1);
  inst_arena *arena = inst_lua_arena(L);
  const inst_value *v = inst_json_parse(arena, inst_lua_str(L, 1), INST_MAX_DEPTH, &error);
  const char *unfit = v != NULL ? inst_lua_unfit(v) : error.text;
  if (unfit == NULL)
    inst_lua_push(L, v, 0, false);
  else
    lua_pushnil(L);
  lua_pushstring(L, unfit);
  inst_lua_arena_done(L, 2);
  return 2;
}

static int clock_now(lua_State *L) {
  lua_pushnumber(L, inst_clock());
  return 1;
}

/* core.sleep(seconds): at most 0.1 s, less when a signal arrives */
static int sleep_some(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  if (seconds > 0.1) seconds = 0.1;
  if (seconds <= 0) return 0;
  struct timespec t = {0, (long)(seconds * 1e9)};
  nanosleep(&t, NULL);
  return 0;
}

#define COLUMNS 80 /* of a terminal that does not say */

/* core.columns() -> how wide the terminal behind stderr is; nil where there is none */
static int columns(lua_State *L) {
  struct winsize size = {0};
  if (isatty(STDERR_FILENO) != 1) return 0;
  bool told = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  lua_pushinteger(L, told ? size.ws_col : COLUMNS);
  return 1;
}

/* core.is_secret(name) -> does a header of that name hold a key or the like? */
static int is_secret(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  lua_pushboolean(L, inst_header_is_secret(inst_lua_str(L, 1)));
  return 1;
}

static const luaL_Reg functions[] = {
    {"is_secret", is_secret}, {"encode", encode},   {"decode", decode}, {"clock", clock_now},
    {"sleep", sleep_some},    {"columns", columns}, {NULL, NULL},
};

INST_API int luaopen_instructor_core(lua_State *L);

int luaopen_instructor_core(lua_State *L) {
  inst_lua_type(L, INST_ARENA_BOX, NULL, arena_gc);
  lua_newtable(L);
  inst_lua_functions(L, functions);
  inst_lua_open_metatable(L);
  inst_lua_open_schema(L);
  inst_lua_open_parse(L);
  inst_lua_open_stream(L);
  inst_lua_open_straight(L);
  inst_lua_open_engine(L);
  inst_lua_open_setup(L);
  inst_lua_open_model(L);
  inst_lua_open_call(L);
  inst_lua_open_ask(L);
  inst_lua_open_file(L);
  inst_lua_open_provider(L);
  inst_lua_push_modes(L, ~0u);
  lua_setfield(L, -2, "modes");
  lua_pushliteral(L, INST_VERSION);
  lua_setfield(L, -2, "version");
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  return 1;
}

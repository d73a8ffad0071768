/*
** A schema as a userdata: built call by call, finished once, shared by every parse after that.
** Its companion table keeps the user's functions, by number.
*/
#include "lua/binding/binding.h"

#include <string.h>

typedef struct schema_box {
  inst_schema *schema;
  bool finished;
} schema_box;

static schema_box *check_box(lua_State *L, int i) {
  return luaL_checkudata(L, i, INST_SCHEMA_BOX);
}

static inst_schema *check_open(lua_State *L) {
  schema_box *box = check_box(L, 1);
  if (box->finished) luaL_error(L, "a finished schema cannot be changed");
  return box->schema;
}

const inst_schema *inst_lua_schema(lua_State *L, int i) {
  schema_box *box = check_box(L, i);
  if (box->schema == NULL) luaL_error(L, "the schema is gone: the Lua state is being closed");
  if (!box->finished) luaL_error(L, "the schema is not finished");
  return box->schema;
}

bool inst_lua_has_schema(lua_State *L, int i) {
  const schema_box *box = lua_touserdata(L, i);
  return box->schema != NULL;
}

static int schema_new(lua_State *L) {
  schema_box *box = inst_box_new(L, sizeof *box, INST_SCHEMA_BOX);
  box->schema = inst_schema_new(inst_lua_alloc(L));
  if (box->schema == NULL) return inst_lua_no_memory(L);
  return 1;
}

static int schema_gc(lua_State *L) {
  schema_box *box = check_box(L, 1);
  inst_schema_free(box->schema);
  box->schema = NULL;
  return 0;
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const node_names[] = {
#define INST_X(name, text) text,
    INST_NODES(INST_X)
#undef INST_X
        NULL};

static const char *const check_names[] = {
#define INST_X(name, text, takes) text,
    INST_CHECKS(INST_X)
#undef INST_X
        NULL};

static const char *const trait_names[] = {
#define INST_X(name, text) text,
    INST_TRAITS(INST_X)
#undef INST_X
        NULL};

enum { TAKES_NUMBER, TAKES_TEXT, TAKES_CODE, TAKES_NOTHING };
static const unsigned char check_takes[] = {
#define INST_X(name, text, takes) TAKES_##takes,
    INST_CHECKS(INST_X)
#undef INST_X
};

static inst_node check_node(lua_State *L, int i) {
  return (inst_node)luaL_checkinteger(L, i);
}

/* Keeps the function at 'i' in the companion; its number, or 0 for nil. */
static uint32_t keep_code(lua_State *L, int i) {
  if (lua_isnoneornil(L, i)) return 0;
  i = lua_absindex(L, i);
  luaL_checktype(L, i, LUA_TFUNCTION);
  inst_box_companion(L, 1);
  uint32_t number = (uint32_t)lua_rawlen(L, -1) + 1;
  lua_pushvalue(L, i);
  lua_rawseti(L, -2, (int)number);
  lua_pop(L, 1);
  return number;
}

/* ---- building -------------------------------------------------------------------------------- */

/* schema:node(kind) -> number */
static int schema_node(lua_State *L) {
  inst_schema *schema = check_open(L);
  inst_node_kind kind = (inst_node_kind)luaL_checkoption(L, 2, NULL, node_names);
  lua_pushinteger(L, (lua_Integer)inst_schema_node(schema, kind));
  return 1;
}

/* schema:field(object, key, node) */
static int schema_field(lua_State *L) {
  inst_schema *schema = check_open(L);
  luaL_checktype(L, 3, LUA_TSTRING);
  inst_schema_field(schema, check_node(L, 2), inst_lua_str(L, 3), check_node(L, 4));
  return 0;
}

/* schema:inner(outer, inner) */
static int schema_inner(lua_State *L) {
  inst_schema *schema = check_open(L);
  inst_schema_inner(schema, check_node(L, 2), check_node(L, 3));
  return 0;
}

/* schema:rest(outer, rest) */
static int schema_rest(lua_State *L) {
  inst_schema *schema = check_open(L);
  inst_schema_rest(schema, check_node(L, 2), check_node(L, 3));
  return 0;
}

/* schema:discriminator(union, key) */
static int schema_discriminator(lua_State *L) {
  inst_schema *schema = check_open(L);
  luaL_checktype(L, 3, LUA_TSTRING);
  inst_schema_discriminator(schema, check_node(L, 2), inst_lua_str(L, 3));
  return 0;
}

/* schema:trait(node, name) */
static int schema_trait(lua_State *L) {
  inst_schema *schema = check_open(L);
  inst_trait trait = (inst_trait)luaL_checkoption(L, 3, NULL, trait_names);
  inst_schema_trait(schema, check_node(L, 2), trait);
  return 0;
}

/* The Lua value at 'i' as a JSON value of a throw-away arena, whose box is left on the stack. */
static inst_value *read_here(lua_State *L, int i) {
  inst_arena *arena = inst_lua_arena(L);
  inst_lua_reader reader = {.L = L, .arena = arena};
  return inst_lua_read(&reader, i);
}

/* schema:value(node, value) */
static int schema_value(lua_State *L) {
  inst_schema *schema = check_open(L);
  inst_schema_value(schema, check_node(L, 2), read_here(L, 3));
  return 0;
}

/* schema:code(node, function) */
static int schema_code(lua_State *L) {
  inst_schema *schema = check_open(L);
  inst_schema_code(schema, check_node(L, 2), keep_code(L, 3));
  return 0;
}

/* schema:meta(node, key, value) */
static int schema_meta(lua_State *L) {
  inst_schema *schema = check_open(L);
  luaL_checktype(L, 3, LUA_TSTRING);
  inst_schema_meta(schema, check_node(L, 2), inst_lua_str(L, 3), read_here(L, 4));
  return 0;
}

/* schema:unknown_keys(node, "strip" | "strict" | "pass") */
static int schema_unknown_keys(lua_State *L) {
  static const char *const names[] = {"strip", "strict", "pass", NULL};
  inst_schema *schema = check_open(L);
  inst_schema_unknown_keys(schema, check_node(L, 2),
                           (inst_unknown_keys)luaL_checkoption(L, 3, NULL, names));
  return 0;
}

/* schema:message(node, text or function) */
static int schema_message(lua_State *L) {
  inst_schema *schema = check_open(L);
  bool text = lua_type(L, 3) == LUA_TSTRING;
  inst_schema_message(schema, check_node(L, 2), text ? inst_lua_str(L, 3) : (inst_str){NULL, 0},
                      text ? 0 : keep_code(L, 3));
  return 0;
}

/* The member 'key' of the options at 5, left on the stack. */
static int option(lua_State *L, const char *key) {
  if (lua_istable(L, 5))
    lua_getfield(L, 5, key);
  else
    lua_pushnil(L);
  return lua_gettop(L);
}

/* schema:check(node, name, argument, {message =, path =, abort =, extra =, position =}) */
static int schema_check(lua_State *L) {
  inst_schema *schema = check_open(L);
  int kind = luaL_checkoption(L, 3, NULL, check_names);
  inst_check check = {.kind = (inst_check_kind)kind};
  lua_settop(L, 5);
  if (check_takes[kind] == TAKES_NUMBER) check.number = luaL_checknumber(L, 4);
  if (check_takes[kind] == TAKES_TEXT) {
    luaL_checktype(L, 4, LUA_TSTRING);
    check.text = inst_lua_str(L, 4);
  }
  if (check_takes[kind] == TAKES_CODE) check.code = keep_code(L, 4);
  int message = option(L, "message");
  if (lua_type(L, message) == LUA_TSTRING)
    check.message = inst_lua_str(L, message);
  else
    check.message_code = keep_code(L, message);
  check.extra = inst_lua_opt_str(L, option(L, "extra"));
  if (kind == INST_CHECK_INCLUDES) check.number = lua_tonumber(L, option(L, "position"));
  check.abort = lua_toboolean(L, option(L, "abort"));
  int path = option(L, "path");
  inst_arena *arena = inst_lua_arena(L);
  int box = lua_gettop(L);
  check.path = inst_lua_path(L, path, &check.path_count, arena);
  inst_schema_check(schema, check_node(L, 2), &check);
  inst_lua_arena_done(L, box);
  return 0;
}

/* schema:finish(root) */
static int schema_finish(lua_State *L) {
  inst_error error = {.code = INST_E_NONE};
  inst_schema *schema = check_open(L);
  if (inst_schema_finish(schema, check_node(L, 2), &error) != 0)
    return error.code == INST_E_MEMORY ? inst_lua_no_memory(L) : inst_lua_raise(L, &error);
  check_box(L, 1)->finished = true;
  return 0;
}

/* ---- using ----------------------------------------------------------------------------------- */

/* schema:json_schema{strict =} -> JSON text of the provider's profile */
static int schema_json_schema(lua_State *L) {
  const inst_schema *schema = inst_lua_schema(L, 1);
  inst_profile profile = {.strict = lua_toboolean(L, 2)};
  inst_arena *arena = inst_lua_arena(L);
  int box = lua_gettop(L);
  inst_error error = {.code = INST_E_NONE};
  inst_value *printed = inst_schema_print(schema, &profile, arena, &error);
  if (error.code == INST_E_USAGE) return inst_lua_raise(L, &error);
  inst_str text = printed ? inst_json_text(arena, printed) : (inst_str){NULL, 0};
  if (text.p == NULL) return inst_lua_no_memory(L);
  inst_lua_push_str(L, text);
  inst_lua_arena_done(L, box);
  return 1;
}

/* schema:to_json(value) -> text */
static int schema_to_json(lua_State *L) {
  const inst_schema *schema = inst_lua_schema(L, 1);
  lua_settop(L, 2);
  inst_arena *arena = inst_lua_arena(L);
  inst_lua_reader reader = {.L = L, .arena = arena};
  if (lua_isnil(L, 2)) return luaL_error(L, "nil cannot be written as JSON");
  inst_str text = inst_schema_write(schema, inst_lua_read(&reader, 2), arena);
  if (text.p == NULL) return inst_lua_no_memory(L);
  inst_lua_push_str(L, text);
  inst_lua_arena_done(L, 3);
  return 1;
}

static const luaL_Reg methods[] = {
    {"node", schema_node},
    {"field", schema_field},
    {"inner", schema_inner},
    {"rest", schema_rest},
    {"discriminator", schema_discriminator},
    {"trait", schema_trait},
    {"value", schema_value},
    {"code", schema_code},
    {"meta", schema_meta},
    {"unknown_keys", schema_unknown_keys},
    {"message", schema_message},
    {"check", schema_check},
    {"finish", schema_finish},
    {"json_schema", schema_json_schema},
    {"to_json", schema_to_json},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {{"schema", schema_new}, {NULL, NULL}};

void inst_lua_open_schema(lua_State *L) {
  inst_lua_type(L, INST_SCHEMA_BOX, methods, schema_gc);
  inst_lua_functions(L, functions);
}

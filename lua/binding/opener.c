/*
** A plain call, opened at once: every name among create's parameters has been looked at before, and
** the schema has served a call of this client.
** In: what create was given.  Out: the call; or none, and the rules must look at what was given.
** Nothing is raised here but for want of memory.
** Rule: what is opened here is what the rules would let pass.
*/
#include "lua/binding/call.h"

#include <string.h>

/* What the state of a client holds; what was asked for last, with compiled schema and model, comes last.
** (It is a table, for LuaJIT's traces keep the functions of C's alive that they call, and what those
** hold: as a closure's it would keep clients, connections and all.) */
enum { PASSED = 1, SCHEMA_META, MODELS, MAX_RETRIES, LAST, LAST_COMPILED, LAST_MODEL };

/* Stack indices.  Name and description stay where inst_lua_call_new has them. */
enum { PARAMS = 1, STATE, RETRIES, KNOWN, RESPONSE_MODEL };
enum { NAME = INST_NEW_NAME, DESCRIPTION = INST_NEW_DESCRIPTION };

/* Is the value on top, which is taken off, that of the state? */
static bool pop_equal(lua_State *L, int place) {
  lua_rawgeti(L, STATE, place);
  bool equal = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return equal;
}

static void keep(lua_State *L, int place) {
  lua_rawseti(L, STATE, place);
}

static bool is_named(inst_str key, const char *name) {
  return key.n == strlen(name) && memcmp(key.p, name, key.n) == 0;
}

/* A parameter of the provider's that has passed before; its key stands below its value. */
static bool take_passed(lua_State *L, inst_lua_known *known) {
  lua_pushvalue(L, -2);
  lua_rawget(L, KNOWN);
  bool passed = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (!passed || known->count == INST_USUAL_PARAMS) return false;
  inst_str key = inst_lua_str(L, -2);
  known->list[known->count++] = (inst_lua_member){key, INST_NEW_PARAMS};
  if (is_named(key, "model")) known->model = true;
  return true;
}

/* A count that nobody complains of becomes the number of retries. */
static bool take_retries(lua_State *L) {
  int64_t count;
  bool whole = is_named(inst_lua_str(L, -2), "max_retries") && lua_type(L, -1) == LUA_TNUMBER &&
               inst_lua_integer(L, lua_gettop(L), &count) && count >= 0;
  if (!whole) return false;
  lua_pushvalue(L, -1);
  lua_replace(L, RETRIES);
  return true;
}

/* Is there nothing among the parameters that the rules must look at? */
static bool take_all(lua_State *L, inst_lua_known *known) {
  if (lua_type(L, PARAMS) != LUA_TTABLE || lua_getmetatable(L, PARAMS)) return false;
  for (lua_pushnil(L); lua_next(L, PARAMS) != 0; lua_pop(L, 1)) {
    if (lua_type(L, -2) != LUA_TSTRING) return false;
    if (lua_rawequal(L, -2, RESPONSE_MODEL)) continue;
    if (!take_passed(L, known) && !take_retries(L)) return false;
  }
  return true;
}

/* Pushes the data of the schema on top; false: it is none. */
static bool push_def(lua_State *L) {
  if (lua_type(L, -1) != LUA_TTABLE || !lua_getmetatable(L, -1)) return false;
  if (!pop_equal(L, SCHEMA_META)) return false;
  lua_pushliteral(L, "def");
  lua_rawget(L, -2);
  return lua_type(L, -1) == LUA_TTABLE;
}

/* Are there notes about the order of its fields, or was it not looked yet? */
static bool has_notes(lua_State *L) {
  lua_getfield(L, -1, "notes");
  if (!lua_istable(L, -1)) return true;
  lua_rawgeti(L, -1, 1);
  bool some = !lua_isnil(L, -1);
  lua_pop(L, 2);
  return some;
}

/* Keeps the schema on top, its compiled form and its model as the last ones.  False: it has not served
** a call yet, or there are notes to be told. */
static bool find_model(lua_State *L) {
  int schema = lua_gettop(L);
  if (!push_def(L) || has_notes(L)) return false;
  lua_getfield(L, -1, "compiled");
  if (lua_isnil(L, -1)) return false;
  lua_rawgeti(L, STATE, MODELS);
  lua_pushvalue(L, -2);
  lua_rawget(L, -2);
  if (lua_isnil(L, -1)) return false;
  keep(L, LAST_MODEL);
  lua_pop(L, 1);
  keep(L, LAST_COMPILED);
  lua_settop(L, schema);
  lua_pushvalue(L, schema);
  keep(L, LAST);
  return true;
}

/* Is the schema on top the last one? */
static bool is_last(lua_State *L) {
  lua_rawgeti(L, STATE, LAST);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 1);
  return same;
}

/* A member of a response_model; its key stands below its value. */
static bool take_word(lua_State *L) {
  if (lua_type(L, -2) != LUA_TSTRING) return false;
  inst_str key = inst_lua_str(L, -2);
  if (is_named(key, "schema")) return lua_type(L, -1) == LUA_TTABLE;
  bool name = is_named(key, "name");
  if (lua_type(L, -1) != LUA_TSTRING || (!name && !is_named(key, "description"))) return false;
  lua_pushvalue(L, -1);
  lua_replace(L, name ? NAME : DESCRIPTION);
  return true;
}

/* In place of the { schema =, name =, description = } on top: its schema. */
static bool unwrap(lua_State *L) {
  int wrapper = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, wrapper) != 0; lua_pop(L, 1))
    if (!take_word(L)) return false;
  lua_pushliteral(L, "schema");
  lua_rawget(L, wrapper);
  lua_replace(L, wrapper);
  return lua_type(L, wrapper) == LUA_TTABLE;
}

/* Pushes the schema that is asked for. */
static bool push_schema(lua_State *L) {
  lua_pushvalue(L, RESPONSE_MODEL);
  lua_rawget(L, PARAMS);
  if (lua_type(L, -1) != LUA_TTABLE) return false;
  if (!lua_getmetatable(L, -1)) return unwrap(L);
  lua_pop(L, 1);
  return true;
}

/* Pushes compiled schema and model.  (A finaliser may find that they are gone already.) */
static bool push_model(lua_State *L) {
  if (!push_schema(L)) return false;
  if (!is_last(L) && !find_model(L)) return false;
  lua_settop(L, DESCRIPTION);
  lua_rawgeti(L, STATE, LAST_COMPILED);
  lua_rawgeti(L, STATE, LAST_MODEL);
  return inst_lua_has_schema(L, -2) && inst_lua_has_model(L, -1);
}

/* From where things stand here to where inst_lua_call_new has them; what is not needed is written over,
** the last first. */
static void put_in_place(lua_State *L) {
  if (lua_toboolean(L, RETRIES))
    lua_pushvalue(L, RETRIES);
  else
    lua_pushnil(L);
  lua_pushvalue(L, PARAMS);
  lua_replace(L, INST_NEW_PARAMS);
  lua_replace(L, INST_NEW_RETRIES);
  lua_replace(L, INST_NEW_MODEL);
  lua_replace(L, INST_NEW_SCHEMA);
  lua_pushnil(L);
  lua_replace(L, INST_NEW_OWN);
}

bool inst_lua_call_open(lua_State *L) {
  inst_lua_known known;
  known.count = 0;
  known.model = false;
  lua_settop(L, STATE);
  lua_rawgeti(L, STATE, MAX_RETRIES);
  lua_rawgeti(L, STATE, PASSED);
  lua_pushliteral(L, "response_model");
  lua_settop(L, DESCRIPTION);
  if (!take_all(L, &known) || !push_model(L)) return false;
  put_in_place(L);
  return inst_lua_call_new(L, &known);
}

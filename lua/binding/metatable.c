/*
** Metatables (and userdata) that say what a table is: those made here, and lua-cjson's own.
** In: a metatable, or a userdata.  Out: the mark it is, if it is one.
*/
#include "lua/binding/binding.h"

/* Registry: metatable or userdata -> "array", "object" or "schema"; a module whose marks are known
** -> "". */
#define MARKS "instructor.marks"

/* What the table at 'marks' says of the value at 'i': its first letter, or 0. */
static char look_up(lua_State *L, int marks, int i) {
  lua_pushvalue(L, i);
  lua_rawget(L, marks);
  char mark = 0;
  if (lua_type(L, -1) == LUA_TSTRING) mark = *lua_tostring(L, -1);
  lua_pop(L, 1);
  return mark;
}

/* Has the table at 'marks' an entry for the value on top of the stack? */
static bool is_known(lua_State *L, int marks) {
  lua_pushvalue(L, -1);
  lua_rawget(L, marks);
  bool known = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return known;
}

/* The field 'name' of the module on top of the stack marks lists, where its version has it. */
static void take_mark(lua_State *L, int marks, const char *name) {
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  if (lua_istable(L, -1) || lua_isuserdata(L, -1)) {
    lua_pushliteral(L, "array");
    lua_rawset(L, marks);
  } else
    lua_pop(L, 1);
}

/* lua-cjson's own marks mean here what they mean there. */
static void take_marks(lua_State *L, int marks) {
  take_mark(L, marks, "array_mt");
  take_mark(L, marks, "empty_array_mt");
  take_mark(L, marks, "empty_array");
  lua_pushvalue(L, -1);
  lua_pushliteral(L, "");
  lua_rawset(L, marks);
}

/* Looks into the module 'name' of the table on top of the stack, if it is there and new. */
static bool visit(lua_State *L, int marks, const char *name) {
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  bool is_new = lua_istable(L, -1) && !is_known(L, marks);
  if (is_new) take_marks(L, marks);
  lua_pop(L, 1);
  return is_new;
}

/* Whoever has marks of lua-cjson's has loaded it: we need not. */
static bool find_new_marks(lua_State *L, int marks) {
  lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
  bool found = visit(L, marks, "cjson");
  found = visit(L, marks, "cjson.safe") || found;
  lua_pop(L, 1);
  return found;
}

char inst_lua_mark(lua_State *L, int i, bool *looked) {
  lua_getfield(L, LUA_REGISTRYINDEX, MARKS);
  int marks = lua_gettop(L);
  char mark = look_up(L, marks, i);
  if (mark == 0 && !*looked && find_new_marks(L, marks)) mark = look_up(L, marks, i);
  if (mark == 0) *looked = true;
  lua_pop(L, 1);
  return mark;
}

/* core.mark(metatable or userdata, "array" | "object" | "schema"): how conversion takes such a table */
static int set_mark(lua_State *L) {
  lua_settop(L, 2);
  lua_getfield(L, LUA_REGISTRYINDEX, MARKS);
  lua_insert(L, 1);
  lua_rawset(L, 1);
  return 0;
}

/* core.is_mark(metatable) -> does it say what a table is? */
static int is_mark(lua_State *L) {
  bool looked = false;
  luaL_checkany(L, 1);
  lua_pushboolean(L, inst_lua_mark(L, 1, &looked) != 0);
  return 1;
}

static const luaL_Reg functions[] = {{"mark", set_mark}, {"is_mark", is_mark}, {NULL, NULL}};

void inst_lua_open_metatable(lua_State *L) {
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, MARKS);
  inst_lua_functions(L, functions);
}

/*
** The differences between the Luas, and nothing else.
*/
#include "lua/binding/compat.h"

#include <string.h>

#if LUA_VERSION_NUM < 503
#define EXACT_DOUBLE INT64_C(9007199254740992) /* 2^53 */
#endif

#define COMPANION_ROOM 4 /* names that a companion has room for at first */

#if LUA_VERSION_NUM < 502
int lua_absindex(lua_State *L, int i) {
  return i > 0 || i <= LUA_REGISTRYINDEX ? i : lua_gettop(L) + i + 1;
}

void luaL_setmetatable(lua_State *L, const char *name) {
  luaL_getmetatable(L, name);
  lua_setmetatable(L, -2);
}

void *luaL_testudata(lua_State *L, int i, const char *name) {
  void *p = lua_touserdata(L, i);
  if (p == NULL || !lua_getmetatable(L, i)) return NULL;
  luaL_getmetatable(L, name);
  if (!lua_rawequal(L, -1, -2)) p = NULL;
  lua_pop(L, 2);
  return p;
}
#endif

void *inst_box_bare(lua_State *L, size_t size, const char *name) {
#if LUA_VERSION_NUM >= 504
  void *box = lua_newuserdatauv(L, size, 1);
#else
  void *box = lua_newuserdata(L, size);
#endif
  memset(box, 0, size);
  luaL_setmetatable(L, name);
  return box;
}

void *inst_box_new(lua_State *L, size_t size, const char *name) {
  void *box = inst_box_bare(L, size, name);
  lua_createtable(L, 0, COMPANION_ROOM);
#if LUA_VERSION_NUM >= 504
  lua_setiuservalue(L, -2, 1);
#elif LUA_VERSION_NUM >= 502
  lua_setuservalue(L, -2);
#else
  lua_setfenv(L, -2);
#endif
  return box;
}

void *inst_box_check(lua_State *L, int i, size_t size, const void *mark, const char *name) {
  void *box = lua_touserdata(L, i);
  bool sized = box != NULL && lua_type(L, i) == LUA_TUSERDATA && lua_rawlen(L, i) == size;
  return sized && *(const void **)box == mark ? box : luaL_checkudata(L, i, name);
}

void inst_box_companion(lua_State *L, int i) {
#if LUA_VERSION_NUM >= 504
  lua_getiuservalue(L, i, 1);
#elif LUA_VERSION_NUM >= 502
  lua_getuservalue(L, i);
#else
  lua_getfenv(L, i);
#endif
}

bool inst_lua_integer(lua_State *L, int i, int64_t *out) {
#if LUA_VERSION_NUM >= 503
  if (!lua_isinteger(L, i)) return false;
  *out = (int64_t)lua_tointeger(L, i);
  return true;
#else
  double d = lua_tonumber(L, i);
  if (!(d >= -(double)EXACT_DOUBLE && d <= (double)EXACT_DOUBLE)) return false;
  *out = (int64_t)d;
  return (double)*out == d;
#endif
}

bool inst_lua_holds(int64_t i) {
#if LUA_VERSION_NUM >= 503
  (void)i;
  return true;
#else
  return i <= EXACT_DOUBLE && i >= -EXACT_DOUBLE;
#endif
}

void inst_lua_push_integer(lua_State *L, int64_t i) {
  if (!inst_lua_holds(i))
    luaL_error(L, "an integer beyond 2^53 cannot be held exactly by this Lua");
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(L, (lua_Integer)i);
#else
  lua_pushnumber(L, (lua_Number)i);
#endif
}

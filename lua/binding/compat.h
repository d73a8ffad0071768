/*
** One Lua for the rooms of the binding: what 5.4 has and 5.1, 5.2, 5.3 and LuaJIT spell otherwise.
*/
#ifndef INST_LUA_COMPAT_H
#define INST_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

#include "core/instructor.h"

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, i) lua_objlen(L, i)
#define luaL_setfuncs(L, list, n) luaL_register(L, NULL, list)
int lua_absindex(lua_State *L, int i);
void luaL_setmetatable(lua_State *L, const char *name);
void *luaL_testudata(lua_State *L, int i, const char *name);
#endif

/* A userdata of 'size' zeroed bytes, of type 'name'. */
void *inst_box_bare(lua_State *L, size_t size, const char *name);
/* The same with one companion table of its own. */
void *inst_box_new(lua_State *L, size_t size, const char *name);
/* luaL_checkudata, for a type that is asked after all the time: a box of 'size' bytes that begins with
** the pointer 'mark', which only boxes of the type do, is known without a look into the registry. */
void *inst_box_check(lua_State *L, int i, size_t size, const void *mark, const char *name);
/* Pushes the companion table of the box at 'i'. */
void inst_box_companion(lua_State *L, int i);

/* Is the number at 'i' a whole number that int64_t holds exactly? */
bool inst_lua_integer(lua_State *L, int i, int64_t *out);
/* Does this Lua hold a whole number exactly?  Below 5.3 it does up to 2^53. */
bool inst_lua_holds(int64_t i);
/* Pushes a whole number; raises where it would be rounded. */
void inst_lua_push_integer(lua_State *L, int64_t i);

#endif

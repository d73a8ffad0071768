/*
** The Lua module instructor.curl: carries the table of libcurl's transport to the core.
** In: nothing.  Out: the table's address as a light userdata, which the core's own module takes.
** Rule: it is a shared object of its own, so that the core loads where there is no libcurl; no
** symbol is shared between the two, only this address.
*/
#include "core/instructor.h"

#include <lua.h>

INST_API int luaopen_instructor_curl(lua_State *L);

int luaopen_instructor_curl(lua_State *L) {
  lua_pushlightuserdata(L, (void *)inst_curl());
  return 1;
}

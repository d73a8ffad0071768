/* What the rooms of a call's box share: call.c drives it, told.c tells what came of it. */
#ifndef INST_LUA_CALL_H
#define INST_LUA_CALL_H

#include "lua/binding/binding.h"

/* The call of the box at 'i'; raises where it is closed. */
inst_call *inst_lua_call(lua_State *L, int i);

/* Pushes a list of {name, value, secret =}. */
void inst_lua_push_headers(lua_State *L, const inst_call *call, const inst_header *headers,
                           size_t count);

/* Adds the methods that tell what came of a call to its type. */
void inst_lua_open_told(lua_State *L);

#endif

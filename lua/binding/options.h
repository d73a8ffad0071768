/* From Lua tables of options to the core's. */
#ifndef INST_LUA_OPTIONS_H
#define INST_LUA_OPTIONS_H

#include "lua/binding/binding.h"

/* A whole number of at least 0, however large the one at 'i'. */
int inst_lua_count(lua_State *L, int i);

/* Puts the options in the table at 'i' over 'options'.  What it lends lives in 'arena' or in the
** table. */
void inst_lua_call_options(lua_State *L, int i, inst_call_options *options, inst_arena *arena);

#endif

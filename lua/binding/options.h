/* From a Lua table of options to the core's. */
#ifndef INST_LUA_OPTIONS_H
#define INST_LUA_OPTIONS_H

#include "lua/binding/binding.h"

/* Fills 'options' from the table at 'i'.  What it lends lives in 'arena' or in the table. */
void inst_lua_call_options(lua_State *L, int i, inst_call_options *options, inst_arena *arena);

#endif

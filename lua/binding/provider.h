/*
** Providers as Lua sees them: the rows we know, and rows of the user's own.
*/
#ifndef INST_LUA_PROVIDER_H
#define INST_LUA_PROVIDER_H

#include "lua/binding/binding.h"

/* The row of the box at 'i', alive as long as the box; raises for anything else. */
const inst_provider *inst_lua_provider(lua_State *L, int i);

/* Pushes the list of the modes in 'modes'. */
void inst_lua_push_modes(lua_State *L, unsigned modes);

void inst_lua_open_provider(lua_State *L);

#endif

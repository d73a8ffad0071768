/*
** A Lua value that grows while its text arrives.
** In: a stream's changes.  Out: one table, filled in place, and what the last look added to it.
** Rule: the tables handed out are the user's to write on; where we go on is kept apart from them.
*/
#ifndef INST_LUA_LIVE_H
#define INST_LUA_LIVE_H

#include "lua/binding/binding.h"

#define INST_STREAM_BOX "instructor.stream"

/* Leaves a new view on the stack: a private table that keeps the open tables and the root. */
void inst_lua_view_new(lua_State *L);
/* Takes the changes of 'stream' into the view at 'view'.  With 'drop_nulls' no member is null.  Have
** there been any? */
bool inst_lua_view_take(lua_State *L, int view, inst_stream *stream, bool drop_nulls);
/* Pushes the path of the value that is arriving, as a list of keys and (from 1) indices. */
void inst_lua_push_place(lua_State *L, inst_stream *stream);
/* The stream of the box at 'i'. */
inst_stream *inst_lua_stream(lua_State *L, int i);

void inst_lua_open_stream(lua_State *L);

#endif

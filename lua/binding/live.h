/*
** A Lua value that grows while its text arrives.
** In: a stream's changes.  Out: one table, filled in place, and what the last look added to it.
** Rule: the tables handed out are the user's to write on; where we go on is kept apart from them.
*/
#ifndef INST_LUA_LIVE_H
#define INST_LUA_LIVE_H

#include "lua/binding/binding.h"

#define INST_STREAM_BOX "instructor.stream"

/* What C keeps of a view; zero memory is a new one.  Keys are lent from the stream. */
typedef struct inst_lua_view {
  bool drop_nulls;      /* no member is null: it is left out */
  bool has_delta;       /* did the last look add to an open text? */
  inst_segment *places; /* [i]: where the i-th open table (from 0) stands in the one around it */
  size_t place_room;
  inst_segment *done; /* the paths of what the last look completed, one behind the other… */
  size_t done_count, done_room;
  size_t *ends; /* …and where each ends */
  size_t end_count, end_room;
} inst_lua_view;

/* Leaves the tables of a view on the stack: a private table, for inst_lua_view_take. */
void inst_lua_view_new(lua_State *L);
void inst_lua_view_free(lua_State *L, inst_lua_view *view);
/* Takes the changes of 'stream' into the view whose tables are at 'tables', and pushes the value.
** False: there were none. */
bool inst_lua_view_take(lua_State *L, int tables, inst_stream *stream, inst_lua_view *view);
/* Push what the last look added: to the text that is open (or nil), and a list of paths. */
void inst_lua_push_delta(lua_State *L, int tables);
void inst_lua_push_completed(lua_State *L, const inst_lua_view *view);
/* Pushes the path of the value that is arriving, as a list of keys and (from 1) indices. */
void inst_lua_push_place(lua_State *L, inst_stream *stream);

/* The stream of the box at 'i'. */
inst_stream *inst_lua_stream(lua_State *L, int i);
void inst_lua_open_stream(lua_State *L);

#endif

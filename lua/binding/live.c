/*
** Changes to tables.  The tables of a view stand in one of ours:
**   [i]   the i-th of the tables that are open, outermost first
**   [0]   the value itself
**   [-1]  what the last look added to the text that is open, or nil
*/
#include "lua/binding/live.h"

#include <string.h>

#define ROOT 0
#define DELTA (-1)

void inst_lua_view_new(lua_State *L) {
  lua_createtable(L, 4, 2);
}

static void *resize(lua_State *L, void *p, size_t old_size, size_t size) {
  inst_alloc alloc = inst_lua_alloc(L);
  if (p == NULL && size == 0) return NULL;
  void *moved = alloc.fn(alloc.ctx, p, old_size, size);
  if (moved == NULL && size > 0) inst_lua_no_memory(L);
  return moved;
}

void inst_lua_view_free(lua_State *L, inst_lua_view *v) {
  bool drop_nulls = v->drop_nulls;
  resize(L, v->places, v->place_room * sizeof *v->places, 0);
  resize(L, v->done, v->done_room * sizeof *v->done, 0);
  resize(L, v->ends, v->end_room * sizeof *v->ends, 0);
  memset(v, 0, sizeof *v);
  v->drop_nulls = drop_nulls;
}

/* Room for 'wanted' of something; what is there moves along. */
static void *grow(lua_State *L, void *p, size_t *room, size_t wanted, size_t size) {
  if (wanted <= *room) return p;
  size_t more = wanted * 2 + 8;
  p = resize(L, p, *room * size, more * size);
  *room = more;
  return p;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static void note_place(lua_State *L, inst_lua_view *v, const inst_change *change) {
  v->places = grow(L, v->places, &v->place_room, change->depth + 1, sizeof *v->places);
  v->places[change->depth] = change->at;
}

/* The path of what 'change' completed: the places of the tables around it, less the root's, and its
** own. */
static void note_completed(lua_State *L, inst_lua_view *v, const inst_change *change) {
  size_t n = change->depth;
  v->done = grow(L, v->done, &v->done_room, v->done_count + n + 1, sizeof *v->done);
  v->ends = grow(L, v->ends, &v->end_room, v->end_count + 1, sizeof *v->ends);
  for (size_t i = 1; i < n; i++) v->done[v->done_count++] = v->places[i];
  if (n > 0) v->done[v->done_count++] = change->at;
  v->ends[v->end_count++] = v->done_count;
}

void inst_lua_push_completed(lua_State *L, const inst_lua_view *v) {
  size_t from = 0;
  lua_createtable(L, (int)v->end_count, 0);
  for (size_t i = 0; i < v->end_count; i++) {
    inst_lua_push_path(L, v->done + from, v->ends[i] - from);
    lua_rawseti(L, -2, (int)i + 1);
    from = v->ends[i];
  }
}

void inst_lua_push_place(lua_State *L, inst_stream *stream) {
  size_t count;
  const inst_segment *path = inst_stream_path(stream, &count);
  inst_lua_push_path(L, path, count);
}

void inst_lua_push_delta(lua_State *L, int tables) {
  lua_rawgeti(L, tables, DELTA);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Puts the value on top where 'change' says, and takes it off. */
static void place(lua_State *L, int tables, const inst_change *change) {
  if (change->depth == 0) {
    lua_rawseti(L, tables, ROOT);
    return;
  }
  lua_rawgeti(L, tables, (int)change->depth);
  lua_insert(L, -2);
  if (change->at.key.p == NULL) {
    lua_rawseti(L, -2, (int)change->at.index + 1);
  } else {
    inst_lua_push_str(L, change->at.key);
    lua_insert(L, -2);
    lua_rawset(L, -3);
  }
  lua_pop(L, 1);
}

/* Empties the table on top. */
static void empty(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -2) != 0;) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
}

/* A root that is shown again keeps its identity. */
static void open_table(lua_State *L, int tables, const inst_change *change) {
  lua_rawgeti(L, tables, ROOT);
  if (change->depth == 0 && lua_istable(L, -1)) {
    empty(L);
  } else {
    lua_pop(L, 1);
    lua_newtable(L);
  }
  lua_pushvalue(L, -1);
  lua_rawseti(L, tables, (int)change->depth + 1);
  place(L, tables, change);
}

static void grow_text(lua_State *L, int tables, const inst_change *change) {
  inst_lua_push_str(L, inst_value_text(change->value));
  place(L, tables, change);
  inst_lua_push_str(L, change->delta);
  lua_rawseti(L, tables, DELTA);
}

/* A number that this Lua would round is not shown: the end tells of it. */
static void set_value(lua_State *L, int tables, const inst_change *change, bool drop_nulls) {
  bool member = change->depth > 0 && change->at.key.p != NULL;
  bool null = inst_value_kind_of(change->value) == INST_NULL;
  if ((member && null && drop_nulls) || inst_lua_unfit(change->value) != NULL) return;
  inst_lua_push(L, change->value, 0, drop_nulls);
  place(L, tables, change);
}

static void take(lua_State *L, int tables, const inst_change *change, inst_lua_view *view) {
  switch (change->kind) {
  case INST_CHANGE_OPEN:
    open_table(L, tables, change);
    note_place(L, view, change);
    return;
  case INST_CHANGE_GROW:
    grow_text(L, tables, change);
    view->has_delta = true;
    return;
  case INST_CHANGE_SET: set_value(L, tables, change, view->drop_nulls); break;
  default: break;
  }
  note_completed(L, view, change);
}

bool inst_lua_view_take(lua_State *L, int tables, inst_stream *stream, inst_lua_view *view) {
  inst_change change;
  bool any = false;
  luaL_checkstack(L, 8, "a stream is looked at");
  view->done_count = view->end_count = 0;
  if (view->has_delta) {
    lua_pushnil(L);
    lua_rawseti(L, tables, DELTA);
    view->has_delta = false;
  }
  for (; inst_stream_next(stream, &change); any = true) take(L, tables, &change, view);
  lua_rawgeti(L, tables, ROOT);
  return any;
}

/* ---- a stream of a schema alone ---------------------------------------------------------------- */

#define VIEW 1 /* where the companion keeps the view; at [0] is the schema */

typedef struct stream_box {
  inst_stream *stream;
  inst_lua_view view;
} stream_box;

static stream_box *check_box(lua_State *L, int i) {
  return luaL_checkudata(L, i, INST_STREAM_BOX);
}

static inst_stream *stream_of(lua_State *L, const stream_box *box) {
  if (box->stream == NULL) luaL_error(L, "the stream is closed");
  return box->stream;
}

inst_stream *inst_lua_stream(lua_State *L, int i) {
  return stream_of(L, check_box(L, i));
}

static bool flag(lua_State *L, int i, const char *key) {
  lua_getfield(L, i, key);
  bool set = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return set;
}

/* core.stream(schema, {open_strings =, drop_nulls =}) */
static int stream_new(lua_State *L) {
  const inst_schema *schema = inst_lua_schema(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  stream_box *box = inst_box_new(L, sizeof *box, INST_STREAM_BOX);
  inst_stream_options options = {.alloc = inst_lua_alloc(L),
                                 .open_strings = flag(L, 2, "open_strings"),
                                 .max_depth = INST_MAX_DEPTH};
  box->view.drop_nulls = flag(L, 2, "drop_nulls");
  box->stream = inst_stream_new(schema, &options);
  if (box->stream == NULL) return inst_lua_no_memory(L);
  inst_box_companion(L, 3);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 0);
  inst_lua_view_new(L);
  lua_rawseti(L, -2, VIEW);
  lua_settop(L, 3);
  return 1;
}

/* Pushes the tables of the view of the box at 1; their index. */
static int push_tables(lua_State *L) {
  inst_box_companion(L, 1);
  lua_rawgeti(L, -1, VIEW);
  return lua_gettop(L);
}

/* stream:feed(text) -> true; or nil, message, offset (from 1), kind */
static int stream_feed(lua_State *L) {
  inst_stream *stream = inst_lua_stream(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  if (inst_stream_feed(stream, inst_lua_str(L, 2)) != 0)
    return inst_lua_push_fault(L, inst_stream_error(stream));
  lua_pushboolean(L, true);
  return 1;
}

/* stream:look() -> the live value */
static int stream_look(lua_State *L) {
  stream_box *box = check_box(L, 1);
  inst_lua_view_take(L, push_tables(L), stream_of(L, box), &box->view);
  return 1;
}

/* stream:live() -> the same as it was taken last */
static int stream_live(lua_State *L) {
  inst_lua_stream(L, 1);
  lua_rawgeti(L, push_tables(L), ROOT);
  return 1;
}

/* stream:take(text): feeds and looks -> true, the live value; or what feed returns.  Nothing where
** 'text' is no text.  Called for every piece: what can be saved here is. */
static int stream_take(lua_State *L) {
  stream_box *box = check_box(L, 1);
  inst_stream *stream = stream_of(L, box);
  if (lua_type(L, 2) != LUA_TSTRING) return 0;
  int failed = inst_stream_feed(stream, inst_lua_str(L, 2));
  lua_settop(L, 1);
  inst_box_companion(L, 1);
  lua_rawgeti(L, 2, VIEW);
  lua_pushboolean(L, true);
  inst_lua_view_take(L, 3, stream, &box->view);
  return failed ? inst_lua_push_fault(L, inst_stream_error(stream)) : 2;
}

/* stream:completed() -> list of paths */
static int stream_completed(lua_State *L) {
  const stream_box *box = check_box(L, 1);
  stream_of(L, box);
  inst_lua_push_completed(L, &box->view);
  return 1;
}

/* stream:delta() */
static int stream_delta(lua_State *L) {
  inst_lua_stream(L, 1);
  inst_lua_push_delta(L, push_tables(L));
  return 1;
}

/* stream:path() */
static int stream_path(lua_State *L) {
  inst_lua_push_place(L, inst_lua_stream(L, 1));
  return 1;
}

static int stream_gc(lua_State *L) {
  stream_box *box = check_box(L, 1);
  inst_stream_free(box->stream);
  box->stream = NULL;
  inst_lua_view_free(L, &box->view);
  return 0;
}

static const luaL_Reg methods[] = {
    {"feed", stream_feed},
    {"look", stream_look},
    {"live", stream_live},
    {"take", stream_take},
    {"completed", stream_completed},
    {"delta", stream_delta},
    {"path", stream_path},
    {"close", stream_gc},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {{"stream", stream_new}, {NULL, NULL}};

void inst_lua_open_stream(lua_State *L) {
  inst_lua_type(L, INST_STREAM_BOX, methods, stream_gc);
  inst_lua_functions(L, functions);
}

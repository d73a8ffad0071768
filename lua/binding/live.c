/*
** Changes to tables.  A view is a Lua table of ours:
**   [i]        the i-th of the tables that are open, outermost first
**   root       the value itself
**   places     [i]: the key under which the i-th open table stands in the one around it
**   completed  the paths of what the last look completed, or nil
**   delta      what the last look added to the text that is open, or nil
*/
#include "lua/binding/live.h"

void inst_lua_view_new(lua_State *L) {
  lua_createtable(L, 4, 4);
  lua_newtable(L);
  lua_setfield(L, -2, "places");
}

/* Pushes the key of 'change' in the table around it. */
static void push_key(lua_State *L, const inst_change *change) {
  if (change->at.key.p != NULL)
    inst_lua_push_str(L, change->at.key);
  else
    inst_lua_push_integer(L, (int64_t)change->at.index + 1);
}

/* Puts the value on top where 'change' says, and takes it off. */
static void place(lua_State *L, int view, const inst_change *change) {
  if (change->depth == 0) {
    lua_setfield(L, view, "root");
    return;
  }
  lua_rawgeti(L, view, (int)change->depth);
  push_key(L, change);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 2);
}

/* Adds the path of 'change' to what the look has completed. */
static void note_completed(lua_State *L, int view, const inst_change *change) {
  lua_getfield(L, view, "completed");
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, view, "completed");
  }
  lua_createtable(L, (int)change->depth, 0);
  lua_getfield(L, view, "places");
  for (size_t i = 1; i < change->depth; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    lua_rawseti(L, -3, (int)i);
  }
  lua_pop(L, 1);
  if (change->depth > 0) {
    push_key(L, change);
    lua_rawseti(L, -2, (int)change->depth);
  }
  lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
  lua_pop(L, 1);
}

/* Empties the table on top: one that is shown again keeps its identity. */
static void empty(lua_State *L) {
  for (lua_pushnil(L); lua_next(L, -2) != 0;) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
}

static void open_table(lua_State *L, int view, const inst_change *change) {
  lua_getfield(L, view, "root");
  if (change->depth == 0 && lua_istable(L, -1)) {
    empty(L);
  } else {
    lua_pop(L, 1);
    lua_newtable(L);
  }
  lua_pushvalue(L, -1);
  lua_rawseti(L, view, (int)change->depth + 1);
  place(L, view, change);
  if (change->depth == 0) return;
  lua_getfield(L, view, "places");
  push_key(L, change);
  lua_rawseti(L, -2, (int)change->depth + 1);
  lua_pop(L, 1);
}

static void grow_text(lua_State *L, int view, const inst_change *change) {
  inst_lua_push_str(L, inst_value_text(change->value));
  place(L, view, change);
  inst_lua_push_str(L, change->delta);
  lua_setfield(L, view, "delta");
}

/* A number that this Lua would round is not shown: the end tells of it. */
static void set_value(lua_State *L, int view, const inst_change *change, bool drop_nulls) {
  bool member = change->depth > 0 && change->at.key.p != NULL;
  bool null = inst_value_kind_of(change->value) == INST_NULL;
  if ((member && null && drop_nulls) || inst_lua_unfit(change->value) != NULL) return;
  inst_lua_push(L, change->value, 0, drop_nulls);
  place(L, view, change);
}

static void take(lua_State *L, int view, const inst_change *change, bool drop_nulls) {
  switch (change->kind) {
  case INST_CHANGE_OPEN: open_table(L, view, change); return;
  case INST_CHANGE_GROW: grow_text(L, view, change); return;
  case INST_CHANGE_SET: set_value(L, view, change, drop_nulls); break;
  default: break;
  }
  note_completed(L, view, change);
}

bool inst_lua_view_take(lua_State *L, int view, inst_stream *stream, bool drop_nulls) {
  inst_change change;
  bool any = false;
  luaL_checkstack(L, 8, "a stream is looked at");
  lua_pushnil(L);
  lua_setfield(L, view, "completed");
  lua_pushnil(L);
  lua_setfield(L, view, "delta");
  for (; inst_stream_next(stream, &change); any = true) take(L, view, &change, drop_nulls);
  return any;
}

void inst_lua_push_place(lua_State *L, inst_stream *stream) {
  size_t count;
  const inst_segment *path = inst_stream_path(stream, &count);
  lua_createtable(L, (int)count, 0);
  for (size_t i = 0; i < count; i++) {
    if (path[i].key.p != NULL)
      inst_lua_push_str(L, path[i].key);
    else
      inst_lua_push_integer(L, (int64_t)path[i].index + 1);
    lua_rawseti(L, -2, (int)i + 1);
  }
}

/* ---- a stream of a schema alone ---------------------------------------------------------------- */

/* The companion keeps the schema at [0] and the view at "view". */
typedef struct stream_box {
  inst_stream *stream;
  bool drop_nulls;
} stream_box;

static stream_box *check_box(lua_State *L, int i) {
  return luaL_checkudata(L, i, INST_STREAM_BOX);
}

inst_stream *inst_lua_stream(lua_State *L, int i) {
  stream_box *box = check_box(L, i);
  if (box->stream == NULL) luaL_error(L, "the stream is closed");
  return box->stream;
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
  box->drop_nulls = flag(L, 2, "drop_nulls");
  box->stream = inst_stream_new(schema, &options);
  if (box->stream == NULL) return inst_lua_no_memory(L);
  inst_box_companion(L, 3);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 0);
  inst_lua_view_new(L);
  lua_setfield(L, -2, "view");
  lua_settop(L, 3);
  return 1;
}

/* Pushes the view of the box at 1; its index. */
static int push_view(lua_State *L) {
  inst_box_companion(L, 1);
  lua_getfield(L, -1, "view");
  return lua_gettop(L);
}

static int push_fault(lua_State *L, const inst_error *error) {
  if (error->code == INST_E_MEMORY) return inst_lua_no_memory(L);
  lua_pushnil(L);
  lua_pushstring(L, error->text);
  lua_pushinteger(L, (lua_Integer)error->offset + 1);
  lua_pushstring(L, inst_code_name(error->code));
  return 4;
}

/* stream:feed(text) -> true; or nil, message, offset (from 1), kind */
static int stream_feed(lua_State *L) {
  inst_stream *stream = inst_lua_stream(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  if (inst_stream_feed(stream, inst_lua_str(L, 2)) != 0)
    return push_fault(L, inst_stream_error(stream));
  lua_pushboolean(L, true);
  return 1;
}

/* stream:look() -> the live value */
static int stream_look(lua_State *L) {
  inst_stream *stream = inst_lua_stream(L, 1);
  int view = push_view(L);
  inst_lua_view_take(L, view, stream, check_box(L, 1)->drop_nulls);
  lua_getfield(L, view, "root");
  return 1;
}

/* stream:told(name): "completed" or "delta" of the last look */
static int stream_told(lua_State *L) {
  int view = (inst_lua_stream(L, 1), push_view(L));
  lua_pushvalue(L, 2);
  lua_rawget(L, view);
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
  return 0;
}

static const luaL_Reg methods[] = {
    {"feed", stream_feed}, {"look", stream_look}, {"told", stream_told},
    {"path", stream_path}, {"close", stream_gc},  {NULL, NULL},
};

static const luaL_Reg functions[] = {{"stream", stream_new}, {NULL, NULL}};

void inst_lua_open_stream(lua_State *L) {
  inst_lua_type(L, INST_STREAM_BOX, methods, stream_gc);
  inst_lua_functions(L, functions);
}

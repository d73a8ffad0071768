/*
** Marks built into Lua values, in one pass.
** In: marks, the names they speak of as Lua strings.  Out: the value, on the stack.
*/
#include "lua/binding/binding.h"

#define ROOM_LEVELS 8 /* for so many lists within one another room is asked at once */

typedef struct builder {
  lua_State *L;
  int names;      /* stack index of their list */
  unsigned depth; /* of the lists that are open */
  bool drop_nulls;
} builder;

static const inst_mark *push_list(builder *b, const inst_mark *mark);

/* Pushes a value without parts. */
static inline void push_scalar(const builder *b, const inst_mark *mark) {
  switch (mark->kind) {
  case INST_MARK_FALSE: lua_pushboolean(b->L, 0); break;
  case INST_MARK_TRUE: lua_pushboolean(b->L, 1); break;
  case INST_MARK_INT: inst_lua_push_integer(b->L, mark->u.i); break;
  case INST_MARK_REAL: lua_pushnumber(b->L, (lua_Number)mark->u.d); break;
  case INST_MARK_STRING: lua_pushlstring(b->L, mark->u.p, mark->n); break;
  case INST_MARK_NAME: lua_rawgeti(b->L, b->names, (int)mark->n); break;
  case INST_MARK_VALUE: inst_lua_push(b->L, mark->u.v, 0, false); break;
  default: lua_pushlightuserdata(b->L, NULL); break;
  }
}

/* Pushes any value.  Returns the mark behind it. */
static inline const inst_mark *push(builder *b, const inst_mark *mark) {
  if (mark->kind == INST_MARK_ARRAY || mark->kind == INST_MARK_OBJECT) return push_list(b, mark);
  push_scalar(b, mark);
  return mark + 1;
}

/* A list and a key stay on the stack while their values are built.  A function of C's has room for
** half of ROOM_LEVELS from the start. */
static inline void enter(builder *b) {
  if (b->depth++ % ROOM_LEVELS == ROOM_LEVELS / 2)
    luaL_checkstack(b->L, 2 * ROOM_LEVELS + 4, "the value is nested too deeply");
}

static inline const inst_mark *push_array(builder *b, const inst_mark *mark) {
  uint32_t n = mark->n;
  lua_createtable(b->L, (int)n, 0);
  mark++;
  for (uint32_t i = 1; i <= n; i++) {
    mark = push(b, mark);
    lua_rawseti(b->L, -2, (int)i);
  }
  return mark;
}

static bool is_null(const inst_mark *mark) {
  if (mark->kind == INST_MARK_VALUE) return inst_value_kind_of(mark->u.v) == INST_NULL;
  return mark->kind == INST_MARK_NULL;
}

/* Pushes the key of the member that begins at 'mark'; where its value is. */
static inline const inst_mark *push_key(const builder *b, const inst_mark *mark) {
  if (mark->kind == INST_MARK_KEY) {
    lua_pushlstring(b->L, mark->u.p, mark->n);
    return mark + 1;
  }
  lua_rawgeti(b->L, b->names, (int)mark->name);
  return mark;
}

static inline const inst_mark *push_object(builder *b, const inst_mark *mark) {
  uint32_t n = mark->n;
  lua_createtable(b->L, 0, (int)n);
  mark++;
  for (; n > 0; n--) {
    if (b->drop_nulls && is_null(mark)) {
      mark++;
      continue;
    }
    mark = push(b, push_key(b, mark));
    lua_rawset(b->L, -3);
  }
  return mark;
}

/* As deep as the value, whose depth is limited. */
static const inst_mark *push_list(builder *b, const inst_mark *mark) {
  enter(b);
  mark = mark->kind == INST_MARK_ARRAY ? push_array(b, mark) : push_object(b, mark);
  b->depth--;
  return mark;
}

void inst_lua_push_marks(lua_State *L, const inst_mark *marks, int names, bool drop_nulls) {
  builder b = {.L = L, .names = names, .drop_nulls = drop_nulls};
  push(&b, marks);
}

void inst_lua_push_names(lua_State *L, const inst_straight *straight) {
  uint32_t n = inst_straight_name_count(straight);
  lua_createtable(L, (int)n, 0);
  for (uint32_t i = 1; i <= n; i++) {
    inst_lua_push_str(L, inst_straight_name(straight, i));
    lua_rawseti(L, -2, (int)i);
  }
}

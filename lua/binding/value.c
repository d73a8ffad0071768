/*
** Values crossing between Lua and C.
** In: Lua values as users write them.  Out: JSON values, keys sorted so that equal tables give equal
** bytes; and back: plain tables with nothing of ours mixed in.
*/
#include "lua/binding/binding.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where in a table we are, from the inside out. */
typedef struct inst_lua_place {
  const struct inst_lua_place *outer;
  inst_str key; /* p NULL: the item 'index' */
  size_t index;
} inst_lua_place;

/* Keys behind which a request holds a list. */
static const char *const list_keys[] = {
    "messages",    "tools",    "functions", "stop",  "content", "tool_calls",
    "annotations", "required", "enum",      "anyOf", "oneOf",   "allOf",
};

static bool names_a_list(const inst_lua_place *place) {
  if (place == NULL || place->key.p == NULL) return false;
  for (size_t i = 0; i < sizeof list_keys / sizeof *list_keys; i++)
    if (strlen(list_keys[i]) == place->key.n &&
        memcmp(list_keys[i], place->key.p, place->key.n) == 0)
      return true;
  return false;
}

/* ---- from Lua -------------------------------------------------------------------------------- */

static void write_place(const inst_lua_place *place, luaL_Buffer *out) {
  char number[32];
  if (place == NULL) return;
  write_place(place->outer, out);
  if (place->key.p != NULL) {
    luaL_addchar(out, '.');
    luaL_addlstring(out, place->key.p, place->key.n);
    return;
  }
  snprintf(number, sizeof number, "[%lu]", (unsigned long)place->index);
  luaL_addstring(out, number);
}

static int refuse(const inst_lua_reader *r, const char *what) {
  luaL_Buffer out;
  luaL_buffinit(r->L, &out);
  luaL_addstring(&out, "the value");
  write_place(r->place, &out);
  luaL_addchar(&out, ' ');
  luaL_addstring(&out, what);
  luaL_pushresult(&out);
  return lua_error(r->L);
}

static inst_value *check_memory(const inst_lua_reader *r, inst_value *v) {
  if (v == NULL) luaL_error(r->L, "memory ran out");
  return v;
}

/* Keeps the Lua value at 'i' in the anchor table; returns its number. */
static uint32_t anchor(const inst_lua_reader *r, int i) {
  uint32_t ref = (uint32_t)lua_rawlen(r->L, r->anchors) + 1;
  lua_pushvalue(r->L, i);
  lua_rawseti(r->L, r->anchors, (int)ref);
  return ref;
}

static inst_value *read_opaque(const inst_lua_reader *r, int i) {
  if (r->anchors == 0) {
    char what[64];
    snprintf(what, sizeof what, "is a %s, which JSON cannot hold", luaL_typename(r->L, i));
    refuse(r, what);
  }
  const char *name = lua_typename(r->L, lua_type(r->L, i)); /* a constant of Lua's */
  return check_memory(r, inst_opaque(r->arena, anchor(r, i), name));
}

static inst_value *read_number(const inst_lua_reader *r, int i) {
  int64_t whole;
  if (inst_lua_integer(r->L, i, &whole)) return check_memory(r, inst_int(r->arena, whole));
  double d = lua_tonumber(r->L, i);
  if (!isfinite(d)) {
    if (r->anchors == 0) refuse(r, "is not a finite number");
    return check_memory(r, inst_opaque(r->arena, anchor(r, i), isnan(d) ? "NaN" : "Infinity"));
  }
  return check_memory(r, inst_real(r->arena, d));
}

/* What a table's metatable says it is: 'a'rray, 'o'bject, 'f'oreign, or 0 for a plain table. */
static char mark_of(lua_State *L, int i) {
  char mark = 'f';
  if (!lua_getmetatable(L, i)) return 0;
  lua_getfield(L, LUA_REGISTRYINDEX, INST_MARKS);
  lua_pushvalue(L, -2);
  lua_rawget(L, -2);
  if (lua_type(L, -1) == LUA_TSTRING) mark = *lua_tostring(L, -1);
  lua_pop(L, 3);
  return mark;
}

/* The length of a table whose keys are 1..n; 0: it is empty; -1: it has other keys. */
static long sequence_length(lua_State *L, int i) {
  size_t n = lua_rawlen(L, i), count = 0;
  for (lua_pushnil(L); lua_next(L, i) != 0; lua_pop(L, 1)) {
    int64_t key;
    bool whole = lua_type(L, -2) == LUA_TNUMBER && inst_lua_integer(L, lua_gettop(L) - 1, &key);
    if (whole && key >= 1 && (size_t)key <= n) count++;
    else
      n = SIZE_MAX; /* no list any more */
    if (n == SIZE_MAX) break;
  }
  if (n == SIZE_MAX) lua_pop(L, 2);
  return n == SIZE_MAX || count != n ? -1 : (long)n;
}

static inst_value *read_array(inst_lua_reader *r, int i, long n) {
  inst_value *out = check_memory(r, inst_array(r->arena));
  inst_lua_place here = {r->place, {NULL, 0}, 0};
  const inst_lua_place *outer = r->place;
  r->place = &here;
  for (long k = 1; k <= n; k++) {
    here.index = (size_t)k;
    lua_rawgeti(r->L, i, (int)k);
    inst_push(out, inst_lua_read(r, lua_gettop(r->L)));
    lua_pop(r->L, 1);
  }
  r->place = outer;
  return out;
}

static int compare_keys(const void *a, const void *b) {
  const inst_str *x = a, *y = b;
  int order = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);
  return order != 0 ? order : (x->n > y->n) - (x->n < y->n);
}

/* The table's keys, sorted.  Only strings can be keys of an object. */
static inst_str *sorted_keys(const inst_lua_reader *r, int i, size_t *count) {
  size_t n = 0, at = 0;
  for (lua_pushnil(r->L); lua_next(r->L, i) != 0; lua_pop(r->L, 1)) n++;
  inst_str *keys = inst_arena_get(r->arena, (n + 1) * sizeof *keys);
  if (keys == NULL) luaL_error(r->L, "memory ran out");
  for (lua_pushnil(r->L); lua_next(r->L, i) != 0; lua_pop(r->L, 1)) {
    if (lua_type(r->L, -2) != LUA_TSTRING)
      refuse(r, "has keys that are not strings and is no list (1, 2, 3… without holes)");
    keys[at++] = inst_lua_str(r->L, -2);
  }
  qsort(keys, n, sizeof *keys, compare_keys);
  *count = n;
  return keys;
}

static inst_value *read_object(inst_lua_reader *r, int i) {
  size_t n;
  inst_str *keys = sorted_keys(r, i, &n);
  inst_value *out = check_memory(r, inst_object(r->arena));
  inst_lua_place here = {r->place, {NULL, 0}, 0};
  const inst_lua_place *outer = r->place;
  r->place = &here;
  for (size_t k = 0; k < n; k++) {
    here.key = keys[k];
    lua_pushlstring(r->L, keys[k].p, keys[k].n);
    lua_rawget(r->L, i);
    inst_put(r->arena, out, keys[k], inst_lua_read(r, lua_gettop(r->L)));
    lua_pop(r->L, 1);
  }
  r->place = outer;
  return out;
}

static inst_value *read_empty(const inst_lua_reader *r, char mark) {
  if (mark == 'a') return inst_array(r->arena);
  if (mark == 'o') return inst_object(r->arena);
  if (!r->lists) return inst_either(r->arena);
  return names_a_list(r->place) ? inst_array(r->arena) : inst_object(r->arena);
}

static inst_value *read_table(inst_lua_reader *r, int i) {
  luaL_checkstack(r->L, 6, "the value is nested too deeply");
  if (r->depth >= INST_MAX_DEPTH) refuse(r, "is nested too deeply (or contains itself)");
  char mark = mark_of(r->L, i);
  long n = sequence_length(r->L, i);
  inst_value *out;
  r->depth++;
  if (n == 0) out = check_memory(r, read_empty(r, mark));
  else
    out = n > 0 && mark != 'o' ? read_array(r, i, n) : read_object(r, i);
  r->depth--;
  if (mark == 'f' && r->anchors != 0) inst_value_set_ref(out, anchor(r, i));
  return out;
}

static inst_value *read_userdata(const inst_lua_reader *r, int i) {
  bool null = lua_type(r->L, i) == LUA_TLIGHTUSERDATA && lua_touserdata(r->L, i) == NULL;
  if (null) return check_memory(r, inst_null(r->arena));
  lua_getfield(r->L, LUA_REGISTRYINDEX, INST_MARKS);
  lua_pushvalue(r->L, i);
  lua_rawget(r->L, -2);
  bool array = lua_type(r->L, -1) == LUA_TSTRING && *lua_tostring(r->L, -1) == 'a';
  lua_pop(r->L, 2);
  return array ? check_memory(r, inst_array(r->arena)) : read_opaque(r, i);
}

inst_value *inst_lua_read(inst_lua_reader *r, int i) {
  switch (lua_type(r->L, i)) {
  case LUA_TNIL:
  case LUA_TNONE: return NULL;
  case LUA_TBOOLEAN: return check_memory(r, inst_bool(r->arena, lua_toboolean(r->L, i)));
  case LUA_TNUMBER: return read_number(r, i);
  case LUA_TSTRING: return check_memory(r, inst_string(r->arena, inst_lua_str(r->L, i)));
  case LUA_TTABLE: return read_table(r, i);
  case LUA_TUSERDATA:
  case LUA_TLIGHTUSERDATA: return read_userdata(r, i);
  default: return read_opaque(r, i);
  }
}

/* ---- to Lua ---------------------------------------------------------------------------------- */

static void push_array(lua_State *L, const inst_value *v, int anchors, bool drop_nulls) {
  int n = 0;
  lua_createtable(L, (int)inst_value_count(v), 0);
  for (const inst_value *item = inst_value_first(v); item != NULL; item = inst_value_next(item)) {
    inst_lua_push(L, item, anchors, drop_nulls);
    lua_rawseti(L, -2, ++n);
  }
}

static void push_object(lua_State *L, const inst_value *v, int anchors, bool drop_nulls) {
  lua_createtable(L, 0, (int)inst_value_count(v));
  for (const inst_value *m = inst_value_first(v); m != NULL; m = inst_value_next(m)) {
    if (drop_nulls && inst_value_is_field(m) && inst_value_kind_of(m) == INST_NULL) continue;
    inst_lua_push_str(L, inst_value_key(m));
    inst_lua_push(L, m, anchors, drop_nulls);
    lua_rawset(L, -3);
  }
}

void inst_lua_push(lua_State *L, const inst_value *v, int anchors, bool drop_nulls) {
  luaL_checkstack(L, 4, "the value is nested too deeply");
  if (v == NULL) {
    lua_pushnil(L);
    return;
  }
  if (anchors != 0 && inst_value_ref(v) != 0) {
    lua_rawgeti(L, anchors, (int)inst_value_ref(v));
    return;
  }
  switch (inst_value_kind_of(v)) {
  case INST_BOOL: lua_pushboolean(L, inst_value_bool(v)); break;
  case INST_INT: inst_lua_push_integer(L, inst_value_int(v)); break;
  case INST_REAL: lua_pushnumber(L, (lua_Number)inst_value_real(v)); break;
  case INST_STRING: inst_lua_push_str(L, inst_value_text(v)); break;
  case INST_ARRAY: push_array(L, v, anchors, drop_nulls); break;
  case INST_OBJECT: push_object(L, v, anchors, drop_nulls); break;
  default: lua_pushlightuserdata(L, NULL); break; /* null, and what nobody keeps */
  }
}

/* ---- issues ---------------------------------------------------------------------------------- */

static void push_path(lua_State *L, const inst_issue *issue) {
  lua_createtable(L, (int)issue->path_count, 0);
  for (size_t i = 0; i < issue->path_count; i++) {
    const inst_segment *s = &issue->path[i];
    if (s->key.p != NULL) inst_lua_push_str(L, s->key);
    else
      inst_lua_push_integer(L, (int64_t)s->index + 1); /* Lua counts from 1 */
    lua_rawseti(L, -2, (int)i + 1);
  }
}

static void push_issue(lua_State *L, const inst_issue *issue) {
  if (issue->details != NULL) inst_lua_push(L, issue->details, 0, false);
  else
    lua_newtable(L);
  lua_pushstring(L, inst_issue_name(issue->code));
  lua_setfield(L, -2, "code");
  inst_lua_push_str(L, issue->message);
  lua_setfield(L, -2, "message");
  push_path(L, issue);
  lua_setfield(L, -2, "path");
}

void inst_lua_push_issues(lua_State *L, const inst_issue *issues) {
  int n = 0;
  lua_newtable(L);
  for (const inst_issue *issue = issues; issue != NULL; issue = issue->next) {
    push_issue(L, issue);
    lua_rawseti(L, -2, ++n);
  }
}

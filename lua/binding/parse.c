/*
** A parse as a userdata, and what a parse and a call both need when the user's code is wanted.
** The companion table of a box keeps what C cannot hold: 'anchors', and the schema itself at [0].
*/
#include "lua/binding/live.h"

#include <string.h>

typedef struct parse_box {
  inst_arena *arena;
  inst_parse *parse;
  const inst_edit *repairs; /* of the text or the value it came from */
} parse_box;

/* The box at 1, whose parse is still there. */
static parse_box *check_box(lua_State *L) {
  parse_box *box = luaL_checkudata(L, 1, INST_PARSE_BOX);
  if (box->parse == NULL) luaL_error(L, "the parse is closed");
  return box;
}

/* Pushes the companion and the schema of the box at 1; their stack indices. */
static void push_companions(lua_State *L, int *anchors, int *schema) {
  inst_box_companion(L, 1);
  *anchors = lua_gettop(L);
  lua_rawgeti(L, *anchors, 0);
  *schema = lua_gettop(L);
}

/* ---- pausing, for parses and calls ----------------------------------------------------------- */

/* What the function is told beside the value: the issue it is to word, or all that it catches. */
static void push_reason(lua_State *L, const inst_parse *parse) {
  const inst_issue *hand = inst_parse_issue_at_hand(parse);
  if (inst_parse_task(parse) == INST_TASK_CATCH) {
    inst_lua_push_issues(L, inst_parse_caught(parse));
    return;
  }
  if (hand == NULL) {
    lua_pushnil(L);
    return;
  }
  inst_issue alone = *hand; /* the issue without those behind it */
  alone.next = NULL;
  inst_lua_push_issues(L, &alone);
  lua_rawgeti(L, -1, 1);
  lua_remove(L, -2);
}

int inst_lua_push_task(lua_State *L, inst_parse *parse, int schema, int anchors) {
  inst_box_companion(L, schema);
  int functions = lua_gettop(L);
  lua_pushstring(L, inst_task_name(inst_parse_task(parse)));
  lua_rawgeti(L, functions, (int)inst_parse_code(parse));
  inst_lua_push(L, inst_parse_subject(parse), anchors, false);
  push_reason(L, parse);
  return 4;
}

static void check_asked(lua_State *L, const inst_parse *parse) {
  if (inst_parse_code(parse) == 0) luaL_error(L, "no function is being waited for");
}

void inst_lua_answer(lua_State *L, inst_parse *parse, int i, inst_arena *arena, int anchors) {
  inst_lua_reader reader = {.L = L, .arena = arena, .anchors = anchors};
  check_asked(L, parse);
  inst_value *answer = inst_lua_read(&reader, i);
  if (reader.spoilt) {
    lua_pushliteral(L, "what the function returned: ");
    lua_getfield(L, anchors, "trouble");
    lua_concat(L, 2);
    lua_error(L);
  }
  inst_parse_answer(parse, answer);
}

void inst_lua_object(lua_State *L, inst_parse *parse, int i, inst_arena *arena) {
  size_t count;
  check_asked(L, parse);
  const inst_segment *path = inst_lua_path(L, i + 1, &count, arena);
  inst_parse_object(parse, inst_lua_opt_str(L, i), path, count, lua_toboolean(L, i + 2));
}

/* ---- a parse alone --------------------------------------------------------------------------- */

/* An empty box for a parse against the schema at 1; its companion is left on top of it. */
static parse_box *new_box(lua_State *L) {
  inst_lua_schema(L, 1);
  parse_box *box = inst_box_new(L, sizeof *box, INST_PARSE_BOX);
  box->arena = inst_arena_new(inst_lua_alloc(L));
  if (box->arena == NULL) inst_lua_no_memory(L);
  inst_box_companion(L, -1);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -2, 0);
  return box;
}

static int start(lua_State *L, parse_box *box, const inst_value *value,
                 inst_parse_options options) {
  box->parse = inst_parse_new(inst_lua_schema(L, 1), value, &options, box->arena);
  if (box->parse == NULL) return inst_lua_no_memory(L);
  lua_pop(L, 1); /* the companion */
  return 1;
}

/* core.parse(schema, value, null_is_absent, repair) -> parse; or nil, message, when the value is too
** deep */
static int parse_new(lua_State *L) {
  inst_parse_options options = {.nil_is_null = true, .null_is_absent = lua_toboolean(L, 3)};
  inst_repair_options how = {.level = inst_lua_repair_level(L, 4, INST_REPAIR_NONE),
                             .max_depth = INST_MAX_DEPTH};
  lua_settop(L, 2);
  parse_box *box = new_box(L);
  inst_lua_reader reader = {.L = L, .arena = box->arena, .anchors = lua_gettop(L)};
  const inst_value *value = inst_lua_read(&reader, 2);
  if (!reader.spoilt) {
    const inst_schema *schema = inst_lua_schema(L, 1);
    value = inst_repair_value(schema, value, &options, &how, box->arena, &box->repairs);
    return start(L, box, value, options);
  }
  lua_pushnil(L);
  lua_getfield(L, reader.anchors, "trouble");
  return 2;
}

/* A value that was read (NULL: 'error' says why not): the parse; or nil, message, offset (from 1),
** kind. */
static int start_read(lua_State *L, parse_box *box, const inst_value *value,
                      const inst_error *error) {
  const char *unfit = inst_lua_unfit(value);
  if (value != NULL && unfit == NULL)
    return start(L, box, value, (inst_parse_options){.nil_is_null = false});
  if (unfit != NULL) {
    lua_pushnil(L);
    lua_pushstring(L, unfit);
    lua_pushinteger(L, 1);
    lua_pushstring(L, inst_code_name(INST_E_LIMIT));
    return 4;
  }
  return inst_lua_push_fault(L, error);
}

/* core.parse_json(schema, text, max_depth, repair) -> parse; or nil, message, offset (from 1), kind */
static int parse_json(lua_State *L) {
  inst_error error = {.code = INST_E_NONE};
  luaL_checktype(L, 2, LUA_TSTRING);
  inst_repair_options how = {.level = inst_lua_repair_level(L, 4, INST_REPAIR_NONE),
                             .max_depth = (unsigned)luaL_optinteger(L, 3, INST_MAX_DEPTH)};
  inst_str text = inst_lua_str(L, 2);
  parse_box *box = new_box(L);
  const inst_value *value = NULL;
  if (how.level == INST_REPAIR_NONE)
    value = inst_json_parse(box->arena, text, how.max_depth, &error);
  else
    value = inst_repair(inst_lua_schema(L, 1), text, &how, box->arena, &box->repairs, &error);
  return start_read(L, box, value, &error);
}

/* core.parse_stream(schema, stream) -> as core.parse_json, of the whole text the stream was fed */
static int parse_stream(lua_State *L) {
  inst_stream *stream = inst_lua_stream(L, 2);
  parse_box *box = new_box(L);
  lua_pushvalue(L, 2);
  lua_setfield(L, -2, "stream"); /* the value lives as long as the stream */
  return start_read(L, box, inst_stream_finish(stream), inst_stream_error(stream));
}

/* What a parse that cannot go on says. */
static int push_failure(lua_State *L, const inst_error *error) {
  lua_pushliteral(L, "failed");
  lua_pushstring(L, inst_code_name(error->code));
  lua_pushstring(L, error->text);
  return 3;
}

/* parse:next() -> "valid" | "invalid" | "failed", kind, message
** | "code", task, function, subject, issue */
static int parse_next(lua_State *L) {
  parse_box *box = check_box(L);
  int anchors, schema;
  switch (inst_parse_next(box->parse)) {
  case INST_PARSE_VALID: lua_pushliteral(L, "valid"); return 1;
  case INST_PARSE_INVALID: lua_pushliteral(L, "invalid"); return 1;
  case INST_PARSE_CODE:
    push_companions(L, &anchors, &schema);
    lua_pushliteral(L, "code");
    return 1 + inst_lua_push_task(L, box->parse, schema, anchors);
  default: return push_failure(L, inst_parse_error(box->parse));
  }
}

/* parse:answer(value) */
static int parse_answer(lua_State *L) {
  parse_box *box = check_box(L);
  lua_settop(L, 2);
  inst_box_companion(L, 1);
  inst_lua_answer(L, box->parse, 2, box->arena, 3);
  return 0;
}

/* parse:object(message, path, fatal) */
static int parse_object(lua_State *L) {
  parse_box *box = check_box(L);
  lua_settop(L, 4);
  inst_lua_object(L, box->parse, 2, box->arena);
  return 0;
}

/* parse:value(drop_nulls) */
static int parse_value(lua_State *L) {
  parse_box *box = check_box(L);
  bool drop_nulls = lua_toboolean(L, 2);
  inst_box_companion(L, 1);
  inst_lua_push(L, inst_parse_value(box->parse), lua_gettop(L), drop_nulls);
  return 1;
}

/* parse:issues() */
static int parse_issues(lua_State *L) {
  inst_lua_push_issues(L, inst_parse_issues(check_box(L)->parse));
  return 1;
}

/* parse:repairs() */
static int parse_repairs(lua_State *L) {
  inst_lua_push_repairs(L, check_box(L)->repairs);
  return 1;
}

static int parse_gc(lua_State *L) {
  parse_box *box = luaL_checkudata(L, 1, INST_PARSE_BOX);
  inst_arena_free(box->arena);
  *box = (parse_box){NULL, NULL, NULL};
  return 0;
}

static const luaL_Reg methods[] = {
    {"next", parse_next},       {"answer", parse_answer},
    {"object", parse_object},   {"value", parse_value},
    {"issues", parse_issues},   {"close", parse_gc},
    {"repairs", parse_repairs}, {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"parse", parse_new}, {"parse_json", parse_json}, {"parse_stream", parse_stream}, {NULL, NULL}};

void inst_lua_open_parse(lua_State *L) {
  inst_lua_type(L, INST_PARSE_BOX, methods, parse_gc);
  inst_lua_functions(L, functions);
}

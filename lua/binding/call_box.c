/*
** The box of a call: what it is made of, kept alive by and freed with.
** A box that served a plain call is given back to the client's setup and serves another one, with its
** memory and its companion, which keeps what C cannot hold.
*/
#include "lua/binding/call.h"
#include "lua/binding/options.h"

#include <time.h>

static const char type[] = INST_CALL_BOX; /* its place is the mark, too */

inst_lua_call_box *inst_lua_check_call(lua_State *L, int i) {
  return inst_box_check(L, i, sizeof(inst_lua_call_box), type, type);
}

inst_call *inst_lua_call(lua_State *L, int i) {
  inst_lua_call_box *box = inst_lua_check_call(L, i);
  if (box->call == NULL) luaL_error(L, "the call is closed");
  return box->call;
}

/* ---- made ------------------------------------------------------------------------------------ */

enum { MODELS = INST_NEW_DESCRIPTION + 1, COMPANY, BOX }; /* stack indices behind those of call.h */

/* Pushes a box at rest.  (One that was finalised before its client has no memory left.) */
static inst_lua_call_box *push_box(lua_State *L, inst_lua_model *model) {
  bool served = inst_lua_take_box(L, model->setup, COMPANY);
  inst_lua_call_box *box = served ? lua_touserdata(L, BOX) : inst_box_new(L, sizeof *box, type);
  box->mark = type;
  if (served) model->setup->spare_bytes -= box->spare_bytes;
  if (box->arena == NULL) box->arena = inst_arena_new(inst_lua_alloc(L));
  if (box->arena == NULL) inst_lua_no_memory(L);
  return box;
}

/* What the box points into is kept alive by it; mostly it is what it was for the last call. */
static void keep_model(lua_State *L, inst_lua_call_box *box, inst_lua_model *model) {
  if (box->model == model) return;
  inst_box_companion(L, BOX);
  lua_pushvalue(L, INST_NEW_SCHEMA);
  lua_rawseti(L, -2, INST_CALL_SCHEMA);
  lua_pushvalue(L, INST_NEW_MODEL);
  lua_rawseti(L, -2, INST_CALL_MODEL);
  lua_pushvalue(L, COMPANY);
  lua_rawseti(L, -2, INST_CALL_COMPANY);
  lua_pop(L, 1);
  box->model = model;
}

/* Nothing of the host's hangs on a call like that when it is over. */
static bool is_plain(const inst_call_options *options) {
  bool judged_in_c = options->schema == NULL || options->straight != NULL;
  return judged_in_c && !options->stream && !options->watched;
}

static const inst_value *read_params(lua_State *L, inst_lua_known *known, inst_arena *arena) {
  if (known != NULL) return inst_lua_known_params(L, known, COMPANY, arena);
  return inst_lua_params(L, INST_NEW_PARAMS, COMPANY, arena);
}

static void read_options(lua_State *L, inst_call_options *options, inst_lua_model *model) {
  options->schema = model->schema;
  options->prints = model->schema != NULL ? model->prints : NULL;
  options->wall_clock = (double)time(NULL);
  if (!lua_isnil(L, INST_NEW_RETRIES)) options->max_retries = inst_lua_count(L, INST_NEW_RETRIES);
  if (!lua_isnil(L, INST_NEW_NAME)) options->name = inst_lua_str(L, INST_NEW_NAME);
  if (!lua_isnil(L, INST_NEW_DESCRIPTION))
    options->description = inst_lua_str(L, INST_NEW_DESCRIPTION);
  if (!lua_isnil(L, INST_NEW_OWN)) inst_lua_call_options(L, INST_NEW_OWN, options, options->arena);
  if (!options->stream) options->straight = inst_lua_model_straight(L, model, INST_NEW_MODEL);
  options->narrow = !inst_lua_holds(INT64_MAX);
}

/* False: 'error' says why, or else the parameters were refused. */
static bool begin(lua_State *L, inst_lua_call_box *box, inst_lua_known *known, inst_error *error) {
  inst_call_options options = box->model->setup->options;
  options.arena = box->arena;
  options.params = read_params(L, known, box->arena);
  if (options.params == NULL) return false;
  read_options(L, &options, box->model);
  box->plain = is_plain(&options);
  box->call = inst_call_new(&options, error);
  return box->call != NULL;
}

bool inst_lua_call_new(lua_State *L, inst_lua_known *known) {
  inst_error error = {.code = INST_E_NONE};
  lua_settop(L, INST_NEW_DESCRIPTION);
  inst_lua_model *model = lua_touserdata(L, INST_NEW_MODEL);
  inst_box_companion(L, INST_NEW_MODEL);
  lua_rawgeti(L, MODELS, INST_MODEL_COMPANY);
  inst_lua_call_box *box = push_box(L, model);
  keep_model(L, box, model);
  bool begun = begin(L, box, known, &error);
  if (!begun && known == NULL) inst_lua_raise(L, &error);
  lua_settop(L, BOX);
  return begun;
}

/* core.call(schema or nil, model, params, the call's own options or nil, max_retries or nil, name or nil,
** description or nil) -> call; the schema is the model's */
static int call_new(lua_State *L) {
  if (!lua_isnil(L, INST_NEW_SCHEMA)) inst_lua_schema(L, INST_NEW_SCHEMA);
  inst_lua_model_at(L, INST_NEW_MODEL);
  inst_lua_call_new(L, NULL);
  return 1;
}

/* ---- over ------------------------------------------------------------------------------------ */

void inst_lua_call_waits(inst_lua_call_box *box, bool waits) {
  if (waits == box->waiting) return;
  box->waiting = waits;
  if (waits)
    box->engine->waiting++;
  else
    box->engine->waiting--;
}

static void free_call(lua_State *L, inst_lua_call_box *box) {
  inst_call *call = box->call;
  inst_lua_call_waits(box, false);
  box->call = NULL;
  if (box->pushing && box->model->straight != NULL) inst_straight_hold(box->model->straight, false);
  box->pushing = false;
  if (call == NULL) return;
  inst_lua_view_free(L, &box->view);
  if (box->engine != NULL && box->engine->engine != NULL)
    inst_engine_drop(box->engine->engine, call);
  inst_call_free(call);
}

void inst_lua_call_free(lua_State *L, inst_lua_call_box *box) {
  free_call(L, box);
  inst_arena_free(box->arena);
  box->arena = NULL;
}

/* call:close() */
static int call_close(lua_State *L) {
  inst_lua_call_free(L, inst_lua_check_call(L, 1));
  return 0;
}

/* Pushes the companion of the setup of the call's client.  (One at a time: callers may have filled
** the stack.) */
static void push_company(lua_State *L, int i) {
  inst_box_companion(L, i);
  lua_rawgeti(L, -1, INST_CALL_COMPANY);
  lua_replace(L, -2);
}

void inst_lua_call_give_back(lua_State *L, inst_lua_call_box *box, int i) {
  free_call(L, box);
  box->ahead = 0;
  inst_arena_reset(box->arena);
  box->spare_bytes = inst_arena_size(box->arena);
  push_company(L, i);
  if (!inst_lua_give_box(L, box->model->setup, lua_gettop(L), i, box->spare_bytes))
    inst_lua_call_free(L, box);
  lua_pop(L, 1);
}

/* ---- its value ------------------------------------------------------------------------------- */

/* No other text is read while Lua may run finalisers. */
static void push_marks(lua_State *L, inst_lua_call_box *box, const inst_mark *marks, int names,
                       bool drop_nulls) {
  inst_straight *straight = box->model->straight;
  box->pushing = true;
  inst_straight_hold(straight, true);
  inst_lua_push_marks(L, marks, names, drop_nulls);
  inst_straight_hold(straight, false);
  box->pushing = false;
  inst_straight_done(straight);
}

static bool push_straight(lua_State *L, inst_lua_call_box *box, int i, bool drop_nulls) {
  const inst_mark *marks = inst_call_marks(box->call);
  int top = lua_gettop(L);
  if (marks == NULL) return false;
  inst_box_companion(L, i);
  lua_rawgeti(L, top + 1, INST_CALL_MODEL);
  inst_box_companion(L, top + 2);
  lua_rawgeti(L, top + 3, INST_MODEL_NAMES);
  push_marks(L, box, marks, top + 4, drop_nulls);
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
  return true;
}

const char *inst_lua_push_answer(lua_State *L, inst_lua_call_box *box, int i, bool drop_nulls) {
  if (push_straight(L, box, i, drop_nulls)) return NULL;
  const inst_value *value = inst_call_value(box->call);
  const char *unfit = value != NULL ? inst_lua_unfit(value) : NULL;
  if (inst_arena_failed(box->arena)) inst_lua_no_memory(L);
  if (unfit != NULL) {
    lua_pushnil(L);
    return unfit;
  }
  inst_box_companion(L, i);
  inst_lua_push(L, value, lua_gettop(L), drop_nulls);
  lua_remove(L, -2);
  return NULL;
}

static const luaL_Reg methods[] = {{"close", call_close}, {NULL, NULL}};
static const luaL_Reg functions[] = {{"call", call_new}, {NULL, NULL}};

void inst_lua_open_call_box(lua_State *L) {
  inst_lua_type(L, type, methods, call_close);
  inst_lua_functions(L, functions);
}

void inst_lua_add_methods(lua_State *L, const luaL_Reg *more) {
  luaL_getmetatable(L, INST_CALL_BOX);
  lua_getfield(L, -1, "__index");
  inst_lua_functions(L, more);
  lua_pop(L, 2);
}

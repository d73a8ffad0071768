/*
** limit: a Lua module that stands before the allocator of the state that loads it.
** In: after how many requests memory is to run out.  Out: how much memory is in use.
** What it lets through goes to the allocator that was there, so old blocks stay where they are.
** Requests for less than there was are never refused: Lua relies on that.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stddef.h>

static struct {
  lua_Alloc fn; /* the allocator that was there */
  void *ctx;
  long left; /* requests to let through before one is refused; negative: no limit */
  int once;  /* is one refused, or all from then on? */
  long refused;
  double live; /* bytes in use, less those in use when the module was loaded */
} limit;

/* Is this request the one, or one after it? */
static int is_refused(void) {
  if (limit.left < 0) return 0;
  if (limit.left > 0) {
    limit.left--;
    return 0;
  }
  if (limit.once) limit.left = -1;
  limit.refused++;
  return 1;
}

static void *limited(void *ctx, void *p, size_t old_size, size_t size) {
  (void)ctx;
  size_t old = p != NULL ? old_size : 0; /* for a new block Lua tells its type there */
  if (size > old && is_refused()) return NULL;
  void *block = limit.fn(limit.ctx, p, old_size, size);
  if (block != NULL || size == 0) limit.live += (double)size - (double)old;
  return block;
}

/* limit.run(n, once, fn) -> how many requests were refused, whether fn ended well, and its first two
** results or what it raised.  It lets n requests through and refuses the next one (or all from then
** on); when fn is over there is no limit again, before Lua, which may ask for memory to make a call,
** runs on. */
static int run(lua_State *L) {
  limit.refused = 0;
  limit.once = lua_toboolean(L, 2);
  lua_settop(L, 3);
  limit.left = (long)luaL_checknumber(L, 1);
  int failed = lua_pcall(L, 0, 2, 0);
  limit.left = -1;
  lua_pushnumber(L, (lua_Number)limit.refused);
  lua_replace(L, 1);
  lua_pushboolean(L, !failed);
  lua_replace(L, 2);
  return failed ? 3 : 4;
}

/* limit.live() -> bytes in use */
static int live(lua_State *L) {
  lua_pushnumber(L, (lua_Number)limit.live);
  return 1;
}

static void set(lua_State *L, const char *name, lua_CFunction fn) {
  lua_pushcfunction(L, fn);
  lua_setfield(L, -2, name);
}

int luaopen_limit(lua_State *L);

int luaopen_limit(lua_State *L) {
  limit.left = -1;
  limit.fn = lua_getallocf(L, &limit.ctx);
  lua_setallocf(L, limited, NULL);
  lua_newtable(L);
  set(L, "run", run);
  set(L, "live", live);
  return 1;
}

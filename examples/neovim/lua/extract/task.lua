-- Functions that wait without keeping the editor waiting: each runs in a coroutine of its own, and
-- Neovim's event loop has its turn whenever it waits.

local task = {}

local uv = vim.loop
local tasks = setmetatable({}, { __mode = "k" }) -- by their coroutines

--- @class extract.Task
--- @field cancelled boolean
--- @field wake fun()    lets it look again at what it waits for; may be called from any callback
--- @field cancel fun()  ends what it waits for; what it does then is its own affair

local function settle(co, done, ok, value, err)
  if not ok then return done(nil, value) end
  if coroutine.status(co) == "dead" then done(value, err) end
end

--- Runs `fn` as a task, at once as far as it comes; then calls `done(value, err)` with what it
--- returned, or with nil and what it raised.
--- @param fn fun(): any, any
--- @param done fun(value: any, err: any)
--- @return extract.Task
function task.run(fn, done)
  local one, co = { cancelled = false }, coroutine.create(fn)
  local due = false
  local function step()
    due = false
    if one.waits then settle(co, done, coroutine.resume(co)) end
  end
  function one.wake()
    if due or not one.waits then return end
    due = true
    vim.schedule(step)
  end
  function one.cancel()
    one.cancelled = true
    one.wake()
  end
  tasks[co] = one
  settle(co, done, coroutine.resume(co))
  return one
end

--- The task we run in; nil outside of one, and in anybody else's coroutine.
--- @return extract.Task?
function task.current()
  local co = coroutine.running()
  return co and tasks[co] or nil
end

local function wait_in(one, milliseconds, ready)
  local over, timer = false, uv.new_timer()
  timer:start(milliseconds, 0, function()
    over = true
    one.wake()
  end)
  one.waits = true
  while not (over or one.cancelled or ready()) do coroutine.yield() end
  one.waits = false
  timer:stop()
  timer:close()
  return not one.cancelled
end

--- Waits until `ready()` or until `seconds` are over.  Outside of a task Neovim waits, its timers
--- and jobs going on.
--- @param seconds number
--- @param ready fun(): any
--- @return boolean go_on false when the task was cancelled, or Ctrl-C was typed
function task.wait(seconds, ready)
  local milliseconds, one = math.ceil(seconds * 1000), task.current()
  if one then return wait_in(one, milliseconds, ready) end
  local met, why = vim.wait(milliseconds, ready, 5)
  return met or why ~= -2
end

return task

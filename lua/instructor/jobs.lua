-- Many calls at once.  A job is a coroutine; where its call would wait it hands itself back, and
-- one pump moves the bytes of all.  This room knows no create: whoever drives a call asks here
-- whether it runs inside a job, and waits through it.
-- A turn costs what happens in it, however many jobs wait: calls tell when something came for them,
-- and the earliest of the times is at hand.

local core = require "instructor.core"
local options = require "instructor.options"
local progress = require "instructor.progress"
local timers = require "instructor.timers"

local jobs = {}

local SLICE = 0.1 -- seconds between two returns to Lua while waiting, so that Ctrl-C works
local CONCURRENCY = 16

-- Plain Lua 5.1 cannot yield out of a for loop's iterator: there a job that maps by itself makes
-- the other jobs wait until it is through.
local LOOPS_YIELD = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

local current -- the job that is being resumed, or nil

--- What a job waits for: bytes of a call, a time, or the jobs of a pool of its own.
--- @class instructor.Waits
--- @field wake number       on core.clock: it is over then, whatever came
--- @field call? userdata
--- @field engine? userdata
--- @field tag? integer      by which the engine tells of the call
--- @field jobs? table<instructor.Job, true> who waits, or did, for the call
--- @field pool? instructor.Pool

--- @class instructor.Job
--- @field thread thread
--- @field number integer    its place in the list
--- @field pool instructor.Pool
--- @field ready boolean     is it listed to go on?
--- @field waits? instructor.Waits

--- The job we run inside; nil outside of one, and inside a coroutine of the user's own.
--- @return instructor.Job?
function jobs.current()
  if current and coroutine.running() == current.thread then return current end
end

--- Hands the job back until what it waits for may have come.
--- @param job instructor.Job
--- @param waits instructor.Waits
function jobs.wait(job, waits)
  job.waits = waits
  coroutine.yield()
  job.waits = nil
end

-- ---- news of calls ------------------------------------------------------------------------------

local last_tag = 0
local by_tag = setmetatable({}, { __mode = "v" }) -- what is waited for, as long as anybody may

--- What jobs wait for that wait for `call`; `wake` is still to be said.
--- @return instructor.Waits
function jobs.waits_for(call, engine)
  last_tag = last_tag + 1
  local waits = { call = call, engine = engine, tag = last_tag, jobs = {}, wake = 0 }
  by_tag[last_tag] = waits
  return waits
end

--- Lists the job to go on, and the job whose pool it is in.
local function mark(job)
  while job and not job.ready do
    local pool = job.pool
    job.ready = true
    pool.ready[#pool.ready + 1] = job
    job = pool.waiter
  end
end

--- Something came of what is waited for.
local function wake(waits)
  for job in pairs(waits.jobs) do
    if job.waits == waits then mark(job) end
  end
end

--- The call has come to its end: whoever else waits for it may go on.
--- @param waits instructor.Waits
function jobs.over(waits)
  wake(waits)
  waits.jobs = {}
end

--- Wakes those whose calls the engine has news of.
local function gather(engine)
  for tag in engine.news, engine do
    if by_tag[tag] then wake(by_tag[tag]) end
  end
end

-- ---- a pool -------------------------------------------------------------------------------------

--- @class instructor.Pool
--- @field running table<instructor.Job, true>
--- @field ready instructor.Job[] those that may go on
--- @field yielded boolean   of these, are there some that only let others have their turn?
--- @field timers instructor.Timers by when each goes on at the latest, or is looked at again
--- @field engines table<userdata, integer> how many wait for calls of each
--- @field inner table<instructor.Job, instructor.Pool> those that wait for pools of their own
--- @field waiter? instructor.Job who waits for this pool
--- @field count integer      how many are running
--- @field concurrency integer
--- @field next integer       the place of the next job to begin
--- @field total integer
--- @field begin fun(number: integer): any, any what a job runs
--- @field ended fun(number: integer, value: any, err: any)
--- @field bar? instructor.Progress shown while it waits
local Pool = {}
Pool.__index = Pool

--- The engines that have calls of the pool's jobs, or of theirs; `set` is filled in.
local function add_engines(pool, set)
  for engine in pairs(pool.engines) do
    if not set[engine] then
      set[engine] = true
      set[#set + 1] = engine
    end
  end
  for _, inner in pairs(pool.inner) do add_engines(inner, set) end
  return set
end

--- Waits at most `seconds` until one of the pool's jobs may go on.
local function rest(pool, seconds)
  local engines = add_engines(pool, {})
  for _, engine in ipairs(engines) do gather(engine) end
  local _, first = pool.timers:first()
  if #pool.ready > 0 then seconds = 0 end
  if first then seconds = math.max(math.min(seconds, first - core.clock()), 0) end
  if #engines == 0 then return core.sleep(seconds) end
  for _, engine in ipairs(engines) do
    engine:pump(seconds / #engines)
    gather(engine)
  end
end

--- What the job waits for is noted down.
local function park(pool, job, waits)
  if waits == nil or waits.pool and #waits.pool.ready > 0 then
    pool.yielded = true
    mark(job)
  end
  if waits == nil then return end
  if waits.pool then
    pool.inner[job], waits.pool.waiter = waits.pool, job
  elseif waits.call then
    waits.jobs[job] = true
    pool.engines[waits.engine] = (pool.engines[waits.engine] or 0) + 1
  end
  local till = pool.timers:get(job) -- what is too early does no harm
  if till == nil or waits.wake < till then pool.timers:set(job, waits.wake) end
end

--- And that it waits no more.
local function unpark(pool, job, waits)
  job.ready = false
  if waits == nil then return end
  if waits.pool then
    pool.inner[job], waits.pool.waiter = nil, nil
  elseif waits.call then
    local left = pool.engines[waits.engine] - 1
    pool.engines[waits.engine] = left > 0 and left or nil -- else its connections stayed open
    waits.jobs[job] = nil
  end
end

--- Lists those whose time is over.
local function mark_late(pool)
  local now = core.clock()
  local job, time = pool.timers:first()
  while job and time <= now do
    pool.timers:remove(job)
    if job.waits and job.waits.wake > now then
      pool.timers:set(job, job.waits.wake)
    else
      mark(job)
    end
    job, time = pool.timers:first()
  end
end

local function outcome(ok, value, err)
  if ok then return value, err end
  return nil, value
end

--- Lets a job run until it waits again or ends.
function Pool:resume(job, ...)
  local outer = current
  current = job
  local ok, value, err = coroutine.resume(job.thread, ...)
  current = outer
  if ok and coroutine.status(job.thread) ~= "dead" then return park(self, job, job.waits) end
  self.timers:remove(job)
  self.running[job] = nil
  self.count = self.count - 1
  self.ended(job.number, outcome(ok, value, err))
end

--- Begins jobs while there are some left and room for them.
function Pool:fill()
  while self.count < self.concurrency and self.next <= self.total do
    local job = { thread = coroutine.create(self.begin), number = self.next, pool = self,
      ready = false }
    self.next = self.next + 1
    self.running[job] = true
    self.count = self.count + 1
    self:resume(job, job.number)
  end
end

--- The bar is shown while nothing else is printed; Ctrl-C too finds a clean line.
local function rest_with_bar(pool, seconds)
  local rested, err = pcall(function()
    pool.bar:show()
    rest(pool, seconds)
  end)
  pool.bar:hide()
  if not rested then error(err, 0) end
end

--- Waits, in a slice; inside a job the others go on meanwhile.
function Pool:rest(seconds)
  local outer = LOOPS_YIELD and jobs.current()
  if outer then
    local _, first = self.timers:first()
    return jobs.wait(outer, { pool = self, wake = first or core.clock() + seconds })
  end
  if self.bar then rest_with_bar(self, seconds) else rest(self, seconds) end
end

local function by_number(a, b) return a.number < b.number end

--- Lets everything go on that can; waits when nothing can.
function Pool:turn()
  mark_late(self)
  local ready = self.ready
  if #ready == 0 then
    if self.count > 0 then self:rest(SLICE) end
    return
  end
  self.ready, self.yielded = {}, false
  if #ready > 1 then table.sort(ready, by_number) end
  for _, job in ipairs(ready) do
    unpark(self, job, job.waits)
    self:resume(job)
  end
  if self.yielded then self:rest(0) end
end

--- Closes the calls that jobs of the pool, and of theirs, wait for.
local function close_calls(pool)
  for job in pairs(pool.running) do
    local waits = job.waits
    if waits and waits.call then waits.call:close() end
    if waits and waits.pool then close_calls(waits.pool) end
  end
end

--- Drops what is still running.
function Pool:close()
  close_calls(self)
  self.running, self.count, self.next = {}, 0, self.total + 1
  self.ready, self.engines, self.inner, self.timers = {}, {}, {}, timers.new()
  if self.bar then self.bar:close() end
end

local function new_pool(total, concurrency, begin, ended)
  return setmetatable({ running = {}, ready = {}, yielded = false, timers = timers.new(),
    engines = {}, inner = {}, count = 0, concurrency = concurrency, next = 1, total = total,
    begin = begin, ended = ended }, Pool)
end

-- ---- map and run --------------------------------------------------------------------------------

local function check_concurrency(value)
  if options.count(value) or value < 1 then
    return "takes a whole number of at least 1, not " .. tostring(value)
  end
end

local function check_progress(value)
  if type(value) ~= "boolean" and type(value) ~= "string" then
    return "takes true, or a text to stand before the bar, not " .. options.shown(value)
  end
end

local known = {
  concurrency = check_concurrency, ordered = "boolean", on_progress = "function",
  progress = check_progress,
}

--- @class instructor.MapOptions
--- @field concurrency? integer how many run at once (16)
--- @field ordered? boolean     hand out results in the order of the list (true), or as they come
--- @field on_progress? fun(done: integer, total: integer)
--- @field progress? boolean|string a line on stderr, where that is a terminal; the text before it

--- The results that are there, to be taken in order or as they came.
local function new_results(ordered)
  local results = { first = 1, last = 0 }
  function results.put(number, value, err)
    results.last = results.last + 1
    results[ordered and number or results.last] = { number, value, err }
  end
  function results.take()
    local result = results[results.first]
    if result == nil then return nil end
    results[results.first] = nil
    results.first = results.first + 1
    return result
  end
  return results
end

--- The bar that was asked for, where it can be seen: a map inside a job leaves it to the outer one.
local function bar_of(given, total)
  if not given.progress or jobs.current() then return nil end
  return progress.new(total, type(given.progress) == "string" and given.progress or nil)
end

--- Runs `fn(item, i)` for every item of `list`, many at once, and hands out `i, value, err` for
--- each.
--- What `fn` raises is the `err` of its item.  Leaving the loop drops the rest.
---
---     for i, value, err in instructor.map(list, { concurrency = 16 }, function(item)
---       return client.chat.completions.create { messages = item, response_model = User }
---     end) do … end
---
--- @param list any[]
--- @param given? instructor.MapOptions
--- @param fn fun(item: any, i: integer): any, any
--- @return fun(): integer?, any, any
function jobs.map(list, given, fn)
  if type(given) == "function" and fn == nil then given, fn = {}, given end
  if type(list) ~= "table" then options.raise("map takes a list, not " .. options.type_of(list)) end
  if given == nil then given = {} end
  options.check("map", given, known)
  if type(fn) ~= "function" then
    options.raise("map takes a function, not " .. options.type_of(fn))
  end
  local total, done = #list, 0
  local results, bar = new_results(given.ordered ~= false), bar_of(given, total)
  local pool = new_pool(total, given.concurrency or CONCURRENCY, function(i)
    return fn(list[i], i)
  end, function(i, value, err)
    results.put(i, value, err)
    done = done + 1
    if bar then bar:tell(value, err) end
    if given.on_progress then given.on_progress(done, total) end
  end)
  pool.bar = bar
  local function take()
    while true do
      local result = results.take()
      if result then return result[1], result[2], result[3] end
      if pool.count == 0 and pool.next > total then return pool:close() end
      pool:fill()
      if results[results.first] == nil then pool:turn() end
    end
  end
  return take, nil, nil, setmetatable({}, { __close = function() pool:close() end })
end

--- Runs a handful of different functions at once; returns a list of { value =, err = }, in order.
--- @param ... fun(): any, any
--- @return { value: any, err: any }[]
function jobs.run(...)
  local functions, outcomes = { ... }, {}
  for i = 1, select("#", ...) do
    if type(functions[i]) ~= "function" then
      options.raise(("run takes functions; argument %d is %s")
        :format(i, options.type_of(functions[i])))
    end
  end
  for i, value, err in jobs.map(functions, { concurrency = math.max(#functions, 1) }, function(fn)
    return fn()
  end) do
    outcomes[i] = { value = value, err = err }
  end
  return outcomes
end

return jobs

-- Many calls at once.  A job is a coroutine; where its call would wait it hands itself back, and
-- one pump moves the bytes of all.  This room knows no create: whoever drives a call asks here
-- whether it runs inside a job, and waits through it.

local core = require "instructor.core"
local options = require "instructor.options"
local progress = require "instructor.progress"

local jobs = {}

local SLICE = 0.1 -- seconds between two returns to Lua while waiting, so that Ctrl-C works
local CONCURRENCY = 16

-- Plain Lua 5.1 cannot yield out of a for loop's iterator: there a job that maps by itself makes
-- the other jobs wait until it is through.
local LOOPS_YIELD = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

local current -- the job that is being resumed, or nil

--- What a job waits for: bytes of a call, a time, or the jobs of a pool of its own.
--- @class instructor.Waits
--- @field call? userdata
--- @field engine? userdata
--- @field till? number      on core.clock
--- @field running? table    the jobs of a pool

--- @class instructor.Job
--- @field thread thread
--- @field number integer    its place in the list
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

-- ---- what is waited for -------------------------------------------------------------------------

--- Calls `visit` with every wait that is not for a pool.
local function each_wait(waits, visit)
  if waits == nil or waits.running == nil then return visit(waits) end
  for job in pairs(waits.running) do each_wait(job.waits, visit) end
end

--- May the job go on?  One that waits for nothing has only let others have their turn.
local function is_ready(waits)
  if waits == nil then return true end
  if waits.call then return waits.call:ready() end
  if waits.till then return core.clock() >= waits.till end
  for job in pairs(waits.running) do
    if is_ready(job.waits) then return true end
  end
  return false
end

--- Waits, in a slice, until one of the pool's jobs may go on.
local function rest(pool)
  local engines, count, seconds = {}, 0, SLICE
  each_wait(pool, function(wait)
    if wait == nil then seconds = 0 return end
    if wait.engine and not engines[wait.engine] then
      engines[wait.engine], count = true, count + 1
    end
    local left = wait.call and wait.call:wake() or wait.till - core.clock()
    if left < seconds then seconds = math.max(left, 0) end
  end)
  if count == 0 then return core.sleep(seconds) end
  for engine in pairs(engines) do engine:pump(seconds / count) end
end

-- ---- a pool -------------------------------------------------------------------------------------

--- @class instructor.Pool
--- @field running table<instructor.Job, true>
--- @field count integer      how many are running
--- @field concurrency integer
--- @field next integer       the place of the next job to begin
--- @field total integer
--- @field begin fun(number: integer): any, any what a job runs
--- @field ended fun(number: integer, value: any, err: any)
--- @field bar? instructor.Progress shown while it waits
local Pool = {}
Pool.__index = Pool

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
  if ok and coroutine.status(job.thread) ~= "dead" then return end
  self.running[job] = nil
  self.count = self.count - 1
  self.ended(job.number, outcome(ok, value, err))
end

--- Begins jobs while there are some left and room for them.
function Pool:fill()
  while self.count < self.concurrency and self.next <= self.total do
    local job = { thread = coroutine.create(self.begin), number = self.next }
    self.next = self.next + 1
    self.running[job] = true
    self.count = self.count + 1
    self:resume(job, job.number)
  end
end

--- The bar is shown while nothing else is printed; Ctrl-C too finds a clean line.
local function rest_with_bar(pool)
  local rested, err = pcall(function()
    pool.bar:show()
    rest(pool)
  end)
  pool.bar:hide()
  if not rested then error(err, 0) end
end

--- Lets everything go on that can; waits when nothing can.
function Pool:turn()
  local ready = {}
  for job in pairs(self.running) do
    if is_ready(job.waits) then ready[#ready + 1] = job end
  end
  table.sort(ready, function(a, b) return a.number < b.number end)
  for _, job in ipairs(ready) do self:resume(job) end
  if #ready > 0 or self.count == 0 then return end
  local outer = LOOPS_YIELD and jobs.current()
  if outer then return jobs.wait(outer, self) end
  if self.bar then rest_with_bar(self) else rest(self) end
end

--- Drops what is still running.
function Pool:close()
  each_wait(self, function(wait)
    if wait and wait.call then wait.call:close() end
  end)
  self.running, self.count, self.next = {}, 0, self.total + 1
  if self.bar then self.bar:close() end
end

local function new_pool(total, concurrency, begin, ended)
  return setmetatable({ running = {}, count = 0, concurrency = concurrency, next = 1,
    total = total, begin = begin, ended = ended }, Pool)
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

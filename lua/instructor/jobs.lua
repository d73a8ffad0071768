-- Many calls at once.  A job is a coroutine; where its call would wait it hands itself back, and
-- one pump moves the bytes of all.  This room knows no create: whoever drives a call asks here
-- whether it runs inside a job, and waits through it.
-- A turn costs what happens in it, however many jobs wait: calls tell when something came for them,
-- and the earliest of the times is at hand.

local core = require "instructor.core"
local errors = require "instructor.errors"
local options = require "instructor.options"
local timers = require "instructor.timers"

local jobs = {}

local SLICE = 0.1 -- seconds between two returns to Lua while waiting, so that Ctrl-C works
local SHARE = 0.005 -- seconds that one of several engines keeps the others waiting
local MOVES = 16 -- a list is nearly in order while putting it so takes no more for each

-- Plain Lua 5.1 cannot yield out of a for loop's iterator: there a job that maps by itself makes
-- the other jobs wait until it is through.
local LOOPS_YIELD = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

-- Nor can it yield out of a pcall; and in LuaJIT too a coroutine has an environment, which is its
-- item's alone.
local SHARED = _VERSION ~= "Lua 5.1" -- may a coroutine have one item after another?

local ENDED, WAITS = {}, {} -- what a job's coroutine hands back; a user's yield has neither
local BEGIN = {} -- what it is handed before the place of an item; nobody else has it
local DEAD = "cannot resume dead coroutine" -- what Lua says of one that has ended

local pcall = pcall
local create, resume, yield = coroutine.create, coroutine.resume, coroutine.yield
local running, status = coroutine.running, coroutine.status
local gethook = debug.gethook

-- The job that is being resumed stands at 1, or false.  (In a table, where the core finds it, too.)
local here = { false }

jobs.here, jobs.WAITS = here, WAITS

--- What a job waits for: bytes of a call, a time, or the jobs of a pool of its own.
--- @class instructor.Waits
--- @field wake number       on core.clock: it is over then, whatever came
--- @field call? userdata|false
--- @field engine? userdata|false
--- @field slot? integer     where it is found…
--- @field tag? integer      …by what the engine tells of the call
--- @field job? instructor.Job who began to drive the call
--- @field made? table|false    the scope the call was made in; false: it is the job's alone
--- @field drop? fun()|false    what ends a call that others may know of
--- @field others? table<instructor.Job, true>|false and who else waits for it
--- @field inner? instructor.Pool

--- A job has one item after another.  It is itself what it waits for, where that is a call nobody
--- else knows of: then `job` is the job, and it has no `made`, `drop` and `others`.  (What it does
--- not have is false: a field that comes and goes would cost its table more.)
--- @class instructor.Job: instructor.Waits
--- @field thread thread|false
--- @field number integer    its item's place in the list; 0: it has had none yet
--- @field pool instructor.Pool
--- @field ready boolean     is it listed to go on?
--- @field waits instructor.Waits|false
--- @field paused { made: table?, drop: fun() }|false what it paused at: its scope, and what ends it
--- @field till number       when its timer is over; math.huge: it has none
--- @field idle instructor.Job|false where it has no item: the next of those

--- The job we run inside; nil outside of one, and inside a coroutine of the user's own.
--- @return instructor.Job?
function jobs.current()
  local job = here[1]
  if job and running() == job.thread then return job end
end

function options.job_function()
  local job = jobs.current()
  return job and job.pool.fn
end

local OUTSIDE = {} -- the scope of what is made outside of all jobs

--- Where we are: what is made here lives no longer than the map whose jobs we are among.
--- @return table
function jobs.scope()
  return here[1] and here[1].pool.scope or OUTSIDE
end

local dropped = setmetatable({}, { __mode = "k" }) -- threads of jobs that will not go on

--- Was it the coroutine of a job, which was dropped?
--- @param thread thread
function jobs.has_dropped(thread)
  return dropped[thread] == true
end

--- Hands the job we run in back until what it waits for may have come.
--- @param waits instructor.Waits
function jobs.wait(waits)
  yield(WAITS, waits) -- where nothing may yield it raises, and the job goes on
end

--- The same for a call of which the engine tells by job.tag: until something came, or until `wake`.
--- @param job instructor.Job
--- @param call userdata nobody else knows of it
--- @param engine userdata
--- @param wake number
function jobs.wait_alone(job, call, engine, wake)
  yield(WAITS, job, call, engine, wake) -- as the core does for a plain call
end

--- Hands the job back for one turn of the others.
--- @param job instructor.Job
--- @param made? table the scope of what it works at, where others may know of that
--- @param drop fun() ends that if the job is dropped meanwhile
function jobs.pause(job, made, drop)
  job.paused = { made = made, drop = drop }
  yield()
  job.paused = false
end

-- ---- news of calls ------------------------------------------------------------------------------

-- A tag is the item's place in its list, so that news come in that order, and a slot.
local SLOTS = 1048576
local by_slot = setmetatable({}, { __mode = "v" }) -- what is waited for, as long as anybody may
local last_slot = 0
local tags = {} -- those that an engine told last

--- `waits`, which is found by its slot from now on.
local function with_slot(waits)
  repeat last_slot = last_slot % (SLOTS - 1) + 1 until by_slot[last_slot] == nil
  waits.slot = last_slot
  by_slot[last_slot] = waits
  return waits
end

--- What jobs wait for that wait for `call`, which `job` begins to drive; `wake` is to be said yet.
--- @param job instructor.Job
--- @param made? table the scope of a call that others may know of, too
--- @param drop fun() ends such a call; others are told it was cancelled
--- @return instructor.Waits
function jobs.waits_for(job, call, engine, made, drop)
  local waits = with_slot { call = call, engine = engine, slot = 0, tag = 0, wake = 0, job = job,
    made = made or false, drop = made and drop or false, others = false }
  waits.tag = job.number * SLOTS + waits.slot
  return waits
end

local wake_waiters

--- Lists the job to go on, and those that wait for its pool.
local function mark(job)
  if job.ready then return end
  local pool = job.pool
  local ready = pool.ready
  job.ready = true
  ready[#ready + 1] = job
  if pool.waiters then wake_waiters(pool) end
end

--- Something came of the pool, which other jobs wait for.
function wake_waiters(pool)
  for job in pairs(pool.waiters) do mark(job) end
end

--- Something came of what is waited for: whoever waits for it may go on.
--- @param waits instructor.Waits
local function wake(waits)
  local job, others = waits.job, waits.others
  if job.waits == waits then mark(job) end
  if others then
    for other in pairs(others) do mark(other) end
  end
end

jobs.wake = wake

--- Wakes those whose calls the engine has news of.
local function gather(engine)
  repeat
    local count, more = engine:news(tags)
    for i = 1, count do
      local waits = by_slot[tags[i] % SLOTS]
      if waits then wake(waits) end
    end
  until not more
end

-- ---- a pool -------------------------------------------------------------------------------------

--- @class instructor.Pool
--- @field jobs table<instructor.Job, true> those that have an item, and those that will have one
--- @field idle instructor.Job|false the first of those that have none
--- @field ready instructor.Job[] those that may go on
--- @field spare instructor.Job[]|false a list to be used when they do
--- @field yielded boolean   of these, are there some that only let others have their turn?
--- @field driven boolean    does somebody let its jobs go on just now?
--- @field timers instructor.Timers by when each goes on at the latest, or is looked at again
--- @field engines table<userdata, true> those that may have calls that are waited for
--- @field inner table<instructor.Job, instructor.Pool> those that wait for pools of their own
--- @field waiters table<instructor.Job, true>|false those who wait for this pool
--- @field scope { outer: table? } of what its jobs make; and the one it was made in
--- @field count integer      how many are running
--- @field concurrency integer
--- @field next integer       the place of the next item to begin
--- @field total integer
--- @field fn function        what runs for each item
--- @field serve function     what a job's coroutine runs, from the item's place on
--- @field put fun(number: integer, value: any, err: any) takes what came of an item
--- @field bar instructor.Progress|false shown while it waits
local Pool = {}
Pool.__index = Pool

--- The engines that have calls of the pool's jobs, or of theirs; `set` is filled in.  Of others the
--- pool knows no more: else their connections stayed open.
local function add_engines(pool, set)
  for engine in pairs(pool.engines) do
    if engine:waiting() == 0 then
      pool.engines[engine] = nil
    elseif not set[engine] then
      set[engine] = true
      set[#set + 1] = engine
    end
  end
  for _, inner in pairs(pool.inner) do add_engines(inner, set) end
  return set
end

--- Forgets engines whose calls only others wait for.
local function forget_engines(pool)
  local needed = {}
  for job in pairs(pool.jobs) do
    local engine = job.waits and job.waits.engine
    if engine then needed[engine] = true end
  end
  for engine in pairs(pool.engines) do
    if not needed[engine] then pool.engines[engine] = nil end
  end
  for _, inner in pairs(pool.inner) do forget_engines(inner) end
end

--- The engines to be pumped, a list.
local function engines_of(pool)
  local engines = add_engines(pool, {})
  if #engines < 2 then return engines end
  forget_engines(pool)
  return add_engines(pool, {})
end

--- Waits on one engine after the other, shortly on each, so that none keeps what came of another.
local function pump_in_turn(pool, engines, seconds)
  local till = core.clock() + seconds
  local share = #engines > 1 and math.min(seconds / #engines, SHARE) or seconds
  repeat
    for _, engine in ipairs(engines) do
      engine:pump(math.max(math.min(share, till - core.clock()), 0))
      gather(engine)
      if #pool.ready > 0 then share = 0 end
    end
  until #pool.ready > 0 or core.clock() >= till
end

--- Waits at most `seconds` until one of the pool's jobs may go on.
local function rest(pool, seconds)
  local engines = engines_of(pool)
  for _, engine in ipairs(engines) do gather(engine) end
  local _, first = pool.timers:first()
  if #pool.ready > 0 then seconds = 0 end
  if first then seconds = math.max(math.min(seconds, first - core.clock()), 0) end
  if #engines == 0 then return core.sleep(seconds) end
  pump_in_turn(pool, engines, seconds)
end

--- What the job waits for that is no call of its own is noted down: another's call, or a pool.
local function park_beside(pool, job, waits)
  local inner = waits.inner
  if waits.engine then
    waits.others = waits.others or {}
    waits.others[job] = true
  elseif inner then
    pool.inner[job], inner.waiters = inner, inner.waiters or {}
    inner.waiters[job] = true
    if #inner.ready > 0 then
      pool.yielded = true
      mark(job)
    end
  end
end

--- And that it waits no more.
local function unpark_beside(pool, job, waits)
  local inner = waits.inner
  if waits.engine then
    waits.others[job] = nil
  elseif inner then
    pool.inner[job], inner.waiters[job] = nil, nil
    if next(inner.waiters) == nil then inner.waiters = false end
  end
end

--- What the job waits for is noted down: mostly a call of its own.
local function park(pool, job, waits)
  local engine, till = waits.engine, waits.wake
  if engine and not pool.engines[engine] then pool.engines[engine] = true end
  if waits.job ~= job then park_beside(pool, job, waits) end
  if till < job.till then -- what is too early does no harm
    job.till = till
    pool.timers:set(job, till)
  end
end

--- Lists those whose time is over.  One that waits for a later time since, or for none, is moved
--- only now.
local function mark_late(pool)
  local heap, now = pool.timers, core.clock()
  local job, time = heap:first()
  while job and time <= now do
    local waits = job.waits
    job.till = waits and waits.wake > now and waits.wake or math.huge
    if job.till < math.huge then heap:set(job, job.till) else heap:remove(job) end
    if waits and waits.wake <= now then mark(job) end
    job, time = heap:first()
  end
end

--- The job waits for nothing, and keeps nothing of what it waited for alone.
local function forget(job)
  job.waits = false
  job.call = false
  job.engine = false
end

--- The job's item has ended: with what its function returned, or else with what it raised.
local function finish(pool, job, well, value, err)
  pool.count = pool.count - 1
  job.paused = false
  if pool.next <= pool.total then
    job.idle, pool.idle = pool.idle, job
  else
    pool.jobs[job] = nil
    pool.timers:remove(job)
  end
  if not well then
    if errors.is_interruption(value) then error(value, 0) end -- it may come in any job
    value, err = nil, value
  end
  return pool.put(job.number, value, err)
end

local begin -- an item

--- The job's coroutine came back without a word of ours: it yielded by itself, or it is dead.  If
--- it was so before its item `number` began (somebody else has closed it), the job gets another.
local function come_back(pool, job, number, alive, value, err)
  if alive and status(job.thread) ~= "dead" then
    forget(job)
    pool.yielded = true
    return mark(job)
  end
  job.thread = false
  if number and value == DEAD and not alive and SHARED then
    job.thread = create(pool.serve)
    return begin(pool, job, number)
  end
  return finish(pool, job, alive, value, err)
end

--- A job was let run, from the item at `number` on or from where it was: it waits again, or its
--- item has ended.  No other item has its coroutine when it raised, or left a hook there.
local function settle(pool, job, outer, number, alive, said, well, value, err, till)
  here[1] = outer
  if said == WAITS then
    if value then
      job.call, job.engine, job.wake = value, err, till
    else
      forget(job)
    end
    job.waits = well
    return park(pool, job, well)
  end
  if said ~= ENDED then return come_back(pool, job, number, alive, said, well) end
  if not well or gethook(job.thread) ~= nil then job.thread = false end
  return finish(pool, job, well, value, err)
end

--- Lets a job begin with the item at `number`.
function begin(pool, job, number)
  local outer = here[1]
  here[1] = job
  return settle(pool, job, outer, number, resume(job.thread, BEGIN, number))
end

--- Lets a job go on where it is.  (A yield of the user's returns nothing.)  It waits no more: only
--- we say so, for somebody else may have let it run.
local function go_on(pool, job)
  local outer = here[1]
  here[1] = job
  job.waits = false
  return settle(pool, job, outer, nil, resume(job.thread))
end

--- A new job, which has had no item yet.
local function new_job(pool)
  local job = with_slot { call = false, engine = false, slot = 0, tag = 0, wake = 0, job = false,
    made = false, drop = false, others = false, thread = false, number = 0, pool = pool,
    ready = false, waits = false, till = math.huge, paused = false, idle = false }
  job.job = job
  pool.jobs[job] = true
  return job
end

--- A job that is idle, or a new one.
local function take_idle(pool)
  local job = pool.idle
  if not job then return new_job(pool) end
  job.idle, pool.idle = false, job.idle
  return job
end

--- Begins items while there are some left and room for them.
function Pool:fill()
  while self.count < self.concurrency and self.next <= self.total do
    local job, number = take_idle(self), self.next
    if not job.thread then job.thread = create(self.serve) end
    job.number, job.tag = number, number * SLOTS + job.slot
    self.next, self.count = number + 1, self.count + 1
    begin(self, job, number)
  end
end

--- The bar is shown while nothing else is printed.
local function rest_with_bar(pool, seconds)
  pool.bar:show()
  rest(pool, seconds)
  pool.bar:hide()
end

--- Waits, in a slice; inside a job the others go on meanwhile.
function Pool:rest(seconds)
  local outer = LOOPS_YIELD and jobs.current()
  if outer then
    local _, first = self.timers:first()
    self.driven = false -- meanwhile another job may take a result
    return jobs.wait { inner = self, wake = first or core.clock() + seconds }
  end
  if self.bar then rest_with_bar(self, seconds) else rest(self, seconds) end
end

local function by_number(a, b) return a.number < b.number end

--- Moves the job at place `i` down to where it belongs; how far.
local function insert(ready, i)
  local job, at = ready[i], i
  local number = job.number
  repeat
    ready[at], at = ready[at - 1], at - 1
  until at == 1 or ready[at - 1].number <= number
  ready[at] = job
  return i - at
end

--- Puts the jobs in the order of the list.  They mostly are.
local function put_in_order(ready)
  local last, moves = 0, MOVES * #ready
  for i = 1, #ready do
    local number = ready[i].number
    if number >= last then
      last = number
    else
      moves = moves - insert(ready, i)
      if moves < 0 then return table.sort(ready, by_number) end
    end
  end
end

--- Lets everything go on that can; waits when nothing can.
function Pool:turn()
  mark_late(self)
  local ready = self.ready
  if #ready == 0 then
    if self.count > 0 then self:rest(SLICE) end
    return
  end
  self.ready, self.spare, self.yielded = self.spare or {}, false, false
  put_in_order(ready)
  for i = 1, #ready do
    local job = ready[i]
    local waits = job.waits
    ready[i], job.ready = nil, false
    if waits and waits.job ~= job then unpark_beside(self, job, waits) end
    go_on(self, job)
  end
  self.spare = ready
  if self.yielded then self:rest(0) end
end

--- Was what is of `scope` made among the jobs of the pool, or of theirs?
local function is_within(scope, pool)
  while scope and scope ~= pool.scope do scope = scope.outer end
  return scope ~= nil
end

--- Ends what the job waits for, unless it was made outside of the pool `left`, which is closed.
local function drop_job(job, left)
  local waits, paused = job.waits, job.paused
  if job.thread then dropped[job.thread] = true end
  if paused and (not paused.made or is_within(paused.made, left)) then paused.drop() end
  if not waits then return end
  if waits.inner then
    if is_within(waits.inner.scope, left) then waits.inner:close(left) end
  elseif waits.call and not waits.made then
    waits.call:close()
  elseif waits.drop and is_within(waits.made, left) then
    waits.drop()
  end
end

--- Drops what is still running, of the pool and of those its jobs wait for.  What is raised by code
--- of the user's that is told so is raised when all is dropped.
--- @param left? instructor.Pool that is closed, and this one with it
function Pool:close(left)
  local running_jobs, raised = self.jobs, nil
  self.count, self.next = 0, self.total + 1 -- nothing more comes, whatever raises here
  self.jobs, self.idle = {}, false
  for job in pairs(running_jobs) do
    local well, err = pcall(drop_job, job, left or self)
    if not well then raised = raised or { err } end
  end
  if self.waiters then wake_waiters(self) end
  self.ready, self.spare, self.timers = {}, false, timers.new()
  self.engines, self.inner = {}, {}
  if self.bar then self.bar:close() end
  if raised then error(raised[1], 0) end
end

--- Drives the pool with `fn`.  What is raised there (by on_progress, or by Ctrl-C at any place) may
--- leave it in the middle of something: then it is closed.
function Pool:drive(fn)
  if self.driven then options.raise "map: its next result is being waited for already" end
  local outer = here[1]
  local well, err = pcall(fn)
  if well then return end
  here[1], self.driven = outer, false
  pcall(self.close, self) -- what was raised first tells more
  error(err, 0)
end

--- What a job's coroutine runs: `fn`, for one item after another where that can be.  (A pcall keeps
--- no line of ours below a user's.)
local function server_of(list, fn)
  if not SHARED then return function(_, number) return fn(list[number], number) end end
  return function(word, number)
    while word == BEGIN do word, number = yield(ENDED, pcall(fn, list[number], number)) end
    error(DEAD, 0) -- somebody else goes on with what has ended
  end
end

--- A pool that runs `fn(item, i)` for the items of `list`, `concurrency` at once.  Who made it says
--- where what comes of them is put, and drives it.
--- @param list any[]
--- @param concurrency integer
--- @param fn function
--- @return instructor.Pool
function jobs.pool(list, concurrency, fn)
  local scope = { outer = here[1] and here[1].pool.scope or nil }
  return setmetatable({ jobs = {}, idle = false, ready = {}, spare = false,
    yielded = false, driven = false, timers = timers.new(), engines = {}, inner = {},
    waiters = false, scope = scope, count = 0, concurrency = concurrency, next = 1, total = #list,
    fn = fn, serve = server_of(list, fn), put = false, bar = false }, Pool)
end

return jobs

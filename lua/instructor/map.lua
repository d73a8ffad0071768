-- Many calls at once, as their users see them: a loop over what came of a list, and a handful of
-- functions run together.

local jobs = require "instructor.jobs"
local options = require "instructor.options"

local map = {}

local CONCURRENCY = 16

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

local ROOM = 16 -- places for results at first

--- Places for results, { number, value, err, place } each, in a ring: those of `old` from `first`
--- on, and more of them, so that there is one for `place`.  (It may be broken off anywhere.)
local function new_ring(old, first, place)
  local room = ROOM
  while place - first >= room do room = 2 * room end
  local ring = { room = room }
  for i = 1, room do ring[i] = { false, false, false, 0 } end
  for at = first, first + old.room - 1 do ring[at % room + 1] = old[at % old.room + 1] end
  return ring
end

--- The results that are there, to be handed out in the order of the list, or as they came.
--- A function that puts one in, and one that takes out the next, which the pool is driven for where
--- it is not there; nothing when all is over.
local function new_results(ordered, pool)
  local first, last = 1, 0
  local ring = new_ring({ room = 0 }, first, first)
  local function put(number, value, err)
    local place = ordered and number or last + 1
    if place - first >= ring.room then ring = new_ring(ring, first, place) end
    local result = ring[place % ring.room + 1]
    result[1], result[2], result[3] = number, value, err
    result[4], last = place, place
  end
  local take
  local function go_on()
    pool.driven = true
    pool:fill()
    if ring[first % ring.room + 1][4] ~= first then pool:turn() end
    pool.driven = false
  end
  local function wait()
    if pool.count < 1 and pool.next > pool.total then return pool:close() end
    pool:drive(go_on)
    return take()
  end
  function take()
    local result = ring[first % ring.room + 1]
    if result[4] ~= first then return wait() end
    local number, value, err = result[1], result[2], result[3]
    first = first + 1
    result[2], result[3] = false, false
    return number, value, err
  end
  return put, take
end

--- Puts a result in and tells how far it is.
local function telling(put, bar, on_progress, total)
  local done = 0
  return function(number, value, err)
    put(number, value, err)
    done = done + 1
    if bar then bar:tell(value, err) end
    if on_progress then on_progress(done, total) end
  end
end

--- The bar that was asked for, where it can be seen: a map inside a job leaves it to the outer one.
local function bar_of(given, total)
  if not given.progress or jobs.current() then return nil end
  local label = type(given.progress) == "string" and given.progress or nil
  return (options.room("instructor.progress").new(total, label))
end

--- Runs `fn(item, i)` for every item of `list`, many at once, and hands out `i, value, err` for
--- each.
--- What `fn` raises is the `err` of its item.  Leaving the loop drops the rest; so does what is
--- raised while it waits, by on_progress or by Ctrl-C.  (Whoever calls the iterator by hand then is
--- given the results that had come by their turn, and no more.)
---
---     for i, value, err in instructor.map(list, { concurrency = 16 }, function(item)
---       return client.chat.completions.create { messages = item, response_model = User }
---     end) do … end
---
--- @param list any[]
--- @param given? instructor.MapOptions
--- @param fn fun(item: any, i: integer): any, any
--- @return fun(): integer?, any, any
--- @overload fun(list: any[], fn: function): fun(): integer?, any, any
function map.map(list, given, fn)
  if type(given) == "function" and fn == nil then given, fn = {}, given end
  if type(list) ~= "table" then options.raise("map takes a list, not " .. options.type_of(list)) end
  if given == nil then given = {} end
  options.check("map", given, known)
  if type(fn) ~= "function" then
    options.raise("map takes a function, not " .. options.type_of(fn))
  end
  local pool, bar = jobs.pool(list, given.concurrency or CONCURRENCY, fn), bar_of(given, #list)
  local put, take = new_results(given.ordered ~= false, pool)
  pool.put, pool.bar = put, bar or false
  if bar or given.on_progress then pool.put = telling(put, bar, given.on_progress, #list) end
  return take, nil, nil, setmetatable({}, { __close = function() pool:close() end })
end

--- Runs a handful of different functions at once; returns a list of { value =, err = }, in order.
--- @param ... fun(): any, any
--- @return { value: any, err: any }[]
function map.run(...)
  local functions, outcomes = { ... }, {}
  for i = 1, select("#", ...) do
    if type(functions[i]) ~= "function" then
      options.raise(("run takes functions; argument %d is %s")
        :format(i, options.type_of(functions[i])))
    end
  end
  for i, value, err in map.map(functions, { concurrency = math.max(#functions, 1) }, function(fn)
    return fn()
  end) do
    outcomes[i] = { value = value, err = err }
  end
  return outcomes
end

return map

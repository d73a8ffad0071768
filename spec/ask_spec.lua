-- A client's later calls are made in fewer steps than its first, and those of the main thread in
-- one: nobody can tell which way a call went.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local at_once = require "spec.support.at_once"
local core = require "instructor.core"
local server = require "spec.support.server"
local z = require "instructor.z"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local User = z.object { { "name", z.string() }, { "age", z.int():optional() } }
local Even = z.object { n = z.int():refine(function(n) return n % 2 == 0 end, "is odd") }

local function said(text) return server.completion { tool = { "Response", text } } end

local function slow(step) return server.slow_head(250, step) end

--- What a server says; what create is asked for (User, if it does not say), and what fits that.
local CASES = {
  ["an answer that fits"] = { said '{"name":"Zoe","age":3}' },
  ["a null that is dropped"] = { said '{"name":"Zoe","age":null}' },
  ["a null that is kept"] = { said '{"name":"Zoe","age":null}', nulls = "keep",
    response_model = z.object { { "name", z.string() }, { "age", z.int():nullish() } } },
  ["an answer later than a slice"] = { slow(said '{"name":"Zoe"}') },
  ["one that a function judges"] = { said '{"n":2}', response_model = Even, fits = '{"n":0}' },
  ["one that is refused by it"] = { said '{"n":1}', response_model = Even, fits = '{"n":0}' },
  ["one that is mended"] = { said '{"name":"Zoe",}' },
  ["one that is asked for again"] = { said '{"name":7}', said '{"name":"Zoe"}', max_retries = 1 },
  ["one that never fits"] = { said '{"name":7}' },
  ["one that came at the second try"] = { server.retry_after(503, "0.01"), said '{"name":"Zoe"}',
    max_retries = 1 },
  ["an error"] = { server.error(400, "no such thing") },
  ["a 201"] = { server.json(201, server.completion_body {
    tool = { "Response", '{"name":"Zoe"}' },
  }) },
  ["a lost connection"] = { server.cut_body(9, said '{"name":"Zoe"}') },
  ["a page"] = { server.rubbish(100) },
  ["no usage"] = { server.completion { tool = { "Response", '{"name":"Zoe"}' }, usage = false } },
  ["a null root"] = { said '{"value":null}', response_model = z.null(), fits = '{"value":null}' },
  ["a root that is not there"] = { said "{}", response_model = z.string():optional(), fits = "{}" },
  ["a list"] = { said "[1,2]", response_model = z.array(z.int()), fits = "[]" },
  ["a number that Lua may not hold"] = { said '{"n":9007199254740993}',
    response_model = z.object { n = z.number() }, fits = '{"n":1}' },
}

local TIMES = { seconds = true, first_byte = true, waited = true }

--- A value without what is another each time.
local function timeless(value)
  if type(value) == "string" then return (value:gsub("port %d+", "port")) end
  if type(value) ~= "table" then return value end
  local copy = {}
  for k, v in next, value do
    if not TIMES[k] then copy[k] = timeless(v) end
  end
  return copy
end

local LAZY = { "attempts", "completion", "repairs", "warnings", "field_order" }

--- All that create has to tell.
local function told(value, meta)
  if value ~= nil then
    for _, name in ipairs(LAZY) do local _ = meta[name] end
  end
  return { value == Instructor.null and "null" or timeless(value), timeless(meta) }
end

local function client_of(s, nulls)
  return Instructor { mode = "TOOLS", nulls = nulls, client = OpenAI {
    base_url = s.url, api_key = "sk-fake", model = "m", http_retries = 0, backoff = 0.01,
  } }
end

describe("create tells the same", function()
  after_each(function() server.stop_all() end)

  --- What comes of `case`, asked of a client that has answered `before` calls already, those of the
  --- case's own schema and others by turns.
  local function outcome(case, before, run)
    local steps, models = {}, { [0] = User, case.response_model or User }
    local fits = { [0] = '{"name":"x"}', case.fits or '{"name":"x"}' }
    for i = 1, before do steps[i] = said(fits[i % 2]) end
    for _, step in ipairs(case) do steps[#steps + 1] = step end
    local s = server.start(steps)
    local create = client_of(s, case.nulls).chat.completions.create
    local function ask()
      return create { messages = "hello", response_model = models[1],
        max_retries = case.max_retries }
    end
    for i = 1, before do
      assert.is_true(nil ~= create { messages = "hi", response_model = models[i % 2] })
    end
    local result = told((run or function(fn) return fn() end)(ask))
    assert.equal(#steps, #s:requests())
    return result
  end

  --- In a coroutine of the user's.
  local function in_coroutine(fn)
    return select(2, assert(coroutine.resume(coroutine.create(fn))))
  end

  --- As the only job of a map.
  local function in_job(fn)
    local outcomes = Instructor.run(function()
      local value, meta = fn()
      return { value, meta }
    end)
    return unpack(outcomes[1].value, 1, 2)
  end

  for name, case in pairs(CASES) do
    it("of " .. name .. ", at whichever call and wherever it is made", function()
      local first = outcome(case, 0)
      for before = 1, 3 do assert.same(first, outcome(case, before)) end
      assert.same(first, outcome(case, 4, in_coroutine))
      assert.same(first, outcome(case, 4, in_job))
    end)
  end
end)

--- A client that has answered one call, and the server it asks: what it says then, or the same.
local function client_used_once(next_step)
  local s = server.start { said '{"name":"Zoe"}', next_step, repeat_last = true }
  local client = client_of(s)
  assert(client.chat.completions.create { messages = "hi", response_model = User })
  return client, s
end

--- The functions that `fn` calls.
local function called_by(fn)
  local seen, hook, mask, count = {}, debug.gethook()
  debug.sethook(function() seen[debug.getinfo(2, "f").func] = true end, "c")
  local well, err = pcall(fn)
  debug.sethook(hook, mask, count)
  assert(well, err)
  return seen
end

describe("a later call", function()
  after_each(function() server.stop_all() end)

  -- (An answer may be late once; hardly each time.)
  it("is made in one step outside of coroutines", function()
    local create, driven = client_used_once().chat.completions.create, nil
    for _ = 1, 50 do
      local seen = called_by(function()
        assert.same({ name = "Zoe" }, (create { messages = "hi", response_model = User }))
      end)
      driven = seen[core.drive] or false
      if not driven then break end
    end
    assert.is_false(driven)
  end)

  it("hears what is asked of it alone", function()
    local client, s = client_used_once()
    assert(client.chat.completions.create({ messages = "hi", response_model = User },
      { headers = { ["X-Mine"] = "yes" } }))
    assert.equal("yes", s:requests()[2].headers["x-mine"])
  end)

  it("may be asked for with a colon", function()
    local client, s = client_used_once()
    local completions, asked = client.chat.completions, { messages = "hi", response_model = User }
    for _ = 1, 2 do assert.equal("Zoe", completions:create(asked).name) end
    assert(completions:create(asked, { headers = { ["X-Mine"] = "yes" } }))
    assert.equal("yes", s:requests()[4].headers["x-mine"])
  end)

  it("is not given what only we may say", function()
    local client = client_used_once()
    for _, word in ipairs { true, "items", {} } do
      assert.has_error(function()
        client.chat.completions.create({ messages = "hi", response_model = User,
          on_invalid = "skip" }, nil, word)
      end)
    end
  end)
end)

describe("a later call in a job", function()
  after_each(function() server.stop_all() end)

  --- A function that asks for a name, of a client that has answered one call; and the server.
  local function asker(next_step)
    local client, s = client_used_once(next_step)
    return function()
      return client.chat.completions.create { messages = "hi", response_model = User }
    end, s
  end

  --- What comes of each of the functions.
  local function outcomes_of(...)
    local got = {}
    for i, outcome in ipairs(Instructor.run(...)) do
      got[i] = outcome.err or outcome.value
    end
    return got
  end

  it("is made in one step", function()
    if not coroutine.isyieldable or rawget(_G, "jit") then
      return pending "a C function cannot wait in it on this Lua"
    end
    local ask = asker(slow(said '{"name":"Zoe"}'))
    assert.same({ { name = "Zoe" } }, outcomes_of(function()
      local value
      local seen = called_by(function() value = ask() end)
      assert(not seen[core.step] and not seen[core.drive])
      return value
    end))
  end)

  it("lets the others go on while it waits", function()
    local ask, others = asker(slow(said '{"name":"Zoe"}')), 0
    assert.same({ "1", "2" }, outcomes_of(function()
      ask()
      return tostring(others)
    end, function()
      others = others + 1
      ask()
      return "2"
    end))
  end)

  it("is answered, though somebody else has resumed its job meanwhile", function()
    local ask, thread = asker(slow(said '{"name":"Zoe"}')), nil
    assert.same({ { name = "Zoe" }, true }, outcomes_of(function()
      thread = coroutine.running()
      return (ask())
    end, function()
      local more = {}
      for i = 1, 50 do more[i] = i end
      for _ = 1, 50 do assert(coroutine.resume(thread, unpack(more))) end
      return true
    end))
  end)

  --- What comes of a job that goes on with a job of another's map, until that is answered, and asks
  --- then itself; while the map is closed.
  local function outcome_beside(ask)
    local thread, is_answered, inner
    return outcomes_of(function()
      repeat
        coroutine.yield()
        if thread then coroutine.resume(thread) end
      until is_answered
      return (ask())
    end, function()
      repeat coroutine.yield() until is_answered
      getmetatable(inner).__close(inner)
    end, function()
      local next_item, _, _, closing = Instructor.map({ 1 }, function()
        thread = coroutine.running()
        is_answered = ask() ~= nil
        coroutine.yield()
      end)
      inner = closing
      next_item()
    end)[1]
  end

  -- (Its memory serves the next call.)
  it("is no more its job's when somebody else has let it end, nor is a first call", function()
    local s = server.start { slow(said '{"name":"Zoe"}'), repeat_last = true }
    local ask = at_once.asker(at_once.client_of(s, { timeout = 5 })) -- it ends then, if closed
    for _ = 1, 2 do
      assert.same({ name = "Zoe" }, outcome_beside(function() return (ask "hi") end))
    end
  end)

  it("fails when what drives it is closed meanwhile", function()
    local made, stop = at_once.engines_made()
    finally(stop)
    local ask, s = asker(server.stall())
    local thread, came
    pcall(Instructor.run, function()
      thread = coroutine.running()
      return (ask())
    end, function()
      repeat coroutine.yield() until #s:requests() == 2
      made[1]:close()
      came = { coroutine.resume(thread) } -- whoever goes on with it
    end)
    assert.matches("the client is closed", came[#came])
  end)

  it("is answered where nothing may yield, and in a coroutine of the job's own", function()
    local ask = asker()
    assert.same({ "Zoe", "Zoe" }, outcomes_of(function()
      return coroutine.wrap(function() return ask().name end)()
    end, function()
      local name
      local well, err = pcall(table.sort, { 1, 2 }, function() name = ask().name end)
      return well and name or (tostring(err):find("yield", 1, true) and "Zoe" or err)
    end))
  end)

  it("is closed with its map", function()
    local ask, s = asker(server.stall())
    local thread
    local next_item = Instructor.map({ 1, 2 }, { on_progress = function() error("mine", 0) end },
      function(i)
        if i == 2 then
          repeat coroutine.yield() until #s:requests() == 2
          return i
        end
        thread = coroutine.running()
        return ask()
      end)
    assert.same({ false, "mine" }, { pcall(next_item) })
    assert.equal("gone", s:await_end(2).ended)
    local came = { coroutine.resume(thread) } -- whoever goes on with it
    assert.matches("closed", came[#came])
  end)
end)

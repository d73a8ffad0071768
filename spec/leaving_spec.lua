-- What becomes of a map whose loop is left, or broken by what is raised in it: it ends, and nobody
-- who goes on by hand waits for what will not come.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local progress = require "instructor.progress"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"
local z = require "instructor.z"

local jit = rawget(_G, "jit")

local function many(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

local function yielder(i)
  coroutine.yield()
  return i
end

-- Runs `fn`, and raises in it after `count` instructions of this coroutine.
local function interrupted(count, fn)
  if jit then jit.off() end -- what is compiled looks at no hook
  local well, err = pcall(function()
    debug.sethook(function()
      debug.sethook()
      error("interrupted!", 0)
    end, "", count)
    local ended, raised = pcall(fn)
    debug.sethook()
    if not ended then error(raised, 0) end
  end)
  if jit then jit.on() end
  return well, err
end

local FOREVER = 20000 -- instructions; the maps of these specs take some hundreds

-- Everything that `next_item` hands out yet.
local function rest_of(next_item)
  local got = {}
  local well, err = interrupted(FOREVER, function()
    for i in next_item do got[#got + 1] = i end
  end)
  assert(well, err == "interrupted!" and "it spins" or err)
  return got
end

describe("a map in whose loop something is raised", function()
  after_each(server.stop_all)

  it("hands out what had come, and drops the rest, when on_progress raises", function()
    local begun = 0
    local next_item = Instructor.map(many(9), { concurrency = 3, on_progress = function(done)
      if done == 2 then error("mine", 0) end
    end }, function(i)
      begun = begun + 1
      return yielder(i)
    end)
    local well, err = pcall(next_item)
    assert.same({ false, "mine" }, { well, err })
    assert.same({ 1, 2 }, rest_of(next_item))
    assert.equal(3, begun)
    assert.is_nil((next_item()))
  end)

  it("ends as well when on_progress raises while items begin", function()
    local next_item = Instructor.map(many(5), { concurrency = 2, on_progress = function(done)
      if done == 3 then error("mine", 0) end
    end }, function(i) return i end)
    assert.is_false((pcall(next_item)))
    assert.same({ 1, 2, 3 }, rest_of(next_item))
  end)

  it("ends as well when the line that tells how far it is cannot be drawn", function()
    local new = progress.new
    finally(function() progress.new = new end)
    progress.new = function()
      return { tell = function() error("no terminal", 0) end, show = function() end,
        hide = function() end, close = function() end }
    end
    local next_item = Instructor.map(many(4), { concurrency = 2, progress = true }, yielder)
    assert.same({ false, "no terminal" }, { pcall(next_item) })
    assert.same({ 1 }, rest_of(next_item))
  end)

  it("closes the calls its jobs wait for, there and then", function()
    local s = server.start { server.stall(), repeat_last = true }
    local client = Instructor { client = OpenAI { base_url = s.url, api_key = "sk-fake" } }
    local next_item = Instructor.map(many(2), { on_progress = function() error("mine", 0) end },
      function(i)
        if i == 1 then return client.chat.completions.create { model = "m", messages = "wait" } end
        while #s:requests() == 0 do coroutine.yield() end
      end)
    assert.same({ false, "mine" }, { pcall(next_item) })
    assert.equal("gone", s:await_end(1).ended)
    assert.same({}, rest_of(next_item))
  end)

  it("closes what the reader of a transport holds", function()
    if not coroutine.isyieldable then return pending "it cannot tell where it may yield" end
    local closed = 0
    local client = Instructor { client = OpenAI { base_url = "http://127.0.0.1:1/v1",
      transport = function()
        return { status = 200, body = function() return "" end, close = function()
          closed = closed + 1
        end }
      end } }
    local next_item = Instructor.map(many(2), { on_progress = function() error("mine", 0) end },
      function(i)
        if i == 1 then return client.chat.completions.create { model = "m", messages = "wait" } end
        return i
      end)
    assert.same({ false, "mine" }, { pcall(next_item) })
    assert.equal(1, closed)
  end)

  it("is closed whole, though what a transport holds cannot be", function()
    if not coroutine.isyieldable then return pending "it cannot tell where it may yield" end
    local drawn
    local new = progress.new
    finally(function() progress.new = new end)
    progress.new = function()
      local function nothing() end
      return { tell = nothing, show = nothing, hide = nothing, close = function() drawn = true end }
    end
    local client = Instructor { client = OpenAI { base_url = "http://127.0.0.1:1/v1",
      transport = function()
        return { status = 200, body = function() return "" end,
          close = function() error("close failed", 0) end }
      end } }
    local next_item = Instructor.map(many(4), { progress = true, on_progress = function()
      error("mine", 0)
    end }, function(i)
      if i < 4 then return client.chat.completions.create { model = "m", messages = "wait" } end
      return i
    end)
    local well, err = pcall(next_item)
    assert.is_false(well)
    assert.equal("mine", err)
    assert.is_true(drawn)
    assert.same({}, rest_of(next_item))
  end)

  it("takes a job's words for no Ctrl-C", function()
    local got = {}
    for i, value, err in Instructor.map(many(3), function(i)
      if i == 2 then error("the upload was interrupted!") end
      return i
    end) do
      got[i] = value or err
    end
    assert.equal(1, got[1])
    assert.matches("the upload was interrupted!$", got[2])
    assert.equal(3, got[3])
  end)

  it("ends when Ctrl-C comes while a job runs, and takes it for no error of the job's", function()
    local next_item = Instructor.map(many(4), { concurrency = 2 }, function(i)
      for _ in Instructor.map({ i }, function()
        if i == 2 then error("jobs.lua:1: interrupted!", 0) end
      end) do end -- luacheck: ignore 542
      return i
    end)
    assert.same({ false, "jobs.lua:1: interrupted!" }, { pcall(next_item) })
    assert.same({ 1 }, rest_of(next_item))
  end)

  it("ends wherever it was interrupted, and the next map does its work", function()
    local function begin()
      return Instructor.map(many(4), { concurrency = 2, on_progress = function() end }, function(i)
        local sum = 0
        for _, value in Instructor.map({ i, 1 }, yielder) do sum = sum + value end
        return sum
      end)
    end
    local count, well = 0, false
    while not well do
      count = count + 1
      local next_item, got = begin(), {}
      well = interrupted(count, function()
        for i in next_item do got[#got + 1] = i end
      end)
      assert.is_true(#got + #rest_of(next_item) <= 4)
      if well then assert.same(many(4), got) end
    end
    assert.same(many(4), rest_of((begin())))
  end)

  it("hands out no wrong result, wherever it was interrupted", function()
    for _, ordered in ipairs { true, false } do
      local count, well = 0, false
      while not well do
        count = count + 7
        local next_item, sum = Instructor.map(many(40), { concurrency = 30, ordered = ordered },
          function(i) return 1000 + i end), 0
        local function take()
          for i, value in next_item do
            assert.equal(1000 + i, value)
            sum = sum + 1
          end
        end
        well = interrupted(count, take)
        assert(interrupted(10 * FOREVER, take))
        assert.is_true(sum <= 40)
      end
    end
  end)

  it("gives each call the answer of its own request, wherever it was interrupted", function()
    local steps, asked, answer_to = {}, 0, {}
    for i = 1, 1000 do
      steps[i] = server.completion { tool = { "Response", ('{"n":%d}'):format(i) } }
    end
    local s = server.start(steps)
    local client = Instructor { mode = "TOOLS",
      client = OpenAI { base_url = s.url, api_key = "sk-fake", model = "m" } }
    local Numbered = z.object { n = z.int() }
    local function ask(i)
      asked = asked + 1
      local question = "call " .. asked
      local value = assert(client.chat.completions.create { messages = question,
        response_model = Numbered })
      answer_to[question] = value.n
      return i
    end
    local count, well, got = 0, false, nil
    while not well do
      count, got = count + 97, {}
      local next_item = Instructor.map(many(4), { concurrency = 2 }, ask)
      well = interrupted(count, function()
        for i in next_item do got[#got + 1] = i end
      end)
      rest_of(next_item)
      assert(count < FOREVER)
    end
    assert.same(many(4), got)
    local requests = s:requests()
    for question, n in pairs(answer_to) do
      assert.equal(question, requests[n]:json().messages[1].content)
    end
  end)

  it("says so when its iterator is called by what runs inside it", function()
    local next_item
    next_item = Instructor.map(many(4), { concurrency = 2, on_progress = function(done)
      if done == 1 then return next_item(), next_item() end
    end }, yielder)
    local well, err = pcall(next_item)
    assert.is_false(well)
    assert.matches("leaving_spec.lua:%d+: map: its next result is being waited for already", err)
    assert.same({}, rest_of(next_item))
    next_item = Instructor.map({ 1 }, function() return next_item() end)
    local _, value, own = next_item()
    assert.is_nil(value)
    assert.matches("map: its next result is being waited for already", own)
  end)

  it("lets several jobs take the results of one", function()
    if _VERSION == "Lua 5.1" and not jit then return pending "a loop's iterator cannot wait" end
    local next_item, sum = Instructor.map(many(10), { concurrency = 2 }, yielder), 0
    for _, taken in Instructor.map(many(3), function()
      local own = 0
      for i in next_item do own = own + i end
      return own
    end) do
      sum = sum + taken
    end
    assert.equal(55, sum)
  end)
end)

describe("a map of a job", function()
  after_each(server.stop_all)

  local function client_of(s)
    return Instructor { client = OpenAI { base_url = s.url, api_key = "sk-fake", timeout = 20 } }
  end

  it("wakes all that wait for its results, the last one too", function()
    if _VERSION == "Lua 5.1" and not jit then return pending "a loop's iterator cannot wait" end
    local s = server.start { server.completion { content = "hi" }, repeat_last = true }
    local create = client_of(s).chat.completions.create
    local begun, taken = require "instructor.core".clock(), 0
    local next_item = Instructor.map(many(9), { concurrency = 2 }, function()
      return create { model = "m", messages = "x" }
    end)
    for _, count in Instructor.map(many(3), function()
      local own = 0
      for _, completion in next_item do own = own + (completion and 1 or 0) end
      return own
    end) do
      taken = taken + count
    end
    assert.equal(9, taken)
    assert.is_true(require "instructor.core".clock() - begun < 10) -- of the 20 of a timeout
  end)

  it("wakes those that wait for it when another one leaves it", function()
    if _VERSION ~= "Lua 5.4" then return pending "it hears of no break" end
    local create = client_of(server.start { server.stall(), repeat_last = true })
      .chat.completions.create
    local next_item, _, _, closing = Instructor.map(many(2), function(i)
      return i == 1 and i or create { model = "m", messages = "x" }
    end)
    local waits, woken = false, false
    local outcomes = Instructor.run(function()
      assert(next_item())
      waits = true
      assert(next_item() == nil)
      woken = true
    end, function()
      repeat coroutine.yield() until waits
      for _ = 1, 10 do coroutine.yield() end
      for _ in function() end, nil, nil, closing do end -- luacheck: ignore 542
    end, function()
      for _ = 1, 20000 do
        if woken then return end
        coroutine.yield()
      end
      error "it is not woken"
    end)
    for i = 1, 3 do assert.is_nil(outcomes[i].err) end
  end)

  it("is closed with the map whose job has made it, and not with any other", function()
    if _VERSION == "Lua 5.1" and not jit then return pending "a loop's iterator cannot wait" end
    local s = server.start { server.stall(), repeat_last = true }
    local create = client_of(s).chat.completions.create
    local function ask() return create { model = "m", messages = "x" } end
    local begun, mine = 0, nil
    local function count(i)
      begun = begun + 1
      return i == 1 and ask() or i
    end
    local is_free = false
    local theirs = Instructor.map(many(2), { concurrency = 1 }, function(i)
      repeat coroutine.yield() until is_free
      return i
    end)
    local next_item = Instructor.map(many(3), { on_progress = function() error("left", 0) end },
      function(i)
        if i == 3 then
          while #s:requests() == 0 do coroutine.yield() end
          return i
        end
        if i == 2 then return theirs() end
        mine = Instructor.map(many(4), { concurrency = 1 }, count)
        return mine()
      end)
    assert.same({ false, "left" }, { pcall(next_item) })
    assert.same({}, rest_of(mine))
    assert.equal(1, begun)
    is_free = true
    assert.same({ 1, 2 }, rest_of(theirs))
  end)
end)

-- ---- streams ------------------------------------------------------------------------------------

describe("a stream that a job waits for when its map ends", function()
  after_each(server.stop_all)

  -- A server of slow streams.
  local function slow()
    return streaming.client(server.start {
      streaming.answer(streaming.RIGHT, nil, { pause = 20 }), repeat_last = true })
  end

  -- Maps two jobs: one reads the stream that `get` returns, and what the other does breaks the map.
  local function break_while_reading(get)
    local read = false
    local next_item = Instructor.map(many(2), { on_progress = function() error("left", 0) end },
      function(i)
        if i == 2 then
          repeat coroutine.yield() until read
          return "left"
        end
        local stream = get()
        assert(stream:next())
        read = true
        return stream:result()
      end)
    assert.same({ false, "left" }, { pcall(next_item) })
  end

  it("goes on for others where it was made outside", function()
    local stream = slow().create(streaming.ask())
    break_while_reading(function() return stream end)
    local value, meta = stream:result()
    assert.same({ name = "Jason Liu", age = 30 }, value)
    assert.equal(1, #meta.attempts)
  end)

  it("goes on for the job that maps where that job has made it", function()
    local completions, ages = slow(), {}
    for i, user, err in Instructor.map(many(2), function()
      local stream = completions.create(streaming.ask())
      break_while_reading(function() return stream end)
      return stream:result()
    end) do
      ages[i] = user and user.age or err
    end
    assert.same({ 30, 30 }, ages)
  end)

  it("is cancelled where it was made inside, and says so to whoever kept it", function()
    local s = server.start { streaming.step({ streaming.pieces("TOOLS", streaming.RIGHT)[1],
      streaming.pieces("TOOLS", streaming.RIGHT)[2] }, { last = server.act.stall() }) }
    local stream
    break_while_reading(function()
      stream = streaming.client(s).create(streaming.ask())
      return stream
    end)
    assert.equal("gone", s:await_end(1).ended)
    local value, err = stream:result()
    assert.is_nil(value)
    assert.equal("cancelled", err.kind)
  end)

  it("does the same where a transport reads it that has nothing for the moment", function()
    if not coroutine.isyieldable then return pending "it cannot tell where it may yield" end
    for _, is_outside in ipairs { true, false } do
      local closed, parts, at = 0, streaming.events("TOOLS", streaming.RIGHT), 0
      local completions = streaming.client("http://127.0.0.1:1/v1", nil, { transport = function()
        return { status = 200, close = function() closed = closed + 1 end, body = function()
          at = at + 1
          return at > 2 and at < 10 and "" or table.remove(parts, 1)
        end }
      end })
      local stream = is_outside and completions.create(streaming.ask()) or nil
      break_while_reading(function()
        stream = stream or completions.create(streaming.ask())
        return stream
      end)
      assert.equal(is_outside and 0 or 1, closed)
      local value, err = stream:result()
      assert.equal(is_outside and 30 or "cancelled", value and value.age or err.kind)
      assert.equal(1, closed)
    end
  end)

  it("is cancelled with the outer map, whichever job of an inner one has made it", function()
    if _VERSION == "Lua 5.1" and not jit then return pending "a loop's iterator cannot wait" end
    local completions, stream = slow(), nil
    break_while_reading(function()
      for _, made in Instructor.map({ 1 }, function()
        return completions.create(streaming.ask())
      end) do
        stream = made
      end
      return stream
    end)
    local _, err = stream:result()
    assert.equal("cancelled", err.kind)
  end)
end)

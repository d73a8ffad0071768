-- Many calls at once, over one transport.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local core = require "instructor.core"
local at_once = require "spec.support.at_once"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"
local z = require "instructor.z"

local User, client_of, named, many = at_once.User, at_once.client_of, at_once.named, at_once.many
local asker = at_once.asker

describe("instructor.map", function()
  after_each(server.stop_all)

  it("hands out every result in the order of the list", function()
    local s = server.start { named("x", 30), named "x", named "x", repeat_last = true }
    local seen = {}
    for i, user, meta in Instructor.map({ "a", "b", "c", "d" }, { concurrency = 2 },
      asker(client_of(s))) do
      seen[#seen + 1] = i
      assert.equal("x", user.name)
      assert.equal(15, meta.usage.total_tokens)
    end
    assert.same({ 1, 2, 3, 4 }, seen)
  end)

  it("runs as many at once as it is told, and no more", function()
    local s = server.start { named("x", 100), repeat_last = true }
    local list = {}
    for i = 1, 8 do list[i] = "item " .. i end
    local client, running, most = client_of(s), 0, 0
    for _ in Instructor.map(list, { concurrency = 4 }, function(item)
      running = running + 1
      most = math.max(most, running)
      local user = client.chat.completions.create { messages = item, response_model = User }
      running = running - 1
      return user
    end) do end -- luacheck: ignore 542
    assert.equal(4, most)
    assert.equal(8, #s:requests())
    assert.is_true(s:connections() <= 4)
  end)

  it("hands out results as they come when order does not matter", function()
    local s = server.start { named("slow", 300), named "fast", repeat_last = true }
    local first
    for _, user in Instructor.map({ "a", "b" }, { ordered = false }, asker(client_of(s))) do
      first = first or user.name
    end
    assert.equal("fast", first)
  end)

  it("gives an error to its item alone", function()
    local s = server.start { server.error(400), named "x", named "x" }
    local kinds, raised = {}, nil
    local ask = asker(client_of(s))
    for i, user, err in Instructor.map({ "a", "b", "c", "raise" }, { concurrency = 1 },
      function(item)
        if item == "raise" then error("mine", 0) end
        return ask(item)
      end) do
      kinds[i] = user and "well" or err.kind
      if i == 4 then raised = err end
    end
    assert.same({ "http", "well", "well" }, kinds)
    assert.equal("mine", raised)
  end)

  it("retries, rests and asks again inside its jobs", function()
    local s = server.start { server.retry_after(429, 1), named "x", named "x" }
    local names = {}
    for i, user in Instructor.map({ "a", "b" }, { concurrency = 2 }, asker(client_of(s))) do
      names[i] = user.name
    end
    assert.same({ "x", "x" }, names)
    assert.equal(3, #s:requests())
  end)

  it("drops what is still running when the loop is left", function()
    local s = server.start { named "x", server.stall(), repeat_last = true }
    coroutine.wrap(function() -- whose stack goes with it: before 5.4 the collector drops the rest
      local first
      for _, user in Instructor.map({ "a", "b", "c" }, { ordered = false, concurrency = 3 },
        asker(client_of(s))) do
        first = user.name
        if first then break end
      end
      assert.equal("x", first)
    end)()
    collectgarbage()
    collectgarbage()
    assert.is_true(s:await_end(2) ~= nil)
  end)

  it("lets a job map by itself, and a refinement ask a model", function()
    local s = server.start { named "x", repeat_last = true }
    local ask = asker(client_of(s))
    local Judged = z.object { name = z.string():refine(function(name)
      return ask("is " .. name .. " fine?").name == "x"
    end) }
    local client, total = client_of(s), 0
    for _, count in Instructor.map({ 1, 2, 3 }, { concurrency = 3 }, function()
      local well = 0
      for _, user in Instructor.map({ "a", "b" }, { concurrency = 2 }, function(item)
        return client.chat.completions.create { messages = item, response_model = Judged }
      end) do
        if user then well = well + 1 end
      end
      return well
    end) do
      total = total + count
    end
    assert.equal(6, total)
    assert.equal(12, #s:requests())
  end)

  it("lets the others go on while a job does nothing but yield", function()
    local s = server.start { named("x", 30), repeat_last = true }
    local ask, answered, got = asker(client_of(s)), false, {}
    for i, value in Instructor.map({ "waits", "asks" }, { concurrency = 2 }, function(item)
      if item == "asks" then
        local user = ask(item)
        answered = true
        return user.name
      end
      local turns = 0
      while not answered do
        turns = turns + 1
        assert(select("#", coroutine.yield()) == 0)
      end
      return turns > 1
    end) do
      got[i] = value
    end
    assert.same({ true, "x" }, got)
  end)

  it("lets the others go on while the reader of a transport has nothing", function()
    if not coroutine.isyieldable then return pending "it cannot tell where it may yield" end
    local asks, answered, gave_up = asker(client_of(server.start { named("x", 30) })), false, false
    local has_nothing = asker(client_of({ url = "http://127.0.0.1:1/v1" }, { transport = function()
      local turns = 0
      return { status = 200, body = function()
        turns = turns + 1
        core.sleep(0.001)
        gave_up = turns == 2000
        return not answered and not gave_up and "" or nil
      end }
    end }))
    for i, user in Instructor.map({ has_nothing, asks }, function(ask)
      local user = ask "x"
      answered = answered or user ~= nil
      return user
    end) do
      assert.equal(i == 2, user ~= nil)
    end
    assert.is_false(gave_up)
  end)

  it("calls a transport's reader where nothing may yield, and hands it no long wait", function()
    local longest = 0
    local ask = asker(client_of({ url = "http://127.0.0.1:1/v1" }, { transport = function()
      local turns = 0
      return { status = 200, body = function(seconds)
        turns, longest = turns + 1, math.max(longest, seconds)
        if turns < 3 then return "" end
        return turns == 3 and named("x", 10).body or nil
      end }
    end }))
    for _, user, err in Instructor.map(many(2), function()
      local user
      local _ = ("x"):gsub("x", function() user = select(2, pcall(ask, "x")) end)
      return user
    end) do
      assert.same({ "x" }, { user and user.name or err })
    end
    assert.is_true(longest <= 0.1)
  end)

  it("lets no job go on for what it could not wait for", function()
    local quick = server.start { named("x", 50), named("x", 150), repeat_last = true }
    local ask, got = asker(client_of(quick)), {}
    local ask_slowly = asker(client_of(server.start { named("slow", 400) }))
    for i, value, err in Instructor.map({ "waits", "cannot wait" }, function(item)
      if item == "waits" then return ask_slowly("x").name end
      pcall(table.sort, { 1, 2 }, function() ask "x" end) -- nothing may yield there
      coroutine.wrap(function()
        for _ in Instructor.map(many(2), function() return ask "x" end) do end
      end)()
      return "went on"
    end) do
      got[i] = value or err
    end
    assert.same({ "slow", "went on" }, got)
  end)

  it("gives a job what it waits for, though somebody else has resumed it meanwhile", function()
    local ask = asker(client_of(server.start { named("x", 100), repeat_last = true }))
    local threads, got = {}, {}
    for i, value, err in Instructor.map({ "asks", "resumes" }, function(item, i)
      threads[i] = coroutine.running()
      if item == "asks" then return ask("x").name end
      coroutine.resume(threads[1])
      return "resumed"
    end) do
      got[i] = value or err
    end
    assert.same({ "x", "resumed" }, got)
  end)

  it("lets a job yield that maps by itself, and the others beside it", function()
    local s = server.start { named("x", 30), repeat_last = true }
    local ask, answered, got = asker(client_of(s)), false, {}
    for i, outcome in Instructor.map({ "maps", "asks" }, { concurrency = 2 }, function(item)
      if item == "asks" then
        local user = ask(item)
        answered = true
        return user.name
      end
      local through
      for _, value in Instructor.map({ 1 }, function()
        if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then return "through" end
        while not answered do coroutine.yield() end
        return "through"
      end) do
        through = value
      end
      return through
    end) do
      got[i] = outcome
    end
    assert.same({ "through", "x" }, got)
  end)

  -- Far above what it takes, and half of what it takes where a turn rests on each server as long.
  local SOON = 0.5

  it("is not held up by one server's silence when another answers", function()
    local silent = client_of(server.start { server.stall(), repeat_last = true })
    local lively = client_of(server.start { named "x", repeat_last = true })
    local took
    local take = Instructor.map({ silent, lively }, { ordered = false }, function(client)
      local from, user = core.clock(), nil
      for _ = 1, 20 do user = asker(client) "x" end
      took = core.clock() - from
      return user
    end)
    local i, user = take()
    assert.same({ 2, "x" }, { i, user.name })
    assert.is_true(took < SOON, took)
  end)

  it("waits for no server that only others wait for", function()
    local shared = client_of(server.start { server.stall(), named "x", repeat_last = true })
    local own = client_of(server.start { named "x", repeat_last = true })
    local function time_of_many()
      local from = core.clock()
      for _ = 1, 100 do assert(asker(own) "x") end
      return core.clock() - from
    end
    local alone = time_of_many()
    local others = Instructor.map({ "x", "x" }, { ordered = false }, asker(shared))
    assert.is_table(select(2, others())) -- one has come, the other will not
    local took
    for _, user, err in Instructor.map({ "x" }, function(item)
      assert(asker(shared)(item))
      took = time_of_many()
      return true
    end) do
      assert.is_true(user, err)
    end
    assert.is_true(took < SOON / 2 + 10 * alone, took)
  end)

  it("ends each of many silent streams when its time is over", function()
    local half = streaming.pieces("TOOLS", streaming.RIGHT)
    local s = server.start { streaming.step({ half[1], half[2] }, { last = server.act.stall() }),
      repeat_last = true }
    local list, kinds = {}, {}
    for i = 1, 200 do list[i] = i end
    local client = streaming.client(s, nil, { http_retries = 0 })
    for i, value, err in Instructor.map(list, { concurrency = #list }, function(number)
      local stream = client.create(streaming.ask(), { timeout = { idle = 0.2 + number / 1000 } })
      return stream:result()
    end) do
      assert.is_nil(value)
      kinds[i] = err.kind
    end
    assert.equal(200, #kinds)
    for _, kind in ipairs(kinds) do assert.equal("timeout", kind) end
  end)

  it("wakes a job whose stream is cancelled by another", function()
    local half = streaming.pieces("TOOLS", streaming.RIGHT)
    local silent = server.start { streaming.step(half, { last = server.act.stall() }) }
    local stream, kinds = streaming.client(silent).create(streaming.ask()), {}
    local ask = asker(client_of(server.start { named "x" }))
    for i, _, err in Instructor.map({ "reads", "cancels" }, function(what)
      if what == "reads" then return stream:result() end
      local user = ask "wait a little"
      stream:cancel()
      return user
    end) do
      kinds[i] = err and err.kind or "well"
    end
    assert.same({ "cancelled", "well" }, kinds)
  end)

  it("tells how far it is", function()
    local s = server.start { named "x", repeat_last = true }
    local told = {}
    for _ in Instructor.map({ "a", "b" }, { concurrency = 1, on_progress = function(done, total)
      told[#told + 1] = done .. "/" .. total
    end }, asker(client_of(s))) do end -- luacheck: ignore 542
    assert.same({ "1/2", "2/2" }, told)
  end)

  it("needs no options, and refuses what is no function", function()
    for i, value in Instructor.map({ "a" }, nil, function(item) return item end) do
      assert.same({ 1, "a" }, { i, value })
    end
    assert.error_matches(function() Instructor.map({ 1 }) end,
      "map takes a function, not nil")
    assert.error_matches(function() Instructor.map({ 1 }, {}, "x") end,
      "map takes a function, not a string")
  end)

  it("blames the function of a job for a mistake in its tail call", function()
    local client = Instructor { client = OpenAI { base_url = "http://127.0.0.1:9" } }
    for _, value, err in Instructor.map({ "a" }, function(item)
      return client.chat.completions.create { messages = item, max_retires = 1 }
    end) do
      assert.is_nil(value)
      assert.matches("^spec/jobs_spec%.lua:%d+: create: max_retires is no option", err)
    end
  end)

  it("blames no line for what a job raises for its caller", function()
    for _, _, err in Instructor.map({ 1, 2 }, { concurrency = 1 }, function()
      error("mine", 2)
    end) do
      assert.equal("mine", err)
    end
  end)

  it("hands out results in order however many are there before the first", function()
    local got, ended = {}, 0
    for i, value, second in Instructor.map(many(100), { concurrency = 2 }, function(i)
      if i == 1 then
        repeat coroutine.yield() until ended == 99
        return "first"
      end
      ended = ended + 1
      if i % 3 == 0 then return nil, i end
      if i % 3 == 1 then return i end
    end) do
      got[#got + 1] = { i, value, second }
    end
    assert.equal(100, #got)
    for i, result in ipairs(got) do
      local value = i == 1 and "first" or i % 3 == 1 and i or nil
      assert.same({ i, value, i % 3 == 0 and i or nil }, result)
    end
  end)

  it("hands out results as they come however many are there", function()
    local got, ended = {}, {}
    for i, value in Instructor.map(many(100), { concurrency = 100, ordered = false }, function(i)
      for _ = 1, i * 37 % 100 do coroutine.yield() end
      ended[#ended + 1] = i
      return i
    end) do
      assert.equal(i, value)
      got[#got + 1] = i
    end
    assert.same(ended, got)
    assert.equal(100, #got)
  end)

  -- Jobs rest, the last of the list the shortest, and one blocks until all of them are late.
  local function order_of_late(n)
    local order, asked = {}, {}
    local client = client_of({ url = "http://127.0.0.1:1/v1" }, { transport = function(request)
      local i = tonumber(cjson.decode(request.body).messages[1].content)
      if asked[i] then order[#order + 1] = i end
      local again = not asked[i]
      asked[i] = true
      return nil, "lost", again
    end })
    for i, _, err in Instructor.map(many(n + 1), { concurrency = n + 1 }, function(i)
      if i > n then return core.sleep(0.1) end
      return client.chat.completions.create { messages = tostring(i), response_model = User,
        backoff = function() return 0.05 * (n - i + 1) / n end }
    end) do
      assert.equal(i <= n and "network" or nil, err and err.kind)
    end
    return order
  end

  it("lets jobs go on in the order of the list, whichever was to go on first", function()
    for _, n in ipairs { 2, 10, 60 } do assert.same(many(n), order_of_late(n)) end
  end)

  it("gives items that run at the same time coroutines of their own", function()
    local running = {}
    for i in Instructor.map(many(9), { concurrency = 3 }, function(i)
      local mine = coroutine.running()
      assert(not running[mine], "shared")
      running[mine] = true
      for _ = 1, i do coroutine.yield() end
      running[mine] = nil
      if i % 4 == 0 then error "mine" end
    end) do
      assert.is_true(i <= 9)
    end
    assert.same({}, running)
  end)

  it("has no more coroutines than items that run at the same time", function()
    if _VERSION == "Lua 5.1" then return pending "a coroutine has one item there" end
    local threads, count = {}, 0
    for _, mine in Instructor.map(many(40), { concurrency = 4 }, function()
      for _ = 1, 2 do coroutine.yield() end
      return (coroutine.running())
    end) do
      count = threads[mine] and count or count + 1
      threads[mine] = true
    end
    assert.equal(4, count)
  end)

  it("gives no item a coroutine that raised, or one with a hook in it", function()
    local before, seen = {}, {}
    for i, value, err in Instructor.map(many(6), { concurrency = 1 }, function(i)
      local mine = coroutine.running()
      local first = not before[mine] and debug.gethook() == nil
      if i == 2 or i == 5 then
        before[mine] = true
        debug.sethook(function() end, "", 1000000)
        if rawget(_G, "jit") then debug.sethook() end -- which has one for all coroutines
      elseif i == 3 then
        before[mine] = true
        error("mine", 0)
      end
      return first
    end) do
      seen[i] = err or value
    end
    assert.same({ true, true, "mine", true, true, true }, seen)
  end)

  it("takes an item whose coroutine somebody else has ended for one that failed", function()
    local threads, got = {}, {}
    for i, value, err in Instructor.map(many(4), { concurrency = 2 }, function(i)
      threads[i] = coroutine.running()
      if i == 1 then
        coroutine.yield()
        return "ended by another"
      elseif i == 2 then
        coroutine.resume(threads[1])
      end
      return i
    end) do
      got[i] = err or value
    end
    assert.same({ "cannot resume dead coroutine", 2, 3, 4 }, got)
  end)

  it("begins no item in a coroutine that somebody else has closed or resumed", function()
    local ways = {
      coroutine.close or function() end,
      function(thread) assert.is_false((coroutine.resume(thread))) end,
      function(thread) assert.is_false((coroutine.resume(thread, 1))) end,
    }
    for _, way in ipairs(ways) do
      local threads, begun, got = {}, {}, {}
      for i, value, err in Instructor.map(many(5), { concurrency = 1 }, function(i)
        begun[#begun + 1], threads[i] = i, coroutine.running()
        coroutine.yield()
        return i
      end) do
        got[i] = err or value
        if i == 2 then way(threads[i]) end
      end
      assert.same(many(5), got)
      assert.same(many(5), begun)
    end
  end)

  it("keeps what a job left unread apart from its next calls", function()
    local half = streaming.answer(streaming.RIGHT, nil, { pause = 5 })
    local completions = streaming.client(server.start { half, repeat_last = true })
    local ask = asker(client_of(server.start { named("x", 10), repeat_last = true }))
    local streams, ages = {}, {}
    for i, value in Instructor.map(many(8), { concurrency = 2 }, function(i)
      if i % 2 == 0 then return ask("x").name end
      streams[#streams + 1] = completions.create(streaming.ask())
      return (streams[#streams]:next()) ~= nil
    end) do
      assert.equal(i % 2 == 0 and "x" or i % 2 == 1, value)
    end
    for i, user in Instructor.map(streams, { concurrency = 3 }, function(stream)
      assert(ask("x").name == "x")
      return stream:result()
    end) do
      ages[i] = user.age
    end
    assert.same({ 30, 30, 30, 30 }, ages)
  end)

  it("goes on after a job that asked where it cannot wait", function()
    local s = server.start { named("x", 10), repeat_last = true }
    local ask, got = asker(client_of(s)), {}
    for i, value, err in Instructor.map(many(4), { concurrency = 2 }, function(i)
      local well = i % 2 == 0 or pcall(table.sort, { 1, 2 }, function() return ask("x").name end)
      coroutine.yield()
      local user = ask "x"
      return well and "well" or user.name
    end) do
      got[i] = value or err
    end
    assert.equal("well", got[2])
    assert.equal("well", got[4])
    assert.equal(got[1], got[3])
    assert.is_true(got[1] == "x" or got[1] == "well")
  end)

  it("does nothing for an empty list, and refuses what is no list", function()
    for _ in Instructor.map({}, {}, function() end) do error "nothing to do" end
    assert.has_error(function() Instructor.map("a", {}, print) end)
    assert.has_error(function() Instructor.map({}, { concurrency = 0 }, print) end)
    assert.has_error(function() Instructor.map({}, { concurency = 1 }, print) end)
  end)
end)

describe("instructor.run", function()
  after_each(server.stop_all)

  it("takes functions only, without a gap", function()
    assert.error_matches(function() Instructor.run(nil, print) end,
      "run takes functions; argument 1 is nil")
    assert.error_matches(function() Instructor.run(print, 1) end,
      "run takes functions; argument 2 is a number")
  end)

  it("runs different jobs at once and keeps their order", function()
    local s = server.start { named("slow", 100), named "fast" }
    local ask = asker(client_of(s))
    local results = Instructor.run(function() return ask "a" end, function() return 7 end,
      function() error("mine", 0) end)
    assert.equal("slow", results[1].value.name)
    assert.equal(7, results[2].value)
    assert.equal("mine", results[3].err)
  end)
end)

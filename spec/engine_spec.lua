-- What an engine counts: the calls of jobs that are waited for, and no others.  And how long it is
-- kept: no longer than they are.

local Instructor = require "instructor"
local at_once = require "spec.support.at_once"
local core = require "instructor.core"
local process = require "spec.support.process"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"

local client_of, named, many = at_once.client_of, at_once.named, at_once.many
local asker = at_once.asker

describe("an engine", function()
  local made, stop
  before_each(function() made, stop = at_once.engines_made() end)
  after_each(function()
    stop()
    server.stop_all()
  end)

  -- Runs a map until something has come of it, and leaves it (in the one way that every Lua hears);
  -- how many calls were waited for then.
  local function leave_early(list, fn)
    local count
    local well, err = pcall(function()
      for _ in Instructor.map(list, { on_progress = function()
        count = made[1]:waiting()
        error("enough", 0)
      end }, fn) do end
    end)
    assert.same({ false, "enough" }, { well, err })
    return count
  end

  it("knows how many calls are waited for", function()
    local client = client_of(server.start { named "a", server.stall(), repeat_last = true })
    assert.equal(3, leave_early({ "x", "x", "x", "x" }, asker(client)))
    assert.equal(0, made[1]:waiting())
  end)

  it("does not count those that were answered, though their memory serves others", function()
    local client = client_of(server.start { named "a", repeat_last = true })
    local seen = 0
    for _, user in Instructor.map(many(9), { concurrency = 2 }, function()
      return asker(client) "x"
    end) do
      seen = seen + (user.name == "a" and 1 or 0)
    end
    assert.equal(9, seen)
    assert.equal(0, made[1]:waiting())
  end)

  it("does not count one whose job could not wait for it", function()
    local ask, counts = asker(client_of(server.start { server.stall() })), {}
    for i, count in Instructor.map({ true, false }, { concurrency = 1 }, function(asks)
      if asks then pcall(table.sort, { 1, 2 }, function() ask "x" end) end -- no place to yield at
      coroutine.yield()
      for _ = 1, 3 do collectgarbage() end
      return made[1]:waiting()
    end) do
      counts[i] = count
    end
    assert.same({ 0, 0 }, counts)
  end)

  it("does not count one that a job has left and that is read outside", function()
    local half = streaming.pieces("TOOLS", streaming.RIGHT)
    local s = server.start { streaming.step({ half[1], half[2] }, { last = server.act.stall() }) }
    local client = streaming.client(s)
    local stream = client.create(streaming.ask())
    assert.equal(1, leave_early({ 1, 2 }, function(i)
      if i == 1 then return stream:result() end
    end))
    assert.equal(1, made[1]:waiting())
    assert.is_table(stream:next())
    assert.equal(0, made[1]:waiting())
    stream:cancel()
  end)

  it("does not count a call that was left, whatever its job had done before", function()
    local s = server.start { streaming.answer(streaming.RIGHT), server.stall() }
    local client, asked, fault = streaming.client(s), false, nil
    assert.equal(1, leave_early({ 1, 2 }, function(i)
      if i == 2 then
        repeat coroutine.yield() until asked
        return i
      end
      local value, err = client.create(streaming.ask()):result()
      asked, fault = true, value == nil and err or nil
      return client.create(streaming.ask { stream = false })
    end))
    assert.is_nil(fault)
    assert.equal(0, made[1]:waiting())
  end)
end)

describe("a map", function()
  after_each(server.stop_all)

  it("keeps no client that is not waited for any more", function()
    local s, list = server.start { named "x", repeat_last = true }, {}
    local first, most = nil, 0
    for i = 1, 30 do list[i] = "ask" end
    for _, user in Instructor.map(list, { concurrency = 2 }, function(item)
      local user = asker(client_of(s))(item)
      return user
    end) do
      assert.equal("x", user.name)
      collectgarbage()
      collectgarbage()
      local open = process.descriptors()
      if open == nil then return pending "needs /proc" end
      first, most = first or open, math.max(most, open)
    end
    assert.is_true(most < first + 10, most .. " descriptors")
  end)
end)

describe("a map whose job has asked a client that is gone since", function()
  local kept, stop
  before_each(function()
    local make = core.engine
    kept = setmetatable({}, { __mode = "k" })
    core.engine = function(...)
      local made = make(...)
      kept[made] = true
      return made
    end
    stop = function() core.engine = make end
  end)
  after_each(function()
    stop()
    server.stop_all()
  end)

  local function ask_another()
    assert(asker(client_of(server.start { named "x" }))("x"))
  end

  local function count_kept()
    for _ = 1, 3 do collectgarbage() end
    local count = 0
    for _ in pairs(kept) do count = count + 1 end
    return count
  end

  --- How many engines there are while the job does `something`, until they were counted.
  local function kept_while(something)
    local asked, count
    Instructor.run(function()
      ask_another()
      asked = true
      something(function() return count end)
    end, function()
      repeat coroutine.yield() until asked
      coroutine.yield()
      count = count_kept()
    end)
    return count
  end

  local function yield_until(is_over)
    repeat coroutine.yield() until is_over()
  end

  it("keeps nothing of it while the job yields", function()
    assert.equal(0, kept_while(yield_until))
  end)

  it("keeps nothing of it while the job waits for a map of its own", function()
    if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then return pending "no loop yields" end
    assert.equal(0, kept_while(function(is_over)
      for _ in Instructor.map({ is_over }, yield_until) do end -- luacheck: ignore 542
    end))
  end)

  -- Both have had other items before, which ended in the same turn.
  it("keeps nothing of it when the job has ended, while another goes on", function()
    for asking = 3, 4 do
      local asked, count
      for _ in Instructor.map(many(4), { concurrency = 2 }, function(i)
        if i < 3 then return coroutine.yield() end
        if i == asking then
          ask_another()
          asked = true
          return
        end
        repeat coroutine.yield() until asked
        for _ = 1, 2 do coroutine.yield() end
        count = count_kept()
      end) do end -- luacheck: ignore 542
      assert.equal(0, count)
    end
  end)
end)

-- A recorded stream is replayed as it came: event by event, to the same end.

local Instructor = require "instructor"
local cjson = require "cjson"
local process = require "spec.support.process"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local KEY = streaming.KEY
local RIGHT = streaming.RIGHT

local NOWHERE = "http://127.0.0.1:1/v1"

-- What `program(completions)` returns where these answers come, event by event, and the
-- recording's path.
local function recorded(answers, program, options)
  local path = process.temp_path ".jsonl"
  local all = { record = path, transport = streaming.transport(unpack(answers)) }
  for name, value in pairs(options or {}) do all[name] = value end
  return program(streaming.client(NOWHERE, nil, all)), path
end

-- Completions that can reach nothing.
local function replaying(path, options)
  local all = { replay = path }
  for name, value in pairs(options or {}) do all[name] = value end
  return streaming.client(NOWHERE, nil, all)
end

local function expect_same(answers, program)
  local first, path = recorded(answers, program)
  assert.same(first, program(replaying(path)))
  return first, path
end

local function lines_of(path)
  local list = {}
  for line in assert(process.read(path)):gmatch "[^\n]+" do list[#list + 1] = cjson.decode(line) end
  return list
end

-- A program that reads a stream until `enough(value)`; returns what it saw and how it ended.
local function reader(enough, extra)
  return function(completions)
    local stream = completions.create(streaming.ask(extra))
    local seen = {}
    local value, told = stream:each(function(user)
      seen[#seen + 1] = stream:snapshot()
      return not enough(user)
    end)
    return { seen = seen, value = value, kind = told.kind, reason = told.reason,
      message = told.kind and told.message, attempts = #told.attempts, stopped = told.stopped }
  end
end

local function never() return false end

local function is_jas(user) return user.name == "Jas" end

local function events(text, size) return streaming.events("TOOLS", text, size) end

describe("a stream that was recorded", function()
  after_each(server.stop_all)

  it("is replayed with all its partial values", function()
    local told = expect_same({ events(RIGHT) }, reader(never))
    assert.same({ name = "Jason Liu", age = 30 }, told.value)
    assert.is_true(#told.seen > 3)
  end)

  it("is replayed in events of its provider where there is no schema", function()
    local told = expect_same({ events(RIGHT) }, function(completions)
      local pieces = {}
      for event in completions.create { model = "m", messages = "hello", stream = true } do
        pieces[#pieces + 1] = event
      end
      return pieces
    end)
    assert.is_true(#told > 5)
  end)

  it("is replayed to where its reader stopped it", function()
    local told = expect_same({ events(RIGHT) }, reader(is_jas))
    assert.equal("cancelled", told.kind)
    assert.equal("Jas", told.seen[#told.seen].name)
  end)

  it("is replayed to where the loop over it was left", function()
    local function leave(completions)
      local stream, names = completions.create(streaming.ask()), {}
      for user in stream do
        names[#names + 1] = user.name or "?"
        if user.name == "Jas" then break end
      end
      stream:cancel() -- which the loop itself has done since Lua 5.4
      return names
    end
    local names = expect_same({ events(RIGHT) }, leave)
    assert.equal("Jas", names[#names])
  end)

  it("cannot be read farther than it was, and says so", function()
    local _, path = recorded({ events(RIGHT) }, reader(is_jas))
    local told = reader(never)(replaying(path))
    assert.equal("Jas", told.seen[#told.seen].name)
    assert.is_nil(told.value)
    assert.equal("replay", told.kind)
    assert.equal("POST /v1/chat/completions is read farther than it is recorded (line 1): "
      .. "the stream was stopped there", told.message)
  end)

  it("is replayed with an answer that was stopped early, and the next", function()
    local told, path = expect_same({ events '{"name":7,"age":30}', events(RIGHT) },
      reader(never, { max_retries = 1 }))
    assert.same({ 2, 1 }, { told.attempts, told.stopped })
    assert.equal(30, told.value.age)
    local late = reader(never, { max_retries = 1, early_stop = false })(replaying(path))
    assert.equal("replay", late.kind)
    assert.matches("%(line 1%): the answer was stopped there, for it could not fit any more$",
      late.message)
  end)

  it("is replayed with what broke it", function()
    local half = streaming.pieces("TOOLS", RIGHT)
    for _, loss in ipairs { false, { message = "silence", kind = "timeout" }, "no carrier" } do
      local function transport()
        local at = 0
        return { status = 200, body = function()
          at = at + 1
          if at > 3 then return nil, loss or nil end
          return half[at]
        end }
      end
      local told, path = recorded({}, reader(never), { transport = transport })
      assert.equal(loss and (loss.kind or "network") or "incomplete", told.kind)
      assert.is_true(#told.seen > 0)
      assert.same(told, reader(never)(replaying(path)))
    end
  end)

  it("by libcurl is replayed to where it was stopped", function()
    local s = server.start { streaming.answer(RIGHT, nil, { pause = 5 }) }
    local path = process.temp_path ".jsonl"
    local function stop(completions)
      local stream = completions.create(streaming.ask())
      stream:each(function(user) return user.name == nil or user.name == "" end)
      return stream:snapshot().name
    end
    local name = stop(streaming.client(s, nil, { record = path }))
    assert.is_truthy(name ~= "" and name:find(stop(replaying(path)), 1, true))
  end)

  it("is replayed in items", function()
    expect_same({ events('[{"name":"a","age":1},{"name":"b","age":2},{"name":"c","age":3}]') },
      function(completions)
        local stream, names = completions.create_iterable { model = "m", messages = "all of them",
          response_model = streaming.User }, {}
        stream:each(function(user)
          names[#names + 1] = user.name
          return #names < 2
        end)
        return names
      end)
  end)

  it("is replayed by jobs as by one", function()
    local _, path = recorded({ events(RIGHT), events(RIGHT) }, function(completions)
      return { reader(never)(completions), reader(never)(completions) }
    end)
    local completions = replaying(path)
    for _, told in Instructor.map({ 1, 2 }, function() return reader(never)(completions) end) do
      assert.equal(30, told.value.age)
    end
  end)

  it("is written down where it ends with the map that it was read in", function()
    local s = server.start { streaming.step({ streaming.pieces("TOOLS", RIGHT)[1] },
      { last = server.act.stall() }) }
    local path = process.temp_path ".jsonl"
    local completions, read = streaming.client(s, nil, { record = path }), false
    local next_item = Instructor.map({ 1, 2 }, { on_progress = function() error("left", 0) end },
      function(i)
        if i == 2 then
          repeat coroutine.yield() until read
          return i
        end
        local stream = completions.create(streaming.ask())
        assert(stream:next())
        read = true
        return stream:result()
      end)
    assert.same({ false, "left" }, { pcall(next_item) })
    local line = lines_of(path)[1]
    assert.equal("cancelled", line.failure.kind)
    assert.is_true(line.response.stream)
    s:stop()
  end)

  it("holds no secret, however many events it is spread over", function()
    local answer = ('{"name":"%s","age":30}'):format(KEY)
    for _, enough in ipairs { never, function(user) return user.name == KEY end } do
      local told, path = recorded({ events(answer) }, reader(enough))
      assert.equal(KEY, told.seen[#told.seen].name)
      for _, line in ipairs(lines_of(path)) do
        local said = ""
        for piece in (line.response and line.response.body or ""):gmatch '"arguments":"(.-)"[,}]' do
          said = said .. piece
        end
        assert.is_nil(said:find(KEY:sub(4), 1, true), said)
      end
    end
    local _, path = recorded({ events(answer, 100) }, reader(never))
    assert.equal("***", reader(never)(replaying(path)).value.name)
  end)

  it("holds no secret in ways that only those see who know how servers talk", function()
    local a, b, c = KEY:sub(1, 4), KEY:sub(5, 9), KEY:sub(10)
    local function delta(format, ...)
      return ('data: {"choices":[{"index":0,"delta":{' .. format .. "}}]}\n\n"):format(...)
    end
    local function content(text) return delta('"content":"%s"', text) end
    local function thought(text) return delta('"reasoning_content":"%s"', text) end
    local function call(text, index)
      return delta('"tool_calls":[{%s"function":{"arguments":"%s"}}]',
        index and '"index":0,"id":"c","type":"function",' or "", text)
    end
    local function dated(event)
      return (event:gsub("%]}\n", '],"created":1732900000000000001}\n'))
    end
    local function choice(i, text)
      return ('{"index":%d,"delta":{"content":"%s"}}'):format(i, text)
    end
    local function both(first, second)
      return ('data: {"choices":[%s,%s]}\n\n'):format(first, second)
    end
    local done = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
      .. "data: [DONE]\n\n"
    local ways = {
      ["beside numbers no double holds"] = dated(content(a)) .. dated(content(b)) .. content(c)
        .. done,
      ["in events of two lines"] = content(a):gsub(":%[", ":\ndata: [") .. content(b) .. content(c)
        .. done,
      ["in a call whose place is told once"] = call(a, true) .. call(b) .. call(c) .. done,
      ["in the second of two answers"] = both(choice(0, "x"), choice(1, a))
        .. both(choice(1, b), choice(0, "x")) .. both(choice(0, "x"), choice(1, c)) .. done,
      ["in a text that becomes parts"] = content(a)
        .. delta('"content":[{"type":"text","text":"%s"}]', b .. c) .. done,
      ["in thoughts"] = thought(a) .. thought(b .. c) .. content "x" .. done,
      ["and is cut off before its end"] = content(a) .. content(b) .. content(c:sub(1, -2)),
    }
    for how, events_text in pairs(ways) do
      local path = process.temp_path ".jsonl"
      local completions = streaming.client(NOWHERE, nil, { record = path, http_retries = 0,
        transport = function()
          local text = events_text
          return { status = 200, headers = { ["Content-Type"] = "text/event-stream" },
            body = function()
              local piece = text:sub(1, 40)
              text = text:sub(41)
              return piece ~= "" and piece or nil
            end }
        end }, { max_retries = 0 })
      local stream = completions.create { model = "m", messages = "x", stream = true }
      local _, value, err = pcall(stream.each, stream, function() end)
      assert(value ~= nil or err ~= nil, how)
      pcall(stream.result, stream)
      local line = lines_of(path)[1]
      assert.is_nil(line.response and line.response.stream, how)
      assert.is_nil(process.read(path):find(KEY, 1, true), how)
    end
  end)

  it("that is no stream of events stays one whole answer", function()
    local s = server.start { server.completion { tool = { "Response", RIGHT } } }
    local path = process.temp_path ".jsonl"
    local told = reader(never)(streaming.client(s, nil, { record = path }))
    assert.equal(30, told.value.age)
    assert.same(told, reader(never)(replaying(path)))
    assert.is_nil(lines_of(path)[1].response.stream)
  end)
end)

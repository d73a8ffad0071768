-- Streams in all surroundings: loops that are left, many at once, hosts, recordings, logs, and
-- calls that are passed through.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local asking = require "spec.support.asking"
local cjson = require "cjson"
local process = require "spec.support.process"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"

local ask, client_of, RIGHT = streaming.ask, streaming.client, streaming.RIGHT
local act = server.act

--- A server that shows the beginning of an answer and goes no further.
local function endless()
  return server.start { streaming.step(streaming.pieces("TOOLS", RIGHT:sub(1, 20)),
    { last = act.stall() }) }
end

local jit = rawget(_G, "jit")

--- Collects what nobody holds.  (What LuaJIT has compiled holds the functions it calls, and those
--- of a stream hold it.)
local function collect()
  if jit then jit.flush() end
  for _ = 1, 3 do collectgarbage() end
end

describe("leaving a stream", function()
  after_each(function() server.stop_all() end)

  local closes = tonumber(_VERSION:match "%d%.%d") >= 5.4

  it("by break ends the request " .. (closes and "at once" or "when it is collected"), function()
    local s = endless()
    local function leave()
      for user in client_of(s).create(ask()) do
        if user.name then break end
      end
    end
    leave()
    if not closes then collect() end
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("by an error in the loop ends it too", function()
    local s = endless()
    assert.has_error(function()
      for _ in client_of(s).create(ask()) do error "enough" end
    end)
    collect()
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("by cancel ends it, and says so from then on", function()
    local s = endless()
    local stream = client_of(s).create(ask())
    repeat local user = stream:next() until user.name
    stream:cancel()
    stream:cancel()
    assert.equal("gone", s:await_end(1).ended)
    local user, err = stream:result()
    assert.is_nil(user)
    assert.equal("cancelled", err.kind)
    assert.equal("cancelled", (select(2, pcall(stream))).kind)
  end)

  it("by forgetting it ends it when it is collected", function()
    local s = endless()
    local stream = client_of(s).create(ask())
    repeat local user = stream:next() until user.name
    stream = nil -- luacheck: ignore
    collect()
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("before it was read asks nothing", function()
    local s = endless()
    client_of(s).create(ask()):cancel()
    assert.equal(0, #s:requests())
  end)

  it("leaves the client fit for the next call", function()
    local s = server.start { streaming.step(streaming.pieces("TOOLS", RIGHT:sub(1, 20)),
      { last = act.stall() }), streaming.answer(RIGHT) }
    local completions = client_of(s)
    local first = completions.create(ask())
    first:next()
    first:cancel()
    assert.equal(30, (completions.create(ask()):result()).age)
  end)
end)

describe("Ctrl-C", function()
  after_each(function() server.stop_all() end)

  it("ends a script that waits for the next piece", function()
    local s = endless()
    local script = asking.script [[
      local streaming = require "spec.support.streaming"
      for user in streaming.client(arg[1]).create(streaming.ask()) do
        print(user.name or "")
        io.stdout:flush()
      end
      os.exit(7)
    ]]
    local child = process.start({ asking.interpreter(), script, s.url }, { limit = 30 })
    process.await(function() return #s:requests() == 1 end, 10)
    child:signal "INT"
    local result = child:wait()
    assert.not_equal(7, result.status)
    assert.truthy(result.stderr:find("interrupted", 1, true))
    assert.equal("gone", s:await_end(1).ended)
  end)
end)

describe("many streams at once", function()
  after_each(function() server.stop_all() end)

  --- Lets the other jobs go on for a moment.
  local function read_something_else()
    client_of("http://127.0.0.1:1/v1", nil, { http_retries = 0 }).create { model = "m",
      messages = "x" }
  end

  it("run in the jobs of map, each with a table of its own", function()
    local list, steps = {}, {}
    for i = 1, 20 do
      list[i] = i
      steps[i] = streaming.answer(RIGHT, nil, { pause = 2 })
    end
    local s = server.start(steps)
    local completions = client_of(s)
    local parts, most, running = 0, 0, 0
    for i, user in Instructor.map(list, { concurrency = 20 }, function()
      local last
      running = running + 1
      most = math.max(most, running)
      local stream = completions.create(ask())
      stream:each(function(user) last, parts = user, parts + 1 end)
      running = running - 1
      assert(last.age == 30)
      return stream:result()
    end) do
      assert.equal(30, user.age)
      list[i] = nil
    end
    assert.same({}, list)
    assert.equal(20, most)
    assert.is_true(parts > 20)
  end)

  it("are looped over in jobs, where this Lua can wait in a loop", function()
    local s = server.start { streaming.answer(RIGHT, nil, { pause = 2 }) }
    local _, user, err = Instructor.map({ 1 }, {}, function()
      local last
      for user in client_of(s).create(ask()) do last = user end
      return { name = last.name }
    end)()
    if _VERSION == "Lua 5.1" and not jit then
      assert.truthy(tostring(err):find("each(fn)", 1, true))
    else
      assert.equal("Jason Liu", user.name)
    end
  end)

  it("are read in turn by one who holds them all", function()
    local s = server.start { streaming.answer(RIGHT), streaming.answer(RIGHT) }
    local completions = client_of(s)
    local a, b = completions.create(ask()), completions.create(ask())
    local one, other = a:next(), b:next()
    assert.not_equal(one, other)
    assert.equal(30, (b:result()).age)
    assert.equal(30, (a:result()).age)
  end)

  --- A stream that is shown as far as its name and no further, and what reads it in a job.
  local function waiting()
    local stream = client_of(endless(), nil, { http_retries = 0 }).create(ask { deadline = 20 })
    return stream, function()
      local value, told
      repeat value, told = stream:next() until value == nil
      return "ended", told
    end
  end

  it("end for the job that waits for one when another job cancels it", function()
    local stream, read = waiting()
    local outcomes = Instructor.run(read, function()
      while (stream:snapshot() or {}).name == nil do read_something_else() end
      stream:cancel()
      return "cancelled", (select(2, stream:result()))
    end)
    assert.same({ "ended", "cancelled" }, { outcomes[1].value, outcomes[1].err.kind })
    assert.equal(outcomes[1].err, outcomes[2].err)
  end)

  it("end for the job that waits for one when it is cancelled outside", function()
    local stream, read = waiting()
    local results = {}
    for i, value, err in Instructor.map({ 1, 2 }, { ordered = false }, function(i)
      if i == 1 then return read() end
      while (stream:snapshot() or {}).name == nil do read_something_else() end
      return "seen"
    end) do
      results[i] = { value, err and err.kind }
      stream:cancel()
    end
    assert.same({ { "ended", "cancelled" }, { "seen" } }, results)
  end)

  it("are read by one job at a time", function()
    local s = server.start { streaming.answer(RIGHT, nil, { pause = 5 }) }
    local stream = client_of(s).create(ask())
    local outcomes = Instructor.run(function() return stream:result() end,
      function() return stream:result() end)
    assert.equal(30, outcomes[1].value.age)
    assert.truthy(tostring(outcomes[2].err):find("being read by another coroutine", 1, true))
  end)

  it("may be read on by another once a reader has caught what it raised", function()
    if _VERSION == "Lua 5.1" and not jit then
      return pending "this Lua cannot wait inside a pcall"
    end
    local Picky = streaming.User:refine(function() error "not mine" end)
    local stream = streaming.open(RIGHT, { response_model = Picky })
    assert.is_false(pcall(stream.result, stream))
    local _, message = coroutine.wrap(function() return pcall(stream.result, stream) end)()
    assert.is_nil(tostring(message):find("being read by another coroutine", 1, true))
  end)

  it("may be read on by another once a reader has raised", function()
    local Picky = streaming.User:refine(function() error "not mine" end)
    local stream = streaming.open(RIGHT, { response_model = Picky })
    local reader = coroutine.wrap(function() return stream:result() end)
    assert.is_false((pcall(reader)))
    stream:cancel()
    assert.equal("cancelled", (select(2, stream:result())).kind)
  end)

  it("end with the loop over map that is left", function()
    local s = server.start { streaming.answer(RIGHT), streaming.step(
      streaming.pieces("TOOLS", RIGHT:sub(1, 20)), { last = act.stall() }) }
    local completions = client_of(s)
    local function leave()
      for _, user in Instructor.map({ 1, 2 }, { concurrency = 2, ordered = false }, function()
        return completions.create(ask()):result()
      end) do
        if user then break end
      end
    end
    leave()
    collect()
    assert.truthy(s:await_end(2))
  end)
end)

describe("a stream through a function", function()
  it("is shown piece by piece, and the function's close is called where it is left", function()
    local asked, closed, parts = 0, 0, streaming.pieces("TOOLS", RIGHT, 1)
    local function transport()
      return { status = 200, close = function() closed = closed + 1 end, body = function()
        asked = asked + 1
        return parts[asked]
      end }
    end
    local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = transport }).create(ask())
    repeat local user = stream:next() until user.name == "Ja"
    assert.equal(#'{"name":"Ja', asked)
    stream:cancel()
    assert.equal(1, closed)
  end)

  it("ends for who waits inside the function when another coroutine cancels it", function()
    local closed, outcome = 0, nil
    local function transport()
      return { status = 200, close = function() closed = closed + 1 end,
        body = function()
          coroutine.yield()
          return streaming.chunk(streaming.deltas.TOOLS('{"name":"J', true))
        end }
    end
    local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = transport }).create(ask())
    local reader = coroutine.create(function() outcome = { stream:result() } end)
    assert(coroutine.resume(reader))
    stream:cancel()
    assert.equal(1, closed)
    assert.equal("cancelled", (select(2, stream:result())).kind)
    assert(coroutine.resume(reader))
    assert.equal("dead", coroutine.status(reader))
    assert.equal("cancelled", outcome[2].kind)
  end)

  it("lets go what the function returns after it was cancelled", function()
    local closed = 0
    local function transport()
      coroutine.yield()
      return { status = 200, close = function() closed = closed + 1 end,
        body = function() error "nobody wants it" end }
    end
    local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = transport }).create(ask())
    local reader = coroutine.create(function() return stream:result() end)
    assert(coroutine.resume(reader))
    stream:cancel()
    assert.equal(0, closed)
    local well, user, err = coroutine.resume(reader)
    assert.same({ true, nil, "cancelled" }, { well, user, err.kind })
    assert.equal(1, closed)
  end)

  it("takes a whole body of events as well", function()
    local body = table.concat(streaming.events("TOOLS", RIGHT))
    local transport = function() return { status = 200, body = body } end
    local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = transport }).create(ask())
    assert.equal(30, (stream:result()).age)
  end)

  it("tells what the function lost", function()
    local parts = streaming.pieces("TOOLS", RIGHT:sub(1, 12))
    local function transport()
      return { status = 200, body = function()
        if parts[1] then return table.remove(parts, 1) end
        return nil, "the pipe broke"
      end }
    end
    local stream = client_of("http://127.0.0.1:1/v1", nil,
      { transport = transport, http_retries = 0 }).create(ask())
    local _, err = stream:result()
    assert.equal("network", err.kind)
    assert.truthy(err.attempts[1].text)
  end)

  it("of a client that was wrapped is asked for whole", function()
    local seen
    local theirs = { chat = { completions = { create = function(params)
      seen = params
      return server.completion_body { tool = { "Response", RIGHT } }
    end } } }
    local stream = Instructor { client = theirs, mode = "TOOLS" }.chat.completions.create(ask())
    assert.equal(30, (stream:result()).age)
    assert.is_nil(seen.stream)
    assert.is_nil(seen.stream_options)
  end)
end)

describe("a stream that is watched", function()
  after_each(function() server.stop_all() end)

  it("is recorded, and replayed without a network", function()
    local path = process.temp_path()
    local s = server.start { streaming.answer(RIGHT) }
    assert.equal(30, (client_of(s, nil, { record = path }).create(ask()):result()).age)
    s:stop()
    local stream = client_of("http://127.0.0.1:1/v1", nil, { replay = path }).create(ask())
    local last
    for user in stream do last = user end
    assert.equal(30, last.age)
    local user, meta = stream:result()
    assert.same({ name = "Jason Liu", age = 30 }, user)
    assert.equal(21, meta.usage.total_tokens)
    os.remove(path)
  end)

  it("is recorded where it was cut off, and ends so again", function()
    local path = process.temp_path()
    local s = server.start { streaming.step(streaming.pieces("TOOLS", RIGHT)) }
    local _, err = client_of(s, nil, { record = path, http_retries = 0 }).create(ask()):result()
    assert.equal("incomplete", err.kind)
    s:stop()
    local _, again = client_of("http://127.0.0.1:1/v1", nil, { replay = path, http_retries = 0 })
      .create(ask()):result()
    assert.equal("incomplete", again.kind)
    assert.equal("cut_off", again.reason)
    os.remove(path)
  end)

  it("is logged like any call", function()
    local lines = {}
    local s = server.start { streaming.answer(RIGHT) }
    client_of(s, nil, { logger = function(level, message, fields)
      lines[#lines + 1] = level .. " " .. message
      assert.is_nil(fields.body)
    end }).create(ask()):result()
    assert.same({ "debug request", "debug answer", "info done" }, lines)
  end)
end)

describe("a call that is passed through as a stream", function()
  after_each(function() server.stop_all() end)

  local params = { model = "m", messages = "Tell me", stream = true }

  local function text_events(texts)
    local parts = { streaming.chunk { role = "assistant", content = "" } }
    for _, text in ipairs(texts) do parts[#parts + 1] = streaming.chunk { content = text } end
    parts[#parts + 1] = streaming.chunk({}, "stop") .. streaming.DONE
    return streaming.step(parts)
  end

  it("hands out the provider's events, and the completion at the end", function()
    local s = server.start { text_events { "Once ", "upon" } }
    local client = OpenAI { base_url = s.url, api_key = streaming.KEY }
    local stream = client.chat.completions.create(params)
    local texts = {}
    for event in stream do
      assert.equal("chat.completion.chunk", event.object)
      texts[#texts + 1] = event.choices[1].delta.content
    end
    assert.same({ "", "Once ", "upon" }, texts)
    local completion, meta = stream:result()
    assert.equal("Once upon", completion.choices[1].message.content)
    assert.equal("stop", meta.finish_reason)
    local body = cjson.decode(s:requests()[1].body)
    assert.is_true(body.stream)
    assert.is_nil(body.stream_options)
  end)

  it("hands out its text alone with texts", function()
    local s = server.start { text_events { "Once ", "upon" } }
    local texts = {}
    for text in client_of(s).create(params):texts() do texts[#texts + 1] = text end
    assert.same({ "Once ", "upon" }, texts)
  end)

  it("hands out the text of the first answer alone where several were asked for", function()
    local function piece(index, text, finish)
      return streaming.event { choices = { { index = index, delta = { content = text },
        finish_reason = finish } } }
    end
    local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = streaming.transport {
      piece(0, "Once "), piece(1, "Twice "), piece(1, "down"), piece(0, "upon", "stop"),
      piece(1, "", "stop"), streaming.DONE } })
      .create { model = "m", messages = "Tell me", stream = true, n = 2 }
    local texts = {}
    for text in stream:texts() do texts[#texts + 1] = text end
    assert.same({ "Once ", "upon" }, texts)
    assert.equal("Twice down", stream:result().choices[2].message.content)
  end)

  it("of an answer that came whole hands it out at once", function()
    local s = server.start { server.completion { content = "Once" },
      server.completion { content = "Once" } }
    local texts = {}
    for text in client_of(s).create(params):texts() do texts[#texts + 1] = text end
    assert.same({ "Once" }, texts)
    local completion = client_of(s).create(params):next()
    assert.equal("Once", completion.choices[1].message.content)
  end)

  it("is not asked again once an event was handed out", function()
    local s = server.start { streaming.step { streaming.chunk { content = "Once" } },
      text_events { "Once" } }
    local stream = client_of(s, nil, { http_retries = 2 }).create(params)
    local well, raised = pcall(function() for _ in stream:texts() do end end) -- luacheck: ignore
    assert.is_false(well)
    assert.equal("incomplete", raised.kind)
    assert.equal("Once", raised.attempts[1].text)
    assert.equal(1, #s:requests())
  end)

  it("raises in the loop where it fails", function()
    local s = server.start { server.error(404, "no such model") }
    local well, raised = pcall(function()
      for _ in client_of(s).create(params):texts() do error "nothing came" end
    end)
    assert.is_false(well)
    assert.equal("http", raised.kind)
  end)
end)

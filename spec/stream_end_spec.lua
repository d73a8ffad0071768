-- How streams end: rightly, cut off, in an error, in an answer that is asked for again.

local asking = require "spec.support.asking"
local cjson = require "cjson"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"
local z = require "instructor.z"

local ask, client_of, RIGHT = streaming.ask, streaming.client, streaming.RIGHT
local act = server.act

--- What comes of a stream that these steps serve, and what it handed out before.
local function outcome_of(steps, extra, options, mode)
  local s = server.start(steps)
  local all = { http_retries = 0 }
  for name, value in pairs(options or {}) do all[name] = value end
  local seen, value, told = streaming.read(client_of(s, mode, all).create(ask(extra)))
  return { seen = seen, value = value, told = told, server = s }
end

describe("a stream that breaks", function()
  after_each(function() server.stop_all() end)

  local half = streaming.pieces("TOOLS", RIGHT:sub(1, 20))

  it("is incomplete where it ends before the answer does, and never a success", function()
    for _, parts in ipairs {
      half,
      streaming.pieces("TOOLS", RIGHT), -- all is there, but nobody has said so
      { half[1], half[2] .. 'data: {"choices":[{"in' }, -- in the middle of an event
    } do
      local got = outcome_of { streaming.step(parts) }
      assert.is_nil(got.value)
      assert.equal("incomplete", got.told.kind)
      assert.equal("cut_off", got.told.reason)
      assert.is_true(got.told.retryable)
      assert.equal('{"name', got.told.attempts[1].text:sub(1, 6))
      assert.is_nil(asking.flaw(got.told))
    end
  end)

  it("is incomplete where nothing comes but comments or the cost, and no answer at all if less",
    function()
      for _, part in ipairs { ": waiting\n\n", streaming.USAGE, "data:\n\n", "event: ping\n\n" } do
        local got = outcome_of { streaming.step { part } }
        assert.is_nil(got.value)
        assert.same({ "incomplete", "cut_off" }, { got.told.kind, got.told.reason })
      end
      for _, part in ipairs { "", "\n\n" } do
        local got = outcome_of { streaming.step { part } }
        assert.is_nil(got.value)
        assert.equal("protocol", got.told.kind)
      end
    end)

  it("is asked for again, with a new table, where that is allowed", function()
    local s = server.start { streaming.step(half, { pause = 5 }), streaming.answer(RIGHT) }
    local stream = client_of(s, nil, { http_retries = 1 }).create(ask())
    local tables, attempts = {}, {}
    for user, meta in stream do
      if tables[#tables] ~= user then tables[#tables + 1] = user end
      attempts[meta.attempt] = user
    end
    assert.equal(2, #tables)
    assert.equal(attempts[1], tables[1])
    assert.equal(attempts[2], tables[2])
    assert.equal(30, tables[2].age)
    assert.is_nil(tables[1].age)
    local requests = s:requests()
    assert.equal(requests[1].body, requests[2].body)
    local _, meta = stream:result()
    assert.same({ "incomplete" }, { meta.attempts[1].kind })
    assert.is_false(meta.attempts[2].reask)
  end)

  it("is asked for again as well before any part was shown", function()
    local got = outcome_of({ server.retry_after(503, 0), streaming.answer(RIGHT) }, nil,
      { http_retries = 1 })
    assert.equal(30, got.value.age)
    assert.equal(2, #got.told.attempts)
  end)

  it("tells of an error that stands in an event", function()
    for _, fault in ipairs {
      streaming.event { error = { message = "overloaded", type = "server_error" } },
      'event: error\ndata: {"message":"overloaded","type":"server_error"}\n\n',
      'error: {"message":"overloaded","type":"server_error"}\n\n',
      streaming.event { object = "error", message = "overloaded", type = "server_error" },
      streaming.chunk({ content = "" }, "error",
        { error = { message = "overloaded", type = "server_error" } }),
      streaming.chunk(cjson.empty_array, nil, { x_groq = { error = "overloaded" } }),
    } do
      local got = outcome_of { streaming.step { half[1], half[2], fault } }
      assert.is_nil(got.value)
      assert.equal("protocol", got.told.kind)
      assert.equal("overloaded", got.told.said)
      assert.truthy(got.told.attempts[1].text)
      assert.is_nil(asking.flaw(got.told))
    end
  end)

  it("takes an error that says nothing for none", function()
    for _, nothing in ipairs { cjson.null, "", false, cjson.empty_array, { _ = nil } } do
      local parts = streaming.pieces("TOOLS", RIGHT)
      parts[1] = streaming.chunk(streaming.deltas.TOOLS(RIGHT:sub(1, 3), true), nil,
        { error = nothing })
      parts[#parts + 1] = streaming.chunk({}, "stop") .. streaming.DONE
      local got = outcome_of { streaming.step(parts) }
      assert.equal(30, got.value and got.value.age, tostring(got.told))
    end
  end)

  it("tells of an event that is no JSON, after what came with it was shown", function()
    local got = outcome_of({ streaming.step({ table.concat(half) .. "data: {oops}\n\n" },
      { last = act.stall() }) }, nil, { timeout = { idle = 30 } })
    assert.is_nil(got.value)
    assert.equal("protocol", got.told.kind)
    assert.truthy(got.told.message:find("oops", 1, true))
    assert.equal("Jason Liu", got.seen[#got.seen].name)
    assert.truthy(got.told.attempts[1].text)
  end)

  it("does not wait for a server that told of an error and keeps the connection", function()
    local fault = streaming.event { error = { message = "overloaded", code = 503 } }
    local got = outcome_of({ streaming.step({ half[1], fault }, { last = act.stall() }),
      streaming.answer(RIGHT) }, nil, { http_retries = 1, timeout = { idle = 30 } })
    assert.equal(30, got.value.age)
    assert.equal("gone", got.server:await_end(1).ended)
  end)

  it("does not wait for a server that keeps the connection after [DONE]", function()
    local parts = streaming.events("TOOLS", RIGHT)
    local got = outcome_of({ streaming.step(parts, { last = act.stall() }) }, { deadline = 20 },
      { timeout = { idle = 30 } })
    assert.equal(30, got.value and got.value.age, tostring(got.told))
    assert.equal("gone", got.server:await_end(1).ended)
  end)

  it("does not care what becomes of the connection after [DONE]", function()
    local whole = table.concat(streaming.events("TOOLS", RIGHT))
    local chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      .. ("%x\r\n%s\r\n"):format(#whole, whole)
    for _, step in ipairs {
      streaming.step({ whole }, { last = act.reset() }),
      server.raw(chunked, act.close()), -- its last chunk is missing
      server.raw(chunked .. "oops\r\n", act.close()),
      server.raw("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" .. whole, act.close()),
    } do
      local got = outcome_of { step }
      assert.equal(30, got.value and got.value.age, tostring(got.told))
      assert.equal(21, got.told.usage.total_tokens)
    end
  end)

  it("is an error where the connection breaks before [DONE], all of the answer there or not",
    function()
      local got = outcome_of { streaming.step({ table.concat(streaming.pieces("TOOLS", RIGHT)),
        streaming.chunk({}, "stop") }, { last = act.reset() }) }
      assert.is_nil(got.value)
      assert.equal("network", got.told.kind)
    end)

  it("keeps the connection of a stream that ended well", function()
    local body = table.concat(streaming.events("TOOLS", RIGHT))
    local step = server.answer { headers = { ["Content-Type"] = "text/event-stream" },
      chunked = 40, body = body }
    local s = server.start { step, step }
    local client = client_of(s)
    for _ = 1, 2 do assert.equal(30, (client.create(ask()):result()).age) end
    assert.equal(1, s:connections())
  end)

  it("runs into the idle timeout where the server falls silent", function()
    local got = outcome_of({ streaming.step(half, { last = act.stall() }) }, nil,
      { timeout = { idle = 0.1 } })
    assert.equal("timeout", got.told.kind)
    assert.truthy(got.told.attempts[1].text)
    assert.equal("Jason Liu", got.seen[#got.seen].name)
  end)

  it("does not run into it while events keep coming", function()
    local got = outcome_of({ streaming.step(streaming.events("TOOLS", RIGHT), { pause = 30 }) },
      nil, { timeout = { idle = 5 } })
    assert.equal(30, got.value.age)
  end)

  it("ends at the deadline of the whole call", function()
    local got = outcome_of({ streaming.step(half, { last = act.stall() }) }, { deadline = 0.1 })
    assert.equal("timeout", got.told.kind)
  end)

  it("ends where more calls or answers come in it than anybody asks for", function()
    local function outcome(count, part_of)
      local parts = {}
      for i = 1, count do parts[i] = part_of(i) end
      local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = streaming.transport {
        table.concat(parts) .. streaming.DONE } }).create(ask())
      return (select(2, stream:result()))
    end
    for _, part_of in ipairs {
      function(i) return streaming.chunk { tool_calls = { { index = i } } } end,
      function(i) return streaming.chunk { tool_calls = { { id = "call_" .. i } } } end,
      function(i) return streaming.event { choices = { { index = i } } } end,
    } do
      assert.equal("no_answer", outcome(1000, part_of).kind)
      local err = outcome(1025, part_of)
      assert.equal("limit", err.kind)
      assert.truthy(err.message:find("1024", 1, true))
      assert.is_false(err.retryable)
    end
  end)

  it("keeps of what its events say beside the answer no more than a completion has", function()
    local extra = {}
    for i = 1, 2000 do extra[("x%04d"):format(i)] = i end
    local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = streaming.transport {
      streaming.chunk(streaming.deltas.TOOLS(RIGHT, true), "stop", { system_fingerprint = "fp" }),
      streaming.event(extra), streaming.DONE } }).create(ask())
    local user, meta = stream:result()
    assert.equal(30, user.age)
    local count = 0
    for _ in pairs(meta.completion) do count = count + 1 end
    assert.is_true(count < 100)
    assert.equal("fp", meta.completion.system_fingerprint)
  end)

  it("ends where an answer passes the limit", function()
    local long = '{"name":"' .. ("x"):rep(5000) .. '","age":1}'
    local got = outcome_of({ streaming.answer(long, nil, { size = 500 }) }, nil,
      { max_answer = 2000 })
    assert.is_nil(got.value)
    assert.equal("limit", got.told.kind)
  end)
end)

describe("an answer that is no stream", function()
  after_each(function() server.stop_all() end)

  it("is taken as it is, and handed out once", function()
    local got = outcome_of { server.completion { tool = { "Response", RIGHT } } }
    assert.equal(30, got.value.age)
    local s = server.start { server.completion { tool = { "Response", RIGHT } } }
    local parts = {}
    for user in client_of(s).create(ask()) do parts[#parts + 1] = user end
    assert.same({ { name = "Jason Liu", age = 30 } }, parts)
  end)

  it("is an error where it says so, with the kind of any other", function()
    local got = outcome_of { server.error(401, "wrong key") }
    assert.same({ "http", 401 }, { got.told.kind, got.told.status })
    got = outcome_of { server.json(200, { error = { message = "no", code = 400 } }) }
    assert.same({ "protocol", "no" }, { got.told.kind, got.told.said })
    got = outcome_of { server.answer { body = "<html>hello</html>" } }
    assert.equal("protocol", got.told.kind)
  end)

  it("counts its items too", function()
    local s = server.start { server.completion { tool = { "Response",
      '{"value":[{"name":"A","age":1},{"name":"B","age":2}]}' } } }
    local names = {}
    local stream = client_of(s).create_iterable(ask())
    for user, meta in stream do names[meta.index] = user.name end
    assert.same({ "A", "B" }, names)
    assert.equal(2, #(stream:result()))
  end)
end)

describe("a streamed answer that is no answer", function()
  after_each(function() server.stop_all() end)

  it("ends in the kind that its finish reason says", function()
    for reason, kind in pairs { length = "incomplete", content_filter = "content_filter" } do
      local got = outcome_of { streaming.step(
        streaming.events("TOOLS", RIGHT:sub(1, 18), 3, reason)) }
      assert.equal(kind, got.told.kind)
      assert.equal(21, got.told.usage.total_tokens)
      assert.equal(1, #got.server:requests())
      assert.is_true(#got.seen > 0)
    end
  end)

  it("is a refusal where the model refused", function()
    local got = outcome_of({ streaming.step { streaming.chunk { refusal = "I can" },
      streaming.chunk { refusal = "not." }, streaming.chunk({}, "stop"), streaming.DONE } },
      { max_retries = 2 }, nil, "JSON_SCHEMA")
    assert.equal("refusal", got.told.kind)
    assert.equal("I cannot.", got.told.refusal)
    assert.equal(1, #got.server:requests())
  end)

  it("is none where it says nothing, and is asked for again", function()
    local empty = streaming.step { streaming.chunk({}, "stop"), streaming.DONE }
    local got = outcome_of { empty }
    assert.equal("no_answer", got.told.kind)
    got = outcome_of({ empty, streaming.answer(RIGHT) }, { max_retries = 1 })
    assert.equal(30, got.value.age)
  end)

  it("is broken JSON where it is, and its parts stand still there", function()
    local got = outcome_of({ streaming.answer('{"name":"Jason", oops: 30}') }, { repair = false })
    assert.is_nil(got.value)
    assert.equal("json", got.told.kind)
    assert.same({ name = "Jason" }, got.seen[#got.seen])
  end)
end)

describe("an answer that does not fit", function()
  after_each(function() server.stop_all() end)

  local Short = z.object { { "name", z.string():max(5) }, { "age", z.number() },
    { "note", z.string() } }
  local LONG = '{"name":"Jason Liu","age":30,"note":"' .. ("z"):rep(200) .. '"}'
  local FITS = '{"name":"Jason","age":30,"note":"-"}'

  it("is given up as soon as that is certain, and asked for again", function()
    -- Nothing follows what is wrong: who waited for the rest would wait for ever.
    local parts = streaming.pieces("TOOLS", LONG:sub(1, 40))
    local s = server.start { streaming.step(parts, { last = act.stall() }),
      streaming.answer(FITS) }
    local stream = client_of(s).create(ask { response_model = Short, max_retries = 1 })
    local user, meta = stream:result()
    assert.equal("Jason", user.name)
    assert.equal("gone", s:await_end(1).ended)
    assert.equal(1, meta.stopped)
    assert.is_true(meta.attempts[1].stopped)
    assert.is_nil(meta.attempts[2].stopped)
    assert.equal("validation", meta.attempts[1].kind)
    assert.same({ "name" }, meta.attempts[1].issues[1].path)
    assert.equal(LONG:sub(1, 19), meta.attempts[1].text:sub(1, 19))
    assert.is_true(meta.attempts[2].reask)
    local asked = s:requests()[2]:json()
    assert.equal("user", asked.messages[#asked.messages].role)
    for _, message in ipairs(asked.messages) do assert.is_nil(message.tool_calls) end
    assert.truthy(asked.messages[#asked.messages].content:find("name", 1, true))
    assert.not_equal(s:requests()[1].body, s:requests()[2].body)
  end)

  it("is told where it is wrong in the words of the answer, stopped early or not", function()
    local asked = {}
    for i, early_stop in ipairs { true, false } do
      local s = server.start { streaming.answer('{"value":[1,"x",3]}', nil, { pause = 5 }),
        streaming.answer '{"value":[1]}' }
      local value, meta = client_of(s).create(ask { response_model = z.array(z.number()),
        max_retries = 1, early_stop = early_stop }):result()
      assert.same({ 1 }, value)
      assert.same({ 2 }, meta.attempts[1].issues[1].path)
      local messages = s:requests()[2]:json().messages
      asked[i] = messages[#messages].content:match "value%[1%][^\n]*"
      assert.truthy(asked[i])
    end
    assert.equal(asked[1], asked[2])
  end)

  it("is judged as a whole where all of it has come at once", function()
    local body = table.concat(streaming.events("TOOLS", LONG))
    local good = table.concat(streaming.events("TOOLS", FITS))
    local answers = { body, good }
    local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = function()
      return { status = 200, body = table.remove(answers, 1) }
    end }).create(ask { response_model = Short, max_retries = 1 })
    local user, meta = stream:result()
    assert.equal("Jason", user and user.name or tostring(meta))
    assert.is_nil(meta.stopped)
    assert.equal(LONG, meta.attempts[1].text)
    assert.equal(42, meta.usage.total_tokens)
  end)

  it("ends the call where it may not be asked for again", function()
    local got = outcome_of({ streaming.step(streaming.pieces("TOOLS", LONG:sub(1, 40)),
      { last = act.stall() }) }, { response_model = Short })
    assert.equal("validation", got.told.kind)
    assert.same({ "name" }, got.told.issues[1].path)
    assert.equal(1, got.told.stopped)
    assert.is_nil(asking.flaw(got.told))
  end)

  it("is read to its end with early_stop = false", function()
    local got = outcome_of({ streaming.answer(LONG), streaming.answer(FITS) },
      { response_model = Short, max_retries = 1, early_stop = false })
    assert.equal("Jason", got.value.name)
    assert.is_nil(got.told.stopped)
    assert.equal(LONG, got.told.attempts[1].text)
    assert.equal(21, got.told.attempts[1].usage.total_tokens)
    assert.equal(42, got.told.usage.total_tokens)
  end)

  it("is stopped in the modes that hold the model to JSON, and in no other", function()
    for _, mode in ipairs(streaming.modes) do
      local text = mode:find "MD" and "```json\n" .. LONG .. "\n```" or LONG
      local _, err = streaming.open(text, { response_model = Short }, { mode = mode, size = 4 })
        :result()
      assert.equal("validation", err.kind)
      local stops = not mode:find "MD"
      assert.equal(stops and 1 or nil, err.stopped, mode)
      assert.equal(stops, #err.attempts[1].text < 30)
    end
  end)

  it("is read to its end where a model may still say something else", function()
    local text = "```json\n" .. LONG .. "\n```"
    local got = outcome_of({ streaming.answer(text, "MD_JSON") }, { response_model = Short }, nil,
      "MD_JSON")
    assert.equal("validation", got.told.kind)
    assert.is_nil(got.told.stopped)
  end)

  it("is stopped by each kind of part that is complete", function()
    for what, case in pairs {
      ["a number"] = { z.object { { "n", z.number():max(5) }, { "rest", z.string() } },
        '{"n":17,"re', "n" },
      ["an item"] = { z.object { { "list", z.array(z.number()) } }, '{"list":[1,"x",', "list.2" },
      ["a word"] = { z.object { { "e", z.enum { "a", "b" } }, { "r", z.string() } }, '{"e":"c",',
        "e" },
      ["a closed object"] = { z.object { { "in", streaming.User }, { "r", z.string() } },
        '{"in":{"name":"A"},', "in.age" },
    } do
      local s = server.start { streaming.step(streaming.pieces("TOOLS", case[2]),
        { last = act.stall() }) }
      local _, err = client_of(s).create(ask { response_model = case[1] }):result()
      assert.equal("validation", err.kind, what)
      assert.equal(case[3], table.concat(err.issues[1].path, "."))
    end
  end)

  it("is not stopped by what may still come right", function()
    local Lax = z.object { { "a", z.number():catch(0) }, { "b", z.number():optional() },
      { "c", z.string():transform(function(s) return #s end) },
      { "d", z.union { z.string():max(2), z.number() } } }
    local value, meta = streaming.open('{"a":"x","c":"four","d":5}', { response_model = Lax })
      :result()
    assert.same({ a = 0, c = 4, d = 5 }, value, tostring(meta))
    local Strict = z.object { { "n", z.number():optional() }, { "rest", z.string() } }
    value, meta = streaming.open('{"n":null,"rest":"x"}', { response_model = Strict },
      { mode = "JSON_SCHEMA" }):result() -- where an optional field is asked for as nullable
    assert.same({ rest = "x" }, value, tostring(meta))
  end)

  it("is not stopped by what may be coerced, nor in a text that needs repair", function()
    local text = '{"age":"30","name":"Jason Liu"}'
    local value, meta = streaming.open(text, { repair = "coerce" }):result()
    assert.same({ name = "Jason Liu", age = 30 }, value, tostring(meta))
    assert.equal("number_from_string", meta.repairs[1].what)
    local _, err = streaming.open(text):result()
    assert.equal(1, err.stopped)
    value, meta = streaming.open('{"name":"Jason Liu",age:30}'):result()
    assert.same({ name = "Jason Liu", age = 30 }, value, tostring(meta))
  end)

  it("is not stopped by what a member that comes again, or the end, may put right", function()
    local text = '{"n":"x","rest":"' .. ("z"):rep(50) .. '","n":1}'
    local S = z.object { { "n", z.number() }, { "rest", z.string() } }
    local value, err = streaming.open(text, { response_model = S, early_stop = false }):result()
    assert.same({ n = 1, rest = ("z"):rep(50) }, value, tostring(err))
    local Even = z.object { { "n", z.number():refine(function(n) return n % 2 == 0 end) },
      { "rest", z.string() } }
    value, err = streaming.open('{"n":3,"rest":"all of it"}', { response_model = Even }):result()
    assert.is_nil(value)
    assert.is_nil(err.stopped)
    assert.equal('{"n":3,"rest":"all of it"}', err.attempts[1].text)
  end)

  it("is asked for again after its end, with a table of its own for each attempt", function()
    local Even = z.object { { "n", z.number():refine(function(n) return n % 2 == 0 end,
      { message = "even numbers only" }) } }
    local s = server.start { streaming.answer '{"n":3}', streaming.answer '{"n":4}' }
    local stream = client_of(s).create(ask { response_model = Even, max_retries = 1 })
    local tables = {}
    for part, meta in stream do tables[meta.attempt] = part end
    assert.same({ { n = 3 }, { n = 4 } }, tables)
    local value, meta = stream:result()
    assert.equal(4, value.n)
    assert.is_nil(meta.stopped)
    local messages = s:requests()[2]:json().messages
    assert.equal("tool", messages[#messages].role)
    assert.truthy(messages[#messages].content:find("even numbers only", 1, true))
  end)

  it("fails when no re-ask is left, with every attempt in the account", function()
    local got = outcome_of({ streaming.answer '{"name":1,"age":2}',
      streaming.answer '{"name":1,"age":2}' }, { max_retries = 1, early_stop = false })
    assert.equal("validation", got.told.kind)
    assert.equal(2, #got.told.attempts)
    assert.equal(42, got.told.usage.total_tokens)
  end)

  it("keeps what the provider told of the cost before it was stopped", function()
    local deltas = streaming.deltas.TOOLS
    local usage = { usage = { prompt_tokens = 9, completion_tokens = 4, total_tokens = 13 } }
    local s = server.start { streaming.step({
      streaming.chunk(deltas('{"name":1,', true), nil, usage) }, { last = act.stall() }) }
    local _, err = client_of(s).create(ask()):result()
    assert.equal("validation", err.kind)
    assert.equal(13, err.usage.total_tokens)
  end)
end)

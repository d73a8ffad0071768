-- What a client tells its logger: one record for each step of a call, with a level, a message and
-- fields.  Prompts and answers only with debug; keys never.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local asking = require "spec.support.asking"
local cjson = require "cjson"
local process = require "spec.support.process"
local server = require "spec.support.server"
local z = require "instructor.z"

local KEY, PROMPT = asking.KEY, asking.PROMPT
local ask, expect_well, expect_error = asking.ask, asking.expect_well, asking.expect_error

-- A logger that keeps what it is told.
local function keeper()
  local records = {}
  return function(level, message, fields)
    records[#records + 1] = { level = level, message = message, fields = fields }
  end, records
end

-- "debug request, debug answer, info done"
local function summary(records)
  local parts = {}
  for i, record in ipairs(records) do parts[i] = record.level .. " " .. record.message end
  return table.concat(parts, ", ")
end

-- All that stands in the records, as one text.
local function everything(value, parts)
  local outermost = parts == nil
  parts = parts or {}
  if type(value) == "table" then
    for k, v in pairs(value) do
      everything(k, parts)
      everything(v, parts)
    end
  else
    parts[#parts + 1] = tostring(value)
  end
  return outermost and table.concat(parts, "\n") or nil
end

local function find(records, message)
  for _, record in ipairs(records) do
    if record.message == message then return record.fields end
  end
end

-- Asks a server that plays `steps`; returns the records, then what create returned.
local function told(steps, options, params)
  local logger, records = keeper()
  local s = server.start(steps)
  local all = { logger = logger }
  for name, value in pairs(options or {}) do all[name] = value end
  local value, meta = ask(asking.client(s.url, all), params)
  s:stop()
  return records, value, meta
end

describe("a logger", function()
  it("is told of the request, the answer and the end of a call", function()
    local records, value, meta = told { asking.well { headers = { ["X-Request-Id"] = "req-1" } } }
    expect_well(value, meta)
    assert.equal("debug request, debug answer, info done", summary(records))
    local request, answer, done = records[1].fields, records[2].fields, records[3].fields
    assert.equal("POST", request.method)
    assert.matches("^http://127%.0%.0%.1:%d+/v1/chat/completions$", request.url)
    assert.same({ "compatible", "TOOLS", "fake-model", 1 },
      { request.provider, request.mode, request.model, request.attempt })
    assert.is_true(request.bytes > 100)
    assert.same({ 200, "req-1", "fake-model", 15 },
      { answer.status, answer.request_id, answer.model, answer.usage.total_tokens })
    assert.is_true(answer.seconds >= answer.first_byte and answer.first_byte >= 0)
    assert.same({ 1, 15, "fake-model", "req-1" },
      { done.attempts, done.usage.total_tokens, done.model, done.request_id })
    assert.is_true(done.seconds >= answer.seconds and done.waited == 0)
  end)

  it("is told why the model is asked again, and after what wait", function()
    local records = told({ asking.unfit(), asking.well() }, nil, { max_retries = 1 })
    assert.equal("debug request, debug answer, warn asking again, debug request, debug answer, "
      .. "info done", summary(records))
    local again = find(records, "asking again")
    assert.same({ "validation", 1, 0.01 }, { again.kind, again.issues, again.wait })
    assert.equal(30, find(records, "done").usage.total_tokens)
  end)

  it("is told why a request is sent again, and after what wait", function()
    local records = told({ server.retry_after(503, "0.02"), asking.well() })
    assert.equal("debug request, debug answer, warn sending again, debug request, debug answer, "
      .. "info done", summary(records))
    local again = find(records, "sending again")
    assert.same({ "http", 503, 0.02 }, { again.kind, again.status, again.wait })
    assert.equal(0.02, find(records, "done").waited)
  end)

  it("is told of a failure, with the account", function()
    local records, value, err = told({ asking.unfit() }, nil, { max_retries = 0 })
    expect_error("validation", {}, value, err)
    assert.equal("debug request, debug answer, error failed", summary(records))
    local failed = find(records, "failed")
    assert.same({ "validation", 1, 1, 15 },
      { failed.kind, failed.issues, failed.attempts, failed.usage.total_tokens })
  end)

  it("is told the provider's code of a failure", function()
    local records = told({ server.error(400, "no", "bad_thing") })
    assert.same({ "http", 400, "bad_thing" }, { find(records, "failed").kind,
      find(records, "failed").status, find(records, "failed").code })
    assert.is_nil(find(records, "failed").message)
  end)

  it("is told of a connection that cannot be made, in words", function()
    local logger, records = keeper()
    asking.once(("http://127.0.0.1:%d/v1"):format(process.free_port()), { logger = logger })
    assert.equal("debug request, debug answer, error failed", summary(records))
    assert.matches("refused", find(records, "failed").message)
    assert.is_nil(find(records, "answer").status)
  end)

  it("tells the calls apart", function()
    local logger, records = keeper()
    local s = server.start { asking.well(), repeat_last = true }
    local client = asking.client(s.url, { logger = logger })
    for _ in Instructor.map({ 1, 2 }, function() return ask(client) end) do end
    s:stop()
    local calls = {}
    for _, record in ipairs(records) do
      calls[record.fields.call] = (calls[record.fields.call] or 0) + 1
    end
    local counts = {}
    for _, count in pairs(calls) do counts[#counts + 1] = count end
    assert.same({ 3, 3 }, counts)
  end)

  it("is told nothing of a dry run", function()
    local records = told({}, nil, { dry_run = true })
    assert.same({}, records)
  end)

  it("is told of calls without a response_model too", function()
    local logger, records = keeper()
    local s = server.start { server.completion { content = "hello" } }
    asking.plain(s.url, { logger = logger }).chat.completions.create { model = "m", messages = "x" }
    s:stop()
    assert.equal("debug request, debug answer, info done", summary(records))
  end)

  it("is told of a client of somebody else's", function()
    local logger, records = keeper()
    local theirs = { chat = { completions = { create = function()
      return cjson.decode(asking.well().body)
    end } } }
    expect_well(ask(Instructor { client = theirs, logger = logger }))
    assert.equal("debug request, debug answer, info done", summary(records))
  end)

  it("may yield inside a job, where Lua can", function()
    local s = server.start { asking.well(), repeat_last = true }
    local client = asking.client(s.url, { logger = function() coroutine.yield() end })
    for _, user, err in Instructor.map({ 1, 2 }, function() return ask(client) end) do
      assert.equal("Jason Liu", user and user.name, tostring(err))
    end
    s:stop()
  end)
end)

describe("privacy", function()
  local SECRET_ANSWER = "Jason Liu"

  it("keeps prompts, answers and keys out of a log", function()
    local steps = { asking.unfit(), server.error(503, "You said: " .. PROMPT .. " with " .. KEY),
      asking.unfit() }
    local records = told(steps, nil, { max_retries = 1 })
    local text = everything(records)
    for _, word in ipairs { "Jason", "years old", "thirty", KEY, KEY:sub(4, 20) } do
      assert.is_nil(text:find(word, 1, true), word)
    end
  end)

  it("keeps out what a schema's own function says of a value", function()
    local Name = z.object { name = z.string():refine(function() return false end,
      function(issue) return "not " .. issue.input end) }
    local records, value, err = told({ asking.well() }, nil, { response_model = Name })
    expect_error("validation", {}, value, err)
    assert.matches(SECRET_ANSWER, tostring(err))
    assert.is_nil(everything(records):find(SECRET_ANSWER, 1, true))
  end)

  it("keeps out what a transport of the user's says, which may be anything", function()
    local logger, records = keeper()
    ask(asking.client("http://127.0.0.1:1/v1", { logger = logger, transport = function(request)
      return nil, request.body
    end }))
    assert.is_nil(everything(records):find("Jason", 1, true))
    assert.equal("network", find(records, "failed").kind)
  end)

  it("keeps out a provider's code that is more than a word", function()
    local records = told({ server.error(400, "no", "you said: " .. PROMPT) })
    assert.is_nil(find(records, "failed").code)
  end)

  it("lets prompts and answers in with debug, but never a key", function()
    local step = asking.well { headers = { ["Set-Cookie"] = "session=" .. KEY } }
    local records = told({ server.error(500, "the key " .. KEY .. " is wrong"), step },
      { debug = true, headers = { ["X-Api-Key"] = "other-secret-0815" } })
    local text = everything(records)
    assert.is_truthy(text:find(PROMPT, 1, true))
    assert.is_truthy(text:find(SECRET_ANSWER, 1, true))
    assert.is_truthy(text:find("the key *** is wrong", 1, true))
    assert.is_nil(text:find(KEY, 1, true))
    assert.is_nil(text:find("other-secret-0815", 1, true))
    local hidden = {}
    for _, header in ipairs(find(records, "request").headers) do hidden[header[1]] = header[2] end
    assert.same({ "***", "***" }, { hidden.Authorization, hidden["X-Api-Key"] })
  end)

  it("hides a key that stands in the URL", function()
    local logger, records = keeper()
    local s = server.start { asking.well() }
    ask(asking.client(s.url, { logger = logger, debug = true }), nil,
      { query = { api_key = "sk-in-the-query", version = "2" } })
    s:stop()
    assert.matches("%?api_key=%*%*%*&version=2$", find(records, "request").url)
    assert.is_nil(everything(records):find("sk-in-the-query", 1, true))
  end)
end)

describe("a logger that raises", function()
  it("does not cost the answer: the first message stands in meta.warnings", function()
    local count = 0
    local s = server.start { asking.well(), repeat_last = true }
    local client = asking.client(s.url, { logger = function()
      count = count + 1
      error("the log is full", 0)
    end })
    local meta = expect_well(ask(client))
    assert.same({ "the logger raised: the log is full" }, meta.warnings)
    assert.equal(1, count) -- it is not called again in that call
    expect_well(ask(client))
    assert.equal(2, count) -- but in the next
    s:stop()
  end)

  it("does not hide an error: the message stands in err.warnings", function()
    local s = server.start { server.error(400) }
    local value, err = ask(asking.client(s.url, { logger = function() error({}, 0) end }))
    s:stop()
    expect_error("http", {}, value, err)
    assert.equal(1, #err.warnings)
    assert.matches("^the logger raised: table", err.warnings[1])
  end)

  it("is quoted a little, without a key", function()
    local s = server.start { asking.well() }
    local client = asking.client(s.url, { logger = function()
      error(KEY .. "\n" .. ("w"):rep(5000), 0)
    end })
    local warning = expect_well(ask(client)).warnings[1]
    s:stop()
    assert.is_true(#warning < 400)
    assert.is_nil(warning:find(KEY, 1, true))
    assert.is_nil(warning:find "%c")
  end)

  it("has no say over Ctrl-C", function()
    local s = server.start { asking.well() }
    local client = asking.client(s.url, { logger = function() error("x:1: interrupted!", 0) end })
    assert.same({ false, "x:1: interrupted!" }, { pcall(ask, client) })
    s:stop()
  end)
end)

describe("kinds of loggers", function()
  local function methods(lines)
    local logger = {}
    for _, level in ipairs { "debug", "info", "warn", "error" } do
      logger[level] = function(self, ...)
        assert(self == logger)
        lines[#lines + 1] = { level, ... }
      end
    end
    return logger
  end

  it("may be a table with the methods debug, info, warn and error, which get one line", function()
    local lines = {}
    local _, value, meta = told({ asking.unfit(), asking.well() }, { logger = methods(lines) },
      { max_retries = 1 })
    expect_well(value, meta)
    assert.equal(6, #lines)
    assert.equal(2, #lines[3])
    assert.equal("warn", lines[3][1])
    assert.matches("^instructor: asking again call=%d+ attempt=1 kind=validation status=200 "
      .. "issues=1 wait=0%.010$", lines[3][2])
    for _, line in ipairs(lines) do assert.is_nil(line[2]:find "%c") end
  end)

  it("is stderr with debug = true alone", function()
    local s = server.start { asking.well() }
    local script = asking.script(([[
      local asking = require "spec.support.asking"
      print(asking.ask(asking.client(%q, { debug = true })) ~= nil)
    ]]):format(s.url))
    local result = process.run { asking.interpreter(), script }
    s:stop()
    assert.equal("true\n", result.stdout)
    assert.matches("^%[debug%] instructor: request call=1 attempt=1 ", result.stderr)
    assert.matches("years old", result.stderr)
    assert.matches("%[info%] instructor: done call=1 ", result.stderr)
    assert.is_nil(result.stderr:find(KEY, 1, true))
    assert.equal(3, select(2, result.stderr:gsub("\n", "")))
  end)

  it("may be set in Instructor{…}, which overrides the client's", function()
    local first, of_client = keeper()
    local second, of_patched = keeper()
    local s = server.start { asking.well(), repeat_last = true }
    local plain = asking.plain(s.url, { logger = first })
    expect_well(ask(Instructor { client = plain, logger = second }))
    assert.same({ 0, 3 }, { #of_client, #of_patched })
    expect_well(ask(Instructor { client = plain, debug = true }))
    assert.same({ 3, 3 }, { #of_client, #of_patched })
    assert.is_truthy(everything(of_client):find(PROMPT, 1, true))
    s:stop()
  end)

  it("is nothing else", function()
    for _, make in ipairs { OpenAI, function(given)
      given.client = OpenAI { base_url = "http://127.0.0.1:1/v1" }
      return Instructor(given)
    end } do
      local function says(wrong)
        local ok, message = pcall(make, { logger = wrong })
        assert.is_false(ok)
        return message
      end
      assert.matches("logger takes a function%(level, message, fields%), or a table", says "stderr")
      assert.matches("logger is a table without the method debug", says {})
      assert.has_error(function() make { debug = 1 } end)
    end
  end)
end)

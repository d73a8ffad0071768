-- What one call of a client is told by its server ("come again in a second") holds for the others.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local server = require "spec.support.server"
local z = require "instructor.z"

local User = z.object { name = z.string() }
local WINDOW = 1 -- seconds the server asks for
local SLACK = 0.2 -- between its answer and its note of it

local function client_of(s, given)
  local settings = { base_url = s.url, api_key = "sk-fake-for-specs" }
  for name, value in pairs(given or {}) do settings[name] = value end
  return Instructor { client = OpenAI(settings), mode = "TOOLS" }
end

local named = server.completion { tool = { "Response", cjson.encode { name = "x" } } }
local busy = server.retry_after(429, WINDOW)

local function ask(client, given)
  local params = { messages = "a", response_model = User }
  for name, value in pairs(given or {}) do params[name] = value end
  return client.chat.completions.create(params)
end

--- A client of `s`, and a job's way to wait until that one was told to rest: calls of another
--- client, to a server of its own.
local function client_and_later(s, given)
  local told = false
  local settings = { logger = function(level) told = told or level ~= "debug" end }
  for name, value in pairs(given or {}) do settings[name] = value end
  local client = client_of(s, settings)
  local other = client_of(server.start { server.slow_head(20, named), repeat_last = true })
  return client, function()
    repeat assert(ask(other)) until told
  end
end

local function list_of(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

--- Fails unless no request came between the end of the first step and the end of its window.
local function assert_silence(s)
  local requests = s:requests()
  local told = requests[1].ended_at
  for i = 2, #requests do
    local at = requests[i].time - told
    assert(at >= WINDOW - SLACK, ("request %d came %.3f s after the server had asked for a rest")
      :format(i, at))
  end
end

describe("a rest that a server asks for", function()
  after_each(server.stop_all)

  it("holds back the jobs of that client, and each succeeds", function()
    local s = server.start { busy, named, repeat_last = true }
    local client, later = client_and_later(s)
    local attempts = {}
    for i, user, meta in Instructor.map(list_of(9), { concurrency = 9 }, function(item)
      if item > 1 then later() end
      return ask(client)
    end) do
      assert.equal("x", user.name)
      attempts[i] = #meta.attempts
    end
    assert.same({ 2, 1, 1, 1, 1, 1, 1, 1, 1 }, attempts)
    assert.equal(10, #s:requests())
    assert_silence(s)
  end)

  it("keeps calls outside of jobs back as well", function()
    local s = server.start { busy, named, repeat_last = true }
    local client = client_of(s, { http_retries = 0 })
    local user, err = ask(client)
    assert.is_nil(user)
    assert.equal(429, err.status)
    local other, meta = ask(client)
    assert.equal("x", other.name)
    assert.equal(1, #meta.attempts)
    assert.is_true(meta.attempts[1].waited > WINDOW / 2)
    assert_silence(s)
  end)

  it("is known to every client made of the same OpenAI{…}, and to no other", function()
    local s = server.start { busy, named, repeat_last = true }
    local plain = OpenAI { base_url = s.url, api_key = "sk-fake-for-specs", http_retries = 0 }
    local _, err = plain.chat.completions.create { messages = "a", model = "m" }
    assert.equal(429, err.status)
    local _, meta = ask(client_of(s))
    assert.equal(0, meta.attempts[1].waited)
    _, meta = ask(Instructor { client = plain, mode = "TOOLS" })
    assert.is_true(meta.attempts[1].waited > 0)
  end)

  it("holds for transports that are functions", function()
    local calls, body = {}, server.completion { content = '{"name":"x"}' }.body
    local client = Instructor { mode = "JSON", client = OpenAI { base_url = "http://127.0.0.1:1/v1",
      http_retries = 0, transport = function()
        calls[#calls + 1] = true
        if #calls > 1 then return { status = 200, body = body } end
        return { status = 503, headers = { ["retry-after-ms"] = "200" }, body = "{}" }
      end } }
    assert.equal(503, select(2, ask(client)).status)
    local waits = {}
    for i, user, meta in Instructor.map(list_of(3), {}, function() return ask(client) end) do
      assert.equal("x", user.name)
      waits[i] = meta.attempts[1].waited > 0
    end
    assert.same({ true, true, true }, waits)
    assert.equal(4, #calls)
  end)

  it("does not outlast a held call's deadline", function()
    local s = server.start { server.retry_after(429, 50), named, repeat_last = true }
    local client = client_of(s, { http_retries = 0 })
    ask(client)
    local kinds = {}
    for i, _, err in Instructor.map(list_of(3), {}, function()
      return ask(client, { deadline = 0.2 })
    end) do
      kinds[i] = err.kind
    end
    assert.same({ "timeout", "timeout", "timeout" }, kinds)
    assert.equal(1, #s:requests())
  end)

  it("is not waited out by jobs whose loop was left", function()
    local s = server.start { server.retry_after(429, 50), named, repeat_last = true }
    local client, later = client_and_later(s, { http_retries = 0 })
    coroutine.wrap(function() -- whose stack goes with it: before 5.4 the collector drops the rest
      for i in Instructor.map(list_of(5), { ordered = false, concurrency = 4 }, function(item)
        if item == 1 then return ask(client) end
        later()
        if item == 2 then return "others are held now" end
        return ask(client)
      end) do
        if i == 2 then break end
      end
    end)()
    collectgarbage()
    collectgarbage()
    assert.equal(1, #s:requests())
  end)
end)

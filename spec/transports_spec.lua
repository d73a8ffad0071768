-- Other ways in than libcurl: a client of somebody else's, wrapped; a transport that is a function.
-- And what no transport is given: texts that would smuggle a header into a request.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local asking = require "spec.support.asking"
local cjson = require "cjson"
local process = require "spec.support.process"
local server = require "spec.support.server"

local KEY = asking.KEY
local ask = asking.ask
local expect_error, expect_well = asking.expect_error, asking.expect_well

local RIGHT = asking.well().body
local UNFIT = asking.unfit().body

describe("a client of somebody else's", function()
  -- A client that returns what each of `answers` returns, in order; and what it was asked.
  local function foreign(answers, others)
    local asked = {}
    local made = { chat = { completions = {} } }
    function made.chat.completions.create(params, request_options)
      asked[#asked + 1] = { params = params, request_options = request_options }
      return answers[math.min(#asked, #answers)]()
    end
    for name, value in pairs(others or {}) do made[name] = value end
    return made, asked
  end

  local function completion(text)
    return function() return cjson.decode(text) end
  end

  it("is asked with parameters, and its completion becomes a value", function()
    local theirs, asked = foreign { completion(RIGHT) }
    local request_options = { headers = { ["X-Trace"] = "1" } }
    local meta = expect_well(ask(Instructor { client = theirs, mode = "TOOLS" },
      { temperature = 0.5 }, request_options))
    assert.equal(1, #asked)
    local params = asked[1].params
    assert.equal("fake-model", params.model)
    assert.equal(0.5, params.temperature)
    assert.equal(asking.PROMPT, params.messages[1].content)
    assert.equal("Response", params.tools[1]["function"].name)
    assert.is_nil(params.response_model)
    assert.equal(request_options, asked[1].request_options)
    assert.equal(15, meta.usage.total_tokens)
    assert.equal("chatcmpl-fake", meta.completion.id)
  end)

  it("keeps its other members", function()
    local models = {}
    local client = Instructor { client = (foreign({}, { models = models })) }
    assert.equal(models, client.models)
  end)

  it("is spoken to as the provider of its base_url wants it", function()
    local theirs, asked = foreign({ completion(server.completion {
      content = '{"age":30,"name":"Jason Liu"}' }.body) },
      { baseURL = "https://api.endpoints.anyscale.com/v1" })
    expect_well(ask(Instructor { client = theirs, mode = "JSON_SCHEMA" }))
    assert.equal("json_object", asked[1].params.response_format.type)
  end)

  it("passes the call through when there is no response_model", function()
    local theirs = foreign { completion(RIGHT) }
    local raw = Instructor({ client = theirs }).chat.completions.create {
      model = "fake-model", messages = "hello",
    }
    assert.equal("chatcmpl-fake", raw.id)
  end)

  it("is asked again, with more to say, when its answer does not fit", function()
    local theirs, asked = foreign { completion(UNFIT), completion(RIGHT) }
    local meta = expect_well(ask(Instructor { client = theirs }, { max_retries = 1 }))
    assert.equal(2, #asked)
    assert.is_true(#asked[2].params.messages > #asked[1].params.messages)
    assert.equal(30, meta.usage.total_tokens)
  end)

  it("that returns nil and a text fails with that text", function()
    local theirs, asked = foreign { function() return nil, "the line is dead" end }
    local value, err = ask(Instructor { client = theirs }, { max_retries = 2 })
    expect_error("network", { retryable = false, attempts = 1 }, value, err)
    assert.matches("the line is dead", tostring(err))
    assert.equal(1, #asked)
  end)

  it("that returns nil and nothing fails all the same", function()
    local theirs = foreign { function() return nil end }
    expect_error("network", { retryable = false, attempts = 1 },
      ask(Instructor { client = theirs }))
  end)

  it("that says its error may pass is asked again", function()
    local theirs, asked = foreign {
      function() return nil, { retryable = true, message = "busy" } end, completion(RIGHT) }
    local client = Instructor { client = theirs }
    local meta = expect_well(ask(client, { max_retries = 1, backoff = false }))
    assert.equal(2, #meta.attempts)
    assert.equal(2, #asked)
    assert.same(asked[1].params, asked[2].params)
  end)

  it("that returns an endless or a wild text is quoted a little", function()
    for _, text in ipairs { ("w"):rep(5000), "a\27[31mred\0\r\n" .. ("w"):rep(500) } do
      local theirs = foreign { function() return nil, text end }
      local err = expect_error("network", {}, ask(Instructor { client = theirs }))
      assert.is_true(asking.longest_run(tostring(err), "w") <= asking.QUOTE_MAX, tostring(err))
    end
  end)

  it("that hands on one of our own errors keeps its kind, status and code", function()
    local s = server.start { server.error(404, "no such model", "model_not_found") }
    local inner = asking.plain(s.url)
    local theirs = foreign { function()
      return inner.chat.completions.create { model = "fake-model", messages = "hello" }
    end }
    local value, err = ask(Instructor { client = theirs })
    s:stop()
    expect_error("http", { status = 404, code = "model_not_found", retryable = false }, value, err)
  end)

  it("without chat.completions.create is refused at once", function()
    for _, theirs in ipairs { {}, { chat = {} }, { chat = { completions = {} } } } do
      local ok, message = pcall(Instructor, { client = theirs })
      assert.is_false(ok)
      assert.matches("client takes a client with chat%.completions%.create", message)
    end
  end)
end)

describe("a transport that is a function", function()
  -- A client whose transport returns what each of `answers` returns; and what it was asked.
  local function by(answers, options)
    local asked = {}
    local all = { transport = function(request)
      asked[#asked + 1] = request
      return answers[math.min(#asked, #answers)](request)
    end }
    for name, value in pairs(options or {}) do all[name] = value end
    return asking.client("http://127.0.0.1:1/v1", all), asked
  end

  local function answer(status, body, headers)
    return function() return { status = status, body = body, headers = headers } end
  end

  it("is handed the request and hands back the answer", function()
    local client, asked = by({ answer(200, RIGHT, { ["X-Request-Id"] = "req-fake-1" }) },
      { headers = { ["X-Mine"] = "yes" }, organization = "org-fake" })
    local meta = expect_well(ask(client))
    assert.equal("req-fake-1", meta.request_id)
    local request = asked[1]
    assert.equal("POST", request.method)
    assert.equal("http://127.0.0.1:1/v1/chat/completions", request.url)
    assert.equal(asking.PROMPT, cjson.decode(request.body).messages[1].content)
    local headers = {}
    for _, header in ipairs(request.headers) do headers[header[1]:lower()] = header[2] end
    assert.same({ "Bearer " .. KEY, "application/json", "yes", "org-fake" },
      { headers.authorization, headers["content-type"], headers["x-mine"],
        headers["openai-organization"] })
  end)

  it("never loads libcurl", function()
    local script = asking.script [[
      local OpenAI = require "instructor.openai"
      local oai = OpenAI { base_url = "http://127.0.0.1:1/v1",
        transport = function() return { status = 200, body = '{"choices":[]}' } end }
      print(oai.chat.completions.create { model = "m", messages = "hello" } ~= nil,
        package.loaded["instructor.curl"])
    ]]
    local result = process.run { asking.interpreter(), script }
    assert.equal("", result.stderr)
    assert.equal("true\tnil\n", result.stdout)
  end)

  it("that fails is a network error with its words", function()
    local client, asked = by { function() return nil, "no carrier" end }
    local err = expect_error("network", { retryable = false, attempts = 1 }, ask(client))
    assert.matches("no carrier", tostring(err))
    assert.equal(1, #asked)
  end)

  it("that fails and says that this may pass is asked again, with the same bytes", function()
    local client, asked = by { function() return nil, "busy", true end, answer(200, RIGHT) }
    assert.equal(2, #expect_well(ask(client)).attempts)
    assert.same(asked[1], asked[2])
    client, asked = by { function() return nil, "busy", true end }
    expect_error("network", { retryable = true, attempts = 3 }, ask(client))
    assert.equal(3, #asked)
  end)

  it("has its statuses and headers heeded", function()
    local client = by({ answer(429, "{}", { ["Retry-After"] = "0.3" }), answer(200, RIGHT) },
      { backoff = 30 })
    local meta = expect_well(ask(client))
    assert.is_true(meta.attempts[2].waited > 0.25 and meta.attempts[2].waited < 0.35)
    client = by { answer(401, '{"error":{"message":"no","code":"bad_key"}}') }
    expect_error("http", { status = 401, code = "bad_key", attempts = 1 }, ask(client))
  end)

  it("is held to the limit of an answer", function()
    local client = by({ answer(200, RIGHT) }, { max_answer = #RIGHT - 1 })
    expect_error("limit", { retryable = false, attempts = 1 }, ask(client))
  end)

  it("is not asked again past the deadline", function()
    local client, asked = by({ answer(500, "{}") }, { backoff = 0.2 })
    expect_error("timeout", {}, ask(client, { deadline = 0.5, max_retries = 100 }))
    assert.is_true(#asked >= 1 and #asked < 5)
  end)

  it("may say much, of which little is quoted", function()
    for _, text in ipairs { ("w"):rep(5000), "a\27[31mred\0\r\n" .. ("w"):rep(500) } do
      local err = expect_error("network", {}, ask((by { function() return nil, text end })))
      assert.is_true(asking.longest_run(tostring(err), "w") <= asking.QUOTE_MAX, tostring(err))
    end
  end)

  it("may say the key, which is not repeated", function()
    local err = expect_error("network", {},
      ask((by { function() return nil, "sent " .. KEY end })))
    assert.matches("sent %*%*%*%*", tostring(err))
  end)

  it("that returns no answer is told what was expected", function()
    for _, wrong in ipairs { {}, { status = "fine", body = "" }, { status = 200 }, "HTTP/1.1 200",
      { status = 200, body = "", headers = "none" } } do
      local client = by { function() return wrong end }
      local ok, message = pcall(ask, client)
      assert.is_false(ok)
      assert.matches("transport", tostring(message))
      assert.matches("status", tostring(message))
    end
  end)

  it("that returns headers that are no texts is told which", function()
    for message, headers in pairs {
      ['the header "Retry-After" as a text, not as a number'] = { ["Retry-After"] = 3 },
      ['the header "X-Both" as a text, not as a table'] = { ["X-Both"] = { "a", "b" } },
      ["its headers by texts, not by a number"] = { "X-Request-Id: req-fake-1" },
    } do
      local ok, raised = pcall(ask, (by { answer(200, RIGHT, headers) }))
      assert.is_false(ok)
      assert.is_truthy(tostring(raised):find(message, 1, true), tostring(raised))
    end
  end)
end)

describe("a header smuggled in", function()
  local EVIL = "fake\r\nX-Evil: 1"
  after_each(server.stop_all)

  local function refuses(field, fn, ...)
    local ok, message = pcall(fn, ...)
    assert.is_false(ok, field .. " was taken")
    assert.is_truthy(tostring(message):find(field, 1, true), tostring(message))
    assert.is_nil(tostring(message):find(KEY, 1, true))
  end

  for _, case in ipairs {
    { "a line break in api_key", "api_key", KEY .. "\r\nX-Evil: 1" },
    { "a line feed behind api_key", "api_key", KEY .. "\n" },
    { "a zero byte behind api_key", "api_key", KEY .. "\0" },
    { "a line break in a value of headers", "headers", { ["X-Mine"] = EVIL } },
    { "a line feed in a value of headers", "headers", { ["X-Mine"] = "a\nb" } },
    { "a zero byte in a value of headers", "headers", { ["X-Mine"] = "a\0b" } },
    { "a line break in a name of headers", "headers", { ["X-Mine\r\nX-Evil"] = "1" } },
    { "a colon in a name of headers", "headers", { ["X-Mine: 1"] = "1" } },
    { "an empty name in headers", "headers", { [""] = "1" } },
    { "another length of the body", "headers", { ["Content-Length"] = "5" } },
    { "another form of the body", "headers", { ["Transfer-Encoding"] = "chunked" } },
    { "a line break in organization", "organization", EVIL },
    { "a line break in project", "project", EVIL },
    { "a line break in user_agent", "user_agent", EVIL },
    { "a line break in base_url", "base_url", "http://127.0.0.1:1/v1\r\nX-Evil: 1" },
  } do
    it("by " .. case[1] .. " is refused at once", function()
      local options = { base_url = "http://127.0.0.1:1/v1", api_key = KEY }
      options[case[2]] = case[3]
      refuses(case[2], OpenAI, options)
    end)
  end

  it("by the headers of one request is refused at once", function()
    local s = server.start { asking.well(), repeat_last = true }
    local client = asking.client(s.url)
    for _, headers in ipairs { { ["X-Mine"] = EVIL }, { ["X-Mine\r\nX-Evil"] = "1" } } do
      refuses("headers", ask, client, nil, { headers = headers })
    end
    assert.equal(0, s:connections())
  end)

  it("by a query is only a strange query", function()
    local s = server.start { asking.well() }
    expect_well(ask(asking.client(s.url), nil, { query = { ["a b"] = EVIL } }))
    local request = s:requests()[1]
    assert.equal("/v1/chat/completions?a%20b=fake%0D%0AX-Evil%3A%201", request.path)
    assert.is_nil(request.headers["x-evil"])
  end)

  it("by the question, the model or a schema's name stays in the body", function()
    local s = server.start { asking.well { tool = { "a_b", '{"age":30,"name":"Jason Liu"}' } } }
    ask(asking.client(s.url), { model = EVIL, messages = EVIL,
      response_model = { schema = asking.User, name = "a\r\nb", description = EVIL } })
    local request = s:requests()[1]
    assert.is_nil(request.headers["x-evil"])
    assert.equal(EVIL, request:json().model)
  end)
end)

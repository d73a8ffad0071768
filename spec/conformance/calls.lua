-- Calls of ours against a server that somebody else wrote: what its journal holds is what we meant
-- to send, and the faults it injects end as documented.  Run by "make conformance".

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local aimock = require "spec.conformance.aimock"
local asking = require "spec.support.asking"
local cjson = require "cjson"

local ask, once = asking.ask, asking.once
local expect_error, expect_well = asking.expect_error, asking.expect_well

local SOON = 5 -- a bound for what must not wait

local FIT, UNFIT = '{"age":30,"name":"Jason Liu"}', '{"age":"thirty","name":"Jason Liu"}'

local function tool(text) return { toolCalls = { { name = "Response", arguments = text } } } end
local function content(text) return { content = text } end

-- How the model hands over an answer in each mode.
local modes = {
  TOOLS = tool,
  FUNCTIONS = tool, -- it knows the newer spelling only
  JSON_SCHEMA = content,
  JSON = content,
  MD_JSON = function(text) return content("Sure:\n```json\n" .. text .. "\n```") end,
  THINKING_MD_JSON = function(text)
    return content("<think>30 {</think>\n```json\n" .. text .. "\n```")
  end,
}

local server

-- These answers, one after another.
local function serve(answers)
  local fixtures = {}
  for i, answer in ipairs(answers) do
    fixtures[i] = { match = { model = "fake-model", sequenceIndex = i - 1 }, response = answer }
  end
  server:serve(fixtures)
end

-- This answer to every request; `chaos` is what each of them suffers.
local function serve_always(answer, chaos)
  server:serve { { match = { model = "fake-model" }, response = answer, chaos = chaos } }
end

local function client_of(mode, options)
  return Instructor { client = asking.plain(server.url, options), mode = mode }
end

-- Headers that the transport adds, or the server.
local FOREIGN = { host = true, ["accept-encoding"] = true, ["user-agent"] = true,
  ["content-length"] = true, ["x-request-id"] = true }

-- Raises unless the journal's entry is the request that dry_run has shown.
local function expect_sent(meant, entry)
  assert.equal(meant.method, entry.method)
  assert.equal(meant.url, server.root .. entry.path)
  local wanted, got = {}, {}
  for name, value in pairs(meant.headers) do
    wanted[name:lower()] = value == "***" and "[REDACTED]" or value
  end
  for name, value in pairs(entry.headers) do
    if not FOREIGN[name] then got[name] = value end
  end
  assert.same(wanted, got)
  assert.same(cjson.decode(meant.body), entry.body)
  assert.equal(tostring(#meant.body), entry.headers["content-length"])
end

-- Raises unless an error's account has an attempt for each request of the journal.
local function expect_account(err, statuses)
  local entries = server:journal()
  assert.equal(#statuses, #entries)
  assert.equal(#statuses, #err.attempts)
  for i, status in ipairs(statuses) do assert.equal(status, entries[i].response.status) end
end

describe("aimock", function()
  setup(function() server = aimock.start() end)
  teardown(function() if server then server:stop() end end)

  for _, mode in ipairs { "TOOLS", "FUNCTIONS", "JSON_SCHEMA", "JSON", "MD_JSON",
    "THINKING_MD_JSON" } do
    local answer = modes[mode]
    it("receives in " .. mode .. " what dry_run shows, and again with the issues", function()
      serve { answer(UNFIT), answer(FIT) }
      local client = client_of(mode)
      local meant = ask(client, { max_retries = 1, dry_run = true })
      assert.equal(0, #server:journal())
      local meta = expect_well(ask(client, { max_retries = 1 }))
      local entries = server:journal()
      assert.equal(2, #entries)
      assert.equal(2, #meta.attempts)
      expect_sent(meant, entries[1])
      local first, second = entries[1].body, entries[2].body
      assert.is_true(#second.messages > #first.messages)
      for i, message in ipairs(first.messages) do assert.same(message, second.messages[i]) end
      assert.matches("age", second.messages[#second.messages].content)
      first.messages, second.messages = nil, nil
      assert.same(first, second)
    end)
  end

  it("receives a call without a schema as it was written", function()
    serve { { content = "hi" } }
    local oai = asking.plain(server.url)
    local params = { model = "fake-model", messages = "hello", temperature = 0.25,
      stop = { "\n" }, extra_body = { top_k = 3, nested = { deep = cjson.null } } }
    params.dry_run = true
    local meant = oai.chat.completions.create(params)
    params.dry_run = nil
    local completion = assert(oai.chat.completions.create(params))
    assert.equal("hi", completion.choices[1].message.content)
    expect_sent(meant, server:journal()[1])
  end)

  it("receives each of many calls at once exactly once", function()
    serve_always(tool(FIT))
    local client = client_of "TOOLS"
    local texts, wanted, got = {}, {}, {}
    for i = 1, 40 do texts[i] = "user " .. i end
    for _, text in ipairs(texts) do wanted[text] = 1 end
    for _, user, err in Instructor.map(texts, { concurrency = 8 }, function(text)
      return ask(client, { messages = text })
    end) do
      expect_well(user, err)
    end
    for _, entry in ipairs(server:journal()) do
      local text = entry.body.messages[#entry.body.messages].content
      got[text] = (got[text] or 0) + 1
    end
    assert.same(wanted, got)
  end)

  it("is told our accounts by usage and request id", function()
    local answer = tool(FIT)
    answer.usage = { prompt_tokens = 11, completion_tokens = 7 }
    serve_always(answer)
    local meta = expect_well(ask(client_of "TOOLS"))
    assert.equal(18, meta.usage.total_tokens)
    assert.equal(server:journal()[1].headers["x-request-id"], meta.request_id)
  end)

  it("takes only the right key, and is shown ours", function()
    local guarded = aimock.start { key = asking.KEY }
    finally(function() guarded:stop() end)
    guarded:serve {}
    expect_error("http", { status = 404, attempts = 1 }, once(guarded.url))
    expect_error("http", { status = 401, retryable = false, attempts = 1 },
      ask(Instructor { client = OpenAI { base_url = guarded.url, api_key = "sk-fake-other" } }))
  end)
end)

describe("a fault of aimock's", function()
  setup(function() server = aimock.start() end)
  teardown(function() if server then server:stop() end end)

  for _, status in ipairs { 408, 409, 429, 500, 502, 503, 504 } do
    it(status .. " passes: the same request is sent again", function()
      serve { tool(FIT) }
      server:fail_once(status, { message = "made up", type = "server_error", code = "made_up" })
      local meta = expect_well(ask(client_of "TOOLS"))
      assert.equal("http", meta.attempts[1].kind)
      assert.equal(status, meta.attempts[1].status)
      expect_account(meta, { status, 200 })
      local entries = server:journal()
      assert.same(entries[1].body, entries[2].body)
    end)
  end

  for _, status in ipairs { 400, 401, 403, 404, 413, 422 } do
    it(status .. " is the caller's: it ends the call", function()
      serve { tool(FIT) }
      server:fail_once(status, { message = "made up", type = "server_error", code = "made_up" })
      local err = expect_error("http", { status = status, code = "made_up", retryable = false },
        ask(client_of "TOOLS", { max_retries = 3 }))
      expect_account(err, { status })
    end)
  end

  it("that says when to come again is obeyed", function()
    serve { { error = { message = "slow down" }, status = 429, retryAfter = 1 }, tool(FIT) }
    local took, value, meta = asking.seconds(ask, client_of "TOOLS")
    expect_well(value, meta)
    assert.is_true(took > 0.9 and took < SOON, took .. " s")
    expect_account(meta, { 429, 200 })
  end)

  -- Faults of every request, and how a call with two retries ends.
  local lasting = {
    { "a dropped request", { dropRate = 1 }, "http", { status = 500, code = "chaos_drop",
      retryable = true }, { 500, 500, 500 } },
    { "a rate limit", { rateLimitRate = 1 }, "http", { status = 429, code = "chaos_ratelimit",
      retryable = true }, { 429, 429, 429 } },
    { "malformed JSON", { malformedRate = 1 }, "protocol", { status = 200, retryable = false },
      { 200 } },
    { "a disconnection", { disconnectRate = 1 }, "network", { retryable = true }, { 0, 0, 0 } },
  }

  for _, case in ipairs(lasting) do
    it("that lasts ends the call: " .. case[1], function()
      serve_always(tool(FIT))
      server:suffer(case[2])
      local err = expect_error(case[3], case[4], ask(client_of "TOOLS"))
      expect_account(err, case[5])
    end)
  end

  it("that is a delay ends in a timeout, or is waited for", function()
    serve_always(tool(FIT))
    server:suffer { latencyMs = 700 }
    local value, err = ask(client_of("TOOLS", { http_retries = 1, timeout = { first_byte = 0.2 } }))
    expect_error("timeout", { retryable = true, attempts = 2 }, value, err)
    expect_error("timeout", { retryable = false }, ask(client_of "TOOLS", { deadline = 0.2 }))
    local took
    took, value, err = asking.seconds(ask, client_of "TOOLS")
    expect_well(value, err)
    assert.is_true(took > 0.6, took .. " s")
  end)

  it("that comes by chance ends every call well or with a documented error", function()
    serve_always(tool(FIT))
    server:suffer { dropRate = 0.2, malformedRate = 0.2, disconnectRate = 0.2 }
    local client, heard, said = client_of "TOOLS", 0, 0
    local kinds = { http = true, network = true, protocol = true }
    for _ = 1, 40 do
      local value, meta = ask(client)
      if value then expect_well(value, meta) else assert.is_nil(asking.flaw(meta)) end
      assert.is_true(value ~= nil or kinds[meta.kind])
      for _, attempt in ipairs(meta.attempts) do heard = heard + (attempt.status and 1 or 0) end
    end
    for _, entry in ipairs(server:journal()) do
      said = said + (entry.response.status > 0 and 1 or 0)
    end
    assert.equal(said, heard) -- libcurl replaces a used connection that ends in silence
  end)

  -- Answers that are not the answer.
  local answers = {
    { "that was cut off", { content = '{"age":3', finishReason = "length" }, "incomplete",
      { reason = "length" } },
    { "that was filtered", { content = "He", finishReason = "content_filter" }, "content_filter",
      {} },
    { "in words", { content = "He is thirty." }, "json", {} },
    { "that does not fit", tool(UNFIT), "validation", {} },
  }

  for _, case in ipairs(answers) do
    it("of an answer " .. case[1] .. " is " .. case[3], function()
      serve_always(case[2])
      local err = expect_error(case[3], case[4], ask(client_of "TOOLS"))
      expect_account(err, { 200 })
    end)
  end
end)

-- What a call says of itself afterwards, whether it came to a value or not: tokens, time, waits,
-- models and request ids, of each attempt and of the whole.

local Instructor = require "instructor"
local asking = require "spec.support.asking"
local cjson = require "cjson"
local server = require "spec.support.server"

local ask, expect_well, expect_error = asking.ask, asking.expect_well, asking.expect_error

local function asked(steps, params, options)
  local s = server.start(steps)
  local value, meta = ask(asking.client(s.url, options), params)
  s:stop()
  return value, meta
end

local function unfit(options)
  local all = { tool = { "Response", '{"age":"thirty","name":"Jason Liu"}' } }
  for name, value in pairs(options) do all[name] = value end
  return server.completion(all)
end

local DETAILED = { prompt_tokens = 100, completion_tokens = 20, total_tokens = 120,
  prompt_tokens_details = { cached_tokens = 64 },
  completion_tokens_details = { reasoning_tokens = 8 }, queue_time = 0.25 }

describe("meta", function()
  it("shows what it works out when read to who walks over it, too", function()
    local names, meta = {}, expect_well(asked { asking.well { usage = DETAILED } })
    if _VERSION == "Lua 5.1" then return pending "this Lua walks over what is there" end
    for name in pairs(meta) do names[name] = true end
    for _, name in ipairs { "attempts", "completion", "field_order", "raw", "repairs", "usage",
      "warnings" } do
      assert.is_true(names[name], name)
    end
  end)

  it("has the one attempt of a call that was answered at once, whenever it is looked at", function()
    local meta = expect_well(asked { asking.well { usage = DETAILED } })
    collectgarbage()
    local attempt = meta.attempts[1]
    assert.equal(1, #meta.attempts)
    assert.equal(attempt, meta.attempts[1])
    assert.same({ 200, "tool_calls", "tool_calls", "fake-model", false, 0 },
      { attempt.status, attempt.finish_reason, attempt.outcome, attempt.model, attempt.reask,
        attempt.waited })
    assert.equal(meta.request_id, attempt.request_id)
    assert.same(meta.usage, attempt.usage)
    assert.same(DETAILED, attempt.raw_usage)
    assert.same({ age = 30, name = "Jason Liu" }, cjson.decode(attempt.text))
    assert.same({}, attempt.repairs)
    assert.is_true(attempt.seconds > 0 and attempt.first_byte <= attempt.seconds)
    assert.is_nil(attempt.issues)
  end)

  it("may be stripped before its attempt is looked at", function()
    local meta = expect_well(asked { asking.well { usage = DETAILED } })
    meta.raw, meta.seconds, meta.waited, meta.usage = nil, nil, nil, nil
    assert.equal(1, #meta.attempts)
    assert.equal("fake-model", meta.attempts[1].model)
    assert.is_nil(meta.attempts[1].raw_usage)
  end)
end)

describe("usage", function()
  it("is summed over all attempts, in names that are the same for every provider", function()
    local meta = expect_well(asked({ unfit { usage = DETAILED }, asking.well() },
      { max_retries = 1 }))
    assert.same({ input_tokens = 110, output_tokens = 25, total_tokens = 135, cached_tokens = 64,
      cache_write_tokens = 0, reasoning_tokens = 8 }, meta.usage)
    assert.equal(120, meta.attempts[1].usage.total_tokens)
    assert.equal(15, meta.attempts[2].usage.total_tokens)
  end)

  it("is there when the call fails, too", function()
    local value, err = asked({ unfit { usage = DETAILED }, unfit {} }, { max_retries = 1 })
    expect_error("validation", { attempts = 2 }, value, err)
    assert.equal(135, err.usage.total_tokens)
    assert.matches("2 requests, 135 tokens", tostring(err))
  end)

  it("is there raw, as the provider told it", function()
    local meta = expect_well(asked({ unfit { usage = DETAILED }, asking.well() },
      { max_retries = 1 }))
    assert.same(DETAILED, meta.attempts[1].raw_usage)
    assert.equal(15, meta.attempts[2].raw_usage.total_tokens)
    assert.same(meta.completion.usage, meta.attempts[2].raw_usage)
  end)

  it("is nil where the provider told none", function()
    local meta = expect_well(asked { asking.well { usage = false } })
    assert.is_nil(meta.usage)
    assert.is_nil(meta.attempts[1].usage)
    assert.is_nil(meta.attempts[1].raw_usage)
  end)

  it("of a request that failed is nil, and counts nothing", function()
    local meta = expect_well(asked { server.error(503), asking.well() })
    assert.is_nil(meta.attempts[1].usage)
    assert.equal(15, meta.usage.total_tokens)
  end)
end)

describe("time", function()
  it("is told for each attempt: until the first byte, and until the verdict", function()
    local body = asking.well().body
    local meta = expect_well(asked { server.slow_head(60, server.pause_body(#body - 5, 400,
      asking.well())) })
    local attempt = meta.attempts[1]
    assert.is_true(attempt.first_byte > 0.05, tostring(attempt.first_byte))
    assert.is_true(attempt.seconds > attempt.first_byte + 0.05, tostring(attempt.seconds))
    assert.is_true(meta.seconds >= attempt.seconds)
    assert.equal(0, meta.waited)
  end)

  it("of the whole holds all attempts and all waits", function()
    local meta = expect_well(asked({ server.retry_after(429, "0.05"), asking.unfit(),
      asking.well() }, { max_retries = 1, backoff = 0.03 }))
    local first, second, third = meta.attempts[1], meta.attempts[2], meta.attempts[3]
    assert.same({ 0, 0.05, 0.03 }, { first.waited, second.waited, third.waited })
    assert.is_true(math.abs(meta.waited - 0.08) < 1e-9)
    assert.is_true(meta.seconds >= first.seconds + second.seconds + third.seconds + meta.waited)
    assert.same({ false, false, true }, { first.reask, second.reask, third.reask })
  end)

  it("is told of a failure", function()
    local value, err = asked({ server.retry_after(429, "0.02"), server.error(400) })
    expect_error("http", {}, value, err)
    assert.equal(0.02, err.waited)
    assert.is_true(err.seconds >= 0.02)
  end)

  it("until the first byte is nil where none came", function()
    local value, err = asked({ server.stall() }, nil,
      { timeout = { first_byte = 0.1 }, http_retries = 0 })
    expect_error("timeout", {}, value, err)
    assert.is_nil(err.attempts[1].first_byte)
    assert.is_true(err.attempts[1].seconds >= 0.1)
  end)
end)

describe("names", function()
  it("of models are told for each attempt: a server may change them", function()
    local meta = expect_well(asked({ unfit { model = "small-1" }, asking.well { model = "big-2" } },
      { max_retries = 1 }))
    assert.same({ "small-1", "big-2", "big-2" },
      { meta.attempts[1].model, meta.attempts[2].model, meta.model })
  end)

  it("of the last model that answered stands in an error", function()
    local value, err = asked({ unfit { model = "small-1" }, server.error(400) },
      { max_retries = 1 })
    expect_error("http", {}, value, err)
    assert.equal("small-1", err.model)
    assert.is_nil(err.attempts[2].model)
  end)

  it("of requests are told for each attempt, and the last one's for the whole", function()
    local value, err = asked({ server.error(503, "busy", nil, { ["X-Request-Id"] = "req-1" }),
      server.error(400, "no", nil, { ["Request-Id"] = "req-2" }) })
    expect_error("http", { request_id = "req-2" }, value, err)
    assert.equal("req-1", err.attempts[1].request_id)
  end)
end)

describe("the account", function()
  it("is there without a response_model too", function()
    local s = server.start { server.completion { content = "hello" } }
    local completion, meta = asking.plain(s.url).chat.completions.create { model = "m",
      messages = "hello" }
    s:stop()
    assert.equal(completion.model, meta.model)
    assert.equal(15, meta.usage.total_tokens)
    assert.same({}, meta.warnings)
  end)

  it("is there for a client of somebody else's", function()
    local theirs = { chat = { completions = { create = function()
      return cjson.decode(asking.well().body)
    end } } }
    local meta = expect_well(ask(Instructor { client = theirs }))
    assert.same({ "fake-model", 15 }, { meta.model, meta.attempts[1].raw_usage.total_tokens })
  end)

  it("holds counts that this Lua can hold", function()
    local step = asking.well { usage = { prompt_tokens = 9007199254740993, total_tokens = 1 } }
    step = server.json(200, (step.body:gsub("9%.007[%de+%.]+", "9007199254740993")))
    local meta = expect_well(asked { step })
    assert.is_number(meta.usage.input_tokens)
    local raw = meta.attempts[1].raw_usage -- nil where numbers would be rounded
    assert.is_true(raw == nil or raw.total_tokens == 1)
  end)
end)

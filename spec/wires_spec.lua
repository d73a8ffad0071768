-- What create hands out of a provider's own words: how an answer ended, and what an error says.

local asking = require "spec.support.asking"
local server = require "spec.support.server"

local RIGHT = '{"age":30,"name":"Jason Liu"}'

local function answer(status, body, headers)
  headers = headers or {}
  headers["content-type"] = "application/json"
  return server.answer { status = status, headers = headers, body = body }
end

local function choice(message, finish)
  return answer(200, ('{"choices":[{"message":%s,"finish_reason":%q}]}'):format(message, finish))
end

-- Asks once; a failed request is not sent again.
local function once(step, params)
  local running = server.start { step }
  return asking.once(running.url, nil, params)
end

describe("meta", function()
  after_each(server.stop_all)

  it("says how the answer ended, in one word and in the provider's", function()
    local _, meta = once(choice(('{"content":%q}'):format(RIGHT), "eos"))
    assert.equal("stop", meta.outcome)
    assert.equal("eos", meta.finish_reason)
  end)

  it("says it of a call that is passed through, too", function()
    local running = server.start {
      choice('{"content":null,"refusal":"I cannot","reasoning":"hm"}', "stop") }
    local value, meta = asking.plain(running.url).chat.completions.create { messages = "x" }
    assert.equal("I cannot", value.choices[1].message.refusal)
    assert.equal("refusal", meta.outcome)
    assert.equal("I cannot", meta.refusal)
    assert.equal("hm", meta.reasoning)
  end)

  it("keeps what went wrong before, attempt by attempt", function()
    local running = server.start {
      answer(429, '{"error":{"message":"Slow down","type":"requests","code":null}}',
        { ["retry-after-ms"] = "20" }),
      asking.well() }
    local _, meta = asking.ask(asking.client(running.url))
    local first = meta.attempts[1]
    assert.equal("rate_limit", first.class)
    assert.equal("Slow down", first.said)
    assert.equal("requests", first.type)
    assert.equal(0.02, first.retry_after)
    assert.is_nil(meta.attempts[2].class)
  end)
end)

describe("err", function()
  after_each(server.stop_all)

  it("holds what the provider says of its own error", function()
    local err = asking.expect_error("http", {
      status = 400, class = "bad_request", code = "context_length_exceeded", param = "messages",
      type = "invalid_request_error", said = "The context is 128000 tokens.", retryable = false,
      request_id = "req-1",
    }, once(answer(400, [[{"error":{"message":"The context is 128000 tokens.","param":"messages",
      "type":"invalid_request_error","code":"context_length_exceeded"}}]],
      { ["x-request-id"] = "req-1" })))
    assert.matches("The context is 128000 tokens.", err.message, 1, true)
  end)

  it("reads it wherever it stands", function()
    for _, body in ipairs {
      '{"error":"no such model"}', '{"message":"no such model"}', '{"detail":"no such model"}',
      '{"detail":[{"msg":"no such model"}]}', '[{"error":{"message":"no such model"}}]',
      "no such model",
    } do
      asking.expect_error("http", { said = "no such model", class = "not_found", status = 404 },
        once(answer(404, body)))
    end
  end)

  it("has one class for all providers", function()
    for status, class in pairs { [401] = "authentication", [402] = "payment_required",
      [429] = "rate_limit", [503] = "server", [529] = "overloaded" } do
      asking.expect_error("http", { class = class }, once(answer(status, "{}")))
    end
  end)

  it("names the code, or where that is missing or only a number, the type", function()
    asking.expect_error("http", { code = "BadRequestError", type = "BadRequestError" },
      once(answer(400, '{"error":{"message":"m","type":"BadRequestError","code":400}}')))
    asking.expect_error("http", { code = "402", class = "payment_required" },
      once(answer(402, '{"error":{"code":402,"message":"Insufficient credits"}}')))
  end)

  it("says how long the server asked to wait, even where that is too long to obey", function()
    asking.expect_error("http", { retry_after = 3600 },
      once(answer(429, "{}", { ["retry-after"] = "3600" })))
  end)

  it("is of kind content_filter where a filter stopped the prompt", function()
    asking.expect_error("content_filter", { status = 400, class = "content_filter" },
      once(answer(400, '{"error":{"code":"content_filter","message":"filtered"}}')))
  end)

  it("holds a refusal whole", function()
    local words = ("I cannot help with that. "):rep(20)
    local err = asking.expect_error("refusal", { refusal = words },
      once(choice(('{"content":null,"refusal":%q}'):format(words), "stop")))
    assert(#err.message < 300)
  end)

  it("holds the text that the provider refused, once it may not be asked for again", function()
    local refused = answer(400, [[{"error":{"message":"Failed to call a function.",
      "code":"tool_use_failed","failed_generation":"{\"age\": "}}]])
    asking.expect_error("http", { code = "tool_use_failed", failed_generation = '{"age": ' },
      once(refused))
    local running = server.start { refused, asking.well() }
    local value = asking.ask(asking.client(running.url), { max_retries = 1 })
    assert.equal(30, value.age)
    local messages = running:requests()[2]:json().messages
    assert.equal('{"age": ', messages[2].content)
    assert.matches("Failed to call a function", messages[3].content)
  end)

  it("of a 200 with an error inside is one of protocol, with the class its code has", function()
    asking.expect_error("protocol", { class = "server", status = 200, retryable = true,
      said = "Provider returned error" },
      once(answer(200, '{"error":{"code":502,"message":"Provider returned error"}}')))
    asking.expect_error("protocol", { class = "server", retryable = true,
      code = "The service is currently unavailable" },
      once(answer(200, '{"code":"The service is currently unavailable","error":"At capacity."}')))
    asking.expect_error("protocol", { class = "server", retryable = false },
      once(answer(200, '{"object":"error","message":"no"}')))
  end)

  it("of an answer that the provider broke off may do better later", function()
    asking.expect_error("protocol", { code = "insufficient_system_resource", retryable = true },
      once(choice('{"content":"ha"}', "insufficient_system_resource")))
  end)
end)

describe("an answer in parts", function()
  after_each(server.stop_all)

  it("is read as one text, its thoughts apart", function()
    local value, meta = once(choice(([[{"content":[
      {"type":"thinking","thinking":[{"type":"text","text":"hm"}]},
      {"type":"reference","reference_ids":[1]},
      {"type":"text","text":%q}]}]]):format(RIGHT), "stop"))
    asking.expect_well(value, meta)
    assert.equal("hm", meta.reasoning)
  end)
end)

-- Servers that answer, but not with a completion: error statuses, Retry-After, redirects, pages,
-- other JSON; and what the errors say.  A real server misbehaves, on loopback.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local asking = require "spec.support.asking"
local cjson = require "cjson"
local server = require "spec.support.server"
local z = require "instructor.z"

local KEY = asking.KEY
local ask, once, well = asking.ask, asking.once, asking.well
local expect_error, expect_well = asking.expect_error, asking.expect_well

-- Bounds for what must not wait: far from both what is right and what would be wrong.
local SOON = 5

local function html(status, text)
  return server.answer { status = status, headers = { ["Content-Type"] = "text/html" },
    body = text or "<!doctype html><html><body>Bad gateway, says the balancer</body></html>" }
end

describe("an error status", function()
  after_each(server.stop_all)

  it("that may pass is tried again until all is well", function()
    for _, status in ipairs { 500, 502, 503, 504, 529, 429, 408, 409 } do
      local s = server.start { server.error(status), html(status), well() }
      local meta = expect_well(ask(asking.client(s.url)))
      assert.equal(3, #meta.attempts)
      for i = 1, 2 do
        assert.equal("http", meta.attempts[i].kind)
        assert.equal(status, meta.attempts[i].status)
      end
      local requests = s:requests()
      assert.equal(requests[1].body, requests[3].body)
      s:stop()
    end
  end)

  it("that stays is an http error with status, code and request id", function()
    local s = server.start {
      server.error(503, "first", "overloaded", { ["x-request-id"] = "req-fake-1" }),
      server.error(503, "second", "overloaded", { ["x-request-id"] = "req-fake-2" }),
      server.error(503, "no room at the inn", "still_overloaded",
        { ["x-request-id"] = "req-fake-3" }),
    }
    local value, err = ask(asking.client(s.url))
    expect_error("http", { status = 503, code = "still_overloaded", request_id = "req-fake-3",
      retryable = true, attempts = 3 }, value, err)
    assert.equal(3, #s:requests())
    for i, attempt in ipairs(err.attempts) do
      assert.same({ "http", 503, "req-fake-" .. i, false },
        { attempt.kind, attempt.status, attempt.request_id, attempt.reask })
    end
    assert.matches("^http: HTTP 503: no room at the inn", tostring(err))
    assert.matches("3 requests, request id req%-fake%-3", tostring(err))
  end)

  it("that is the caller's fault is asked about exactly once", function()
    for _, status in ipairs { 400, 401, 403, 404, 405, 413, 422 } do
      local s = server.start { server.error(status, "no", "because"), repeat_last = true }
      expect_error("http", { status = status, code = "because", retryable = false, attempts = 1 },
        ask(asking.client(s.url), { max_retries = 3 }))
      assert.equal(1, #s:requests())
      s:stop()
    end
  end)

  it("is worth another try when the server says so, and is not when it says no", function()
    local s = server.start {
      server.error(500, "no", nil, { ["x-should-retry"] = "false" }),
      server.error(400, "yes", nil, { ["x-should-retry"] = "true" }), well(),
    }
    expect_error("http", { status = 500, retryable = false, attempts = 1 },
      ask(asking.client(s.url)))
    assert.equal(2, #expect_well(ask(asking.client(s.url))).attempts)
  end)

  it("with a page, a text or nothing behind it is an http error all the same", function()
    local s = server.start { html(403), server.answer { status = 404, body = "404 page not found" },
      server.answer { status = 400 }, server.json(400, { message = "at the top", code = "top" }),
      server.json(400, { error = "only a text" }), server.json(400, "[1,2]") }
    local err = expect_error("http", { status = 403 }, once(s.url))
    assert.is_nil(tostring(err):find "balancer")
    err = expect_error("http", { status = 404 }, once(s.url))
    assert.matches("404 page not found", tostring(err))
    expect_error("http", { status = 400 }, once(s.url))
    err = expect_error("http", { status = 400, code = "top" }, once(s.url))
    assert.matches("at the top", tostring(err))
    err = expect_error("http", { status = 400 }, once(s.url))
    assert.matches("only a text", tostring(err))
    expect_error("http", { status = 400 }, once(s.url))
  end)

  it("after a wrong answer has the usage of both in its account", function()
    local s = server.start { asking.unfit(), server.error(400, "too many turns") }
    local value, err = ask(asking.client(s.url), { max_retries = 1 })
    expect_error("http", { status = 400, attempts = 2 }, value, err)
    assert.equal(15, err.usage.total_tokens)
    assert.equal(15, err.attempts[1].usage.total_tokens)
    assert.is_nil(err.attempts[2].usage)
    assert.is_true(err.attempts[2].reask)
    assert.matches("2 requests, 15 tokens", tostring(err))
  end)

  it("is raised as the same table by create_or_raise", function()
    local s = server.start { server.error(401, "no", "bad_key") }
    local client = asking.client(s.url)
    local ok, err = pcall(client.chat.completions.create_or_raise, {
      model = "fake-model", messages = "hello", response_model = asking.User,
    })
    assert.is_false(ok)
    expect_error("http", { status = 401, code = "bad_key" }, nil, err)
  end)
end)

describe("Retry-After", function()
  after_each(server.stop_all)

  -- Asks twice; returns the seconds that the client rested between.
  local function rested(step, options)
    local s = server.start { step, well() }
    local took, value, meta = asking.seconds(ask, asking.client(s.url, options))
    expect_well(value, meta)
    assert.equal(2, #meta.attempts)
    local requests = s:requests()
    assert.is_true(took >= requests[2].time - requests[1].time - 0.05)
    return requests[2].time - requests[1].time, meta.attempts[2].waited
  end

  local function check(from, to, ...)
    local between, waited = rested(...)
    assert.is_true(between >= from and between <= to + SOON, "rested " .. between .. " s")
    assert.is_true(waited >= from and waited <= to, "said to have waited " .. waited .. " s")
  end

  it("is obeyed", function() check(0.9, 1.1, server.retry_after(429, 1)) end)

  it("wins over the back-off, shorter as it may be", function()
    check(0.4, 0.6, server.retry_after(503, 0.5), { backoff = 30 })
  end)

  it("may be given in milliseconds", function()
    check(0.25, 0.35, server.error(429, "soon", nil, { ["retry-after-ms"] = "300" }))
  end)

  it("may be a date", function()
    local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2)
    check(0, 2, server.retry_after(503, date), { backoff = 4 })
  end)

  it("that makes no sense leaves the choice to the back-off", function()
    for _, when in ipairs { "soon", "-5", "0", "1e400", "Sun, 06 Nov 1994 08:49:37 GMT", "" } do
      check(0, 0.1, server.retry_after(429, when))
    end
  end)

  it("of more than a minute is not obeyed", function()
    check(0, 0.1, server.retry_after(429, 120), { timeout = 30 })
    check(0, 0.1, server.retry_after(429, 60.5), { timeout = 30 })
  end)

  it("beyond the deadline ends the call at once, with a timeout", function()
    local s = server.start { server.retry_after(429, 30), repeat_last = true }
    local took, value, err = asking.seconds(ask, asking.client(s.url), { deadline = 20 })
    expect_error("timeout", { status = 429, attempts = 1 }, value, err)
    assert.is_true(took < SOON, took .. " s")
    assert.equal(1, #s:requests())
    assert.matches("HTTP 429", tostring(err))
  end)

  it("does not matter when no retry is left", function()
    local s = server.start { server.retry_after(429, 30) }
    local took, value, err = asking.seconds(once, s.url)
    expect_error("http", { status = 429, code = "rate_limit_exceeded", retryable = true },
      value, err)
    assert.is_true(took < SOON, took .. " s")
  end)
end)

describe("a redirect", function()
  after_each(server.stop_all)

  it("to another port is not followed: neither key nor question goes there", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      local other = server.start { well(), repeat_last = true }
      local s = server.start { server.redirect(status, other.url .. "/chat/completions") }
      local err = expect_error("http", { status = status, retryable = false, attempts = 1 },
        ask(asking.client(s.url)))
      assert.matches("redirect", tostring(err))
      assert.equal(0, #other:requests())
      assert.equal(0, other:connections())
      other:stop()
      s:stop()
    end
  end)

  it("to another host is not followed, however it is spelled", function()
    local other = server.start { well(), repeat_last = true }
    for _, location in ipairs { "http://localhost:%d/v1/chat/completions",
      "//localhost:%d/v1/chat/completions", "http://127.0.0.1:1@127.0.0.1:%d/v1",
      "https://127.0.0.1:%d/v1/chat/completions", "ftp://127.0.0.1:%d/v1",
      "http://127.0.0.2:%d/v1" } do
      local s = server.start { server.redirect(307, location:format(other.port)) }
      expect_error("http", { status = 307, retryable = false, attempts = 1 },
        ask(asking.client(s.url)))
      s:stop()
    end
    assert.equal(0, other:connections())
  end)

  it("on the same host that keeps the method is followed, key, question and all", function()
    for _, status in ipairs { 307, 308 } do
      local s = server.start { server.redirect(status, "/v2/elsewhere?a=b"), well() }
      local meta = expect_well(ask(asking.client(s.url)))
      assert.equal(1, #meta.attempts)
      local first, second = s:requests()[1], s:requests()[2]
      assert.equal("POST", second.method)
      assert.equal("/v2/elsewhere?a=b", second.path)
      assert.equal(first.body, second.body)
      assert.equal("Bearer " .. KEY, second.headers.authorization)
      s:stop()
    end
  end)

  it("on the same host that would turn the question into a GET is not followed", function()
    for _, status in ipairs { 301, 302, 303 } do
      local s = server.start { server.redirect(status, "/v1/elsewhere"), well() }
      expect_error("http", { status = status, retryable = false, attempts = 1 },
        ask(asking.client(s.url)))
      assert.equal(1, #s:requests())
      s:stop()
    end
  end)

  it("in a circle is left", function()
    local s = server.start { server.redirect(307, "/v1/chat/completions"), repeat_last = true }
    expect_error("http", { status = 307, attempts = 1 }, ask(asking.client(s.url)))
    assert.is_true(#s:requests() < 20)
  end)

  it("without a place to go to is an http error", function()
    local s = server.start { server.answer { status = 307 } }
    expect_error("http", { status = 307, attempts = 1 }, ask(asking.client(s.url)))
  end)
end)

describe("a 200 that is no completion", function()
  after_each(server.stop_all)

  local bodies = {
    { "a page", "<!doctype html><html><body>Please log in</body></html>", "HTML" },
    { "a text", "It works!", "It works!" },
    { "broken JSON", '{"choices":[{"message":{"content":"hel', "choices" },
    { "two answers in one", '{"choices":[]}{"choices":[]}', "choices" },
    { "other JSON", '{"hello":"world"}', "no chat completion" },
    { "a list", "[1,2,3]", "no chat completion" },
    { "a number", "3", "no chat completion" },
    { "null", "null", "no chat completion" },
    { "choices that are no list", '{"choices":{"0":{}}}', "no chat completion" },
    { "bytes that are no text", "\255\254\0\1\2", "200" },
  }

  for _, case in ipairs(bodies) do
    it("but " .. case[1] .. " is a protocol error", function()
      local s = server.start { server.answer { body = case[2] }, repeat_last = true }
      local value, err = ask(asking.client(s.url), { max_retries = 2 })
      expect_error("protocol", { retryable = false, attempts = 1 }, value, err)
      assert.is_truthy(tostring(err):find(case[3], 1, true), tostring(err))
      assert.equal(1, #s:requests())
    end)
  end

  it("but nothing is a protocol error", function()
    local s = server.start { server.answer {}, server.answer { status = 204 },
      server.answer { body = " \r\n" } }
    for _ = 1, 3 do expect_error("protocol", { attempts = 1 }, once(s.url)) end
  end)

  it("has its status in the error, whatever it is instead", function()
    local steps = { server.answer { status = 201 } }
    for _, case in ipairs(bodies) do
      steps[#steps + 1] = server.answer { status = 201, body = case[2] }
    end
    steps[#steps + 1] = server.json(201, { error = { message = "in truth we failed" } })
    local s = server.start(steps)
    for _ = 1, #steps do expect_error("protocol", { status = 201 }, once(s.url)) end
  end)

  it("but an error in disguise has that error's words and code", function()
    local s = server.start { server.json(200, { error = { message = "in truth we failed",
      code = "disguised" } }) }
    local value, err = once(s.url)
    expect_error("protocol", { code = "disguised", retryable = false, attempts = 1 }, value, err)
    assert.matches("in truth we failed", tostring(err))
  end)

  it("is told apart when nothing is asked of the answer, too", function()
    local s = server.start { html(200) }
    local value, err = asking.plain(s.url).chat.completions.create {
      model = "fake-model", messages = "hello",
    }
    expect_error("protocol", { status = 200, retryable = false, attempts = 1 }, value, err)
  end)
end)

describe("the text of an error", function()
  after_each(server.stop_all)

  local function text_of(step, params, options)
    local s = server.start { step }
    local value, err = once(s.url, options, params)
    assert.is_nil(value)
    assert.is_nil(asking.flaw(err))
    s:stop()
    return tostring(err), err
  end

  it("quotes a little of what the server says, and no more", function()
    local long = ("w"):rep(5000)
    for _, step in ipairs {
      server.error(400, long), server.answer { status = 400, body = long },
      server.answer { body = long }, server.json(200, { error = { message = long } }),
      server.redirect(302, "http://127.0.0.1/" .. long), server.error(400, "short", long),
      server.answer { status = 400, reason = long },
      server.completion { message = { refusal = long } },
      server.completion { tool = { "Response", long } },
      server.completion { tool = { "Response", '{"age":"' .. long .. '"}' } },
      server.completion { tool = { "Response", '{"' .. long .. '":1}' } },
    } do
      local text = text_of(step)
      assert.is_true(asking.longest_run(text, "w") <= asking.QUOTE_MAX, text)
    end
  end)

  it("quotes a little of a request id, and no more", function()
    local step = server.error(400, "short", nil, { ["x-request-id"] = ("w"):rep(5000) })
    local text = text_of(step)
    assert.is_true(asking.longest_run(text, "w") <= asking.QUOTE_MAX, text)
  end)

  it("quotes little of the names that a strict schema does not know", function()
    local step = server.completion { tool = { "Response", '{"' .. ("w"):rep(5000) .. '":1}' } }
    local text = text_of(step, { response_model = z.object({}):strict() })
    assert.is_true(asking.longest_run(text, "w") <= asking.QUOTE_MAX, text)
  end)

  it("holds no control character and no broken letter of what the server says", function()
    local nasty = 'a\27[31mred\r\nX: y\0\8' .. ("\195\164"):rep(300)
    for _, step in ipairs { server.error(400, nasty), server.answer { status = 400, body = nasty },
      server.answer { body = nasty .. "\255\254" } } do
      local text = text_of(step)
      assert.matches("red", text)
      assert.is_nil(text:find "\255")
      local rest = text:gsub("\195\164", ""):gsub("\226\128\166", "")
      assert.is_nil(rest:find "[\128-\255]", rest)
    end
  end)

  it("never holds the key, wherever the server repeats it", function()
    local bearer = "Incorrect API key provided: " .. KEY
    for _, step in ipairs {
      server.error(401, bearer, "invalid_api_key"),
      server.error(401, "twice " .. KEY .. KEY .. " and again " .. KEY),
      server.answer { status = 401, body = bearer },
      server.answer { body = bearer },
      server.json(200, { error = { message = bearer } }),
      server.completion { message = { refusal = bearer } },
      server.redirect(302, "http://127.0.0.1/?key=" .. KEY),
    } do
      assert.matches("%*%*%*%*", (text_of(step)))
    end
  end)

  it("never holds what the model answered, nor so a key it repeats", function()
    local text = text_of(server.completion { tool = { "Response", "Incorrect: " .. KEY } })
    assert.matches("not JSON", text)
    assert.is_nil(text:find("Incorrect", 1, true))
  end)

  it("never holds a piece of the key where a quotation is cut", function()
    for padding = 180, 196, 8 do
      text_of(server.error(401, ("w"):rep(padding) .. KEY))
    end
  end)

  it("never holds the key as a code", function()
    text_of(server.error(401, "short", KEY))
  end)

  it("never holds the key as a request id", function()
    text_of(server.error(401, "short", nil, { ["x-request-id"] = KEY }))
  end)

  it("never holds a key that went out in a header of the user's", function()
    for _, name in ipairs { "Authorization", "api-key" } do
      local s = server.start { server.error(401, "no such key: " .. KEY) }
      local client = Instructor { client = OpenAI { base_url = s.url, headers = { [name] = KEY } } }
      expect_error("http", { status = 401 }, ask(client))
      assert.equal(KEY, s:requests()[1].headers[name:lower()])
    end
  end)

  it("holds neither the question nor the headers", function()
    for _, step in ipairs { server.error(400, "no"), html(200), server.close(),
      server.redirect(302, "/x"), server.rubbish(2000) } do
      local text = text_of(step, { messages = "a secret question" },
        { headers = { ["X-Secret"] = "a secret header" }, max_answer = 1000 })
      assert.is_nil(text:find("secret", 1, true))
    end
  end)

  it("begins with the kind, and the fields say the same to programs", function()
    local text, err = text_of(server.error(404, "the model does not exist", "model_not_found",
      { ["x-request-id"] = "req-fake-9" }))
    assert.equal("http: HTTP 404: the model does not exist\n"
      .. "  (1 request, request id req-fake-9)", text)
    assert.is_true(Instructor.is_error(err))
    assert.equal("HTTP 404: the model does not exist", err.message)
    assert.same({ "http", 404, "model_not_found", "req-fake-9", false },
      { err.kind, err.status, err.code, err.request_id, err.retryable })
    assert.is_nil(err.usage)
    assert.is_nil(err.issues)
    assert.is_nil(err.reason)
  end)

  it("asks whether the base URL is right where a server does not know the address", function()
    for _, step in ipairs { html(404), server.answer { status = 405 } } do
      assert.matches("there is no such address: is the base URL right?", text_of(step), 1, true)
    end
    for _, words in ipairs { "{}", "404 page not found", '{"detail":"Not Found"}',
      '{"error":{"message":"File Not Found","code":404}}' } do
      local step = server.answer { status = 404, body = words }
      assert.matches("is the base URL right?", text_of(step), 1, true)
    end
    local said = text_of(server.error(404, "the model does not exist"))
    assert.is_nil(said:find("base URL", 1, true))
  end)

  it("is what assert shows", function()
    local s = server.start { server.error(404, "the model does not exist") }
    local ok, raised = pcall(function() return assert(once(s.url)) end)
    assert.is_false(ok)
    assert.matches("^http: HTTP 404: the model does not exist", tostring(raised))
  end)

  it("can be had of every error of a long list of faults", function()
    local steps = { server.stall(), server.close(), html(200), server.json(200, cjson.encode {}),
      asking.unfit(), server.completion { content = "" }, server.completion { content = "hm" },
      well { finish_reason = "length" }, well { finish_reason = "content_filter" },
      server.completion { message = { refusal = "no" } }, server.rubbish(100000) }
    local kinds = { "timeout", "network", "protocol", "protocol", "validation", "no_answer", "json",
      "incomplete", "content_filter", "refusal", "limit" }
    local s = server.start(steps)
    for _, kind in ipairs(kinds) do
      expect_error(kind, { attempts = 1 },
        once(s.url, { timeout = { first_byte = 0.3 }, max_answer = 5000 }))
    end
  end)
end)

-- Connections that fail, servers that dawdle, answers without end: each ends in its documented
-- err.kind or in the right answer.  A real server misbehaves, on loopback.

local asking = require "spec.support.asking"
local process = require "spec.support.process"
local server = require "spec.support.server"

local ask, once = asking.ask, asking.once
local expect_error, expect_well = asking.expect_error, asking.expect_well
local act = server.act

-- Bounds for what must not wait: far from both what is right and what would be wrong.
local SOON = 5

describe("a connection", function()
  after_each(server.stop_all)

  it("that is refused is a network error: it names the place and may pass", function()
    local port = process.free_port()
    local url = ("http://127.0.0.1:%d/v1"):format(port)
    local err = expect_error("network", { retryable = true, attempts = 1 }, once(url))
    assert.matches("127%.0%.0%.1 port " .. port .. ": Connection refused", tostring(err))
    assert.is_nil(err.status)
    assert.is_nil(err.usage)
  end)

  it("that fails is tried again twice, unless the client says otherwise", function()
    local s = server.start { server.close(), repeat_last = true }
    local err = expect_error("network", { attempts = 3 }, ask(asking.client(s.url)))
    assert.equal(3, #s:requests())
    for _, attempt in ipairs(err.attempts) do assert.equal("network", attempt.kind) end
    assert.matches("3 requests", tostring(err))
    expect_error("network", { attempts = 1 }, once(s.url))
    expect_error("network", { attempts = 2 },
      ask(asking.client(s.url), nil, { http_retries = 1 }))
    assert.equal(6, #s:requests())
  end)

  it("is tried as often as the call itself says, whatever max_retries would lift it to", function()
    local s = server.start { server.close(), repeat_last = true }
    local client = asking.client(s.url, { http_retries = 0 })
    expect_error("network", { attempts = 3 }, ask(client, { max_retries = 2 }))
    expect_error("network", { attempts = 1 },
      ask(client, { max_retries = 2 }, { http_retries = 0 }))
    expect_error("network", { attempts = 2 },
      ask(client, { max_retries = 2 }, { http_retries = 1 }))
  end)

  it("is tried again with exactly the same bytes", function()
    local s = server.start { server.reset(), server.close(), asking.well() }
    local meta = expect_well(ask(asking.client(s.url)))
    assert.equal(3, #meta.attempts)
    local requests = s:requests()
    for i = 2, 3 do
      assert.equal(requests[1].head, requests[i].head)
      assert.equal(requests[1].body, requests[i].body)
    end
  end)

  local failing = {
    { "closed before the request is read", server.close_first() },
    { "reset before the request is read", server.reset_first() },
    { "closed before the answer", server.close() },
    { "reset before the answer", server.reset() },
    { "dropped before the answer", server.raw(act.drop()) },
    { "closed within the status line", server.cut_head(10, asking.well()) },
    { "closed within the head", server.cut_head(40, asking.well()) },
    { "closed before the body", server.cut_body(0, asking.well()) },
    { "closed within the body", server.cut_body(50, asking.well()) },
    { "reset within the body", server.reset_body(50, asking.well()) },
    { "closed within a body of chunks", server.cut_body(50, server.answer {
      body = ("x"):rep(200), chunked = 7 }) },
    { "closed before the last chunk", server.raw("HTTP/1.1 200 OK\r\n"
      .. "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", act.close()) },
  }

  for _, case in ipairs(failing) do
    it(case[1] .. " is a network error, and well when the next try is", function()
      local s = server.start { case[2], case[2], asking.well() }
      expect_error("network", { retryable = true, attempts = 1 }, once(s.url))
      local meta = expect_well(ask(asking.client(s.url)))
      assert.equal("network", meta.attempts[1].kind)
      assert.is_nil(meta.attempts[2].kind)
    end)
  end

  it("serves one call after another", function()
    local s = server.start { asking.well(), repeat_last = true }
    local client = asking.client(s.url)
    for _ = 1, 3 do expect_well(ask(client)) end
    assert.equal(1, s:connections())
  end)

  it("that the server ended while it was idle is replaced without a word", function()
    local s = server.start { server.close_after(0, asking.well()), repeat_last = true }
    local client = asking.client(s.url, { http_retries = 0 })
    for _ = 1, 3 do
      local meta = expect_well(ask(client))
      assert.equal(1, #meta.attempts)
      process.sleep(0.05)
    end
    assert.equal(3, s:connections())
  end)

  it("that the server announces to end is not used again", function()
    local bye = asking.well { headers = { Connection = "close" } }
    local s = server.start { bye, bye, asking.well() }
    local client = asking.client(s.url, { http_retries = 0 })
    for _ = 1, 3 do expect_well(ask(client)) end
    assert.equal(3, s:connections())
  end)

  it("that ends with the next request in flight costs no answer", function()
    local s = server.start { asking.well(), server.close(), asking.well() }
    local client = asking.client(s.url)
    expect_well(ask(client))
    expect_well(ask(client))
    assert.equal(3, #s:requests())
  end)

  it("given up in mid-answer never lends its late bytes to the next call", function()
    local late = asking.well { tool = { "Response", '{"age":99,"name":"Late"}' } }
    local s = server.start { server.slow_head(400, late), server.slow_head(600, asking.well()) }
    local client = asking.client(s.url, { http_retries = 0 })
    expect_error("timeout", {}, ask(client, nil, { timeout = { first_byte = 0.2 } }))
    expect_well(ask(client))
    assert.equal(2, s:connections())
  end)

  it("to a server that was unplugged between two calls fails, and another server serves", function()
    local first = server.start { asking.well(), repeat_last = true }
    local client = asking.client(first.url)
    expect_well(ask(client))
    first:stop()
    expect_error("network", { retryable = true, attempts = 3 }, ask(client))
    local second = server.start { asking.well() }
    expect_well(ask(asking.client(second.url)))
    expect_error("network", { attempts = 3 }, ask(client))
  end)
end)

describe("a server that", function()
  after_each(server.stop_all)

  it("does not begin to answer runs into the first-byte timeout", function()
    local s = server.start { server.stall(), repeat_last = true }
    local took, value, err = asking.seconds(once, s.url, { timeout = { first_byte = 0.3 } })
    expect_error("timeout", { retryable = true, attempts = 1 }, value, err)
    assert.is_true(took > 0.25 and took < SOON, took .. " s")
    assert.is_nil(err.status)
    assert.is_true(err.attempts[1].seconds > 0.25)
  end)

  it("begins too late is asked again, with the same bytes", function()
    local s = server.start { server.slow_head(5000, asking.well()), asking.well() }
    local client = asking.client(s.url, { timeout = { first_byte = 0.8 } })
    local took, value, meta = asking.seconds(ask, client)
    expect_well(value, meta)
    assert.equal("timeout", meta.attempts[1].kind)
    assert.is_true(took < 4.9, took .. " s")
    local requests = s:requests()
    assert.equal(requests[1].body, requests[2].body)
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("falls silent within the body runs into the idle timeout", function()
    local s = server.start { server.stall_body(20, asking.well()), asking.well() }
    local client = asking.client(s.url, { http_retries = 0, timeout = { idle = 0.3 } })
    local took, value, err = asking.seconds(ask, client)
    expect_error("timeout", { retryable = true, status = 200, attempts = 1 }, value, err)
    assert.is_true(took > 0.25 and took < SOON, took .. " s")
    expect_well(ask(client))
  end)

  it("falls silent within the head runs into the idle timeout: its first byte has come", function()
    local s = server.start { server.raw("HTTP/1.1 200 OK\r\nX-Half: ", act.stall()) }
    local took, value, err = asking.seconds(once, s.url,
      { timeout = { idle = 0.3, first_byte = 30, total = 30 } })
    expect_error("timeout", { retryable = true, attempts = 1 }, value, err)
    assert.is_true(took < SOON, took .. " s: " .. tostring(err))
  end)

  it("sends a byte now and then is slow, not idle", function()
    local s = server.start { server.drip(4000, asking.well()) } -- a second and more
    expect_well(once(s.url, { timeout = { first_byte = 5, idle = 0.8 } }))
  end)

  it("stalls is left at the deadline of the call", function()
    local s = server.start { server.stall(), repeat_last = true }
    local took, value, err = asking.seconds(ask, asking.client(s.url), { deadline = 0.5 })
    expect_error("timeout", { attempts = 1 }, value, err)
    assert.is_true(took > 0.4 and took < SOON, took .. " s")
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("is left at the deadline makes for the same error, with retries and without", function()
    local s = server.start { server.stall(), repeat_last = true }
    for retries = 0, 1 do
      local client = asking.client(s.url, { http_retries = retries })
      local value, err = ask(client, { deadline = 0.3 })
      expect_error("timeout", { retryable = false, attempts = 1 }, value, err)
      assert.matches("the deadline of 0%.3 s has passed", err.message)
    end
  end)

  it("trickles is left at the deadline of the call", function()
    local s = server.start { server.drip(40000, asking.well()), repeat_last = true }
    local took, value, err = asking.seconds(ask, asking.client(s.url), { deadline = 0.6 })
    expect_error("timeout", { attempts = 1 }, value, err)
    assert.is_true(took > 0.5 and took < SOON, took .. " s")
  end)

  it("reads nothing at all is left at the deadline of the call", function()
    local s = server.start { server.never_read(), receive_buffer = 4096, repeat_last = true }
    local took, value, err = asking.seconds(ask, asking.client(s.url),
      { deadline = 0.6, messages = ("x"):rep(8 * 1024 * 1024) })
    expect_error("timeout", { attempts = 1 }, value, err)
    assert.is_true(took > 0.5 and took < 2 * SOON, took .. " s")
  end)

  it("fails for ever is left at the deadline, however many retries are allowed", function()
    local s = server.start { server.error(500), repeat_last = true }
    local client = asking.client(s.url, { backoff = 0.1 })
    local took, value, err = asking.seconds(ask, client, { deadline = 0.8, max_retries = 1000 })
    expect_error("timeout", {}, value, err)
    assert.is_true(took > 0.5 and took < SOON, took .. " s")
    assert.is_true(#err.attempts > 1 and #err.attempts < 12)
    assert.equal(#err.attempts, #s:requests())
  end)

  it("stalls is left after the client's timeout, or the request's, which wins", function()
    local s = server.start { server.stall(), repeat_last = true }
    local client = asking.client(s.url, { timeout = 0.4 })
    local took, value, err = asking.seconds(ask, client)
    expect_error("timeout", {}, value, err)
    assert.is_true(took > 0.3 and took < SOON, took .. " s")
    local longer
    longer, value, err = asking.seconds(ask, client, nil, { timeout = 1.2 })
    expect_error("timeout", {}, value, err)
    assert.is_true(longer > 1 and longer < 1 + SOON, longer .. " s")
  end)

  it("answers late but within all limits is waited for", function()
    local s = server.start { server.pause_body(10, 300, server.slow_head(300, asking.well())) }
    expect_well(once(s.url))
  end)
end)

describe("an answer", function()
  after_each(server.stop_all)

  local function zipped(bytes)
    local result = process.run({ "gzip", "-c" }, { stdin = bytes })
    return result.status == 0 and result.stdout or nil
  end

  local BODY = asking.well().body
  local fine = {
    { "one byte at a time", server.drip(500, asking.well()) },
    { "in chunks", server.answer { body = BODY, chunked = 40 } },
    { "in chunks of one byte", server.answer { body = BODY, chunked = 1 } },
    { "in chunks of one byte, one at a time", server.drip(100, server.answer {
      body = BODY, chunked = 1 }) },
    { "ended by the connection alone", server.answer { body = BODY, length = false,
      close = true } },
    { "behind a 100 Continue", server.interim(100, asking.well()) },
    { "behind early hints", server.interim(103, asking.well()) },
    { "behind three interim answers", server.interim(100, server.interim(102, server.interim(103,
      asking.well()))) },
    { "of HTTP/1.0", server.raw("HTTP/1.0 200 OK\r\n\r\n" .. BODY, act.close()) },
    { "without a word behind its status", server.raw(("HTTP/1.1 200\r\ncontent-length: %d\r\n\r\n")
      :format(#BODY), BODY) },
    { "called a text", server.answer { body = BODY,
      headers = { ["Content-Type"] = "text/plain" } } },
    { "with the status 201", server.answer { status = 201, body = BODY } },
  }

  for _, case in ipairs(fine) do
    it(case[1] .. " is taken", function()
      local s = server.start { case[2] }
      expect_well(once(s.url))
    end)
  end

  it("that comes zipped is taken", function()
    local bytes = zipped(BODY)
    if not bytes then return pending "needs the gzip command" end
    local s = server.start { server.answer { body = bytes,
      headers = { ["Content-Encoding"] = "gzip" } } }
    expect_well(once(s.url))
    assert.is_nil(s:requests()[1].headers["accept-encoding"], "it came unasked")
  end)

  it("that comes before all of the question was read is taken", function()
    local early = server.early(server.error(413, "too long a question", "too_long"))
    local s = server.start { early }
    local value, err = once(s.url, nil, { messages = ("x"):rep(4 * 1024 * 1024) })
    expect_error("http", { status = 413, code = "too_long", attempts = 1 }, value, err)
  end)

  it("is not delayed by waiting for leave to send a long question", function()
    local s = server.start { asking.well() }
    expect_well(once(s.url, nil, { messages = ("x"):rep(2 * 1024 * 1024) }))
    local request = s:requests()[1]
    assert.is_nil(request.headers.expect)
    assert.is_true(request.whole)
    assert.equal(2 * 1024 * 1024, #request:json().messages[1].content)
  end)

  it("in something else than HTTP is a network error that is not worth another try", function()
    local s = server.start { server.raw("SSH-2.0-OpenSSH_9.2\r\n", act.close()) }
    local value, err = ask(asking.client(s.url))
    expect_error("network", { retryable = false, attempts = 1 }, value, err)
  end)
end)

-- What a process holds at most, in a process of its own: kilobytes of memory before and after.
local PEAK = [[
local Instructor, OpenAI = require "instructor", require "instructor.openai"
local z = require "instructor.z"
local function peak()
  local status = assert(io.open "/proc/self/status"):read "*a"
  return tonumber(status:match "VmHWM:%s*(%d+)")
end
local function ask(url)
  local oai = OpenAI { base_url = url, api_key = "sk-fake", http_retries = 0 }
  return Instructor({ client = oai }).chat.completions.create {
    model = "fake-model", messages = "hello", response_model = z.object { age = z.number() },
  }
end
local _, err = ask(arg[1])
assert(err.kind == "http", tostring(err))
local before = peak()
_, err = ask(arg[1])
print(err.kind, peak() - before)
]]

describe("the limit of", function()
  after_each(server.stop_all)

  it("an answer ends 50 MB of rubbish early", function()
    local s = server.start { server.rubbish(50000000), server.rubbish(50000000, { length = true }) }
    for index = 1, 2 do
      local took, value, err = asking.seconds(once, s.url)
      expect_error("limit", { retryable = false, status = 200, attempts = 1 }, value, err)
      assert.matches("16777216 bytes", tostring(err))
      assert.is_true(took < 3 * SOON, took .. " s")
      local request = s:await_end(index)
      assert.equal("gone", request.ended)
      assert.is_true(request.sent < 40000000)
    end
  end)

  it("an answer bounds the memory it takes", function()
    if not process.read "/proc/self/status" then return pending "needs /proc" end
    local s = server.start { server.error(400), server.rubbish(50000000) }
    local result = process.run { asking.interpreter(), asking.script(PEAK), s.url }
    assert.equal("", result.stderr)
    local kind, grown = result.stdout:match "^(%a+)%s+(%d+)"
    assert.equal("limit", kind)
    assert.is_true(tonumber(grown) < 40000, grown .. " kB") -- 16 MiB, doubled as it grows
  end)

  it("an answer is an option, exact to the byte", function()
    local step = asking.well()
    local s = server.start { step, repeat_last = true }
    expect_well(once(s.url, { max_answer = #step.body }))
    expect_error("limit", { retryable = false, attempts = 1 },
      once(s.url, { max_answer = #step.body - 1 }))
  end)

  it("an answer counts what was unpacked", function()
    local zip = process.run({ "gzip", "-c" }, { stdin = (" "):rep(50000000) })
    if zip.status ~= 0 then return pending "needs the gzip command" end
    local s = server.start { server.answer { body = zip.stdout,
      headers = { ["Content-Encoding"] = "gzip" } } }
    expect_error("limit", { retryable = false, attempts = 1 }, once(s.url))
  end)

  it("an answer holds for error statuses, too", function()
    local s = server.start { server.rubbish(50000000, { status = 500 }), repeat_last = true }
    local value, err = once(s.url, { max_answer = 100000 })
    expect_error("limit", { status = 500, attempts = 1 }, value, err)
    assert.is_true(s:await_end(1).sent < 40000000)
  end)

  it("a head ends one without end", function()
    local s = server.start { server.rubbish_head(50000000),
      server.rubbish_head(50000000, "x"),
      server.rubbish_head(50000000, "X-Long: " .. ("x"):rep(20000) .. "\r\n") }
    for index = 1, 3 do
      local value, err = once(s.url)
      expect_error("limit", { retryable = false, attempts = 1 }, value, err)
      assert.is_true(s:await_end(index).sent < 40000000)
    end
  end)

  it("nesting ends an answer of brackets", function()
    local s = server.start {
      server.json(200, ("["):rep(1000000)),
      asking.well { tool = { "Response", ('{"age":'):rep(100000) } },
    }
    expect_error("limit", { retryable = false, attempts = 1 }, once(s.url))
    expect_error("limit", { retryable = false, attempts = 1 }, once(s.url))
  end)
end)

describe("a process that makes many calls", function()
  after_each(server.stop_all)

  local BAD = { "network", "timeout", "http", "protocol", "validation", "limit", "json" }
  for _, kind in ipairs(BAD) do BAD[kind] = true end

  -- Steps of every kind, each `weight` bytes or so.
  local function mixed(count, weight)
    local long = ("y"):rep(weight)
    local kinds = {
      asking.well { extra = { filler = long } },
      server.error(500, long, "broken"),
      server.cut_body(weight, asking.well { extra = { filler = long } }),
      server.answer { body = "<html>" .. long, headers = { ["Content-Type"] = "text/html" } },
      asking.unfit(),
      asking.well { tool = { "Response", '{"age":' .. long } },
      server.reset(),
      server.stall_body(10, asking.well()),
      server.rubbish(weight + 100000),
      server.cut_head(20, asking.well()),
    }
    local steps = { repeat_last = true }
    for i = 1, count do steps[i] = kinds[(i - 1) % #kinds + 1] end
    steps[count + 1] = asking.well()
    return steps
  end

  local function ask_often(client, from, to)
    for i = from, to do
      local value, err = ask(client, { backoff = i % 2 == 0 and 0.001 or false })
      assert(value or BAD[err.kind], tostring(err))
      if not value then assert.is_nil(asking.flaw(err)) end
    end
  end

  -- Runs `fn` on a stack of its own, which goes with all it held.
  local function apart(fn)
    coroutine.wrap(fn)()
    collectgarbage()
    collectgarbage()
  end

  it("leaks no descriptor", function()
    if not process.read "/proc/self/stat" then return pending "needs /proc" end
    local s = server.start(mixed(60, 1000))
    apart(function() ask(asking.client(s.url)) end) -- what libcurl opens once
    collectgarbage()
    local before = process.descriptors()
    apart(function()
      for i = 1, 5 do
        local client = asking.client(s.url, { http_retries = i % 2, max_answer = 50000,
          timeout = { idle = 0.05, first_byte = 2, total = 5 } })
        ask_often(client, 1, 10)
      end
    end)
    assert.is_true(process.await(function() -- name look-ups may linger
      return process.descriptors() <= before
    end, 5))
  end)

  -- Bytes held by Lua, and kilobytes of memory of the whole process, where the system tells.
  local function held()
    collectgarbage()
    collectgarbage()
    local status = process.read "/proc/self/status" or ""
    return collectgarbage "count" * 1024, tonumber(status:match "VmRSS:%s*(%d+)" or 0)
  end

  it("keeps its memory flat", function()
    local s = server.start(mixed(300, 100000))
    local client = asking.client(s.url, { http_retries = 0, max_answer = 150000,
      timeout = { idle = 0.02, first_byte = 2, total = 5 } })
    ask_often(client, 1, 60)
    local bytes, resident = held()
    ask_often(client, 61, 300)
    local bytes_after, resident_after = held()
    assert.is_true(bytes_after - bytes < 200000, bytes_after - bytes .. " bytes more in Lua")
    if asking.is_sanitized() then return end -- freed memory is kept aside there
    assert.is_true(resident_after - resident < 8000, resident_after - resident .. " kB more")
  end)
end)

-- The server for misbehaviour itself, seen by the curl command: each thing it can do, once.

local process = require "spec.support.process"
local server = require "spec.support.server"
local tls = require "spec.support.tls"

local has_curl = process.run({ "curl", "--version" }).status == 0

-- curl's exit statuses met here.
local CUT, TIMED_OUT, EMPTY, RESET = 18, 28, 52, 56

-- Asks like a client would.  Returns curl's result with .code (HTTP status) and .body.
local function curl(...)
  local words = { "curl", "-q", "-sS", "--noproxy", "*", "-w", "\n%{http_code}" }
  for _, word in ipairs { ... } do words[#words + 1] = word end
  local result = process.run(words, { limit = 8 })
  local body, code = result.stdout:match("^(.*)\n(%d+)$")
  result.body, result.code = body, tonumber(code)
  return result
end

local pids = {}

local function start(steps)
  local one = server.start(steps)
  pids[#pids + 1] = one.pid
  return one
end

local function every_byte()
  local bytes = {}
  for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
  return table.concat(bytes)
end

local function interpreter()
  local i = 0
  while arg[i - 1] do i = i - 1 end
  return arg[i]
end

local function describe_with_curl(name, body)
  describe(name, function()
    if has_curl then body() else pending "needs the curl command" end
  end)
end

describe("the faultserver", function()
  after_each(function()
    server.stop_all()
    tls.stop_all()
    for _, pid in ipairs(pids) do assert.is_false(process.is_alive(pid)) end
    pids = {}
  end)

  it("refuses a script it does not understand, naming the line", function()
    local ok, message = pcall(server.start, { server.step { { "dance" } } })
    assert.is_false(ok)
    assert.matches("line 2: no such action", message)
  end)

  it("ends at SIGTERM", function()
    local s = start { server.stall() }
    assert.is_true(process.signal(s.pid, "TERM"))
    s:stop()
  end)

  it("ends when the spec process dies, and so does all that is temporary", function()
    local script = process.temp_file([[
      local process = require "spec.support.process"
      local s = require("spec.support.server").start { "x" }
      print(s.pid, process.start({ "sleep", "60" }).pid, s.files.journal)
      io.stdout:flush()
      process.sleep(60)
    ]], ".lua")
    local program = { FAULTSERVER = process.program() }
    local lua = process.start({ interpreter(), script }, { env = program })
    local line = process.await(function() return lua:stdout():match("^(.-)\n") end)
    local served, slept, journal = line:match("(%d+)%s(%d+)%s(%S+)")
    assert.is_true(process.is_alive(served) and process.is_alive(slept))
    lua:signal("KILL")
    assert.equal(9, lua:wait().signal)
    assert.is_true(process.await(function()
      return not process.is_alive(served) and not process.is_alive(slept)
        and not process.read(journal)
    end))
  end)

  describe_with_curl("with curl", function()
    it("takes one step for each request, then says that the script is over", function()
      local s = start { server.json(200, { a = 1 }), server.error(404, "gone", "no_such") }
      local first = curl(s.url)
      assert.same({ 200, '{"a":1}' }, { first.code, first.body })
      local second = curl(s.url)
      assert.equal(404, second.code)
      assert.matches("no_such", second.body)
      local third = curl(s.url)
      assert.equal(500, third.code)
      assert.matches("the script is over", third.body)
      local requests = s:requests()
      assert.same({ false, false, true },
        { requests[1].over, requests[2].over, requests[3].over })
    end)

    it("repeats its last step when it is told to", function()
      local s = start { server.json(200, "1"), server.json(200, "2"), repeat_last = true }
      assert.equal("1", curl(s.url).body)
      assert.equal("2", curl(s.url).body)
      assert.equal("2", curl(s.url).body)
    end)

    it("writes down every byte it was sent, in order", function()
      local s = start { server.json(200, "1"), repeat_last = true }
      local body = every_byte() .. 'end "\\'
      local file = process.temp_file(body)
      curl("-H", "X-Twice: Ä1", "-H", "X-Twice:  2 ", "--data-binary", "@" .. file, s.url .. "/a?b")
      s:stop()
      local one = s:requests()[1]
      assert.equal(body, one.body)
      assert.same({ "POST", "/v1/a?b" }, { one.method, one.path })
      assert.equal("Ä1, 2", one.headers["x-twice"])
      assert.same({ "Host", ("127.0.0.1:%d"):format(s.port) }, one.header_list[1])
      assert.matches("^POST /v1/a%?b HTTP/1.1\r\nHost: ", one.head)
      assert.is_true(one.whole and one.time > 0)
    end)

    it("keeps a connection for the next request, and numbers connections", function()
      local s = start { server.json(200, "1"), repeat_last = true }
      curl(s.url, s.url)
      curl(s.url, "-H", "Connection: close")
      local requests = s:await(3)
      assert.same({ 1, 1, 2 },
        { requests[1].connection, requests[2].connection, requests[3].connection })
      assert.equal(2, s:connections())
    end)

    it("reads bodies in chunks and bodies that wait for 100 Continue", function()
      local s = start { server.json(200, "1"), repeat_last = true }
      local text = ("0123456789"):rep(20000)
      local file = process.temp_file(text)
      curl("-H", "Transfer-Encoding: chunked", "--data-binary", "@" .. file, s.url)
      local waited = curl("-H", "Expect: 100-continue", "--expect100-timeout", "5",
        "--data-binary", "@" .. file, s.url)
      assert.is_true(waited.seconds < 3)
      assert.equal(text, s:requests()[1].body)
      assert.equal(text, s:requests()[2].body)
    end)

    it("writes down bytes that are no request and answers 400", function()
      local s = start { server.stall() }
      assert.not_equal(0, curl(s.url:gsub("http", "https"), "-k").status)
      assert.equal("bad", s:events()[2].event)
      assert.equal("\22\3", s:events()[2].head:sub(1, 2))
    end)

    it("makes the shapes of a chat completion", function()
      local s = start {
        server.completion { tool = { "Response", { age = 30 } }, usage = false },
        server.completion { function_call = { "Response", "{}" }, finish_reason = "length" },
        server.completion { content = "hi", model = "m", extra = { service_tier = "x" } },
      }
      local cjson = require "cjson"
      local one, two, three = cjson.decode(curl(s.url).body), cjson.decode(curl(s.url).body),
        cjson.decode(curl(s.url).body)
      local call = one.choices[1].message.tool_calls[1]
      assert.same({ "Response", '{"age":30}' }, { call["function"].name,
        call["function"].arguments })
      assert.is_nil(one.usage)
      assert.equal("tool_calls", one.choices[1].finish_reason)
      assert.same({ name = "Response", arguments = "{}" }, two.choices[1].message.function_call)
      assert.equal("length", two.choices[1].finish_reason)
      assert.same({ "hi", "m", "x", 15 }, { three.choices[1].message.content, three.model,
        three.service_tier, three.usage.total_tokens })
    end)

    it("redirects, and says when to come again", function()
      local s = start { server.redirect(307, "/v1/there"),
        server.retry_after(429, 1.5, { ["X-More"] = "yes" }) }
      local there = curl("-i", "-L", s.url .. "/here")
      assert.equal(429, there.code)
      assert.matches("Retry%-After: 1%.5\r\n", there.body)
      assert.matches("X%-More: yes\r\n", there.body)
      assert.equal("/v1/there", s:requests()[2].path)
    end)

    it("is slow to begin, to go on, and with every byte", function()
      local s = start { server.slow_head(150), server.pause_body(3, 150), server.drip(500) }
      local whole = #curl(s.url).body
      assert.equal(whole, #curl(s.url).body)
      assert.equal(whole, #curl(s.url).body)
      for index = 1, 3 do
        local one = s:await_end(index)
        assert.equal("done", one.ended)
        assert.is_true(one.ended_at - one.time > 0.1, "step " .. index .. " was quick")
      end
    end)

    it("sends chunks, wrong lengths and interim answers", function()
      local s = start { server.answer { body = "0123456789", chunked = 3 },
        server.answer { body = "0123456789", length = 4 },
        server.answer { body = "0123456789", length = 40, close = true },
        server.interim(103, server.json(200, "1")) }
      assert.equal("0123456789", curl(s.url).body)
      assert.equal("0123", curl(s.url).body)
      assert.equal(CUT, curl(s.url).status)
      assert.equal("1", curl(s.url).body)
    end)

    it("cuts, resets and stalls in mid-answer", function()
      local answer = server.json(200, ("x"):rep(100))
      local s = start { server.cut_body(10, answer), server.cut_head(10, answer),
        server.reset_body(10, answer), server.stall_body(10, answer) }
      local cut = curl(s.url)
      assert.same({ CUT, ("x"):rep(10) }, { cut.status, cut.body })
      assert.not_equal(0, curl(s.url).status)
      assert.equal(RESET, curl(s.url).status)
      local stalled = curl("--max-time", "1", s.url)
      assert.same({ TIMED_OUT, 10 }, { stalled.status, #stalled.body })
      assert.equal("gone", s:await_end(4).ended)
    end)

    it("closes, drops and resets instead of answering", function()
      local s = start { server.close(), server.raw(server.act.drop()), server.reset(),
        server.close_first(), server.reset_first(), server.json(200, "1") }
      assert.equal(EMPTY, curl(s.url).status)
      assert.equal(EMPTY, curl(s.url).status)
      assert.equal(RESET, curl(s.url).status)
      assert.equal(EMPTY, curl(s.url).status)
      assert.not_equal(0, curl(s.url).status)
      assert.equal("1", curl(s.url).body)
      assert.equal(4, #s:requests())
    end)

    it("stalls until the peer goes away", function()
      local s = start { server.stall(), server.json(200, "1") }
      assert.equal(TIMED_OUT, curl("--max-time", "1", s.url).status)
      local one = s:await_end(1)
      assert.equal("gone", one.ended)
      assert.is_true(one.ended_at - one.time > 0.1)
      assert.equal("1", curl(s.url).body)
    end)

    it("accepts and never reads", function()
      local s = start { server.never_read(), receive_buffer = 4096 }
      local file = process.temp_file(("x"):rep(8 * 1024 * 1024))
      local result = curl("--max-time", "0.3", "-H", "Expect:", "-w", "%{size_upload}",
        "--data-binary", "@" .. file, s.url)
      assert.equal(TIMED_OUT, result.status)
      assert.is_true(tonumber(result.stdout) < 8 * 1024 * 1024)
      assert.equal(0, #s:requests())
    end)

    it("answers before the body is read", function()
      local s = start { server.early(server.json(200, "1")), server.json(200, "2") }
      local file = process.temp_file(("x"):rep(3000))
      local early = curl("-H", "Expect: 100-continue", "--expect100-timeout", "5",
        "--data-binary", "@" .. file, s.url)
      assert.equal("1", early.body)
      assert.is_false(s:requests()[1].whole)
      assert.equal("2", curl(s.url).body)
    end)

    it("ends an idle connection after the answer", function()
      local s = start { server.close_after(0, server.json(200, "1")), repeat_last = true }
      assert.equal(0, curl(s.url, s.url).status)
      assert.equal(2, s:connections())
    end)

    it("sends 50 MB of rubbish, and minds not when the peer leaves", function()
      local s = start { server.rubbish(50000000), server.rubbish(50000000, { length = true }),
        server.rubbish_head(50000), server.json(200, "1") }
      local all = curl("-o", "/dev/null", "-w", "%{size_download}", s.url)
      assert.same({ 0, "50000000" }, { all.status, all.stdout:match("^%d+") })
      local some = process.start { "curl", "-q", "-sSN", "--noproxy", "*", "--limit-rate", "100k",
        s.url }
      assert.is_true(process.await(function() return #some:stdout() > 10000 end))
      some:stop()
      local two = s:await_end(2)
      assert.equal("gone", two.ended)
      assert.is_true(two.sent > 10000 and two.sent < 50000000)
      assert.is_true(#curl("-i", s.url).body > 50000)
      assert.equal("1", curl(s.url).body)
    end)

    it("serves many at once, each at its own pace", function()
      local s = start { server.stall(), server.stall(), server.stall(), server.json(200, "1") }
      local asking = {}
      for i = 1, 3 do
        asking[i] = process.start { "curl", "-q", "-sS", "--noproxy", "*", s.url }
      end
      assert.equal(3, #s:await(3))
      assert.equal("1", curl(s.url).body)
      for i = 1, 3 do
        assert.is_true(asking[i]:is_running())
        asking[i]:stop()
      end
    end)

    it("stands behind TLS, trusted and not", function()
      if not tls.is_available() then return pending "needs the openssl command" end
      local authority = tls.authority()
      local s = tls.start(authority:certificate(), { server.completion { content = "safe" },
        repeat_last = true })
      assert.equal(60, curl(s.url).status)
      local answer = curl("--cacert", authority.ca_file, s.url, "-d", "question")
      assert.equal(200, answer.code)
      assert.matches('"safe"', answer.body)
      assert.equal(200, curl("--cacert", authority.ca_file, s.url).code)
      assert.equal("question", s:requests()[1].body)
      assert.equal(2, #s:requests())
      s:stop()
      assert.is_false(process.is_alive(s.process.pid))
    end)

    it("can show a certificate for another host", function()
      if not tls.is_available() then return pending "needs the openssl command" end
      local authority = tls.authority()
      local s = tls.start(authority:certificate("DNS:elsewhere.invalid"), { "x" })
      assert.equal(60, curl("--cacert", authority.ca_file, s.url).status)
    end)
  end)
end)

describe("a process", function()
  it("gives its output, errors and exit status back", function()
    local result = process.run({ "sh", "-c", 'cat; echo "$1$V$HOME" >&2; exit 3', "sh", "it's" },
      { stdin = "in\0put", env = { V = " $x ", HOME = false } })
    assert.same({ 3, "in\0put", "it's $x \n", false },
      { result.status, result.stdout, result.stderr, result.timed_out })
  end)

  it("has status 127 when there is no such program", function()
    assert.equal(127, process.run({ "/no/such/program" }).status)
  end)

  it("is ended when its time is over, with all it has started", function()
    local result = process.run({ "sh", "-c", "sleep 60 & echo $!; wait" }, { limit = 0.1 })
    assert.is_true(result.timed_out and result.seconds < 30)
    local pid = tonumber(result.stdout)
    assert.is_true(process.await(function() return not process.is_alive(pid) end))
  end)

  it("gets a signal, and the seconds to its end are measured", function()
    local sleeping = process.start { "sleep", "60" }
    assert.is_true(sleeping:is_running())
    sleeping:signal("INT")
    local result = sleeping:wait(5)
    assert.equal(2, result.signal)
    assert.is_true(result.after_signal < 30)
    assert.is_false(sleeping:is_running())
    assert.is_false(process.is_alive(sleeping.pid))
    sleeping:signal("INT")
  end)

  it("may end before it is told to", function()
    local quick = process.start({ "true" })
    assert.is_true(process.await(function() return not quick:is_running() end))
    quick:signal("INT")
    assert.equal(0, quick:wait().status)
    assert.equal(0, quick:stop().status)
  end)
end)

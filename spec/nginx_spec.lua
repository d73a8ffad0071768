-- nginx as a host: examples/nginx, run as it stands, asks a server that may misbehave.  One worker
-- serves all, so whatever blocks it blocks every request.

local asking = require "spec.support.asking"
local hosts = require "spec.support.hosts"
local process = require "spec.support.process"
local server = require "spec.support.server"
local tls = require "spec.support.tls"

local well, unfit = asking.well, asking.unfit
local act = server.act
local TEXT = asking.PROMPT
local RIGHT = '{"name":"Jason Liu","age":30}'

describe("nginx", function()
  local lacking = hosts.no_nginx()
  if lacking then
    it("can be a host", function() pending(lacking) end)
    return
  end

  local s, nginx

  -- A server that takes these steps, and nginx that asks it.
  local function start(steps)
    s = server.start(steps)
    nginx = hosts.start_nginx(s.url)
    return nginx
  end

  after_each(function()
    if nginx then nginx:stop() end
    nginx = nil
    server.stop_all()
    tls.stop_all()
  end)

  it("answers a request with a validated table", function()
    local status, body = start({ well() }):ask("/extract", TEXT)
    assert.same({ 200, RIGHT }, { status, body })
    assert.equal(TEXT, s:requests()[1]:json().messages[1].content)
    assert.equal("", nginx:log())
  end)

  it("asks the model again when its answer does not fit", function()
    assert.equal(200, (start({ unfit(), well() }):ask("/extract", TEXT)))
    assert.equal(2, #s:requests())
  end)

  it("keeps a connection for the next call", function()
    start { well(), well(), well(), unfit(), well() }
    for _ = 1, 4 do assert.equal(200, (nginx:ask("/extract", TEXT))) end
    assert.equal(5, #s:requests())
    assert.equal(1, s:connections())
  end)

  it("serves others while a model thinks, and drops a call whose client has gone", function()
    start { server.stall(), well() }
    local slow = nginx:begin("/extract", TEXT)
    s:await(1)
    assert.equal(200, (nginx:ask "/health"))
    assert.equal(200, (nginx:ask("/extract", TEXT)))
    assert.is_true(slow:is_running())
    assert.is_nil(s:requests()[1].ended)
    slow:stop()
    assert.equal("gone", s:await_end(1).ended)
    assert.equal(200, (nginx:ask "/health"))
  end)

  it("serves others while a call rests, and holds back those that ask the same server", function()
    start { server.retry_after(429, 30), well() }
    local slow = nginx:begin("/extract", TEXT)
    s:await_end(1)
    assert.equal(200, (nginx:ask "/health"))
    assert.equal(504, (nginx:ask("/extract?deadline=0.3", TEXT)))
    assert.is_true(slow:is_running())
    slow:stop()
    assert.equal(1, #s:requests())
  end)

  it("tries again after a short rest", function()
    assert.equal(200, (start({ server.retry_after(429, "0.01"), well() }):ask("/extract", TEXT)))
  end)

  it("says what went wrong, in the answer by its kind, in the log in full", function()
    local status, body = start({ server.error(401, "no such key", "bad_key") }):ask("/extract",
      TEXT)
    assert.same({ 502, '{"error":"http"}' }, { status, body })
    assert.matches("http: .*no such key", nginx:log())
  end)

  it("ends a call at its deadline", function()
    local status, body = start({ server.stall() }):ask("/extract?deadline=0.3", TEXT)
    assert.same({ 504, '{"error":"timeout"}' }, { status, body })
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("ends a call at its deadline in the midst of an answer", function()
    start { server.raw(well().head .. "{", act.stall()) }
    assert.equal(504, (nginx:ask("/extract?deadline=0.3", TEXT)))
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("reads no more of an answer than may be", function()
    start { server.raw("HTTP/1.1 200 OK\r\n\r\n", act.fill(40000000, "{"), act.stall()) }
    local status, body = nginx:ask("/extract", TEXT)
    assert.same({ 502, '{"error":"limit"}' }, { status, body })
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("says that nobody listens", function()
    start { well() }
    s:stop()
    local status, body = nginx:ask("/extract?deadline=0.2", TEXT)
    assert.is_true(status == 502 or status == 504)
    assert.matches("no connection to 127.0.0.1", nginx:log())
    assert.matches("error", body)
  end)

  describe("reads an answer", function()
    local body = well().body

    local function gives(step)
      local status, text = start({ step }):ask("/extract", TEXT)
      assert.same({ 200, RIGHT, 1 }, { status, text, #s:requests() })
    end

    it("in chunks", function() gives(server.answer { body = body, chunked = 5 }) end)

    it("in chunks with extensions and trailers, byte by byte", function()
      gives(server.raw(act.drip(10, ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        .. "%X;a=b\r\n%s\r\n0\r\nX-Behind: 1\r\n\r\n"):format(#body, body))))
    end)

    it("up to the end of the connection", function()
      gives(server.raw("HTTP/1.0 200 OK\r\n\r\n" .. body, act.close()))
    end)

    it("behind an interim one", function() gives(server.interim(103, well())) end)

    it("and does not use a connection again that its server closes", function()
      start { server.answer { body = body, close = true }, well() }
      assert.equal(200, (nginx:ask("/extract", TEXT)))
      assert.equal(200, (nginx:ask("/extract", TEXT)))
      assert.equal(2, s:connections())
    end)

    it("and goes to a new connection when the kept one was closed unsaid", function()
      start { server.raw(well().head .. body, act.close()), well() }
      assert.equal(200, (nginx:ask("/extract", TEXT)))
      assert.equal(200, (nginx:ask("/extract", TEXT)))
      assert.equal(2, #s:requests())
    end)

    it("that is cut off, and asks for it again", function()
      start { server.cut_body(20, well()), server.reset_body(20, well()), well() }
      assert.equal(200, (nginx:ask("/extract", TEXT)))
      assert.equal(3, #s:requests())
    end)

    for name, step in pairs {
      ["is no HTTP"] = server.raw("SSH-2.0-fake\r\n", act.close()),
      ["has garbled chunks"] = server.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        .. "zz\r\n{}\r\n", act.close()),
      ["has an endless head"] = server.rubbish_head(10000000),
      ["has an endless line"] = server.raw("HTTP/1.1 200 OK\r\nX-Long: ", act.fill(1000000, "x"),
        act.close()),
      ["has no length that is a number"] = server.answer { body = body, length = false,
        headers = { ["Content-Length"] = "many" } },
    } do
      it("and says that it " .. name, function()
        start { step, repeat_last = true }
        local status, text = nginx:ask("/extract", TEXT)
        assert.same({ 502, '{"error":"network"}' }, { status, text })
      end)
    end
  end)

  it("speaks TLS, and only with a server whose certificate is vouched for", function()
    if not tls.is_available() then return pending "openssl is not here" end
    local authority = tls.authority()
    local behind = tls.start(authority:certificate "DNS:127.0.0.1", { well(), repeat_last = true })
    nginx = hosts.start_nginx(behind.url, { ca_file = authority.ca_file })
    assert.equal(200, (nginx:ask("/extract", TEXT)))
    assert.equal(200, (nginx:ask("/extract", TEXT)))
    nginx:stop()
    nginx = hosts.start_nginx(behind.url, { ca_file = tls.authority().ca_file })
    local status, body = nginx:ask("/extract", TEXT)
    assert.same({ 502, '{"error":"network"}' }, { status, body }, nginx:log())
    assert.matches("certificate", nginx:log())
    assert.equal(2, #behind:requests())
  end)

  -- A worker that answers with what this script says.
  local function script(steps, content)
    s = server.start(steps)
    nginx = hosts.start_nginx(s.url, { content = [[
      local z = require "instructor.z"
      local Instructor, OpenAI = require "instructor", require "instructor.openai"
      local client = Instructor { client = OpenAI { base_url = os.getenv "BASE_URL",
        transport = require "transport" } }
      local User = z.object { name = z.string(), age = z.int() }
      local function ask(text)
        return client.chat.completions.create { model = "m", messages = text,
          response_model = User, backoff = 0.01, max_retries = 1 }
      end
    ]] .. content })
    local status, body = nginx:ask "/health"
    assert.equal(200, status, nginx:log())
    return body
  end

  it("asks many at once in threads of its own", function()
    assert.equal("Jason Liu Jason Liu", script({ server.stall(), well(), well() }, [[
      local slow = ngx.thread.spawn(ask, "slow")
      local one, other = ngx.thread.spawn(ask, "1"), ngx.thread.spawn(ask, "2")
      local _, first = ngx.thread.wait(one)
      local _, second = ngx.thread.wait(other)
      ngx.thread.kill(slow)
      ngx.say(first.name, " ", second.name)
    ]]))
  end)

  it("asks one after another in Instructor.map, rests included", function()
    assert.equal("1 30 2 30 3 30 ", script({ well(), server.retry_after(503, "0.01"), unfit(),
      well(), well() }, [[
      local parts = {}
      for i, user, err in Instructor.map({ "1", "2", "3" }, {}, ask) do
        parts[#parts + 1] = i .. " " .. tostring(user and user.age or err) .. " "
      end
      ngx.say(table.concat(parts))
    ]]))
    assert.equal(5, #s:requests())
  end)

  it("leaves no process behind", function()
    start { well() }
    local pid = nginx.process.pid
    nginx:stop()
    assert.is_false(process.is_alive(pid))
  end)
end)

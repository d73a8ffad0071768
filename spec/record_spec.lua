-- record = "file" writes down every exchange of a client; replay = "file" answers from it, without
-- a network and without a key.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local asking = require "spec.support.asking"
local cjson = require "cjson"
local process = require "spec.support.process"
local server = require "spec.support.server"

local KEY = asking.KEY
local ask, expect_well, expect_error = asking.ask, asking.expect_well, asking.expect_error
local is_windows = package.config:sub(1, 1) == "\\"

local function lines_of(path)
  local list = {}
  for line in assert(process.read(path)):gmatch "([^\n]*)\n" do list[#list + 1] = line end
  return list
end

local function decoded(path)
  local list = {}
  for i, line in ipairs(lines_of(path)) do list[i] = cjson.decode(line) end
  return list
end

-- Runs `fn(client)` on a recording client of a server that plays `steps`; returns the recording's
-- path, then what `fn` returned.
local function recorded(steps, fn, options)
  local path = process.temp_path ".jsonl"
  local s = server.start(steps)
  local all = { record = path }
  for name, value in pairs(options or {}) do all[name] = value end
  local value, meta = fn(asking.client(s.url, all))
  s:stop()
  return path, value, meta
end

-- A client that can reach nothing and knows no key.
local function replaying(path, options)
  local all = { replay = path, base_url = "http://127.0.0.1:1/v1" }
  for name, value in pairs(options or {}) do all[name] = value end
  return Instructor { client = OpenAI(all) }
end

local function mode_of(path)
  local pipe = assert(io.popen("ls -ld " .. process.quote(path)))
  local text = pipe:read "*a"
  pipe:close()
  return text:match "^%S%S%S%S%S%S%S%S%S%S"
end

-- ---- recording ----------------------------------------------------------------------------------

describe("record", function()
  it("writes one JSON line an exchange, as it happens", function()
    local path = process.temp_path ".jsonl"
    local s = server.start { server.error(503, "busy"), asking.unfit(), asking.well() }
    local seen = {}
    local client = asking.client(s.url, { record = path, logger = function(_, message)
      if message == "answer" then seen[#seen + 1] = #lines_of(path) end
    end })
    expect_well(ask(client, { max_retries = 1 }))
    s:stop()
    assert.same({ 1, 2, 3 }, seen)
    local list = decoded(path)
    assert.same({ 503, 200, 200 },
      { list[1].response.status, list[2].response.status, list[3].response.status })
    local request = list[1].request
    assert.equal("POST", request.method)
    assert.matches("/v1/chat/completions$", request.url)
    assert.equal(asking.PROMPT, cjson.decode(request.body).messages[1].content)
    assert.same({ "Content-Type", "application/json" }, request.headers[1])
    assert.equal("chatcmpl-fake", cjson.decode(list[3].response.body).id)
    assert.equal(3, #cjson.decode(list[3].request.body).messages)
  end)

  it("makes the file readable by its owner alone, whatever the umask", function()
    local path = recorded({ asking.well() }, ask)
    assert.equal("-rw-------", mode_of(path))
  end)

  it("adds to a file that is there, and leaves its mode alone", function()
    local path = process.temp_file("", ".jsonl")
    os.execute("chmod 640 " .. process.quote(path))
    for _ = 1, 2 do
      local s = server.start { asking.well() }
      expect_well(ask(asking.client(s.url, { record = path })))
      s:stop()
    end
    assert.equal(2, #lines_of(path))
    assert.equal("-rw-r-----", mode_of(path))
  end)

  it("writes down why an exchange failed", function()
    local path, value, err = recorded({ server.cut_body(20, asking.well()), server.reset(),
      server.stall() }, ask, { http_retries = 2, timeout = { first_byte = 0.3 } })
    assert.is_nil(value)
    local list = decoded(path)
    assert.same({ "network", "network", "timeout" },
      { list[1].failure.kind, list[2].failure.kind, list[3].failure.kind })
    for i, one in ipairs(list) do
      assert.equal(err.attempts[i].message, one.failure.message)
      assert.is_true(one.failure.retryable)
      assert.is_nil(one.response)
    end
  end)

  it("works with a transport that is a function", function()
    local path = process.temp_path ".jsonl"
    local answers = { { nil, "no carrier", true }, { { status = 200, body = asking.well().body,
      headers = { ["X-Request-Id"] = "req-1" } } } }
    local count = 0
    local client = asking.client("http://127.0.0.1:1/v1", { record = path, transport = function()
      count = count + 1
      local answer = answers[count]
      return answer[1], answer[2], answer[3]
    end })
    expect_well(ask(client))
    local list = decoded(path)
    assert.equal("no carrier", list[1].failure.message)
    assert.same({ { "X-Request-Id", "req-1" } }, list[2].response.headers)
    assert.equal("req-1", expect_well(ask(replaying(path))).request_id)
  end)

  it("works for many calls at once", function()
    local path, items = process.temp_path ".jsonl", {}
    local s = server.start { server.slow_head(20, asking.well()), repeat_last = true }
    local client = asking.client(s.url, { record = path })
    for i = 1, 20 do items[i] = "item " .. i end
    for _, user, err in Instructor.map(items, { concurrency = 8 }, function(text)
      return ask(client, { messages = text })
    end) do
      assert.is_truthy(user, tostring(err))
    end
    s:stop()
    assert.equal(20, #decoded(path))
    local replayed, done = replaying(path), 0
    for _, user in Instructor.map(items, { concurrency = 3, ordered = false }, function(text)
      return ask(replayed, { messages = text })
    end) do
      done = done + (user and 1 or 0)
    end
    assert.equal(20, done)
  end)

  it("keeps bytes that are no text", function()
    local bytes = "\0\1\127\128\192\255 \195\164 end"
    local path, value, err = recorded({ server.json(200, bytes) }, ask)
    expect_error("protocol", {}, value, err)
    local _, again = ask(replaying(path))
    assert.equal(err.message, again.message)
    assert.is_string(decoded(path)[1].response.body_bytes)
  end)

  it("refuses a file that cannot be opened, when the client is made", function()
    for _, path in ipairs { process.temp_folder(), process.temp_path() .. "/no/such/folder" } do
      local ok, message = pcall(OpenAI, { base_url = "http://127.0.0.1:1/v1", record = path })
      assert.is_false(ok)
      assert.matches("^spec/record_spec%.lua:%d+: OpenAI: record: ", message)
      assert.is_truthy(message:find(path .. " cannot be opened for writing: ", 1, true))
    end
    assert.has_error(function() OpenAI { record = "" } end)
    assert.has_error(function() OpenAI { record = true } end)
  end)
end)

describe("what a recording never holds", function()
  local function everything(path) return (assert(process.read(path))) end

  it("is the key: not in a header, nor in the URL, nor in any text", function()
    local step = server.json(401, { error = { message = "Incorrect key: " .. KEY } })
    local path = recorded({ step, asking.well() }, function(client)
      ask(client, { user = "uses " .. KEY .. " twice " .. KEY },
        { query = { key = KEY, ["api-version"] = "7" } })
      return ask(client)
    end)
    local text = everything(path)
    assert.is_nil(text:find(KEY, 1, true))
    local list = decoded(path)
    assert.matches("%?api%-version=7&key=%*%*%*$", list[1].request.url)
    assert.equal("uses *** twice ***", cjson.decode(list[1].request.body).user)
    assert.equal("Incorrect key: ***", cjson.decode(list[1].response.body).error.message)
  end)

  it("is the key in another spelling", function()
    local key = "sk/odd+key=with\"quote"
    local path = recorded({ server.json(200, '{"a":"sk\\/odd+key=with\\"quote","choices":[]}') },
      function(client)
        return ask(client, { user = key }, { query = { other = key } })
      end, { api_key = key })
    assert.is_nil(everything(path):find("odd", 1, true))
    for _, line in ipairs(decoded(path)) do cjson.decode(line.request.body) end
  end)

  it("is any other header that holds a secret, nor what it says elsewhere", function()
    local path = recorded({ asking.well { headers = { ["Set-Cookie"] = "session=fake-cookie-1",
      ["X-Ratelimit-Remaining-Tokens"] = "149984", ["X-Request-Id"] = "req-1" } } },
      function(client)
        return ask(client, { user = "team-secret-77" }, { headers = {
          ["X-Api-Key"] = "team-secret-77", ["Proxy-Authorization"] = "Basic fake-proxy-pass",
          ["X-Team"] = "docs" } })
      end)
    local text = everything(path)
    for _, secret in ipairs { "team-secret-77", "fake-proxy-pass", "fake-cookie-1" } do
      assert.is_nil(text:find(secret, 1, true), secret)
    end
    for _, harmless in ipairs { '["X-Team","docs"]', '"149984"', '"req-1"' } do
      assert.is_truthy(text:find(harmless, 1, true), harmless)
    end
  end)

  it("is the key in the message of a failure", function()
    local path = process.temp_path ".jsonl"
    ask(asking.client("http://127.0.0.1:1/v1", { record = path, transport = function()
      return nil, "could not use " .. KEY
    end }))
    assert.is_nil(everything(path):find(KEY, 1, true))
  end)

  it("does not break a body, however short the key", function()
    for _, key in ipairs { "1", "30", "null", "true", "1000", "test" } do
      local path = recorded({ asking.well(), asking.well() }, function(client)
        return ask(client, { max_tokens = 1000, user = "a test" })
      end, { api_key = key })
      for _, line in ipairs(decoded(path)) do cjson.decode(line.request.body) end
      expect_well(ask(replaying(path), { max_tokens = 1000, user = "a test" }))
    end
  end)
end)

-- ---- a disk that is full ------------------------------------------------------------------------

describe("a recording that cannot be written", function()
  local full = io.open("/dev/full", "wb")
  if full then full:close() end

  it("does not cost the answer: the reason stands in meta.warnings and in the log", function()
    if not full then return pending "there is no /dev/full here" end
    local records = {}
    local s = server.start { asking.well() }
    local client = asking.client(s.url, { record = "/dev/full", logger = function(level, message, f)
      records[#records + 1] = level .. " " .. message .. " " .. tostring(f.message)
    end })
    local meta = expect_well(ask(client))
    s:stop()
    assert.equal(1, #meta.warnings)
    assert.matches("^the exchange was not recorded: /dev/full: No space left", meta.warnings[1])
    assert.matches("^warn not recorded the exchange was not recorded: /dev/full: No space",
      records[2])
  end)

  it("does not hide an error: each exchange that is missing is told", function()
    if not full then return pending "there is no /dev/full here" end
    local s = server.start { server.error(503), server.error(503) }
    local client = asking.client(s.url, { record = "/dev/full", http_retries = 1 })
    local value, err = ask(client)
    s:stop()
    expect_error("http", { attempts = 2 }, value, err)
    assert.equal(2, #err.warnings)
  end)

  it("keeps whole lines only when a file has reached its limit, and no signal kills the host",
    function()
      if is_windows then return pending "there is no ulimit here" end
      local path = process.temp_path ".jsonl"
      local s = server.start { asking.well(), repeat_last = true }
      local script = asking.script(([[
        local asking = require "spec.support.asking"
        local client = asking.client(%q, { record = %q })
        for _ = 1, 6 do
          local user, meta = asking.ask(client)
          print(user.name, meta.warnings[1])
        end
      ]]):format(s.url, path))
      local result = process.run { "sh", "-c", "ulimit -f 8 || exit 77; exec \"$0\" \"$1\"",
        asking.interpreter(), script }
      s:stop()
      if result.status == 77 then return pending "ulimit -f does not work here" end
      assert.equal("", result.stderr)
      assert.equal(0, result.status)
      local kept, lost = 0, 0
      for line in result.stdout:gmatch "[^\n]+" do
        assert.matches("^Jason Liu\t", line)
        if line:find("\tnil", 1, true) then kept = kept + 1 end
        if line:find("File too large", 1, true) then lost = lost + 1 end
      end
      assert.is_true(kept > 0 and lost > 0 and kept + lost == 6, result.stdout)
      assert.equal(kept, #decoded(path))
      assert.matches("\n$", process.read(path))
    end)
end)

-- ---- replaying ----------------------------------------------------------------------------------

describe("replay", function()
  it("answers as the server did, without a network, a key or libcurl", function()
    local step = asking.well { headers = { ["X-Request-Id"] = "req-9" } }
    local path, _, first = recorded({ asking.unfit(), step }, function(client)
      return ask(client, { max_retries = 1 })
    end)
    local script = asking.script(([[
      local OpenAI = require "instructor.openai"
      local Instructor = require "instructor"
      local asking = require "spec.support.asking"
      local client = Instructor { client = OpenAI { replay = %q, provider = "compatible",
        base_url = "https://api.example.invalid/v1" } }
      local user, meta = asking.ask(client, { max_retries = 1 })
      print(user.name, #meta.attempts, meta.usage.total_tokens, meta.request_id,
        package.loaded["instructor.curl"])
    ]]):format(path))
    local result = process.run { asking.interpreter(), script }
    assert.equal("", result.stderr)
    assert.equal(("Jason Liu\t2\t%d\treq-9\tnil\n"):format(first.usage.total_tokens), result.stdout)
  end)

  it("asks for no environment key", function()
    local path = recorded({ asking.well() }, ask)
    expect_well(ask(Instructor { client = OpenAI { provider = "openai", replay = path,
      base_url = "http://127.0.0.1:1/v1" } }))
    assert.is_table(OpenAI { replay = path }) -- api.openai.com, whose key is not set here
  end)

  it("matches by meaning, whatever the order and the headers", function()
    local path = recorded({ asking.well() }, function(client)
      return ask(client, { temperature = 0.5, metadata = { a = 1, b = 2 } })
    end)
    local text = process.read(path)
    local line = cjson.decode(text)
    local body = cjson.decode(line.request.body)
    body.metadata = { b = 2, a = 1 }
    line.request.body = cjson.encode(body)
    line.request.headers = { { "X-Other", "yes" } }
    process.write(path, cjson.encode(line) .. "\n")
    expect_well(ask(replaying(path, { api_key = "another-key-1", headers = { ["X-Mine"] = "1" } }),
      { temperature = 0.5, metadata = { a = 1, b = 2 } }))
  end)

  it("answers equal requests in the order of the recording, each once", function()
    local path = recorded({ server.completion { content = "first" }, server.completion {
      content = "second" } }, function(client)
      local completions = client.chat.completions
      completions.create { model = "m", messages = "hello" }
      return completions.create { model = "m", messages = "hello" }
    end)
    local client = replaying(path)
    local function say()
      return client.chat.completions.create { model = "m", messages = "hello" }
    end
    assert.equal("first", say().choices[1].message.content)
    assert.equal("second", say().choices[1].message.content)
    local err = expect_error("replay", { retryable = false, attempts = 1 }, say())
    assert.matches("asked once more than it is recorded %(lines 1, 2%)", err.message)
  end)

  it("fails as the server and the network did", function()
    local path, _, err = recorded({ server.error(404, "no such model", "model_not_found"),
      server.cut_body(9, asking.well()) }, function(client)
      ask(client)
      return ask(client, { messages = "again" })
    end, { http_retries = 0 })
    local client = replaying(path, { http_retries = 0 })
    local value, first = ask(client)
    expect_error("http", { status = 404, code = "model_not_found" }, value, first)
    local again
    value, again = ask(client, { messages = "again" })
    expect_error("network", { retryable = true }, value, again)
    assert.equal(err.message, again.message)
  end)

  it("lets no time pass in waits, which are in the account all the same", function()
    local path = recorded({ server.retry_after(429, "0.05"), asking.well() }, ask)
    local text = process.read(path):gsub('"0%.05"', '"45"')
    process.write(path, text)
    local seconds, value, meta = asking.seconds(ask, replaying(path))
    expect_well(value, meta)
    assert.is_true(seconds < 20)
    assert.equal(45, meta.attempts[2].waited)
    assert.equal(45, meta.waited)
    assert.is_true(meta.seconds >= 45)
  end)

  it("keeps to the deadline on the call's own clock", function()
    local path = recorded({ server.retry_after(429, "0.05"), asking.well() }, ask)
    process.write(path, (process.read(path):gsub('"0%.05"', '"45"')))
    expect_error("timeout", {}, ask(replaying(path, { timeout = 30 })))
  end)

  it("is not to be had together with record or transport", function()
    local path = process.temp_file("", ".jsonl")
    for name, value in pairs { record = process.temp_path(), transport = function() end } do
      local ok, message = pcall(OpenAI, { replay = path, [name] = value })
      assert.is_false(ok)
      assert.matches("OpenAI: replay and " .. name .. " exclude each other", message)
    end
    assert.is_nil(io.open(process.temp_path()))
  end)
end)

describe("a request that is not recorded", function()
  local path

  setup(function()
    path = recorded({ asking.well(), asking.well() }, function(client)
      ask(client, { messages = "Zoe Park is 41 years old" })
      return ask(client, { temperature = 0.5, messages = ("long "):rep(200) .. "end" })
    end)
  end)

  local function unmatched(params, options)
    return expect_error("replay", { retryable = false, attempts = 1 },
      ask(replaying(path, options), params))
  end

  it("is an error that shows the nearest request and the first difference", function()
    local err = unmatched { messages = "Zoe Park is 42 years old" }
    assert.equal('POST /v1/chat/completions is not recorded; the nearest is on line 1; it differs '
      .. 'at messages[1].content: recorded "Zoe Park is 41 years old", asked "Zoe Park is 42 years '
      .. 'old"', err.message)
  end)

  it("shows what is missing on either side", function()
    local err = unmatched { messages = "Zoe Park is 41 years old", top_p = 1 }
    assert.matches("differs at top_p: recorded nothing, asked 1$", err.message)
    err = unmatched { messages = ("long "):rep(200) .. "end" }
    assert.matches("line 2; it differs at temperature: recorded 0%.5, asked nothing$", err.message)
  end)

  it("shows long values where they differ, and not all of them", function()
    local err = unmatched { temperature = 0.5, messages = ("long "):rep(200) .. "enough" }
    assert.matches('recorded "?…[long ]* ?end", asked "?…[long ]* ?enough"$', err.message)
    assert.is_true(#err.message < 400)
  end)

  it("shows no key", function()
    local err = unmatched({ messages = "Zoe Park has " .. KEY }, { api_key = KEY })
    assert.is_nil(err.message:find(KEY, 1, true))
  end)

  it("says so when another path was asked", function()
    local err = unmatched({ messages = "Zoe Park is 41 years old" },
      { base_url = "http://127.0.0.1:1/other" })
    assert.matches("^POST /other/chat/completions is not recorded; the nearest is on line 1; it is "
      .. "POST /v1/chat/completions$", err.message)
  end)

  it("says so when nothing is recorded", function()
    local empty = process.temp_file("", ".jsonl")
    local err = expect_error("replay", {}, ask(replaying(empty)))
    assert.matches("is not recorded: the recording is empty$", err.message)
  end)
end)

describe("a recording that cannot be read", function()
  local good

  setup(function() good = process.read((recorded({ asking.well() }, ask))) end)

  local function refused(text)
    local path = process.temp_file(text, ".jsonl")
    local ok, message = pcall(OpenAI, { replay = path })
    assert.is_false(ok)
    local head = "OpenAI: replay: " .. path
    local at = message:find(head, 1, true)
    assert.is_truthy(at, message)
    return message:sub(at + #head)
  end

  it("is refused when it is not there, or a folder", function()
    for _, path in ipairs { process.temp_path(), process.temp_folder() } do
      local ok, message = pcall(OpenAI, { replay = path })
      assert.is_false(ok)
      assert.is_truthy(message:find(path .. " cannot be read: ", 1, true), message)
    end
  end)

  it("names the line that is cut off, wherever it is cut", function()
    for _, n in ipairs { 1, 20, math.floor(#good / 2), #good - 3 } do
      assert.equal(":2: the line is cut off", refused(good .. good:sub(1, n)))
    end
    -- without its last line break the line is whole all the same
    expect_well(ask(replaying(process.temp_file(good:sub(1, -2), ".jsonl"))))
  end)

  it("names the line that is broken, and says how", function()
    assert.matches("^:3: the line is not JSON: ", refused(good .. "\n" .. "{oops}\n" .. good))
    assert.equal(":1: the line is no recorded exchange", refused "{}\n")
    assert.equal(":1: the line is no recorded exchange", refused "[1,2]\n")
    assert.equal(":1: the line is no recorded exchange", refused "7\n")
    assert.equal(":1: the line is of version 2, not 1",
      refused((good:gsub('"instructor":1', '"instructor":2'))))
    assert.equal(":1: the line has no whole request",
      refused((good:gsub('"method":"POST"', '"method":7'))))
    assert.equal(":1: the line has no whole response",
      refused((good:gsub('"status":200', '"status":"x"'))))
    assert.equal(":1: the line has no whole failure",
      refused '{"instructor":1,"request":{"method":"POST","url":"u","body":""},"failure":{}}\n')
  end)

  it("reads empty lines as nothing", function()
    expect_well(ask(replaying(process.temp_file("\n" .. good .. "\n \n", ".jsonl"))))
  end)
end)

-- The faults, all in one list: what a server, a proxy or a network does wrong, and how a call ends.
-- Each row is tried against a real process on loopback, with one HTTP retry: as a fault that lasts,
-- and as one that passes.  None may hang, leak, lose an attempt's account or send a key astray.
--
-- More of each kind: faults_spec (connections, slowness, limits), faults_http_spec (statuses,
-- Retry-After, redirects, answers that are none), faults_tls_spec (TLS, proxies), http2_spec
-- (HTTP/2 and GOAWAY, by way of nginx).

local asking = require "spec.support.asking"
local process = require "spec.support.process"
local server = require "spec.support.server"
local tls = require "spec.support.tls"

local act, well = server.act, asking.well
local expect_error, expect_well = asking.expect_error, asking.expect_well

local SOON = 5          -- seconds: a bound for what must not hang
local KEPT_MAX = 8000   -- bytes of Lua's that a call more may leave behind
local BODY = well().body

local function http_date(seconds)
  return os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + seconds)
end

local function raw_head(lines)
  return server.raw("HTTP/1.1 200 OK\r\n" .. lines .. "\r\n" .. BODY, act.close())
end

local function status(number, headers)
  return server.error(number, "made up", "made_up", headers)
end

-- ---- the list --------------------------------------------------------------------------------

-- A fault: what it is; the step of the server, or a function that makes it; err.kind when it lasts
-- ("well": the answer is taken in spite of it); and err.retryable: whether the request is sent
-- again.  Where they apply: `unread` (the server never reads a request), `waits` (from so many to
-- so many seconds before the second), `options` of the client.
local AGAIN, ONCE = true, false

local connections = {
  { "closed before the request is read", server.close_first(), "network", AGAIN, unread = true },
  { "reset before the request is read", server.reset_first(), "network", AGAIN, unread = true },
  { "closed before the answer", server.close(), "network", AGAIN },
  { "reset before the answer", server.reset(), "network", AGAIN },
  { "dropped before the answer", server.raw(act.drop()), "network", AGAIN },
  { "closed within the status line", server.cut_head(10, well()), "network", AGAIN },
  { "reset within the head", server.raw("HTTP/1.1 200 OK\r\nX-Half: ", act.reset()), "network",
    AGAIN },
  { "closed between head and body", server.cut_body(0, well()), "network", AGAIN },
  { "closed within the body", server.cut_body(50, well()), "network", AGAIN },
  { "reset within the body", server.reset_body(50, well()), "network", AGAIN },
  { "closed within a chunk", server.cut_body(30, server.answer { body = BODY, chunked = 20 }),
    "network", AGAIN },
  { "closed before the last chunk", server.raw("HTTP/1.1 200 OK\r\n"
    .. "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", act.close()), "network", AGAIN },
  { "closed at once behind a whole answer", server.raw(server.answer { body = BODY }.head .. BODY,
    act.close()), "well" },
  { "announced to end, and ended", server.answer { body = BODY, close = true }, "well" },
}

local slowness = {
  { "no first byte", server.stall(), "timeout", AGAIN },
  { "a first byte too late", server.slow_head(2000, well()), "timeout", AGAIN },
  { "silence within the head", server.raw("HTTP/1.1 200 OK\r\nX-Half: ", act.stall()), "timeout",
    AGAIN },
  { "silence within the body", server.stall_body(20, well()), "timeout", AGAIN },
  { "a question nobody reads", server.never_read(), "timeout", AGAIN, unread = true },
  { "a trickle past the total", server.drip(20000, well()), "timeout", ONCE,
    options = { timeout = { first_byte = 2, idle = 2, total = 0.4 } } },
  { "everything slow, within all limits", server.slow_head(60, server.interim(100,
    server.drip(100, well()))), "well" },
}

local function zipped()
  local zip = process.run({ "gzip", "-c" }, { stdin = BODY })
  assert.equal(0, zip.status, "the gzip command is needed")
  return server.answer { body = zip.stdout, headers = { ["Content-Encoding"] = "gzip" } }
end

local manners = {
  { "gzip", zipped, "well" },
  { "one byte at a time", server.drip(100, well()), "well" },
  { "chunks of one byte, one at a time", server.drip(50, server.answer { body = BODY,
    chunked = 1 }), "well" },
  { "a 100 Continue that nobody asked for", server.interim(100, well()), "well" },
  { "a 103 and a 102 before it", server.interim(103, server.interim(102, well())), "well" },
  { "an answer of HTTP/1.0", server.raw("HTTP/1.0 200 OK\r\n\r\n" .. BODY, act.close()), "well" },
  { "an answer before the question was read", server.early(well()), "well" },
  { "no HTTP", server.raw("SSH-2.0-OpenSSH_9.2\r\n", act.close()), "network", ONCE },
  { "an answer of HTTP/0.9", server.raw(BODY, act.close()), "network", ONCE },
}

local lengths = {
  { "a length too long", server.answer { body = BODY, length = #BODY + 5, close = true },
    "network", AGAIN },
  { "a length too short", server.answer { body = BODY, length = #BODY - 5, close = true },
    "protocol", ONCE },
  { "a length of nothing", server.answer { body = BODY, length = 0, close = true }, "protocol",
    ONCE },
  { "a length that is no number", raw_head "Content-Length: many\r\n", "network", ONCE },
  { "a length below nothing", raw_head "Content-Length: -5\r\n", "network", ONCE },
  { "a length beyond all numbers", raw_head(("Content-Length: %s\r\n"):format(("9"):rep(30))),
    "well" },
  { "a length beyond the limit", raw_head "Content-Length: 99999999\r\n", "network", AGAIN },
  { "a chunk whose size is no number", server.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
    .. "\r\n\r\nzz\r\n{}\r\n", act.close()), "network", AGAIN },
  { "a chunk beyond all numbers", server.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
    .. "\r\n\r\nfffffffffffffffffff\r\n{}\r\n", act.close()), "network", AGAIN },
  { "gzip that is none", server.answer { body = BODY, headers = { ["Content-Encoding"] = "gzip" } },
    "network", AGAIN },
  { "an encoding nobody knows", server.answer { body = BODY,
    headers = { ["Content-Encoding"] = "rot13" } }, "network", AGAIN },
}

local floods = {
  { "headers without end", server.rubbish_head(3000000), "limit", ONCE },
  { "a header line without end", server.rubbish_head(3000000, "x"), "limit", ONCE },
  { "a thousand headers", raw_head(("X-Rubbish: yes\r\n"):rep(1000)), "well" },
  { "a body without end", server.rubbish(60000000), "limit", ONCE },
  { "an error's body without end", server.rubbish(60000000, { status = 500 }), "limit", ONCE },
  { "brackets without end", server.json(200, ("["):rep(100000)), "limit", ONCE },
}

local statuses = {
  { "408", status(408), "http", AGAIN },
  { "409", status(409), "http", AGAIN },
  { "425", status(425), "http", ONCE },
  { "429", status(429), "http", AGAIN },
  { "500", status(500), "http", AGAIN },
  { "502 with a page", server.answer { status = 502, body = "<html>", headers = {
    ["Content-Type"] = "text/html" } }, "http", AGAIN },
  { "503 with nothing", server.answer { status = 503 }, "http", AGAIN },
  { "504", status(504), "http", AGAIN },
  { "529", status(529), "http", AGAIN },
  { "400", status(400), "http", ONCE },
  { "401", status(401), "http", ONCE },
  { "403", status(403), "http", ONCE },
  { "404", status(404), "http", ONCE },
  { "422", status(422), "http", ONCE },
  { "429 with Retry-After in seconds", server.retry_after(429, 0.2), "http", AGAIN,
    waits = { 0.19, 0.25 } },
  { "503 with Retry-After as a date", function() return server.retry_after(503, http_date(2)) end,
    "http", AGAIN, waits = { 0.9, 2 } },
  { "429 with an absurd Retry-After", server.retry_after(429, "a fortnight"), "http", AGAIN,
    waits = { 0, 0.02 } },
  { "429 with a Retry-After below nothing", server.retry_after(429, -30), "http", AGAIN,
    waits = { 0, 0.02 } },
  { "429 with a Retry-After of a year", server.retry_after(429, 31536000), "http", AGAIN,
    waits = { 0, 0.02 } },
  { "429 with a Retry-After long past", server.retry_after(429, http_date(-86400)), "http", AGAIN,
    waits = { 0, 0.02 } },
  { "429 with retry-after-ms", status(429, { ["retry-after-ms"] = "150" }), "http", AGAIN,
    waits = { 0.14, 0.2 } },
  { "500 with x-should-retry: false", status(500, { ["x-should-retry"] = "false" }), "http", ONCE },
  { "400 with x-should-retry: true", status(400, { ["x-should-retry"] = "true" }), "http", AGAIN },
}

local answers = {
  { "a page for 200", server.answer { body = "<html>", headers = {
    ["Content-Type"] = "text/html" } }, "protocol", ONCE },
  { "nothing for 200", server.answer {}, "protocol", ONCE },
  { "an error for 200", server.json(200, { error = { message = "no" } }), "protocol", ONCE },
  { "a 204", server.answer { status = 204 }, "protocol", ONCE },
  { "JSON that ends early", server.answer { body = BODY:sub(1, -9) }, "protocol", ONCE },
  { "an answer that does not fit", asking.unfit(), "validation", ONCE },
}

-- Faults that need more than one server.  A row: what it is; a function that sets the stage and
-- returns { url =, options =, server =, strangers = }; err.kind, and err.retryable.  `server` is
-- asked as often as there are attempts, or with `unread` never; `strangers` see no connection.
local function redirected(number, location, step)
  return function()
    local other = server.start { well(), repeat_last = true }
    local place = location:gsub("PORT", tostring(other.port))
    local s = server.start { server.redirect(number, place), step or server.error(500),
      repeat_last = true }
    return { url = s.url, server = s, strangers = { other } }
  end
end

local redirects = {}
for _, number in ipairs { 301, 302, 303, 307, 308 } do
  redirects[#redirects + 1] = { number .. " to another port",
    redirected(number, "http://127.0.0.1:PORT/v1/chat/completions"), "http", ONCE }
end
for _, number in ipairs { 301, 302, 303 } do
  redirects[#redirects + 1] = { number .. " on the same host, which would drop the question",
    redirected(number, "/v2"), "http", ONCE }
end
for _, number in ipairs { 307, 308 } do
  redirects[#redirects + 1] = { number .. " on the same host", redirected(number, "/v2", well()),
    "well", followed = true }
end
for name, location in pairs {
  ["to another host"] = "http://localhost:PORT/v1",
  ["to another scheme"] = "https://127.0.0.1:PORT",
  ["with a user in the place"] = "http://127.0.0.1:1@127.0.0.1:PORT/v1",
  ["to a file"] = "file:///x",
  ["to nowhere"] = "",
} do
  redirects[#redirects + 1] = { "307 " .. name, redirected(307, location), "http", ONCE }
end

local ELSEWHERE = "http://api.example.invalid/v1"

local function proxied(step, url)
  return function()
    local s = server.start { step, repeat_last = true }
    return { url = url or ELSEWHERE, options = { proxy = s.root }, server = s }
  end
end

local function dead()
  return ("http://127.0.0.1:%d"):format(process.free_port())
end

local ways = {
  { "a refused connection", function() return { url = dead() } end, "network", AGAIN },
  { "a name that nobody has", function() -- its label is too long to be looked up anywhere
    return { url = ("http://%s.invalid/v1"):format(("x"):rep(64)) }
  end, "network", AGAIN },
  { "a proxy that is refused", function()
    return { url = ELSEWHERE, options = { proxy = dead() } }
  end, "network", AGAIN },
  { "a proxy that nobody has", function()
    return { url = ELSEWHERE, options = { proxy = ("http://%s.invalid"):format(("x"):rep(64)) } }
  end, "network", AGAIN },
  { "a proxy that wants to know who asks", proxied(server.error(407)), "http", ONCE },
  { "a proxy that fails", proxied(server.error(502)), "http", AGAIN },
  { "a proxy that closes", proxied(server.close()), "network", AGAIN },
  { "a proxy that is silent", proxied(server.stall()), "timeout", AGAIN },
  { "a proxy that makes no tunnel", proxied(server.error(502), "https://api.example.invalid/v1"),
    "network", AGAIN, keyless = true },
  { "a proxy that closes its tunnel", proxied(server.raw "HTTP/1.1 200 OK\r\n\r\n",
    "https://api.example.invalid/v1"), "network", AGAIN, keyless = true },
}

-- TLS.  One authority is made for all rows.
local has_tls, authority = tls.is_available(), nil

local function behind_tls(make, options)
  return function()
    local certificate = make and make() or authority:certificate()
    local s = tls.start(certificate, { well(), repeat_last = true }, options and options())
    return { url = s.url, options = { ca_file = authority.ca_file }, server = s }
  end
end

-- A server that speaks no TLS, asked as if it did.
local function without_tls(step)
  return function()
    local s = server.start { step, repeat_last = true }
    return { url = s.url:gsub("^http:", "https:"), server = s }
  end
end

local handshakes = {
  { "a right certificate", behind_tls(), "well" },
  { "an authority nobody knows", behind_tls(function() return tls.authority():certificate() end),
    "network", ONCE, unread = true },
  { "a certificate that stands for itself", behind_tls(function()
    local other = tls.authority()
    return { cert_file = other.ca_file, key_file = other.folder .. "/authority.key" }
  end), "network", ONCE, unread = true },
  { "a certificate for another host", behind_tls(function()
    return authority:certificate "DNS:elsewhere.invalid"
  end), "network", ONCE, unread = true },
  { "a certificate whose time is over", behind_tls(function()
    return authority:certificate(nil, -10, -1)
  end), "network", ONCE, unread = true },
  { "a certificate whose time has not come", behind_tls(function()
    return authority:certificate(nil, 1, 10)
  end), "network", ONCE, unread = true },
  { "a wish for our certificate, which we lack", behind_tls(nil, function()
    return { client_ca = authority.ca_file }
  end), "network", nil, unread = true },
  { "only an old version of TLS", behind_tls(nil, function()
    return { words = { "-tls1_1", "-cipher", "ALL:@SECLEVEL=0" } }
  end), "network", AGAIN, unread = true },
  { "plain HTTP", without_tls(well()), "network", AGAIN, unread = true },
  { "an end within the handshake", without_tls(server.close_first()), "network", AGAIN,
    unread = true },
  { "a reset within the handshake", without_tls(server.reset_first()), "network", AGAIN,
    unread = true },
  { "silence within the handshake", without_tls(server.never_read()), "timeout", AGAIN,
    unread = true },
}

local staged = {
  { "a redirect:", redirects }, { "on the way:", ways }, { "TLS:", handshakes, has_tls },
}

local groups = {
  { "a connection", connections }, { "slowness:", slowness }, { "manners:", manners },
  { "a wrong length:", lengths }, { "a flood:", floods }, { "a status", statuses },
  { "an answer:", answers },
}

-- ---- what is measured ------------------------------------------------------------------------

-- Now and then the other end of the pipe that counts is counted too.  0 where nobody tells.
local function count_descriptors() return process.descriptors() or 0 end

local function descriptors()
  return math.min(count_descriptors(), count_descriptors(), count_descriptors())
end

local function held()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count" * 1024
end

-- Runs `fn` on a stack of its own, which goes with all it held.
local function apart(fn)
  return pcall(coroutine.wrap(function()
    fn()
    tls.stop_all()
    server.stop_all()
  end))
end

-- Runs `fn`; then no descriptor may be left.
local function without_leaks(fn)
  local before = descriptors()
  local ok, err = apart(fn)
  held()
  local closed = process.await(function() -- name look-ups may linger
    return count_descriptors() <= before
  end, SOON)
  assert(ok, err)
  assert.is_true(closed, "descriptors are left open")
end

-- Asks `url` with one retry; fails if that takes long.
local function ask(client, params)
  local took, value, result = asking.seconds(asking.ask, client, params)
  assert.is_true(took < SOON, took .. " s")
  return value, result
end

-- Patient, unless the fault of the row is one of time.
local function client_of(row, url, options)
  local limit = row[3] == "timeout" and 0.3 or SOON
  local all = { http_retries = 1, timeout = { first_byte = limit, idle = limit, total = SOON } }
  for name, value in pairs(options or {}) do all[name] = value end
  return asking.client(url, all)
end

-- Raises unless there is an attempt for each request the server read, and each says how it ended.
local function expect_account(result, kinds, s)
  assert.equal(#kinds, #result.attempts)
  for i, kind in ipairs(kinds) do
    assert.equal(kind ~= "well" and kind or nil, result.attempts[i].kind)
    assert.is_number(result.attempts[i].seconds)
  end
  if s then assert.equal(#kinds, #s:requests()) end
end

-- Asks once more; what Lua holds after that is what it held before.
local function expect_no_growth(client)
  local before = held()
  ask(client)
  local grown = held() - before
  assert.is_true(grown < KEPT_MAX, grown .. " bytes more are held")
end

-- ---- one fault -------------------------------------------------------------------------------

local function step_of(row) return type(row[2]) == "function" and row[2]() or row[2] end

local function try_lasting(row)
  local s = server.start { step_of(row), repeat_last = true }
  local client = client_of(row, s.url, row.options)
  local value, result = ask(client)
  if row[3] == "well" then
    expect_well(value, result)
    expect_account(result, { "well" }, s)
  else
    expect_error(row[3], { retryable = row[4] }, value, result)
    expect_account(result, row[4] and { row[3], row[3] } or { row[3] }, not row.unread and s)
  end
  if not row.waits or row.waits[2] < 0.5 then expect_no_growth(client) end
end

local function try_passing(row)
  local s = server.start { step_of(row), well() }
  local value, meta = ask(client_of(row, s.url, row.options))
  expect_well(value, meta)
  expect_account(meta, { row[3], "well" })
  assert.equal(15, meta.usage.total_tokens)
  if row.waits then
    local waited = meta.attempts[2].waited
    assert.is_true(waited >= row.waits[1] and waited <= row.waits[2], "waited " .. waited)
  end
end

-- The key went to the server that was asked and to nobody else; where `keyless`, not even there.
local function expect_key_kept(stage, row)
  for _, stranger in ipairs(stage.strangers or {}) do
    assert.equal(0, stranger:connections())
  end
  if not (stage.server and (row.keyless or row.unread)) then return end
  local journal = process.read(stage.server.journal_file or stage.server.files.journal) or ""
  assert.is_nil(journal:find(asking.KEY, 1, true))
end

local function try_staged(row)
  local stage = row[2]()
  local client = client_of(row, stage.url, stage.options)
  local value, result = ask(client)
  if row[3] == "well" then
    expect_well(value, result)
    expect_account(result, { "well" }, not row.followed and stage.server)
  else
    expect_error(row[3], { retryable = row[4] }, value, result)
    local kinds = {}
    for i = 1, result.retryable and 2 or 1 do kinds[i] = row[3] end
    expect_account(result, kinds, not row.unread and stage.server)
  end
  expect_key_kept(stage, row)
  expect_no_growth(client)
end

describe("a call among faults", function()
  setup(function() -- what libcurl opens once
    local s = server.start { well() }
    asking.once(s.url)
    s:stop()
    if has_tls then authority = tls.authority() end
  end)
  after_each(function()
    tls.stop_all()
    server.stop_all()
  end)

  local function name_of(group, row)
    return ("ends %s%s: %s %s"):format(row[3] == "well" and "" or "in ", row[3], group[1], row[1])
  end

  for _, group in ipairs(groups) do
    for _, row in ipairs(group[2]) do
      it(name_of(group, row), function()
        without_leaks(function()
          try_lasting(row)
          if row[4] then try_passing(row) end
        end)
      end)
    end
  end

  for _, group in ipairs(staged) do
    for _, row in ipairs(group[2]) do
      it(name_of(group, row), function()
        if group[3] == false then return pending "needs the openssl command" end
        without_leaks(function() try_staged(row) end)
      end)
    end
  end
end)

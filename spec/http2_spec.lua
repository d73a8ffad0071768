-- HTTP/2: a real nginx behind TLS, which says GOAWAY when it has served enough, when it is started
-- anew, and when it ends.

local Instructor = require "instructor"
local asking = require "spec.support.asking"
local nginx = require "spec.support.nginx"
local server = require "spec.support.server"
local tls = require "spec.support.tls"

local ask, well = asking.ask, asking.well
local expect_error, expect_well = asking.expect_error, asking.expect_well

local lacks = not tls.is_available() and "the openssl command" or not nginx.command() and "nginx"

local function it_with_nginx(name, body)
  it(name, function()
    if lacks then return pending("needs " .. lacks) end
    body()
  end)
end

describe("over HTTP/2", function()
  local authority, certificate

  if not lacks then
    setup(function()
      authority = tls.authority()
      certificate = authority:certificate()
    end)
  end
  after_each(function()
    nginx.stop_all()
    server.stop_all()
  end)

  -- A scripted server, nginx before it, and a client of that.
  local function start(steps, keepalive_requests, options)
    local s = server.start(steps)
    local front = nginx.start { certificate = certificate, upstream = s.port,
      keepalive_requests = keepalive_requests }
    local all = { ca_file = authority.ca_file }
    for name, value in pairs(options or {}) do all[name] = value end
    return asking.client(front.url, all), s, front
  end

  local function expect_protocol(s)
    for _, request in ipairs(s:requests()) do
      assert.equal("HTTP/2.0", request.headers["x-protocol"])
      assert.equal("Bearer " .. asking.KEY, request.headers.authorization)
    end
  end

  -- On how many connections nginx was asked.
  local function connections(s)
    local seen, count = {}, 0
    for _, request in ipairs(s:requests()) do
      local number = request.headers["x-connection"]
      if not seen[number] then count = count + 1 end
      seen[number] = true
    end
    return count
  end

  it_with_nginx("a call ends well, long as question and answer may be", function()
    local client, s = start { well { extra = { filler = ("y"):rep(1000000) } } }
    expect_well(ask(client, { messages = ("x"):rep(1000000) }))
    expect_protocol(s)
    assert.equal(1000000, #s:requests()[1]:json().messages[1].content)
  end)

  it_with_nginx("many calls share one connection, one after another and at once", function()
    local client, s = start { server.slow_head(30, well()), repeat_last = true }
    expect_well(ask(client))
    for _, user, meta in Instructor.map({ 1, 2, 3, 4, 5, 6 }, { concurrency = 6 }, function()
      return ask(client)
    end) do
      expect_well(user, meta)
    end
    assert.equal(7, #s:requests())
    assert.equal(1, connections(s))
  end)

  it_with_nginx("GOAWAY after every request costs no answer and no attempt", function()
    local client, s = start({ well(), repeat_last = true }, 1)
    for _ = 1, 5 do assert.equal(1, #expect_well(ask(client)).attempts) end
    assert.equal(5, #s:requests())
    assert.equal(5, connections(s))
    expect_protocol(s)
  end)

  it_with_nginx("GOAWAY among many calls at once costs none, and none is asked twice", function()
    local client, s = start({ server.slow_head(30, well()), repeat_last = true }, 3)
    local texts, wanted, got = {}, {}, {}
    for i = 1, 24 do
      texts[i] = "question " .. i
      wanted[texts[i]] = 1
    end
    for _, user, meta in Instructor.map(texts, { concurrency = 8 }, function(text)
      return ask(client, { messages = text })
    end) do
      expect_well(user, meta)
    end
    for _, request in ipairs(s:requests()) do
      local text = request:json().messages[1].content
      got[text] = (got[text] or 0) + 1
    end
    assert.same(wanted, got)
    assert.is_true(connections(s) >= 8)
    expect_protocol(s)
  end)

  -- Asks twice at once: while the slower answer is awaited, `meanwhile` is called.
  local function ask_twice(client, meanwhile)
    local answered = false
    local function once_answered(value, err)
      local first = not answered
      answered = true
      if first then meanwhile() end
      return value, err
    end
    local function job() return once_answered(ask(client)) end
    return Instructor.run(job, job)
  end

  it_with_nginx("a server started anew finishes what is under way, and serves on", function()
    local client, s, front = start { server.slow_head(400, well()), well(), repeat_last = true }
    local results = ask_twice(client, function() front:restart() end)
    for i = 1, 2 do expect_well(results[i].value, results[i].err) end
    expect_well(ask(client))
    assert.equal(3, #s:requests())
  end)

  it_with_nginx("a server that ends in mid-answer is a network error, retried in vain", function()
    local client, s, front = start { server.slow_head(3000, well()), well(), repeat_last = true }
    local results = ask_twice(client, function() front:stop() end)
    local slow, quick = results[1], results[2]
    if slow.value then slow, quick = quick, slow end -- whichever was asked first
    expect_well(quick.value, quick.err)
    expect_error("network", { retryable = true, attempts = 3 }, slow.value, slow.err)
    assert.equal(2, #s:requests())
  end)

  it_with_nginx("an answer cut off is a network error, and well when the next try is", function()
    local client, s = start { server.cut_body(50, well()), server.reset_body(50, well()), well() }
    local meta = expect_well(ask(client))
    assert.same({ "network", "network" }, { meta.attempts[1].kind, meta.attempts[2].kind })
    assert.equal(3, #s:requests())
  end)

  it_with_nginx("a server behind that is gone is a 502, and asked again", function()
    local client, s = start { well() }
    s:stop()
    local value, err = ask(client)
    expect_error("http", { status = 502, retryable = true, attempts = 3 }, value, err)
  end)

  it_with_nginx("a server behind that is silent runs into the first-byte timeout", function()
    local client = start({ server.stall(), repeat_last = true }, nil,
      { http_retries = 1, timeout = { first_byte = 0.3 } })
    local value, err = ask(client)
    expect_error("timeout", { retryable = true, attempts = 2 }, value, err)
  end)
end)

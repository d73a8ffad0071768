-- A transport of the user's own that reads the answer in pieces, and one that brings its own sleep:
-- how a host with an event loop comes in.

local core = require "instructor.core"
local asking = require "spec.support.asking"

local ask = asking.ask
local expect_error, expect_well = asking.expect_error, asking.expect_well

local RIGHT = asking.well().body

-- A reader that returns what each of `steps` is, or returns when it is a function; and an account
-- of how often it was asked and closed.
local function reader(steps)
  local seen = { asked = 0, closed = 0, seconds = {} }
  local function body(seconds)
    seen.asked = seen.asked + 1
    seen.seconds[seen.asked] = seconds
    local step = steps[math.min(seen.asked, #steps)]
    if type(step) == "function" then return step() end
    return step
  end
  return body, seen
end

local function pieces_of(text, size)
  local list = {}
  for at = 1, #text, size do list[#list + 1] = text:sub(at, at + size - 1) end
  list[#list + 1] = function() return nil end
  return list
end

-- A client whose answers are read from each of these bodies in turn.
local function client_of(bodies, options)
  local sent = {}
  local given = { transport = {} }
  function given.transport.send(request, wait)
    sent[#sent + 1] = { request = request, wait = wait }
    local one = bodies[math.min(#sent, #bodies)]
    return { status = one.status or 200, headers = one.headers, body = one.body,
      close = one.seen and function() one.seen.closed = one.seen.closed + 1 end }
  end
  for name, value in pairs(options or {}) do given[name] = value end
  given.transport.sleep = given.sleep
  given.sleep = nil
  return asking.client("http://127.0.0.1:1/v1", given), sent
end

local function body_of(steps, more)
  local body, seen = reader(steps)
  local one = { body = body, seen = seen }
  for name, value in pairs(more or {}) do one[name] = value end
  return one, seen
end

local function pass(seconds)
  local till = core.clock() + seconds
  while core.clock() < till do core.sleep(till - core.clock()) end
end

describe("a body that is read in pieces", function()
  for _, size in ipairs { 1, 7, 1000 } do
    it(("gives the same value in pieces of %d bytes"):format(size), function()
      local one, seen = body_of(pieces_of(RIGHT, size))
      local meta = expect_well(ask((client_of { one })))
      assert.equal(RIGHT, meta.raw)
      assert.equal(15, meta.usage.total_tokens)
      assert.equal(math.ceil(#RIGHT / size) + 1, seen.asked)
    end)
  end

  it("is closed once, at its end", function()
    local one, seen = body_of(pieces_of(RIGHT, 100))
    expect_well(ask((client_of { one })))
    assert.equal(1, seen.closed)
  end)

  it("may come without a function to close it", function()
    expect_well(ask((client_of { { body = (reader(pieces_of(RIGHT, 9))) } })))
  end)

  it("has its status and headers heeded before the body is there", function()
    local busy = body_of(pieces_of("{}", 1),
      { status = 429, headers = { ["Retry-After"] = "0", ["X-Request-Id"] = "req-fake-1" } })
    local fine = body_of(pieces_of(RIGHT, 50))
    local meta = expect_well(ask((client_of { busy, fine })))
    assert.same({ 429, 200 }, { meta.attempts[1].status, meta.attempts[2].status })
    assert.equal("req-fake-1", meta.attempts[1].request_id)
  end)

  it("is held to the limit of an answer while it is read", function()
    local one, seen = body_of { ("x"):rep(1000) } -- without end
    expect_error("limit", { retryable = false, attempts = 1 },
      ask((client_of({ one }, { max_answer = 5500 }))))
    assert.equal(6, seen.asked)
    assert.equal(1, seen.closed)
  end)

  it("that breaks off is a network error, and the attempt stands in the account", function()
    local one, seen = body_of { RIGHT:sub(1, 40), function() return nil, "the line is cut" end }
    local err = expect_error("network", { status = 200, retryable = false, attempts = 1 },
      ask((client_of { one })))
    assert.matches("the line is cut", tostring(err))
    assert.equal("network", err.attempts[1].kind)
    assert.equal(200, err.attempts[1].status)
    assert.equal(1, seen.closed)
  end)

  it("that breaks off and says that this may pass is asked for again", function()
    local cut = body_of { RIGHT:sub(1, 40), function() return nil, "cut", true end }
    local fine = body_of(pieces_of(RIGHT, 50))
    local client, sent = client_of { cut, fine }
    assert.equal(2, #expect_well(ask(client)).attempts)
    assert.same(sent[1].request, sent[2].request)
  end)

  it("that ends too early is no completion, and not taken for whole", function()
    local one = body_of { RIGHT:sub(1, 40), function() return nil end }
    expect_error("protocol", { attempts = 1 }, ask((client_of { one })))
  end)

  it("is told how long it may wait; without bytes in time the call ends it", function()
    local one, seen = body_of { RIGHT:sub(1, 40), function() pass(0.06) return "" end }
    expect_error("timeout", { retryable = true, attempts = 1 },
      ask((client_of({ one }, { http_retries = 0, timeout = { idle = 0.05, total = 30 } }))))
    assert.equal(1, seen.closed)
    local most = 0.05 + 1e-6 -- times on a clock that has long been running are rounded
    assert.is_true(seen.seconds[1] <= most and seen.seconds[2] <= most)
  end)

  it("is not read past the deadline, however much comes", function()
    local one, seen = body_of { function() pass(0.01) return " " end }
    expect_error("timeout", { attempts = 1 }, ask((client_of { one }), { deadline = 0.1 }))
    assert.equal(1, seen.closed)
  end)

  it("must be texts", function()
    local ok, message = pcall(ask, (client_of { (body_of { 5 }) }))
    assert.is_false(ok)
    assert.matches("the reader of a body must return a text, or nil at the end, not a number",
      message)
  end)
end)

describe("a transport", function()
  it("is told how long it may wait for a connection and for the head of an answer", function()
    local client, sent = client_of({ { body = RIGHT } },
      { timeout = { connect = 3, first_byte = 20, total = 600 } })
    expect_well(ask(client))
    assert.equal(3, sent[1].wait.connect)
    assert.is_true(sent[1].wait.head > 15 and sent[1].wait.head <= 20)
    expect_well(ask(client, { deadline = 5 }))
    assert.is_true(sent[2].wait.head > 3 and sent[2].wait.head <= 5)
  end)

  it("is handed the user_agent as a header", function()
    local client, sent = client_of({ { body = RIGHT } }, { user_agent = "fake/1" })
    expect_well(ask(client))
    local headers = {}
    for _, header in ipairs(sent[1].request.headers) do headers[header[1]] = header[2] end
    assert.equal("fake/1", headers["User-Agent"])
  end)

  for _, kind in ipairs { "timeout", "cancelled", "network" } do
    it("may say that what it lost is of the kind " .. kind, function()
      local client = asking.client("http://127.0.0.1:1/v1", { http_retries = 0,
        transport = function() return nil, { kind = kind, message = "it is so" } end })
      local err = expect_error(kind, { retryable = false, attempts = 1 }, ask(client))
      assert.matches("it is so", tostring(err))
    end)
  end

  it("may name no other kind", function()
    local client = asking.client("http://127.0.0.1:1/v1", {
      transport = function() return nil, { kind = "validation", message = "it is so" } end })
    expect_error("network", {}, ask(client))
  end)
end)

describe("a transport with a sleep of its own", function()
  local BUSY = { status = 503, body = "{}" }

  it("is what every rest goes through, in one piece", function()
    local rests = {}
    local client = client_of({ BUSY, BUSY, { body = RIGHT } }, { backoff = { initial = 0.3,
      factor = 1, max = 1 }, sleep = function(seconds)
        rests[#rests + 1] = seconds
        pass(seconds)
      end })
    assert.equal(3, #expect_well(ask(client)).attempts)
    assert.equal(2, #rests)
    for _, seconds in ipairs(rests) do assert.is_true(seconds > 0 and seconds < 0.31) end
  end)

  it("may wake too early", function()
    local woken = 0
    local client = client_of({ BUSY, { body = RIGHT } }, { backoff = 0.05,
      sleep = function() woken = woken + 1 pass(0.01) end })
    assert.equal(2, #expect_well(ask(client)).attempts)
    assert.is_true(woken >= 2)
  end)

  it("may cancel the call", function()
    local client, sent = client_of({ BUSY }, { backoff = 30, sleep = function() return false end })
    expect_error("cancelled", { attempts = 1 }, ask(client))
    assert.equal(1, #sent)
  end)

  it("may yield, as everything in a transport may", function()
    local one = body_of { function() coroutine.yield "read" return RIGHT end,
      function() return nil end }
    local client = client_of({ BUSY, one }, { backoff = 0.01,
      sleep = function(seconds) coroutine.yield "sleep" pass(seconds) end })
    local value, meta
    local thread = coroutine.create(function() value, meta = ask(client) end)
    local yielded = {}
    while coroutine.status(thread) ~= "dead" do
      local ok, what = coroutine.resume(thread)
      assert(ok, what)
      yielded[#yielded + 1] = what
    end
    expect_well(value, meta)
    assert.equal("sleep", yielded[1])
    assert.equal("read", yielded[#yielded])
  end)
end)

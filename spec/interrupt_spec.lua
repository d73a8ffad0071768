-- Ctrl-C ends a script that waits in create, wherever it waits: within a second, as Lua ends it.

local asking = require "spec.support.asking"
local process = require "spec.support.process"
local server = require "spec.support.server"

local well = asking.well
local A_SECOND = 1 -- the promise
local LIMIT = 10   -- seconds after which a spec gives up waiting

-- Asks arg[2] times and prints each answer; ends with status 7 if nothing interrupts it.
local ASK = [[
local Instructor, OpenAI = require "instructor", require "instructor.openai"
local z = require "instructor.z"
local client = Instructor { client = OpenAI { base_url = arg[1], api_key = "sk-fake" } }
local User = z.object { age = z.number(), name = z.string() }
for _ = 1, tonumber(arg[2]) do
  local user, err = client.chat.completions.create {
    model = "fake-model", messages = "Jason Liu is 30 years old", response_model = User,
  }
  print(user and user.name or err)
  io.stdout:flush()
end
os.exit(7)
]]

-- The same through a transport of the user's own, told to come again in half a minute.
local ASK_BY_FUNCTION = [[
local Instructor, OpenAI = require "instructor", require "instructor.openai"
local function transport()
  print "asked"
  io.stdout:flush()
  return { status = 429, headers = { ["Retry-After"] = "30" }, body = "{}" }
end
local client = Instructor { client = OpenAI { base_url = "http://127.0.0.1:1/v1",
  api_key = "sk-fake", transport = transport } }
client.chat.completions.create { model = "fake-model", messages = "hello" }
os.exit(7)
]]

-- Catches the interruption and asks again.
local ASK_AGAIN = [[
local Instructor, OpenAI = require "instructor", require "instructor.openai"
local z = require "instructor.z"
local client = Instructor { client = OpenAI { base_url = arg[1], api_key = "sk-fake" } }
local function ask()
  return client.chat.completions.create {
    model = "fake-model", messages = "Jason Liu is 30 years old",
    response_model = z.object { age = z.number(), name = z.string() },
  }
end
print(pcall(ask))
local user, err = ask()
print(user and user.name or err)
]]

local function start(script, ...)
  return process.start({ asking.interpreter(), asking.script(script), ... }, { limit = 30 })
end

-- Interrupts a script that waits by now; returns how it ended.
local function interrupt(child)
  assert.is_true(child:is_running())
  child:signal "INT"
  local result = child:wait(LIMIT)
  assert.is_false(result.timed_out)
  assert.is_nil(result.signal, "it was killed, not interrupted")
  assert.equal(1, result.status)
  assert.matches("interrupted!", result.stderr)
  assert.is_true(result.after_signal < A_SECOND, result.after_signal .. " s")
  return result
end

describe("Ctrl-C", function()
  after_each(server.stop_all)

  local function interrupts_at(step, pause)
    local s = server.start { step, repeat_last = true }
    local child = start(ASK, s.url, 1)
    s:await(1, LIMIT)
    process.sleep(pause or 0)
    local result = interrupt(child)
    assert.equal("", result.stdout)
    return s
  end

  it("ends a script whose server does not answer", function()
    local s = interrupts_at(server.stall())
    assert.equal("gone", s:await_end(1).ended)
    assert.equal(1, #s:requests())
  end)

  it("ends a script whose server stalls within the body", function()
    interrupts_at(server.stall_body(20, well()), 0.2)
  end)

  it("ends a script whose server trickles without end", function()
    interrupts_at(server.drip(20000, server.answer { body = (" "):rep(5000) }), 0.2)
  end)

  it("ends a script that was told to come again later", function()
    local s = interrupts_at(server.retry_after(429, 30), 0.3)
    assert.equal(1, #s:requests())
  end)

  it("ends a script in its second call, after a first that was well", function()
    local s = server.start { well(), server.stall() }
    local child = start(ASK, s.url, 2)
    s:await(2, LIMIT)
    local result = interrupt(child)
    assert.equal("Jason Liu\n", result.stdout)
  end)

  it("ends a script that rests between two tries of its own transport", function()
    local child = start(ASK_BY_FUNCTION)
    assert.is_truthy(process.await(function() return child:stdout() ~= "" end, LIMIT))
    process.sleep(0.2)
    assert.equal("asked\n", interrupt(child).stdout)
  end)

  it("can be caught, and the client goes on to serve", function()
    local s = server.start { server.stall(), well() }
    local child = start(ASK_AGAIN, s.url)
    s:await(1, LIMIT)
    child:signal "INT"
    local result = child:wait(LIMIT)
    assert.equal(0, result.status, result.stderr)
    local caught, name = result.stdout:match "^false\t([^\n]*)\n([^\n]*)\n$"
    assert.matches("interrupted!", caught)
    assert.equal("Jason Liu", name)
    assert.equal(2, #s:requests())
  end)
end)

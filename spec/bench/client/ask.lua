-- What spec/bench/client.c measures: creates through the Lua module.
--   ask.lua body            prints the body of one request, for the peers to send
--   ask.lua one URL         creates, one after the other
--   ask.lua wordy URL       the same, written with a list of messages and a name for the schema
--   ask.lua many URL K      creates, K at once
--   ask.lua streams URL N   N streams, all at once (spec/bench/streams.c, which measures them)
-- All but the first and the last read from their input how many calls to make, and print the
-- microseconds of CPU that each took, as often as they are told.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local User = z.object {
  { "name", z.string():min(1) }, { "age", z.int() }, { "email", z.string() },
  { "is_active", z.boolean() }, { "role", z.enum { "admin", "user", "guest" } },
  { "score", z.number() }, { "tags", z.array(z.string()) },
}

local how, url, number = arg[1], arg[2], tonumber(arg[3])

local client = Instructor {
  mode = "TOOLS",
  client = OpenAI { base_url = url or "http://127.0.0.1:1/v1", api_key = "sk-fake", model = "m" },
}

local function ask()
  return client.chat.completions.create {
    messages = "Jason Liu is 30 years old", response_model = User,
    dry_run = how == "body" or nil,
  }
end

local function ask_wordy()
  return client.chat.completions.create {
    messages = { { role = "user", content = "Jason Liu is 30 years old" } },
    response_model = { schema = User, name = "Response" },
  }
end

local function check(user, err)
  if user == nil then error(tostring(err)) end
  assert(user.name == "Jason Liu" and #user.tags == 3)
end

local run = {}

function run.one(n)
  for _ = 1, n do check(ask()) end
end

function run.wordy(n)
  for _ = 1, n do check(ask_wordy()) end
end

function run.many(n)
  local list = {}
  for i = 1, n do list[i] = i end
  local results = Instructor.map(list, { concurrency = number }, function() return ask() end)
  for _, user, err in results do check(user, err) end
end

local function streams(n)
  local list = {}
  for i = 1, n do list[i] = i end
  local results = Instructor.map(list, { concurrency = n }, function()
    local stream = client.chat.completions.create {
      messages = "Jason Liu is 30 years old", response_model = User, stream = true,
    }
    for partial in stream do assert(type(partial) == "table") end
    return stream:result()
  end)
  for _, user, err in results do check(user, err) end
end

if how == "streams" then
  streams(number)
elseif how == "body" then
  io.write(ask().body)
else
  for line in io.lines() do
    local count, from = tonumber(line), os.clock()
    run[how](count)
    print(("%.3f"):format((os.clock() - from) / count * 1e6))
    io.flush()
  end
end

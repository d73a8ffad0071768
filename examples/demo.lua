-- make demo: a schema goes out, a wrong first answer is corrected, a validated table comes back.
--
-- Without LIVE it starts the sandbox, a server on loopback that answers by rules.  From the
-- environment: TEXT (what to read), MODE, SLOPPY (0: the first answer is right at once), LIVE (a
-- provider's name, or the base URL of a server), MODEL, NO_COLOR.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local core = require "instructor.core"
local z = require "instructor.z"

local User = z.object {
  age = z.number(),
  name = z.string(),
}

local models = { -- a model to ask where MODEL names none
  anyscale = "mistralai/Mixtral-8x7B-Instruct-v0.1", openai = "gpt-4o-mini", ollama = "llama3.2",
}

local function env(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- ---- showing ------------------------------------------------------------------------------------

local function succeeds(command)
  local first = os.execute(command)
  return first == true or first == 0
end

local colours = not env "NO_COLOR" and env "TERM" ~= "dumb" and succeeds "test -t 1"

local function paint(code, text)
  return colours and ("\27[%sm%s\27[0m"):format(code, text) or text
end

local function line(label, text, colour)
  print(paint("2", ("%-14s"):format(label)) .. paint(colour or "0", text))
end

--- { age = 30, name = "Jason Liu" }
local function show(value)
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) ~= "table" then return tostring(value) end
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do parts[i] = key .. " = " .. show(value[key]) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local ordinals = { "1st answer", "2nd answer", "3rd answer" }

local function show_attempt(number, attempt)
  local label = ordinals[number] or ("%dth answer"):format(number)
  if attempt.text then
    line(label, attempt.text, attempt.kind and "33" or "32")
  end
  for _, issue in ipairs(attempt.issues or {}) do
    line("  wrong", table.concat(issue.path, ".") .. ": " .. issue.message, "31")
  end
  if attempt.kind and not attempt.issues then line("  " .. attempt.kind, attempt.message, "31") end
end

-- ---- the other end ------------------------------------------------------------------------------

local function sandbox_program()
  return (env "INSTRUCTOR_BUILD" or "build/lua5.4") .. "/sandbox"
end

--- Starts the sandbox.  Its standard input is ours to close: it ends when we do, however we end.
local function start_sandbox(sloppy)
  local told = os.tmpname()
  local pipe = assert(io.popen(("exec '%s' --until-eof %s >'%s'"):format(sandbox_program(),
    sloppy and "--sloppy" or "", told), "w"))
  for _ = 1, 100 do
    local file = assert(io.open(told))
    local url = file:read("*a"):match "(http://%S+)"
    file:close()
    if url then
      os.remove(told)
      return url, pipe
    end
    core.sleep(0.05)
  end
  os.remove(told)
  error("the sandbox did not start: " .. sandbox_program(), 0)
end

local function live_client(name)
  local url = name:match "^https?://.+" and name or nil
  if url == nil and core.provider(name) == nil then
    error(("LIVE=%s is not known; there are %s, and base URLs"):format(name,
      table.concat(core.providers(), ", ")), 0)
  end
  return OpenAI { provider = url == nil and name or nil, base_url = url,
    model = env "MODEL" or models[name], api_key = env "INSTRUCTOR_API_KEY" }
end

-- ---- the demo -----------------------------------------------------------------------------------

local function run()
  local text, mode = env "TEXT" or "Jason Liu is 30 years old", env "MODE" or "JSON_SCHEMA"
  local oai, sandbox
  local sloppy = env "SLOPPY" ~= "0" and env "SLOPPY" ~= "no"
  if env "LIVE" then
    oai = live_client(env "LIVE")
  else
    local url
    url, sandbox = start_sandbox(sloppy)
    oai = OpenAI { base_url = url, model = "sandbox" }
  end
  local client = Instructor { client = oai, mode = mode }
  if env "LIVE" then
    line("asking", oai.base_url)
  else
    line("asking", "the sandbox, which answers by rules and is no language model")
    if sloppy then
      line("", "(its first answer errs, as small models do; SLOPPY=0 switches that off)", "2")
    end
  end
  line("schema", "z.object { age = z.number(), name = z.string() }")
  line("text", text)
  print()
  local user, meta = client.chat.completions.create {
    messages = { { role = "user", content = text } },
    response_model = { schema = User, name = "User", description = "The person in the text" },
    max_retries = 3,
  }
  for i, attempt in ipairs(meta.attempts) do show_attempt(i, attempt) end
  print()
  if sandbox then sandbox:close() end
  if user == nil then
    print(paint("31", tostring(meta)))
    os.exit(1)
  end
  line("your table", show(user), "1")
  local usage = meta.usage or { input_tokens = 0, output_tokens = 0, total_tokens = 0 }
  line("account", ("%d attempt%s, %d tokens (%d in, %d out), mode %s"):format(#meta.attempts,
    #meta.attempts == 1 and "" or "s", usage.total_tokens, usage.input_tokens,
    usage.output_tokens, client.mode))
end

local ok, message = pcall(run)
if not ok then
  io.stderr:write("demo: ", (tostring(message):gsub("^%S+%.lua:%d+: ", "")), "\n")
  os.exit(1)
end

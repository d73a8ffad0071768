--[[
What the specs of faults share: a schema, a right answer to it, clients that ask for it with a fake
key, and what every error must be.  In: the URL of a server that misbehaves.  Out: what create
returned, errors already looked through.
]]

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local process = require "spec.support.process"
local server = require "spec.support.server"
local z = require "instructor.z"

local asking = {}

--- No key of any service; long enough to be told from other text, whole or in part.
asking.KEY = "sk-fake-4f9d27c1e8b35a60"

asking.PROMPT = "Jason Liu is 30 years old"

asking.User = z.object { { "age", z.number() }, { "name", z.string() } }

local QUOTE_MAX = 200 -- bytes of foreign text an error may quote
local TEXT_MAX = 900  -- bytes of tostring(err): two sentences of ours, a quotation, the account

-- ---- answers ---------------------------------------------------------------------------------

--- A step that answers rightly, for the mode TOOLS.
---@param options? spec.server.completion
---@return spec.server.step
function asking.well(options)
  local all = { tool = { "Response", '{"age":30,"name":"Jason Liu"}' } }
  for name, value in pairs(options or {}) do all[name] = value end
  return server.completion(all)
end

--- A step that answers with a value that does not fit the schema.
---@return spec.server.step
function asking.unfit()
  return server.completion { tool = { "Response", '{"age":"thirty","name":"Jason Liu"}' } }
end

-- ---- asking ----------------------------------------------------------------------------------

local function merged(...)
  local all = {}
  for i = 1, select("#", ...) do
    for name, value in pairs((select(i, ...)) or {}) do all[name] = value end
  end
  return all
end

--- A plain client that does not dawdle between attempts.
---@param url string
---@param options? table OpenAI's, over these
---@return instructor.Client
function asking.plain(url, options)
  return OpenAI(merged({ base_url = url, api_key = asking.KEY, backoff = 0.01 }, options))
end

--- The same, patched.
---@param url string
---@param options? table OpenAI's
---@return instructor.Client
function asking.client(url, options)
  return Instructor { client = asking.plain(url, options) }
end

--- Asks for a User.
---@param client instructor.Client
---@param params? table over these
---@param request_options? table
---@return any value, any meta_or_error
function asking.ask(client, params, request_options)
  return client.chat.completions.create(merged({
    model = "fake-model", messages = asking.PROMPT, response_model = asking.User,
  }, params), request_options)
end

--- Asks once, with a client of its own: a failed request is not sent again.
---@param url string
---@param options? table OpenAI's
---@param params? table create's
---@return any value, any meta_or_error
function asking.once(url, options, params)
  return asking.ask(asking.client(url, merged({ http_retries = 0 }, options)), params)
end

--- How many seconds `fn` takes, and what it returns (two values).
---@param fn function
---@return number, any, any
function asking.seconds(fn, ...)
  local start = process.now()
  local first, second = fn(...)
  return process.now() - start, first, second
end

-- ---- what must be so -------------------------------------------------------------------------

--- Raises unless all is well.
---@param value any
---@param meta any
---@return instructor.Meta
function asking.expect_well(value, meta)
  if value == nil then error("there is no value: " .. tostring(meta), 2) end
  if value.age ~= 30 or value.name ~= "Jason Liu" then error("it is another value", 2) end
  return meta
end

local KINDS = {}
for kind in ("network timeout http protocol json no_answer validation refusal incomplete"
  .. " content_filter cancelled budget limit memory replay"):gmatch "%S+" do
  KINDS[kind] = true
end

-- Each piece of the key that is long enough to be told from chance.
local function holds_key(text)
  for at = 1, #asking.KEY - 9 do
    if text:find(asking.KEY:sub(at, at + 9), 1, true) then return true end
  end
  return false
end

-- All texts of an error that are ours: not the answers, which are the model's.
local function texts_of(err)
  local list = { tostring(err), err.message, err.code or "", err.request_id or "" }
  for _, attempt in ipairs(err.attempts or {}) do
    list[#list + 1] = attempt.message or ""
    list[#list + 1] = attempt.request_id or ""
  end
  return list
end

--- What is wrong with an error, whatever it is of; nil: nothing.
---@param err any
---@return string?
function asking.flaw(err)
  if not Instructor.is_error(err) then return "is no error of ours: " .. tostring(err) end
  if not KINDS[err.kind] then return "has a kind that is not documented: " .. tostring(err.kind) end
  if type(err.retryable) ~= "boolean" then return "does not say whether it is retryable" end
  if type(err.attempts) ~= "table" then return "has no list of attempts" end
  local text = tostring(err)
  if text:sub(1, #err.kind + 2) ~= err.kind .. ": " then return "does not begin with its kind" end
  if text:gsub("\n", ""):find "%c" then return "holds control characters" end
  if #text > TEXT_MAX then return ("has %d bytes of text"):format(#text) end
  for _, one in ipairs(texts_of(err)) do
    if holds_key(one) then return "holds the key, or a piece of it: " .. one end
  end
end

--- Raises unless `create` failed with this kind, and `fields` of the error are these.
---@param kind string
---@param fields table<string, any>
---@param value any as create returned it
---@param err any as create returned it
---@return instructor.Error
function asking.expect_error(kind, fields, value, err)
  if value ~= nil then error("there is a value", 2) end
  local flaw = asking.flaw(err)
  if flaw then error("the error " .. flaw, 2) end
  if err.kind ~= kind then error(("%s was expected, not %s"):format(kind, tostring(err)), 2) end
  for name, wanted in pairs(fields) do
    local got = err[name]
    if name == "attempts" then got = #got end
    if got ~= wanted then
      error(("err.%s: %s was expected, not %s (%s)"):format(name, tostring(wanted), tostring(got),
        tostring(err)), 2)
    end
  end
  return err
end

--- How many bytes of foreign text `text` quotes, when that text is made of one letter.
---@param text string
---@param letter string
---@return integer
function asking.longest_run(text, letter)
  local longest = 0
  for run in text:gmatch(letter .. "+") do longest = math.max(longest, #run) end
  return longest
end

asking.QUOTE_MAX = QUOTE_MAX

-- ---- other processes -------------------------------------------------------------------------

--- The interpreter that runs these specs.
---@return string
function asking.interpreter()
  local named = os.getenv "LUA"
  if named and named ~= "" then return named end
  local i = 0
  while arg[i - 1] do i = i - 1 end
  return arg[i]
end

--- Do these specs run under the sanitizers?
---@return boolean
function asking.is_sanitized()
  return (os.getenv "INSTRUCTOR_BUILD" or ""):find "asan" ~= nil
end

--- A file with a Lua script.
---@param text string
---@return string
function asking.script(text)
  return process.temp_file(text, ".lua")
end

return asking

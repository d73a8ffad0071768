--[[
What the specs of streams share: events as providers send them, servers that send them one by one,
and clients that ask for them.  In: the text of an answer.  Out: steps of spec.support.server.
]]

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local server = require "spec.support.server"
local z = require "instructor.z"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local streaming = {}

streaming.KEY = "sk-fake-for-specs"

--- The six modes.
streaming.modes = { "TOOLS", "FUNCTIONS", "JSON_SCHEMA", "JSON", "MD_JSON", "THINKING_MD_JSON" }

streaming.User = z.object { { "name", z.string() }, { "age", z.number() } }

--- An answer that fits User.
streaming.RIGHT = '{"name":"Jason Liu","age":30}'

-- ---- events ------------------------------------------------------------------------------------

--- One event, as the protocol has it.
---@param value string|table its data
---@return string
function streaming.event(value)
  return "data: " .. (type(value) == "string" and value or cjson.encode(value)) .. "\n\n"
end

--- The event of a piece of an answer.
---@param delta table
---@param finish? string
---@param extra? table more members
---@return string
function streaming.chunk(delta, finish, extra)
  local body = {
    id = "chatcmpl-1", object = "chat.completion.chunk", model = "m-1",
    choices = { { index = 0, delta = delta, finish_reason = finish or cjson.null } },
  }
  for name, value in pairs(extra or {}) do body[name] = value end
  return streaming.event(body)
end

--- What an answer cost.
streaming.USAGE = streaming.event { id = "chatcmpl-1", object = "chat.completion.chunk",
  choices = cjson.empty_array,
  usage = { prompt_tokens = 9, completion_tokens = 12, total_tokens = 21 } }

streaming.DONE = streaming.event "[DONE]"

local function called(text, first, name)
  return { name = first and (name or "Response") or nil, arguments = text }
end

--- How each mode hands over a piece of an answer.
---@type table<string, fun(text: string, first: boolean, name?: string): table>
streaming.deltas = {
  TOOLS = function(text, first, name)
    return { tool_calls = { { index = 0, id = first and "call_1" or nil,
      ["function"] = called(text, first, name) } } }
  end,
  FUNCTIONS = function(text, first, name) return { function_call = called(text, first, name) } end,
}
for _, mode in ipairs(streaming.modes) do
  streaming.deltas[mode] = streaming.deltas[mode] or function(text) return { content = text } end
end

-- Where the piece ends that begins at `i`: no event holds half a character.
local function end_of(text, i, size)
  local last = i + size - 1
  while text:find("^[\128-\191]", last + 1) do last = last + 1 end
  return last
end

--- The pieces of an answer, each in an event; nothing ends it.
---@param mode string
---@param text string
---@param size? integer bytes a piece; 3 without
---@return string[]
function streaming.pieces(mode, text, size)
  local parts, i = {}, 1
  while i <= #text do
    local last = end_of(text, i, size or 3)
    parts[#parts + 1] = streaming.chunk(streaming.deltas[mode](text:sub(i, last), i == 1))
    i = last + 1
  end
  return parts
end

--- The same, with all that follows the answer.
---@param mode string
---@param text string
---@param size? integer
---@param finish? string "stop" without
---@return string[]
function streaming.events(mode, text, size, finish)
  local parts = streaming.pieces(mode, text, size)
  parts[#parts + 1] = streaming.chunk({}, finish or "stop") .. streaming.USAGE .. streaming.DONE
  return parts
end

-- ---- steps -------------------------------------------------------------------------------------

streaming.HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

--- A step that sends these parts one by one, then the end, or `last`.
---@param parts string[]
---@param options? { pause?: integer, last?: table } pause: milliseconds between two
---@return spec.server.step
function streaming.step(parts, options)
  options = options or {}
  local texts = { streaming.HEAD }
  for _, part in ipairs(parts) do
    texts[#texts + 1] = part
    if options.pause then texts[#texts + 1] = options.pause end
  end
  texts[#texts + 1] = options.last or server.act.close()
  return server.raw(unpack(texts))
end

--- A step that streams this answer, whole and rightly ended.
---@param text string
---@param mode? string TOOLS without
---@param options? { pause?: integer, last?: table, size?: integer }
---@return spec.server.step
function streaming.answer(text, mode, options)
  return streaming.step(streaming.events(mode or "TOOLS", text, options and options.size), options)
end

--- A transport that hands over these parts one by one, as a host with its own sockets does: what
--- arrives together is for the spec to say.
---@param ... string[] the parts of each answer
---@return instructor.Transport
function streaming.transport(...)
  local answers, count = { ... }, 0
  return function()
    count = count + 1
    local parts, at = answers[count], 0
    return { status = 200, headers = { ["content-type"] = "text/event-stream" },
      body = function()
        at = at + 1
        return parts[at]
      end }
  end
end

--- A stream of an answer that arrives in pieces of `size` bytes.
---@param text string
---@param extra? table create's parameters, over streaming.ask's
---@param options? { mode?: string, size?: integer }
---@return instructor.Stream
function streaming.open(text, extra, options)
  local mode = options and options.mode or "TOOLS"
  local parts = streaming.events(mode, text, options and options.size or 1)
  return streaming.client("http://127.0.0.1:1/v1", mode, { transport = streaming.transport(parts) })
    .create(streaming.ask(extra))
end

-- ---- asking ------------------------------------------------------------------------------------

--- The completions of a patched client that does not dawdle.
---@param s spec.server|string or a URL
---@param mode? string TOOLS without
---@param options? table OpenAI's, over these
---@return instructor.Completions
function streaming.client(s, mode, options)
  local all = { base_url = type(s) == "string" and s or s.url, api_key = streaming.KEY,
    backoff = 0.01 }
  for name, value in pairs(options or {}) do all[name] = value end
  return Instructor { client = OpenAI(all), mode = mode or "TOOLS" }.chat.completions
end

--- What create is asked for.
---@param extra? table over these
---@return instructor.CreateParams
function streaming.ask(extra)
  local params = { model = "m", messages = "Jason is 30", response_model = streaming.User,
    stream = true }
  for name, value in pairs(extra or {}) do params[name] = value end
  return params
end

--- Everything a stream hands out, each as it was then, and what came of it.
---@param stream instructor.Stream
---@return any[] seen, any value, any told
function streaming.read(stream)
  local seen = {}
  local value, told = stream:each(function() seen[#seen + 1] = stream:snapshot() end)
  return seen, value, told
end

return streaming

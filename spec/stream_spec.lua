-- Answers as they arrive, over real sockets: partial values that never lie, the whole at the end.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local server = require "spec.support.server"
local z = require "instructor.z"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local User = z.object { name = z.string(), age = z.number() }

--- One event of a stream, as the protocol has it.
local function event(value)
  return "data: " .. (type(value) == "string" and value or cjson.encode(value)) .. "\n\n"
end

local function chunk(delta, finish)
  return event {
    id = "chatcmpl-1", object = "chat.completion.chunk", model = "m-1",
    choices = { { index = 0, delta = delta, finish_reason = finish or cjson.null } },
  }
end

local USAGE = event { id = "chatcmpl-1", object = "chat.completion.chunk", choices = cjson.empty_array,
  usage = { prompt_tokens = 9, completion_tokens = 12, total_tokens = 21 } }

--- How each mode hands over a piece of an answer.
local deltas = {
  TOOLS = function(text, first)
    return { tool_calls = { { index = 0, id = first and "call_1" or nil,
      ["function"] = { name = first and "Response" or nil, arguments = text } } } }
  end,
  FUNCTIONS = function(text, first)
    return { function_call = { name = first and "Response" or nil, arguments = text } }
  end,
}
for _, mode in ipairs { "JSON_SCHEMA", "JSON", "MD_JSON", "THINKING_MD_JSON" } do
  deltas[mode] = function(text) return { content = text } end
end

--- The pieces of `text`, each in an event, and the end.
local function events_of(mode, text, size)
  local parts = {}
  for i = 1, #text, size do
    parts[#parts + 1] = chunk(deltas[mode](text:sub(i, i + size - 1), i == 1))
  end
  parts[#parts + 1] = chunk({}, "stop") .. USAGE .. event "[DONE]"
  return parts
end

local HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

--- A step that sends a stream's events one by one.
local function streamed(parts, pause)
  local texts = { HEAD }
  for _, part in ipairs(parts) do
    texts[#texts + 1] = part
    if pause then texts[#texts + 1] = pause end
  end
  texts[#texts + 1] = server.act.close()
  return server.raw(unpack(texts))
end

local function client_of(s, mode)
  local oai = OpenAI { base_url = s.url, api_key = "sk-fake-for-specs" }
  return Instructor { client = oai, mode = mode or "TOOLS" }.chat.completions
end

local function ask(extra)
  local params = { model = "m", messages = "Jason is 30", response_model = User, stream = true }
  for name, value in pairs(extra or {}) do params[name] = value end
  return params
end

local RIGHT = '{"name":"Jason Liu","age":30}'

local wrapped = {
  MD_JSON = "Sure:\n```json\n" .. RIGHT .. "\n```\n",
  THINKING_MD_JSON = "<think>30 {</think>\n```json\n" .. RIGHT .. "\n```",
}

describe("a streamed create", function()
  after_each(function() server.stop_all() end)

  for _, mode in ipairs { "TOOLS", "FUNCTIONS", "JSON_SCHEMA", "JSON", "MD_JSON",
    "THINKING_MD_JSON" } do
    it("in " .. mode .. " hands out one table that grows, and the whole at the end", function()
      local s = server.start { streamed(events_of(mode, wrapped[mode] or RIGHT, 3), 5) }
      local names, tables, last = {}, {}, nil
      local stream = client_of(s, mode).create(ask())
      for user in stream do
        tables[user] = true
        last = user
        if user.name ~= names[#names] then names[#names + 1] = user.name end
      end
      assert.equal("Jason Liu", names[#names])
      assert.is_true(#names > 2)
      for i = 2, #names do assert.equal(names[i - 1], names[i]:sub(1, #names[i - 1])) end
      assert.equal(last, (next(tables)))
      assert.is_nil(next(tables, last))
      assert.same({ name = "Jason Liu", age = 30 }, last)
      local user, meta = stream:result()
      assert.same({ name = "Jason Liu", age = 30 }, user)
      assert.not_equal(last, user)
      assert.equal(21, meta.usage.total_tokens)
      assert.equal("m-1", meta.model)
      local body = cjson.decode(s:requests()[1].body)
      assert.is_true(body.stream)
      assert.same({ include_usage = true }, body.stream_options)
    end)
  end
end)

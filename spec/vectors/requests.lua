--[[
The requests of a case.  In: a case and its record.  Out: differences.
Bodies are compared as JSON values.  Texts are ours: of a system message or a re-ask the role and
the place are compared; the caller's own messages must be equal, byte for byte.

What the design says otherwise about a re-ask, which is checked instead of what was recorded:
  * each failed answer stays in the conversation, not the last alone;
  * the assistant's turn is the answer as it came, with its calls, and nothing of ours (_meta);
  * each call is answered by a tool (or function) message, a text by the user's;
  * it never has the bytes of the ask before it; an HTTP retry always has.
Of a stream with a schema the usage is asked for: it is part of meta.
]]

local envelopes = require "spec.vectors.envelopes"
local json = require "spec.vectors.json"

local requests = {}

local unpack = table.unpack or unpack -- luacheck: ignore

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

-- ---- re-asks ---------------------------------------------------------------------------------

local function is_answer(response) return response.status >= 200 and response.status < 300 end

local function message_of(response)
  local body = response.body
  local choice = type(body) == "table" and type(body.choices) == "table" and body.choices[1]
  return choice and choice.message or {}
end

local function is_list(value) return json.kind(value) == "list" and value[1] ~= nil end

-- What answers an assistant's turn: a list of members each message must have beside a text.
local function replies_to(message)
  local replies = {}
  for i, call in ipairs(is_list(message.tool_calls) and message.tool_calls or {}) do
    replies[i] = { role = "tool", tool_call_id = call.id }
  end
  if #replies == 0 and type(message.function_call) == "table" then
    replies[1] = { role = "function", name = message.function_call.name }
  end
  if #replies == 0 then replies[1] = { role = "user" } end
  return replies
end

-- The turns that the design asks for before request `index`.
local function turns_before(case, index)
  local turns = {}
  for i = 1, index - 1 do
    local response = case.responses[i]
    if is_answer(response) then
      local message = message_of(response)
      turns[#turns + 1] = { role = "assistant", content = message.content,
        tool_calls = message.tool_calls, function_call = message.function_call }
      for _, reply in ipairs(replies_to(message)) do turns[#turns + 1] = reply end
    end
  end
  return turns
end

local function compare_turn(list, where, expected, got)
  local said = json.without(got)
  if expected.role ~= "assistant" then
    if type(got.content) ~= "string" or got.content == "" then
      add(list, where .. ".content", "a correction", got.content)
    end
    said.content = nil
  end
  if not json.equal(expected, said) then add(list, where, expected, said) end
end

-- ---- messages --------------------------------------------------------------------------------

local function roles(messages)
  local out = {}
  for i, message in ipairs(messages) do out[i] = tostring(message.role) end
  return table.concat(out, ", ")
end

-- The messages ours must be like: the recorded ones, but with our turns instead of their re-ask.
-- Returns also how many stand before the turns, and whether the recorded request is a re-ask.
local function expected_messages(case, index, turns)
  local recorded = case.requests[index].messages or {}
  local asked = #(case.requests[1].messages or {})
  local all = {}
  for i = 1, math.min(asked, #recorded) do all[i] = recorded[i] end
  for _, turn in ipairs(turns) do all[#all + 1] = turn end
  return all, asked, #recorded > asked
end

local function is_text(message)
  return type(message.content) == "string" and message.content ~= ""
end

local function compare_messages(list, case, index, got)
  local turns = turns_before(case, index)
  local expected, asked, reask = expected_messages(case, index, turns)
  if reask ~= (#turns > 0) then
    add(list, "messages", reask and "a re-ask" or "no re-ask", case.requests[index].messages)
  end
  local given = type(case.params.messages) == "table" and #case.params.messages or 0
  if #expected == 0 and got == nil then return end
  if json.kind(got) ~= "list" or roles(expected) ~= roles(got) then
    return add(list, "messages", roles(expected), got)
  end
  for i, message in ipairs(expected) do
    local where = ("messages[%d]"):format(i)
    if i > asked then
      compare_turn(list, where, message, got[i])
    elseif i > asked - given then
      if not json.equal(message, got[i]) then add(list, where, message, got[i]) end
    elseif not is_text(got[i]) then
      add(list, where .. ".content", "a text of ours", got[i].content)
    end
  end
end

-- ---- one request -----------------------------------------------------------------------------

local function compare_members(list, case, expected, got)
  local skip = envelopes.members(case)
  local a = json.without(expected, "messages", unpack(skip))
  local b = json.without(got, "messages", unpack(skip))
  local streamed = case.schema and b.stream
  if streamed and a.stream_options == nil then a.stream_options = { include_usage = true } end
  for name, value in pairs(a) do
    if not json.equal(value, b[name]) then add(list, name, value, b[name]) end
  end
  for name, value in pairs(b) do
    if a[name] == nil then add(list, name, nil, value) end
  end
end

local function compare_head(list, case, index, got)
  local path = case.paths and case.paths[index] or "POST /v1/chat/completions"
  if not path:find " " then path = "POST " .. path end
  local ours = got.method .. " " .. got.path
  if path ~= ours then add(list, "path", path, ours) end
  for name, value in pairs(case.request_headers and case.request_headers[index] or {}) do
    local sent = got.headers[name:lower()]
    if sent ~= value then add(list, "header " .. name, value, sent) end
  end
end

-- Compared with the request before it: the same again, or a new question?
local function compare_bytes(list, case, index, record)
  if index == 1 then return end
  local same = record.requests[index].body == record.requests[index - 1].body
  local retry = not is_answer(case.responses[index - 1])
  if same ~= retry then
    add(list, "bytes", retry and "those of the request before" or "a new question",
      same and "those of the request before" or "others")
  end
end

local function compare_request(list, case, index, record)
  local expected, got = case.requests[index], record.requests[index]
  local here = {}
  compare_head(here, case, index, got)
  if type(got.json) ~= "table" then
    add(here, "body", expected, got.body)
  else
    compare_members(here, case, expected, got.json)
    compare_messages(here, case, index, got.json.messages)
    envelopes.compare(here, case, expected, got.json)
  end
  compare_bytes(here, case, index, record)
  for _, one in ipairs(here) do
    one.where = ("request %d: %s"):format(index, one.where)
    list[#list + 1] = one
  end
end

--- Compares the requests of a case.
---@param case table
---@param record spec.vectors.record
---@param first_only boolean
---@return spec.vectors.differences
function requests.differences(case, record, first_only)
  local list = {}
  local count = first_only and math.min(1, #case.requests) or #case.requests
  local sent = #record.requests
  if first_only and sent > count then sent = count end
  if count ~= sent then
    add(list, "number of requests", count, sent)
  end
  for i = 1, math.min(count, sent) do compare_request(list, case, i, record) end
  return list
end

return requests

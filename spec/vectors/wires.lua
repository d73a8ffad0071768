--[[
The wires: what each provider sends, and what a client should make of it.  In: the folder of cases.
Out: a line, the details on stderr, how many differ.
A case is asked for as it stands, passed through; where it holds a structured answer it is asked for
once more with a schema.  What is compared stands in `expect` of the case.
]]

local Instructor = require "instructor"
local exchange = require "spec.vectors.exchange"
local json = require "spec.vectors.json"
local suite = require "spec.vectors.suite"

local wires = {}

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

local function is_null(value) return value == nil or value == json.null end

-- null asserts that there is nothing.
local function compare(list, where, expected, got)
  if expected == nil then return end
  local same = is_null(expected) and (is_null(got) or got == "") or json.equal(expected, got)
  if not same then add(list, where, expected, got) end
end

-- ---- the case as an exchange -------------------------------------------------------------------

-- The row of the folder's name, else of the host.
local function provider_of(case)
  local name = case.name:match "^[^/]+"
  return Instructor.providers.get(name) and name or "compatible"
end

local digits = {}
for i = 0, 63 do
  local all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  digits[all:byte(i + 1)] = i
end

local function from_base64(text)
  local bytes, held, bits = {}, 0, 0
  for i = 1, #text:gsub("=", "") do
    held, bits = held * 64 + digits[text:byte(i)], bits + 6
    if bits >= 8 then
      bits = bits - 8
      local byte = math.floor(held / 2 ^ bits)
      bytes[#bytes + 1] = string.char(byte)
      held = held - byte * 2 ^ bits
    end
  end
  return table.concat(bytes)
end

local function path_of(request)
  local parts = {}
  for name, value in pairs(request.query or {}) do parts[#parts + 1] = name .. "=" .. value end
  table.sort(parts)
  return request.path .. (#parts > 0 and "?" .. table.concat(parts, "&") or "")
end

-- The reads a stream came in.
local function pieces_of(response)
  local pieces = {}
  for i, piece in ipairs(response.chunks_b64 or {}) do pieces[i] = from_base64(piece) end
  return pieces[1] and pieces or { response.sse_text }
end

local function exchange_of(case)
  local response = case.response
  return {
    provider = provider_of(case), path = path_of(case.request), headers = case.request.headers,
    body = case.request.body, status = response.status, answer_headers = response.headers,
    pieces = response.sse_text and pieces_of(response),
    answer = not response.sse_text and (response.body_text or json.encode(response.body)) or nil,
  }
end

-- ---- an answer ---------------------------------------------------------------------------------

-- A call as `expect` tells it.
local function told(call, id)
  local text = call.arguments
  if type(text) ~= "string" then return { id = id, name = call.name, arguments = text } end
  local well, value = pcall(json.decode, text == "" and "{}" or text)
  return { id = id, name = call.name, arguments = well and value or json.null,
    arguments_text = text }
end

local function calls_of(completion)
  local message, calls = completion.choices[1].message, {}
  for i, call in ipairs(is_null(message.tool_calls) and {} or message.tool_calls) do
    calls[i] = told(call["function"], call.id)
  end
  if not is_null(message.function_call) then
    calls[#calls + 1] = told(message.function_call, json.null)
  end
  return calls
end

local function compare_calls(list, expected, got)
  if #expected ~= #got then return add(list, "tool_calls", expected, got) end
  for i, call in ipairs(expected) do
    for _, name in ipairs { "id", "name", "arguments", "arguments_text" } do
      compare(list, ("tool_calls[%d].%s"):format(i, name), call[name], got[i][name])
    end
  end
end

local function texts_of(completion)
  local texts = {}
  for i, choice in ipairs(completion.choices) do texts[i] = choice.message.content end
  return texts
end

-- A count that the wire lacks is 0 in our sum.
local function compare_usage(list, expected, got)
  if is_null(expected) then return compare(list, "usage", expected, got) end
  for name, count in pairs(expected) do
    compare(list, "usage." .. name, is_null(count) and 0 or count, (got or {})[name])
  end
end

-- The end of a stream came before the end of the answer.
local function compare_cut_off(list, expect, record)
  local err = record.err or {}
  compare(list, "outcome", "incomplete", err.kind)
  compare(list, "reason", "cut_off", err.reason)
  compare(list, "text", expect.text, err.attempts and err.attempts[1].text)
end

local function compare_answer(list, expect, record)
  if expect.outcome == "incomplete" then return compare_cut_off(list, expect, record) end
  if record.value == nil then return add(list, "outcome", expect.outcome, tostring(record.err)) end
  local meta = record.meta
  compare(list, "text", expect.text, meta.attempts[1].text)
  for _, name in ipairs { "refusal", "reasoning", "finish_reason", "outcome" } do
    compare(list, name, expect[name], meta[name])
  end
  if expect.tool_calls then compare_calls(list, expect.tool_calls, calls_of(record.value)) end
  if expect.choices_text then
    compare(list, "choices_text", expect.choices_text, texts_of(record.value))
  end
  if expect.usage ~= nil then compare_usage(list, expect.usage, meta.usage) end
end

-- ---- an answer to a schema ---------------------------------------------------------------------

-- The mode that asks for what the case asks for, and the name of the model; nil: a plain text.
local function asked(body, expect)
  local format = is_null(body.response_format) and {} or body.response_format
  if not is_null(body.tools) and body.tools[1] and not body.tools[2] then
    return "TOOLS", body.tools[1]["function"].name
  elseif not is_null(body.functions) then
    return "FUNCTIONS", body.functions[1].name
  elseif format.json_schema or format.schema then
    return "JSON_SCHEMA", (format.json_schema or {}).name
  elseif format.type == "json_object" then
    return "JSON"
  end
  return expect.json and "MD_JSON" or nil
end

local function takes(provider, mode)
  for _, one in ipairs(Instructor.providers.get(provider).modes) do
    if one == mode then return true end
  end
  return false
end

local kinds = { length = "incomplete", incomplete = "incomplete", refusal = "refusal",
  content_filter = "content_filter", error = "protocol" }

local function wanted_value(expect)
  local call = expect.tool_calls and expect.tool_calls[1]
  if call then return call.arguments end
  return expect.json or json.decode(expect.text)
end

local function compare_structured(list, case, had)
  local expect = case.expect
  local mode, name = asked(had.body, expect)
  if mode == nil then return end
  if not takes(had.provider, mode) then mode = "MD_JSON" end
  local record = exchange.structured(had, mode, name)
  local kind = kinds[expect.outcome]
  if kind == nil then
    local wanted, last = wanted_value(expect), record.seen[#record.seen]
    if had.pieces then compare(list, "the last part in " .. mode, wanted, last) end
    return compare(list, "the value in " .. mode, wanted, record.value or record.err)
  end
  compare(list, "err.kind in " .. mode, kind, record.err and record.err.kind)
  compare(list, "err.refusal in " .. mode, expect.refusal, record.err and record.err.refusal)
end

-- ---- an error ----------------------------------------------------------------------------------

-- err.code is what programs go by: the type, where the code is missing or repeats the status.
local function is_code(expected, err)
  if is_null(expected) then return err.code == nil or err.code == err.type end
  if type(expected) == "number" then
    return err.code == ("%d"):format(expected) or err.code == err.type
  end
  return err.code == expected
end

-- Where a body is empty, the words are those of the official client; and ours never hold the key.
local function words_of(case)
  local words = case.expect.error.message
  if type(words) ~= "string" then return words end
  if words:find "^%d+ status code %(no body%)$" then return json.null end
  local key = (case.request.headers.authorization or ""):match "^Bearer (.+)$"
  local from, to = words:find(key or "", 1, true)
  if key == nil or from == nil then return words end
  return words:sub(1, from - 1) .. ("*"):rep(#key) .. words:sub(to + 1)
end

local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9,
  Oct = 10, Nov = 11, Dec = 12 }

-- Seconds until a date; nil when it is past.
local function seconds_until(date)
  local day, month, year, hour, min, sec = date:match "(%d+) (%a+) (%d+) (%d+):(%d+):(%d+)"
  local now = os.time()
  local offset = os.difftime(now, os.time(os.date("!*t", now)))
  local at = os.time { year = year, month = months[month], day = day, hour = hour, min = min,
    sec = sec, isdst = false } + offset
  return at > now and at - now or nil
end

local function compare_wait(list, expected, err)
  compare(list, "retry_after", expected.retry_after_s, err.retry_after)
  if type(expected.retry_after_date) ~= "string" then return end
  local wait = seconds_until(expected.retry_after_date)
  local near = wait and err.retry_after and math.abs(wait - err.retry_after) < 3700
  if not (near or (wait == nil and err.retry_after == nil)) then
    add(list, "retry_after", wait, err.retry_after)
  end
end

local DEVIATES = "design: an error in a 200 is tried again as its code says (all else compared)"

-- What is said of an error in a stream: ours says of it what it says of any error in a 200.
local function compare_class(list, expected, err)
  if expected.where == "stream" then return compare(list, "kind", "protocol", err.kind) end
  compare(list, "status", expected.status, err.status)
  compare(list, "class", expected.class, err.class)
end

-- Returns why not all is compared.
local function compare_error(list, case, record)
  local expected, err = case.expect.error, record.err
  if err == nil then return add(list, "outcome", expected, record.value) end
  compare_class(list, expected, err)
  compare(list, "text", case.expect.text, err.attempts[1].text)
  compare(list, "said", words_of(case), err.said)
  compare(list, "type", expected.type, err.type)
  compare(list, "param", expected.param, err.param)
  compare(list, "request_id", expected.request_id, err.request_id)
  compare(list, "failed_generation", expected.failed_generation, err.failed_generation)
  if expected.code ~= nil and not is_code(expected.code, err) then
    add(list, "code", expected.code, err.code)
  end
  compare_wait(list, expected, err)
  local deviates = expected.where == "stream"
    or expected.where == "body" and type(expected.code) == "number"
  if not deviates then compare(list, "retryable", expected.retryable, err.retryable) end
  return deviates and DEVIATES or nil
end

-- ---- the whole ---------------------------------------------------------------------------------

local function compare_request(list, case, record)
  local request, expected = record.request, case.request
  compare(list, "path", path_of(expected), request.path)
  for _, name in ipairs { "authorization", "api-key" } do
    local got = request.headers[name]
    if expected.headers[name] ~= got then add(list, name, expected.headers[name], got) end
  end
  compare(list, "body", json.without(expected.body, "stream"),
    json.without(json.decode(request.body), "stream"))
end

-- Why a case is not run; nil: it is.
local function obstacle(case)
  if case.wire ~= "openai_chat" then return "wire not there yet: " .. tostring(case.wire) end
end

--- Compares one case.
---@param case table
---@return spec.vectors.differences, string?
function wires.differences(case)
  local reason = obstacle(case)
  if reason then return {}, reason end
  local list, had = {}, exchange_of(case)
  local record = exchange.pass_through(had)
  compare_request(list, case, record)
  if case.expect.error then
    reason = compare_error(list, case, record)
  else
    compare_answer(list, case.expect, record)
    compare_structured(list, case, had)
  end
  return list, reason
end

--- Runs the cases of a folder.
---@param folder string
---@param wanted? string only cases whose names hold this
---@return integer differing
function wires.run(folder, wanted)
  local cases = exchange.cases(folder)
  if #cases == 0 then
    print "wires: skipped, not there"
    return 0
  end
  return suite.count("wires", cases, wanted, wires.differences)
end

return wires

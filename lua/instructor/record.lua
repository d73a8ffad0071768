-- Writes exchanges down: one JSON line each, in a file readable by its owner alone.
-- In: a request, and what was received for it.  Out: a line, secrets masked.
-- A line is { instructor = 1, request = { method, url, headers, body },
-- response = { status, headers, body } }, or failure = { kind, message, … } instead of a response.
-- The body of a stream is its events, and response.stream is true; what ended it too early stands
-- in a failure beside them.  (Where a secret is spread over the events it is the whole answer.)

local core = require "instructor.core"
local options = require "instructor.options"
local scrub = require "instructor.scrub"
local values = require "instructor.values"

local record = {}

--- The version of the lines.
record.VERSION = 1

local function two_bytes(byte)
  local n = byte:byte()
  return string.char(192 + math.floor(n / 64), 128 + n % 64)
end

local function one_byte(first, second)
  return string.char((first:byte() - 192) * 64 + second:byte() - 128)
end

--- Puts a body into `part`; bytes that are no text as the characters of those numbers.
local function set_body(part, text)
  if values.is_utf8(text) then
    part.body = text
  else
    part.body_bytes = text:gsub("[\128-\255]", two_bytes)
  end
  return part
end

--- The body of a recorded part; nil: it has none.
--- @param part table
--- @return string?
function record.body(part)
  if type(part.body) == "string" then return part.body end
  if type(part.body_bytes) ~= "string" then return nil end
  return (part.body_bytes:gsub("([\194\195])([\128-\191])", one_byte))
end

local function plain_headers(headers)
  for _, header in ipairs(headers) do header[2] = values.utf8(header[2]) end
  return values.array(headers)
end

-- ---- secrets in streams -------------------------------------------------------------------------

local SHORTEST_START = 8 -- bytes of a secret at the end of a text that was cut off

-- Texts of events that say nothing of the answer.
local of_events = { id = true, object = true, model = true, role = true, type = true, name = true,
  finish_reason = true, system_fingerprint = true, service_tier = true }

--- Gathers the texts of an event's value: those of one name, and those of any.
local function add_texts(texts, value, name)
  if type(value) == "string" then
    if of_events[name] then return end
    for _, list in ipairs { texts.any, texts[name] or {} } do list[#list + 1] = value end
    texts[name] = texts[name] or { value }
  elseif type(value) == "table" then
    for i = 1, #value do add_texts(texts, value[i], name) end
    for key, part in pairs(value) do
      if type(key) == "string" then add_texts(texts, part, key) end
    end
  end
end

--- The data of each event, whose lines belong together.
local function datas_of(events)
  local datas = {}
  for event in (events:gsub("\r\n?", "\n") .. "\n\n"):gmatch "(.-)\n\n+" do
    local lines = {}
    for line in ("\n" .. event):gmatch "\ndata: ?([^\n]*)" do lines[#lines + 1] = line end
    if #lines > 0 then datas[#datas + 1] = table.concat(lines, "\n") end
  end
  return datas
end

--- Does the text hold a secret, be it in a text within it, or the start of one at its end?
local function has_secret(text, secrets)
  local plain = text:gsub("\\u00(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  if scrub.text(text, secrets) ~= text or scrub.text(plain, secrets) ~= plain then return true end
  for _, secret in ipairs(secrets) do
    for n = SHORTEST_START, #secret - 1 do
      if plain:sub(-n) == secret:sub(1, n) then return true end
    end
  end
  return false
end

--- Is there more than one answer in the stream, whose events may come in any order?
local function has_several(events)
  return events:find '"index"%s*:%s*[1-9]' ~= nil
end

--- May a secret be spread over several events, where no mask can stand for it?  What cannot be read
--- may hold one.
local function has_spread(events, received, secrets)
  if not received.fault and not has_several(events) and not has_secret(received.body, secrets) then
    return false
  end
  local texts = { any = {} }
  for _, data in ipairs(datas_of(events)) do
    local value = core.decode(data)
    if value == nil and data ~= "[DONE]" or has_several(data) then return true end
    if value ~= nil then add_texts(texts, value, "") end
  end
  for _, list in pairs(texts) do
    if has_secret(table.concat(list), secrets) then return true end
  end
  return false
end

--- The events of a stream, or nil, where there are none that can be shown.
local function events_of(received, secrets)
  local events = received.events and scrub.text(received.events, secrets)
  if events and #secrets > 0 and has_spread(events, received, secrets) then return nil end
  return events
end

-- ---- lines --------------------------------------------------------------------------------------

--- @param received table as call:note() tells it
local function response_of(received, events, secrets)
  return set_body({
    status = received.status, stream = events and true,
    headers = plain_headers(scrub.response_headers(received.headers, secrets)),
  }, events or scrub.text(received.body, secrets))
end

--- @param request instructor.Request
--- @param received table as call:note() tells it
--- @param secrets string[]
--- @return string
local function line_of(request, received, secrets)
  local line = { instructor = record.VERSION }
  line.request = set_body({
    method = request.method, url = values.utf8(scrub.url(request.url, secrets)),
    headers = plain_headers(scrub.request_headers(request.headers, secrets)),
  }, scrub.text(request.body, secrets))
  local fault = received.fault
  if fault then
    line.failure = { kind = fault.kind, message = values.utf8(scrub.text(fault.message, secrets)),
      retryable = fault.retryable, status = fault.status or received.status,
      code = fault.code and values.utf8(fault.code), reason = fault.reason }
  end
  local events = events_of(received, secrets)
  if events or not fault then line.response = response_of(received, events, secrets) end
  return core.encode(line) .. "\n"
end

--- Opens a recording, which is added to.  Raises where that is not possible.
--- @param path string
--- @return fun(request: instructor.Request, received: table, secrets: string[]): string? write
---   returns nil, or why the exchange could not be written
function record.open(path)
  local file, why = core.append(path)
  if file == nil then
    options.raise(("OpenAI: record: %s cannot be opened for writing: %s"):format(path, why))
  end
  return function(request, received, secrets)
    local _, failed = file:write(line_of(request, received, secrets))
    return failed and ("%s: %s"):format(path, failed) or nil
  end
end

return record

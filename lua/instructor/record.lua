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

--- Gathers the texts of an event's value, each with those that stood at its place before.
local function add_texts(texts, value, place)
  if type(value) == "string" then
    texts[place] = texts[place] or {}
    table.insert(texts[place], value)
  elseif type(value) == "table" then
    place = place .. "/" .. tostring(value.index)
    for name, part in pairs(value) do add_texts(texts, part, place .. "/" .. name) end
  end
end

--- Is there a secret that is spread over several events, where no mask can stand for it?
local function has_spread(events, secrets)
  local texts = {}
  for data in events:gmatch "data: ?([^\r\n]*)" do
    add_texts(texts, core.decode(data) or data, "")
  end
  for _, pieces in pairs(texts) do
    local text = table.concat(pieces)
    if scrub.text(text, secrets) ~= text then return true end
  end
  return false
end

--- The events of a stream, or nil, where there are none that can be shown.
local function events_of(received, secrets)
  local events = received.events and scrub.text(received.events, secrets)
  if events and #secrets > 0 and has_spread(events, secrets) then return nil end
  return events
end

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

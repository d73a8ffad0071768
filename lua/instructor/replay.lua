-- Answers from a recording, without a network or a key.
-- In: a file that a client with record = "…" has written.  Out: an exchange function.  A request is
-- matched by its method, its path and the meaning of its body; equal requests get their answers in
-- the order of the recording, each once.

local alike = require "instructor.alike"
local core = require "instructor.core"
local errors = require "instructor.errors"
local options = require "instructor.options"
local record = require "instructor.record"
local scrub = require "instructor.scrub"

local replay = {}

--- @class instructor.Recorded
--- @field line integer
--- @field method string
--- @field path string
--- @field body any             decoded, or the text where it is no JSON
--- @field response? instructor.Response
--- @field events? string       of a stream
--- @field failure? table       beside events: what ended it
--- @field used boolean

-- ---- reading ------------------------------------------------------------------------------------

--- The path of a URL, without host and query.
local function path_of(url)
  local path = url:match "^%a[%w+.-]*://[^/?#]*([^?#]*)" or url:match "^[^?#]*"
  return path ~= "" and path or "/"
end

--- The value of a JSON text; or nil, why there is none.  Raises for want of memory.
local function decode(text)
  local value, why = core.decode(text)
  if value == nil and why == "memory ran out" then error(why, 0) end
  return value, why
end

local function body_of(text)
  local value = decode(text)
  if value == nil then return text end
  return value
end

local function header_map(list)
  local map = {}
  for _, header in ipairs(list) do
    if type(header) == "table" and type(header[1]) == "string" then map[header[1]] = header[2] end
  end
  return map
end

local function is_status(status)
  return type(status) == "number" and status % 1 == 0 and status >= 100 and status <= 999
end

--- What is wrong with a decoded line; nil: nothing.
local function flaw_of(line)
  if type(line) ~= "table" or line.instructor == nil then return "is no recorded exchange" end
  if line.instructor ~= record.VERSION then
    return ("is of version %s, not %d"):format(tostring(line.instructor), record.VERSION)
  end
  local request, response, failure = line.request, line.response, line.failure
  local asked = type(request) == "table" and type(request.method) == "string"
    and type(request.url) == "string" and record.body(request)
  if not asked then return "has no whole request" end
  if type(failure) == "table" then
    local told = type(failure.kind) == "string" and type(failure.message) == "string"
    if not told then return "has no whole failure" end
    if response == nil then return nil end
  end
  local answered = type(response) == "table" and is_status(response.status)
    and type(response.headers) == "table" and record.body(response)
  return not answered and "has no whole response" or nil
end

local function entry_of(line, number)
  local response = line.response
  local body = response and record.body(response)
  return {
    line = number, used = false, failure = line.failure,
    method = line.request.method, path = path_of(line.request.url),
    body = body_of(record.body(line.request)), events = response and response.stream and body,
    response = response and { status = response.status, headers = header_map(response.headers),
      body = body },
  }
end

--- The exchange in a line of text; or nil, what is wrong with it.
local function read_line(text, number, is_whole)
  local line, why = decode(text)
  if line == nil then
    if not is_whole then return nil, "is cut off" end
    return nil, "is not JSON: " .. tostring(why)
  end
  local flaw = flaw_of(line)
  if flaw then return nil, flaw end
  return entry_of(line, number)
end

local function read_file(path)
  local file, why = io.open(path, "rb")
  local text
  if file then
    text, why = file:read "*a"
    file:close()
  end
  if text == nil then
    options.raise(("OpenAI: replay: %s cannot be read: %s"):format(path, tostring(why)))
  end
  return text
end

--- All exchanges of a recording; raises, naming the line, where one cannot be read.
--- @param path string
--- @return instructor.Recorded[]
local function read(path)
  local list, number, text = {}, 0, read_file(path)
  for line, ending in text:gmatch "([^\n]*)(\n?)" do
    number = number + 1
    if line:find "%S" then
      local entry, why = read_line(line, number, ending ~= "")
      if entry == nil then
        options.raise(("OpenAI: replay: %s:%d: the line %s"):format(path, number, why))
      end
      list[#list + 1] = entry
    end
  end
  return list
end

-- ---- finding ------------------------------------------------------------------------------------

--- How far a recorded request is from the one asked: 0 when they are alike.
local function distance(entry, asked)
  local far = (entry.method ~= asked.method and 10000 or 0)
    + (entry.path ~= asked.path and 1000 or 0)
  local count, first = alike.differences(entry.body, asked.body)
  return far + count, first
end

local function nearest(entries, asked)
  local best, least, first
  for _, entry in ipairs(entries) do
    local far, difference = distance(entry, asked)
    if least == nil or far < least then best, least, first = entry, far, difference end
  end
  return best, first
end

--- Why nothing fits: the nearest recorded request, and where it differs.
local function describe(entries, asked)
  local what = ("%s %s"):format(asked.method, asked.path:sub(-60))
  local entry, first = nearest(entries, asked)
  if entry == nil then return ("%s is not recorded: the recording is empty"):format(what) end
  local message = ("%s is not recorded; the nearest is on line %d; "):format(what, entry.line)
  if entry.method ~= asked.method or entry.path ~= asked.path then
    return ("%sit is %s %s"):format(message, entry.method, entry.path:sub(-60))
  end
  return message .. alike.words(first)
end

--- What two requests share that are the same but for the order of members.
local function key_of(request)
  local body = request.body
  return request.method .. " " .. request.path .. "\n"
    .. (type(body) == "string" and body or core.encode(body))
end

--- The exchanges by their keys, each list in the order of the recording.
local function index(entries)
  local by_key = {}
  for _, entry in ipairs(entries) do
    local key = key_of(entry)
    by_key[key] = by_key[key] or { next = 1 }
    table.insert(by_key[key], entry)
  end
  return by_key
end

--- The first unused exchange of exactly the one asked.
local function find_same(by_key, asked)
  local list = by_key[key_of(asked)]
  while list and list[list.next] do
    local entry = list[list.next]
    list.next = list.next + 1
    if not entry.used then return entry end
  end
end

--- The first unused exchange alike the one asked; or nil, why there is none.
local function find_alike(entries, asked)
  local lines = {}
  for _, entry in ipairs(entries) do
    if distance(entry, asked) == 0 then
      if not entry.used then return entry end
      lines[#lines + 1] = entry.line
    end
  end
  if #lines == 0 then return nil, describe(entries, asked) end
  return nil, ("%s %s is asked once more than it is recorded (%s %s)"):format(asked.method,
    asked.path:sub(-60), #lines == 1 and "line" or "lines", table.concat(lines, ", ", 1,
    math.min(#lines, 10)))
end

-- ---- answering ----------------------------------------------------------------------------------

-- Failures that whoever asks brings about himself, at the place where he did before.
local STOPS = {
  cancelled = "the stream was stopped there",
  validation = "the answer was stopped there, for it could not fit any more",
}

--- What ended a recorded stream.  Nobody knows what would have come after a stop.
local function ending_of(entry)
  local failure = entry.failure
  local stop = failure and STOPS[failure.kind]
  if stop then
    failure = { kind = "replay", retryable = false, message = ("%s %s is read farther than it is "
      .. "recorded (line %d): %s"):format(entry.method, entry.path:sub(-60), entry.line, stop) }
  end
  return failure and errors.new(failure)
end

--- Hands out the events of a recorded stream, one at a time, then what ended it.
local function reader_of(entry)
  local text, at = entry.events, 1
  return function()
    local first = at
    if first > #text then return nil, ending_of(entry) end
    at = text:match("\n\r?\n()", first) or #text + 1
    return text:sub(first, at - 1)
  end
end

local function answer(entry)
  local response = entry.response
  if response == nil then return nil, errors.new(entry.failure) end
  if entry.events then response.body = reader_of(entry) end
  return response
end

--- Opens a recording.  Raises, naming the line, where it cannot be read.
--- @param path string
--- @return instructor.Transport
function replay.open(path)
  local entries = read(path)
  local by_key = index(entries)
  return function(request)
    local asked = { method = request.method, path = path_of(request.url),
      body = body_of(request.body) }
    local entry, why = find_same(by_key, asked), nil
    if entry == nil then entry, why = find_alike(entries, asked) end
    if entry == nil then
      local message = scrub.text(why, scrub.secrets(request))
      return nil, errors.new { kind = "replay", message = message, retryable = false }
    end
    entry.used = true
    return answer(entry)
  end
end

return replay

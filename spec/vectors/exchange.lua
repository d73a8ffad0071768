--[[
One exchange of a provider, had again.  In: what was asked and what was answered, as files tell it.
Out: what our client made of the answer, and what the server was asked.  It compares nothing.
]]

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local json = require "spec.vectors.json"
local server = require "spec.support.server"
local z = require "instructor.z"

local exchange = {}

local PATH = "/chat/completions" -- what our client puts behind the base URL

--- @class spec.vectors.exchange
--- @field provider string
--- @field path string          of the request, with its query
--- @field headers table<string, string> of the request, names in lower case
--- @field body table           of the request
--- @field status integer
--- @field answer_headers table<string, string>
--- @field answer? string       the bytes of the body
--- @field pieces? string[]     or, of a stream, the reads it came in

local function files_of(folder)
  local pipe, list = assert(io.popen(("find '%s' -name '*.json' 2>/dev/null | LC_ALL=C sort")
    :format(folder:gsub("'", "'\\''")))), {}
  for path in pipe:lines() do list[#list + 1] = path end
  pipe:close()
  return list
end

--- The cases of a folder, each with the path of its file below it, less ".json", as name.
---@param folder string
---@return table[]
function exchange.cases(folder)
  local cases = {}
  for i, path in ipairs(files_of(folder)) do
    cases[i] = json.read(path)
    cases[i].name = path:sub(#folder + 2):gsub("%.json$", "")
  end
  return cases
end

-- The key goes where the row says; a token in another header is the user's own.
local function credentials(row, headers)
  local place = row.key_header or "authorization"
  local key = headers[place] and headers[place]:gsub("^Bearer ", "")
  if key or not headers.authorization then return key, nil end
  return nil, { Authorization = headers.authorization }
end

local function client_of(had, root)
  local key, headers = credentials(Instructor.providers.get(had.provider), had.headers)
  local path, query = had.path:match "^([^?]*)(.*)$"
  assert(path:sub(-#PATH) == PATH, "the path is another than of chat completions: " .. path)
  return OpenAI {
    base_url = root .. path:sub(1, -#PATH - 1) .. query, provider = had.provider, api_key = key,
    headers = headers, http_retries = 0, backoff = false, proxy = "",
  }
end

-- A stream's pieces, each sent by itself; the end of the connection is the end of the body.
local function streamed(had)
  local head = server.answer { status = had.status, headers = had.answer_headers, length = false,
    close = true }.head
  local parts = { head }
  for _, piece in ipairs(had.pieces) do parts[#parts + 1] = piece end
  parts[#parts + 1] = server.act.close()
  return server.raw((table.unpack or unpack)(parts)) -- luacheck: ignore
end

local function step_of(had)
  if had.pieces then return streamed(had) end
  return server.answer { status = had.status, headers = had.answer_headers, body = had.answer }
end

-- What a call comes to, the stream of a streamed one being read to its end.
local function create(client, params, seen)
  local value, other = client.chat.completions.create(params)
  if not params.stream then return value, other end
  return value:each(function(part) seen[#seen + 1] = part end)
end

local function ask(had, make, params)
  local running, seen = server.start { step_of(had) }, {}
  params.stream = had.pieces and true or nil
  local well, value, other = pcall(function()
    return create(make(client_of(had, running.root)), params, seen)
  end)
  running:stop()
  if not well then error(value, 0) end
  local request = running:requests()[1]
  return { value = value, meta = value ~= nil and other or nil, err = value == nil and other or nil,
    request = request, seen = seen }
end

--- The call as it was made, passed through.
---@param had spec.vectors.exchange
---@return { value: any, meta: table?, err: table?, request: table, seen: any[] } seen: what a
---   stream handed out
function exchange.pass_through(had)
  local params = json.without(had.body, "stream")
  return ask(had, function(client) return client end, params)
end

-- What a mode of ours writes itself, or knows to be ignored.
local written = { "tools", "tool_choice", "functions", "function_call", "response_format", "stream",
  "guided_json" }

--- The same asked for with a schema: an object of whatever fields.
---@param had spec.vectors.exchange
---@param mode string
---@param name? string of the response model
function exchange.structured(had, mode, name)
  local params = json.without(had.body, (table.unpack or unpack)(written)) -- luacheck: ignore
  params.response_model = { schema = z.object({}):passthrough(), name = name }
  params.nulls = "keep"
  return ask(had, function(client) return Instructor { client = client, mode = mode } end, params)
end

return exchange

--[[
One case, run for real.  In: a case.  Out: what a server process on loopback was asked, and what
create returned or raised.  It compares nothing.
]]

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local json = require "spec.vectors.json"
local schema = require "spec.vectors.schema"
local scope = require "spec.vectors.scope"
local server = require "spec.support.server"

local replay = {}

local KEY = "sk-dummy" -- the recorded requests carry it

--- @class spec.vectors.record
--- @field requests { path: string, headers: table<string, string>, body: string, json: any }[]
--- @field value any
--- @field seen any[] what a stream handed out, each as it was then
--- @field meta? table
--- @field err? instructor.Error
--- @field raised? string
--- @field logs { level: string, message: string, fields: table }[]

-- ---- the server's side -----------------------------------------------------------------------

-- A stream, an event in each send; the connection is kept, as by most servers.
local function streamed(events)
  local parts = { "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
    .. "chunked\r\n\r\n" }
  for _, event in ipairs(events) do
    local line = ("data: %s\n\n"):format(type(event) == "string" and event or json.encode(event))
    parts[#parts + 1] = ("%x\r\n%s\r\n"):format(#line, line)
  end
  parts[#parts + 1] = "0\r\n\r\n"
  return server.raw((table.unpack or unpack)(parts)) -- luacheck: ignore
end

local function step_of(response)
  if response.events then return streamed(response.events) end
  local body = response.body
  local step = server.answer {
    status = response.status, headers = response.headers,
    body = type(body) == "string" and body or json.encode(body),
  }
  return response.delay_ms and server.slow_head(response.delay_ms, step) or step
end

local function steps_of(case)
  local steps = {}
  for i, response in ipairs(case.responses) do steps[i] = step_of(response) end
  return steps
end

local function requests_of(running)
  local list = {}
  for i, request in ipairs(running:requests()) do
    local ok, value = pcall(json.decode, request.body)
    list[i] = { path = request.path, headers = request.headers, body = request.body,
      method = request.method, json = ok and value or nil }
  end
  return list
end

-- ---- the client's side -----------------------------------------------------------------------

-- The waits between attempts are no part of a case, but for a Retry-After.
local function client_of(case, root, logger)
  local given = case.client or {}
  local oai = OpenAI {
    base_url = root .. (given.base_path or "/v1"), api_key = KEY, provider = scope.provider(case),
    http_retries = given.max_retries or 0, backoff = false, proxy = "", logger = logger,
  }
  return Instructor { client = oai, mode = case.mode }
end

-- nulls = "keep": the recorded results say which fields are null.
local function params_of(case)
  local params = {}
  for name, value in pairs(case.params) do params[name] = value end
  if case.schema then
    params.response_model = { schema = schema.build(case.schema), name = case.response_model.name,
      description = case.response_model.description }
    params.nulls = "keep"
    if params.stream then params.early_stop = false end -- all of the recorded answer is to be seen
  end
  return params
end

local function request_options_of(case)
  local given = case.request_options
  if given == nil then return nil end
  return { timeout = given.timeout and given.timeout / 1000, headers = given.headers,
    query = given.query }
end

-- What create raised, as text.
local function text_of(raised)
  return raised == nil and "nothing" or tostring(raised)
end

-- What a call comes to, the stream of a streamed one being read to its end.
local function create(client, params, request_options, seen)
  local value, other = client.chat.completions.create(params, request_options)
  if not params.stream then return value, other end
  return value:each(function(part)
    seen[#seen + 1] = params.response_model and value:snapshot() or part
  end)
end

--- Runs a case.
---@param case table
---@return spec.vectors.record
function replay.run(case)
  local running = server.start(steps_of(case))
  local record = { logs = {}, seen = {} }
  local function logger(level, message, fields)
    record.logs[#record.logs + 1] = { level = level, message = message, fields = fields }
  end
  local well, value, other = pcall(function()
    local client = client_of(case, running.root, logger)
    return create(client, params_of(case), request_options_of(case), record.seen)
  end)
  if not well then
    record.raised = text_of(value)
  elseif value == nil then
    record.err = other
  else
    record.value, record.meta = value, other
  end
  running:stop()
  record.requests = requests_of(running)
  return record
end

return replay

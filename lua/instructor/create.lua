-- One create: our options told from the provider's parameters, the call made and driven, and what
-- came of it handed out as value, meta or nil, err.

local compile = require "instructor.z.compile"
local core = require "instructor.core"
local errors = require "instructor.errors"
local options = require "instructor.options"
local schema = require "instructor.z.schema"

local create = {}

--- @alias instructor.Backoff
--- | number                                     # seconds, always the same
--- | { initial: number, factor: number, max: number, jitter: number } # min(initial·factor^n, max)
--- | fun(n: integer, err: table): number        # the n-th wait, in seconds
--- | false                                      # no wait

--- @class instructor.CreateParams               everything else goes to the provider
--- @field model? string                         defaults to the client's
--- @field messages string|table[]               one text is one user's message
--- @field response_model? instructor.Schema|instructor.ResponseModel
--- @field max_retries? integer                  how often the model may be asked again
--- @field backoff? instructor.Backoff           waits before re-asks, and before HTTP retries
--- @field deadline? number                      seconds for the whole call, attempts and waits
--- @field nulls? "absent"|"keep"                what becomes of null in a declared field
--- @field extra_body? table                     more of the body, never checked

--- @class instructor.ResponseModel
--- @field schema instructor.Schema
--- @field name? string                          default: the schema's title or id, else "Response"
--- @field description? string

--- @class instructor.RequestOptions
--- @field timeout? number|instructor.Timeouts
--- @field headers? table<string, string>
--- @field query? table<string, string|number|boolean>
--- @field http_retries? integer

--- @class instructor.Timeouts                   seconds
--- @field connect? number
--- @field first_byte? number
--- @field idle? number                          between two bytes of the answer
--- @field total? number                         the deadline of the whole call

--- @class instructor.Meta
--- @field usage? instructor.Usage               over all attempts
--- @field attempts instructor.Attempt[]
--- @field raw string                            the last answer's bytes
--- @field completion table                      the same, decoded when first read
--- @field model? string                         which model answered
--- @field reasoning? string                     visible thinking, where the provider shows it
--- @field request_id? string
--- @field repairs table[]                       what was mended in the answer's text
--- @field field_order string[]                  notes about fields whose order was not stated

-- ---- checking -----------------------------------------------------------------------------------

local backoff_names = { initial = options.seconds, factor = "number", max = options.seconds,
  jitter = "number" }

local function check_backoff(value)
  local kind = type(value)
  if kind == "table" then return options.check("backoff", value, backoff_names) end
  if value == true or (kind ~= "number" and kind ~= "function" and kind ~= "boolean") then
    return "takes a number of seconds, a table, a function or false"
  end
  if kind == "number" and not (value >= 0) then return "takes a number of at least 0" end
end

local function check_nulls(value)
  if value ~= "absent" and value ~= "keep" then return 'takes "absent" or "keep"' end
end

local model_names = { schema = "table", name = "string", description = "string" }

local function check_model(value)
  if schema.is(value) then return end
  if type(value) == "function" then return "is a function: call it, as in z.string()" end
  if type(value) ~= "table" then return "takes a schema, not a " .. type(value) end
  options.check("response_model", value, model_names)
  if not schema.is(value.schema) then return "needs a schema, as in { schema = User }" end
end

local ours = {
  response_model = check_model,
  max_retries = options.count,
  backoff = check_backoff,
  deadline = options.seconds,
  nulls = check_nulls,
  extra_body = "table",
}

local timeout_names = { connect = options.seconds, first_byte = options.seconds,
  idle = options.seconds, total = options.seconds }

--- A rule for options.check: a number of seconds or a table of them.
function create.check_timeout(value)
  if type(value) == "number" then return options.seconds(value) end
  if type(value) ~= "table" then return "takes a number of seconds or a table" end
  options.check("timeout", value, timeout_names)
end

-- Headers that say how the body is sent, which is the transport's business.
local framing = { ["content-length"] = true, ["transfer-encoding"] = true, host = true,
  connection = true }

--- A rule for options.check: a text that may stand in a header.
function create.check_line(value)
  if type(value) ~= "string" then return "takes a text, not a " .. type(value) end
  if value:find "%c" then return "holds a line break or another control character" end
end

--- A rule for options.check: names and values of headers.
function create.check_headers(value)
  if type(value) ~= "table" then return "takes a table, as in { [\"X-Name\"] = \"value\" }" end
  for name, text in pairs(value) do
    if type(name) ~= "string" or type(text) ~= "string" then return "takes texts only" end
    if name:find "[%c%s:]" or name == "" or text:find "[\r\n%z]" then
      return ("holds a name or value that HTTP forbids: %q"):format(name)
    end
    if framing[name:lower()] then return ("must not set %s: the transport does"):format(name) end
  end
end

local request_names = {
  timeout = create.check_timeout, headers = create.check_headers, query = "table",
  http_retries = options.count,
}

--- Raises for a parameter that is almost one of our options: it would go to the provider unseen.
local function check_near_miss(name)
  if ours[name] ~= nil or type(name) ~= "string" then return end
  local nearest, distance = options.nearest(name, ours)
  if distance <= 2 then
    options.raise(("create: %s is no option (did you mean %s?); extra_body = { %s = … } sends it")
      :format(name, nearest, name))
  end
end

--- Checks what `create` was given.
local function check(params, request_options)
  if type(params) ~= "table" then
    options.raise("create takes a table, as in create{ model = …, messages = … }")
  end
  for name, value in pairs(params) do
    check_near_miss(name)
    if ours[name] then options.check("create", { [name] = value }, ours) end
  end
  if params.response_model == nil then
    for name in pairs(ours) do
      if params[name] ~= nil and name ~= "extra_body" then
        options.raise(("create: %s needs a response_model, which is nil (a misspelt variable?)")
          :format(name))
      end
    end
  end
  if params.stream then
    options.raise("create: stream = true is not supported by this version")
  end
  if request_options ~= nil then
    options.check("request_options", request_options, request_names)
  end
end

-- ---- putting the call together ------------------------------------------------------------------

--- The body: what is not ours, the client's model where none is given, and extra_body.
local function body_of(params, model)
  local body = {}
  for name, value in pairs(params) do
    if ours[name] == nil then body[name] = value end
  end
  if body.model == nil then body.model = model end
  for name, value in pairs(params.extra_body or {}) do body[name] = value end
  return body
end

--- Headers as a list, by name, so that equal calls send equal bytes; later tables win.
local function header_list(...)
  local by_name, list = {}, {}
  for i = 1, select("#", ...) do
    for name, value in pairs((select(i, ...)) or {}) do by_name[name:lower()] = { name, value } end
  end
  for _, header in pairs(by_name) do list[#list + 1] = header end
  table.sort(list, function(a, b) return a[1]:lower() < b[1]:lower() end)
  return list
end

local function escape(text)
  return (tostring(text):gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- The base URL with `query` behind it.
local function with_query(url, query)
  local parts = {}
  for name, value in pairs(query or {}) do
    parts[#parts + 1] = escape(name) .. "=" .. escape(value)
  end
  if #parts == 0 then return url end
  table.sort(parts)
  return url .. (url:find("?", 1, true) and "&" or "?") .. table.concat(parts, "&")
end

--- Fills in the four timeouts; a plain number is the total.
local function add_timeouts(spec, timeout)
  if type(timeout) == "number" then timeout = { total = timeout } end
  for name, seconds in pairs(timeout or {}) do
    spec[name == "total" and "deadline" or name .. "_timeout"] = seconds
  end
end

--- The core's form of a back-off, or nil for the default.
local function backoff_of(value)
  if type(value) == "function" then return "host" end
  if type(value) == "number" then
    return { initial = value, factor = 1, max = value, jitter = 0 }
  end
  if value == false then return { initial = 0, factor = 1, max = 0, jitter = 0 } end
  if type(value) == "table" then
    local initial = value.initial or 0.5
    return { initial = initial, factor = value.factor or 2, max = value.max or 8,
      jitter = value.jitter or 0 }
  end
end

--- What the core needs to know of the call.
local function spec_of(client, params, request)
  local model = params.response_model
  local spec = {
    provider = client.provider, mode = client.mode, api_key = client.api_key,
    base_url = with_query(client.base_url, request.query),
    headers = header_list(client.headers, request.headers),
    params = body_of(params, client.model),
    max_retries = params.max_retries or (model and client.max_retries) or 0,
    http_retries = request.http_retries or client.http_retries,
    max_answer = client.max_answer,
    wall_clock = os.time(),
  }
  if model and not schema.is(model) then
    spec.name, spec.description = model.name, model.description
  end
  add_timeouts(spec, client.timeout)
  add_timeouts(spec, request.timeout)
  spec.deadline = params.deadline or spec.deadline
  local backoff = params.backoff
  if backoff == nil then backoff = client.backoff end
  spec.http_backoff = backoff_of(backoff)
  spec.reask_backoff = spec.http_backoff
  return spec, type(backoff) == "function" and backoff or nil
end

-- ---- what came of it ----------------------------------------------------------------------------

--- Fields of meta that are worked out when first read.
local lazy = {}

function lazy.completion(meta) return (core.decode(rawget(meta, "raw"))) end

function lazy.model(meta)
  local completion = meta.completion
  return type(completion) == "table" and completion.model or nil
end

local Meta = {}

function Meta.__index(meta, name)
  if lazy[name] == nil then return nil end
  local value = lazy[name](meta)
  rawset(meta, name, value)
  return value
end

local function last_request_id(attempts)
  return attempts[#attempts] and attempts[#attempts].request_id
end

local function meta_of(call, field_order)
  local attempts = call:attempts()
  return setmetatable({
    usage = call:usage(), attempts = attempts, raw = call:body(), repairs = {},
    request_id = last_request_id(attempts), field_order = field_order,
    reasoning = attempts[#attempts] and attempts[#attempts].reasoning,
  }, Meta)
end

local function error_of(call)
  local fields = call:error()
  if fields.kind == "usage" then options.raise("create: " .. fields.message) end
  fields.attempts = call:attempts()
  fields.usage = call:usage()
  fields.request_id = last_request_id(fields.attempts)
  return errors.new(fields)
end

--- @class instructor.Inner             what create needs to know of a client
--- @field provider string              name of its row
--- @field base_url string
--- @field run fun(call: userdata, given: table, request_options: table?): "done"|"failed"

--- Makes one call.
--- @param client instructor.Inner
--- @param params instructor.CreateParams
--- @param request_options? instructor.RequestOptions
--- @return any value, instructor.Meta|instructor.Error
function create.run(client, params, request_options)
  check(params, request_options)
  local model = params.response_model
  local root = model and (schema.is(model) and model or model.schema)
  local spec, backoff = spec_of(client, params, request_options or {})
  local compiled = root and compile.compiled(root) or nil
  local call = options.blame("create: ", core.call, compiled, spec)
  local outcome = client.run(call, { backoff = backoff }, request_options)
  if outcome == "failed" then
    local err = error_of(call)
    call:close()
    return nil, err
  end
  local drop_nulls = root ~= nil and (params.nulls or client.nulls or "absent") == "absent"
  local value, unfit = call:value(drop_nulls)
  if unfit then
    local err = error_of(call)
    err.kind, err.message, err.retryable = "limit", unfit, false
    call:close()
    return nil, err
  end
  local meta = meta_of(call, root and compile.field_order(root) or {})
  call:close()
  return value, meta
end

create.check_backoff = check_backoff
create.check_nulls = check_nulls

return create

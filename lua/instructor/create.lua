-- One create: our options told from the provider's parameters, the call made and driven, and what
-- came of it handed out as value, meta or nil, err.

local account = require "instructor.account"
local compile = require "instructor.z.compile"
local core = require "instructor.core"
local errors = require "instructor.errors"
local jobs = require "instructor.jobs"
local options = require "instructor.options"
local parse = require "instructor.z.parse"
local rules = require "instructor.rules"
local schema = require "instructor.z.schema"
local values = require "instructor.values"

local create = {}

create.ITEMS = {} -- says that a stream's items are asked for; no user has it

local ask, result_of = core.asker(account.plain, jobs.here, jobs.WAITS)

-- ---- putting the call together ------------------------------------------------------------------

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
  for name, value in pairs(query) do
    parts[#parts + 1] = escape(name) .. "=" .. escape(value)
  end
  if #parts == 0 then return url end
  table.sort(parts)
  return url .. (url:find("?", 1, true) and "&" or "?") .. table.concat(parts, "&")
end

--- Fills in the four timeouts; a plain number is the total.
local function add_timeouts(spec, timeout)
  if timeout == nil then return end
  if type(timeout) == "number" then timeout = { total = timeout } end
  for name, seconds in pairs(timeout) do
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

--- What the core needs to know of the client, for all of its calls.
local function setup_of(client)
  if client.setup then return client.setup end
  local spec = {
    provider = client.provider.row, mode = client.mode, api_key = client.api_key,
    base_url = client.base_url, headers = header_list(client.headers),
    http_retries = client.http_retries, max_answer = client.max_answer, gate = client.gate,
    repair = client.repair, backoff = backoff_of(client.backoff),
    drop_nulls = client.nulls ~= "keep",
  }
  add_timeouts(spec, client.timeout)
  client.setup = options.blame("create: ", core.setup, spec, rules.ours, { model = client.model })
  return client.setup
end

--- The request's own options, over those of the client.
local function add_request(spec, client, request)
  if request.headers then spec.headers = header_list(client.headers, request.headers) end
  if request.query then spec.base_url = with_query(client.base_url, request.query) end
  spec.http_retries = request.http_retries
  spec.exact_http_retries = request.http_retries ~= nil
  add_timeouts(spec, request.timeout)
end

-- Parameters of create that the core knows by the same name.
local core_names = { "deadline", "stream", "open_strings", "early_stop", "repair" }

--- What the core needs to know of a call that is special or watched, over what it knows of the
--- client.
local function own_options(params, client, request, watched)
  local spec = { backoff = backoff_of(params.backoff), watched = watched,
    keeps_events = client.record ~= nil, unjudged = params.on_invalid ~= nil }
  if request then add_request(spec, client, request) end
  for _, name in ipairs(core_names) do
    if params[name] ~= nil then spec[name] = params[name] end
  end
  return spec
end

--- What calls of `client` with one schema, or with none, share.  (Neither keeps the other alive.)
local function model_of(client, compiled)
  local models = client.models
  if models == nil then
    models = setmetatable({}, { __mode = "k" })
    client.models = models
  end
  local key = compiled or client
  local model = models[key]
  if model == nil then
    model = options.blame("create: ", core.model, client.setup or setup_of(client), compiled)
    models[key] = model
  end
  return model
end

-- ---- what came of it ----------------------------------------------------------------------------

local function error_of(call, how)
  local fields = account.error(call, how)
  if fields.kind == "usage" then options.raise("create: " .. fields.message) end
  return errors.new(fields)
end

-- ---- looking first ----------------------------------------------------------------------------

--- @class instructor.DryRun
--- @field method string
--- @field url string                     secrets hidden, here and in the headers
--- @field headers table<string, string>
--- @field body string                    the exact bytes
--- @field field_order string[]           notes about fields whose order was not stated

--- The request that would be sent first.
local function dry_run(call, field_order, api_key)
  local scrub = options.room "instructor.scrub"
  call:next()
  local request, headers = call:request(), {}
  local secrets = scrub.secrets(request, api_key)
  for _, header in ipairs(scrub.request_headers(request.headers, secrets)) do
    headers[header[1]] = header[2]
  end
  request.url = scrub.url(request.url, secrets)
  request.headers, request.field_order = headers, field_order
  call:close()
  return request
end

-- ---- the call -----------------------------------------------------------------------------------

--- @class instructor.Inner             what create needs to know of a client
--- @field provider instructor.Row
--- @field base_url string
--- @field api_key? string
--- @field model? string                default for create
--- @field headers? table<string, string>
--- @field timeout? number|instructor.Timeouts
--- @field http_retries? integer
--- @field backoff? instructor.Backoff
--- @field max_answer? integer          bytes
--- @field mode? instructor.Mode        of a patched client; so are the next two
--- @field max_retries? integer         default for create
--- @field nulls? "absent"|"keep"       default for create
--- @field gate? userdata               shut while the server has asked one of its calls to wait
--- @field run fun(call: userdata, how: instructor.How, request_options: table?): "done"|"failed"
--- @field run_alone? fun(call: userdata, how: instructor.How): "done"|"failed" the same for calls
---   that nobody else knows of, which share what they are given
--- @field log? instructor.Log
--- @field record? function             writes an exchange down
--- @field completions? instructor.Completions whose create is its runner: what a colon hands over
--- @field is_foreign? boolean          do errors of the network come in somebody else's words?

--- The end of a call that failed: what `create` returns.
local function fail(call, how, err)
  if how.watch then how.watch:failed(err) end
  call:close()
  return nil, err
end

local function unfit_of(call, how, why)
  local err = error_of(call, how)
  err.kind, err.message, err.retryable = "limit", why, false
  return fail(call, how, err)
end

--- What `create` returns for a call that was answered.
local function finish(call, how, field_order, drop_nulls)
  local value, unfit, meta = result_of(call, drop_nulls)
  if value == nil then
    if unfit then return unfit_of(call, how, unfit) end
    value = values.null -- nil says failure, and nothing else
  end
  if meta then
    if field_order then meta.field_order = field_order end
    return value, meta
  end
  meta = account.meta(call, how, field_order)
  if how.watch then how.watch:done(meta) end
  call:close()
  return value, meta
end

--- The end of a call, whichever it was.
local function conclude(call, how, field_order, drop_nulls, outcome)
  if outcome == "failed" then return fail(call, how, error_of(call, how)) end
  return finish(call, how, field_order, drop_nulls)
end

--- How the items of create_iterable are judged: by themselves, for the whole never is.
local function judge_of(item, client, params)
  local repair = params.repair
  if repair == nil then repair = client.repair ~= false and (client.repair or true) end
  local given = { nulls = params.nulls or client.nulls or "absent", repair = repair }
  return function(value)
    return parse.run(item, { value = value, null_is_absent = true }, given)
  end
end

--- The stream for `create{ stream = true }` and its like.
local function open_stream(how, client, params, root)
  local stream = options.room "instructor.stream"
  if root == nil then return stream.events(how) end
  if params.on_invalid == nil then return stream.partials(how) end
  how.on_invalid, how.judge = params.on_invalid, judge_of(root, client, params)
  return stream.items(how)
end

--- Name and description beside the schema of a response_model.
local function words_of(model)
  if model == nil or schema.is(model) then return nil, nil end
  return model.name, model.description
end

--- A call that has not begun, of which the core is told `own` beside what it knows of the client.
local function new_call(client, params, asked, own)
  local max_retries = params.max_retries
  if max_retries == nil and asked then max_retries = client.max_retries end
  local compiled = asked and compile.compiled(asked)
  local model = model_of(client, compiled)
  local well, call = pcall(core.call, compiled, model, params, own, max_retries,
    words_of(params.response_model))
  if not well then options.complain("create: ", call) end
  return call
end

--- Runs a call that nothing but the client's options, a schema and max_retries decide.  `how` is
--- that of all such calls.
local function run_plain(client, how, call, field_order)
  local run_alone = client.run_alone
  local outcome
  if run_alone then
    outcome = run_alone(call, how)
  else
    outcome = client.run(call, { backoff = how.backoff, over = false })
  end
  if outcome == "failed" then return fail(call, how, error_of(call, how)) end
  return finish(call, how, field_order, client.nulls ~= "keep")
end

--- What tells the client's log and recording of a call, where it has either.
local function watch_of(client, params)
  if client.log == nil and client.record == nil then return nil end
  return (options.room("instructor.watch").new(client, params))
end

--- Any other call.
local function run_special(client, params, root, request_options)
  local watched = not params.dry_run and watch_of(client, params) or nil
  local how = { backoff = params.backoff, over = false, watch = watched }
  if how.backoff == nil then how.backoff = client.backoff end
  local own = own_options(params, client, request_options, watched ~= nil)
  local call = new_call(client, params, params.on_invalid and root:array() or root, own)
  local field_order = root and compile.field_order(root)
  if params.dry_run then return dry_run(call, field_order or {}, client.api_key) end
  local drop_nulls = root ~= nil and (params.nulls or client.nulls or "absent") == "absent"
  if not params.stream then
    return conclude(call, how, field_order, drop_nulls, client.run(call, how, request_options))
  end
  how.made = jobs.scope()
  return open_stream({
    call = call, drop_nulls = drop_nulls,
    run = function() return client.run(call, how, request_options) end,
    conclude = function(outcome) return conclude(call, how, field_order, drop_nulls, outcome) end,
  }, client, params, root)
end

--- Any call, its parameters looked at.
local function run_checked(client, how, params, request_options, is_iterable)
  local root, special = rules.check(params, request_options)
  if params.on_invalid ~= nil and not is_iterable then
    options.raise("on_invalid is for create_iterable, whose response_model is one item's schema")
  end
  if special or client.log or client.record then
    return run_special(client, params, root, request_options)
  end
  local call = new_call(client, params, root)
  client.known = client.known or { rules.passed, getmetatable(root), client.models,
    client.max_retries or false, false, false, false }
  return run_plain(client, how, call, compile.field_order(root))
end

--- What makes the calls of `client`.  Most are like one before: then there is nothing to look at
--- again.
--- @param client instructor.Inner
--- @return fun(params: table, request_options: table?, items: table?): any, any
---   `items`: create.ITEMS for a stream of items.  With a colon, client.completions comes first.
function create.runner(client)
  local how = { backoff = client.backoff, over = false }
  local function run(params, request_options, items)
    local known = client.known
    if known and request_options == nil then
      local value, told = ask(params, known)
      if value ~= nil then return value, told end
      if told then return run_plain(client, how, told) end
    end
    if params ~= nil and params == client.completions then -- a plain client's runner has none
      return run(request_options, items)
    end
    return run_checked(client, how, params, request_options, items == create.ITEMS)
  end
  return run
end

return create

-- What create takes, and the rules that clients share with it: checked at once, before anything is
-- sent.

local options = require "instructor.options"
local schema = require "instructor.z.schema"

local rules = {}

--- @alias instructor.Backoff
--- | number                                     # seconds, always the same
--- | { initial?: number, factor?: number, max?: number, jitter?: number } # initial·factor^n
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
--- @field repair? boolean|"coerce"             mend broken answers (true); false: take none that is
---   not strict; "coerce": also take "30" for a number, one value for a list of one, and the like
--- @field extra_body? table                     more of the body, never checked
--- @field stream? boolean                       hand out the answer as it comes: instructor.Stream
--- @field open_strings? boolean                 with stream: show texts that have not ended (true)
--- @field early_stop? boolean                   with stream: stop an answer that can no longer be
---   right, and ask again (true)
--- @field on_invalid? "error"|"skip"|fun(err: instructor.Error, value: any, index: integer): any
---   of create_iterable: what becomes of an item that does not fit ("error")
--- @field dry_run? boolean                      return the request instead of sending it

--- @class instructor.ResponseModel
--- @field schema instructor.Schema
--- @field name? string                          default: the schema's title or id, else "Response"
--- @field description? string

--- @class instructor.RequestOptions
--- @field timeout? number|instructor.Timeouts
--- @field headers? table<string, string>
--- @field query? table<string, string|number|boolean>
--- @field http_retries? integer                 of this request, whatever max_retries lifts them to

--- @class instructor.Timeouts                   seconds
--- @field connect? number
--- @field first_byte? number
--- @field idle? number                          between two bytes of the answer
--- @field total? number                         the deadline of the whole call

local function at_least_0(value)
  if type(value) ~= "number" or not (value >= 0) then return "takes a number of at least 0" end
end

local function share(value)
  if type(value) ~= "number" or not (value >= 0 and value <= 1) then
    return "takes a share from 0 to 1"
  end
end

local backoff_names = { initial = at_least_0, factor = at_least_0, max = at_least_0,
  jitter = share }

--- A rule for options.check: waits between attempts.
function rules.backoff(value)
  local kind = type(value)
  if kind == "table" then return options.check("backoff", value, backoff_names) end
  if value == true or (kind ~= "number" and kind ~= "function" and kind ~= "boolean") then
    return "takes a number of seconds, a table, a function or false"
  end
  if kind == "number" then return at_least_0(value) end
end

--- A rule for options.check: what becomes of null.
function rules.nulls(value)
  if value ~= "absent" and value ~= "keep" then return 'takes "absent" or "keep"' end
end

local model_names = { schema = "table", name = "string", description = "string" }

--- Is it "schema", misspelt?
local function means_schema(name)
  return type(name) == "string" and options.hint(name, { schema = true }) ~= ""
end

--- What is wrong with a table that has no `schema`, where its members say more than their names do.
local function check_members(value)
  local fields, field, strange = 0, nil, false
  for name, member in next, value do
    if schema.is(member) then
      fields, field = fields + 1, name
    elseif model_names[name] == nil then
      strange = true
    end
  end
  if fields == 1 and means_schema(field) then return nil end
  if fields > 0 then
    return "takes a schema: wrap the fields, as in z.object{ age = z.number() }"
  end
  if strange then return "takes a schema, as z.object{ … } is, or { schema = User }" end
end

local function check_model(value)
  if schema.is(value) then return end
  if type(value) == "function" then return "is a function: call it, as in z.string()" end
  if type(value) ~= "table" then return "takes a schema, not a " .. type(value) end
  if schema.is_z(value) then return "takes a schema, as z.object{ … } is, and not z" end
  local wrong = value.schema == nil and check_members(value)
  if wrong then return wrong end
  options.check("response_model", value, model_names)
  if not schema.is(value.schema) then return "needs a schema, as in { schema = User }" end
end

--- A rule for options.check: what becomes of an item that does not fit.
local function check_policy(value)
  if value ~= "error" and value ~= "skip" and type(value) ~= "function" then
    return 'takes "error", "skip" or a function'
  end
end

--- A rule for options.check: how much of an answer may be repaired.
function rules.repair(value) return (options.room("instructor.z.reading").repair(value)) end

--- Our own parameters of create; all others are the provider's.
local ours = {
  response_model = check_model,
  max_retries = options.count,
  backoff = rules.backoff,
  deadline = options.seconds,
  nulls = rules.nulls,
  repair = rules.repair,
  extra_body = "table",
  dry_run = "boolean",
  open_strings = "boolean",
  early_stop = "boolean",
  on_invalid = check_policy,
}

-- With none but these of ours a call is what its client says.
local common = { response_model = true, max_retries = true, extra_body = true }

-- Those of ours that make sense without a response_model too.
local for_any_call = { extra_body = true, dry_run = true }
rules.ours = ours

local timeout_names = { connect = options.seconds, first_byte = options.seconds,
  idle = options.seconds, total = options.seconds }

--- A rule for options.check: a number of seconds or a table of them.
function rules.timeout(value)
  if type(value) == "number" then return options.seconds(value) end
  if type(value) ~= "table" then return "takes a number of seconds or a table" end
  options.check("timeout", value, timeout_names)
end

--- A URL as a message may show it: no user, no password, no query.
local function shown_url(value)
  return (value:gsub("//[^/]*@", "//***@"):gsub("%?.*$", "?***"))
end

--- A rule for options.check: where a provider is reached.
function rules.url(value)
  if type(value) ~= "string" then return "takes a text, not a " .. type(value) end
  local authority = value:match "^https?://([^/?#]+)"
  if authority == nil or value:find "[%c%s]" then
    return ('takes a URL such as "https://host/v1", not %q'):format(shown_url(value))
  end
  if value:match("^[^?#]*"):find "/chat/completions/?$" then
    return "ends before /chat/completions, which create adds"
  end
  if authority:find "@" then return "must not hold a user or a password; use api_key or headers" end
  local host, port = authority:match "^(.-):?([^:%]]*)$"
  if authority:find(":[^%]]*$") == nil then host, port = authority, nil end
  if host == "" then return "names no host" end
  if port and not (port:match "^%d+$" and tonumber(port) <= 65535) then
    return ("names a port that is none: %q"):format(port)
  end
end

local proxy_schemes = { http = true, https = true, socks4 = true, socks4a = true, socks5 = true,
  socks5h = true }

--- A rule for options.check: a proxy, or "" for none.
function rules.proxy(value)
  if type(value) ~= "string" then return "takes a text, not " .. options.type_of(value) end
  local scheme = value:match "^(.-)://"
  if value:find "[%c%s]" or (scheme and not proxy_schemes[scheme:lower()]) then
    return ('takes a URL such as "http://host:3128" or "socks5://host", not %q')
      :format(shown_url(value))
  end
end

-- Headers that say how the body is sent, which is the transport's business.
local framing = { ["content-length"] = true, ["transfer-encoding"] = true, host = true,
  connection = true }

--- A rule for options.check: a text that may stand in a header.
function rules.line(value)
  if type(value) ~= "string" then return "takes a text, not a " .. type(value) end
  if value:find "%c" then return "holds a line break or another control character" end
end

--- A rule for options.check: names and values of headers.
function rules.headers(value)
  if type(value) ~= "table" then return "takes a table, as in { [\"X-Name\"] = \"value\" }" end
  for name, text in pairs(value) do
    if type(name) ~= "string" or type(text) ~= "string" then return "takes texts only" end
    if name:find "[%c%s:]" or name == "" or text:find "[\r\n%z]" then
      return ("holds a name or value that HTTP forbids: %q"):format(name)
    end
    if framing[name:lower()] then return ("must not set %s: the transport does"):format(name) end
  end
end

local function check_query(value)
  if type(value) ~= "table" then return "takes a table, as in { version = \"1\" }" end
  local fit = { string = true, number = true, boolean = true }
  for name, text in pairs(value) do
    if type(name) ~= "string" or not fit[type(text)] then
      return "takes names with texts, numbers or booleans"
    end
  end
end

local request_names = {
  timeout = rules.timeout, headers = rules.headers, query = check_query,
  http_retries = options.count,
}

local request_elsewhere = {
  max_retries = "http_retries here", signal = "deadline in create bounds the whole call",
  model = "it stands in create", messages = "it stands in create",
  deadline = "it stands among create's parameters; timeout here",
  backoff = "it stands among create's parameters",
  response_model = "it stands among create's parameters",
}

-- Names found to be no near miss.  A program has a handful; one that makes them up as it goes must
-- not fill the memory.
local passed, passed_count = {}, 0
local PASSED_MAX = 200
rules.passed = passed

local function pass(name)
  if passed_count == PASSED_MAX then
    for known in pairs(passed) do passed[known] = nil end
    passed_count = 0
  end
  passed[name], passed_count = true, passed_count + 1
end

-- What a slip of the pen may have meant: our options, and the provider's that changes what create
-- returns.
local meant = { stream = true }
for name in pairs(ours) do meant[name] = true end

-- Nor would anybody be asked anything.
local near = { messages = true }
for name in pairs(meant) do near[name] = true end

local function of_request(name)
  return ("create's second argument: create(params, { %s = … })"):format(name)
end

-- Where options of ours stand that a provider would be sent in vain.  (OpenRouter has parameters
-- `provider` and `debug`, so those may be the provider's.)
local places = {
  timeout = of_request "timeout", http_retries = of_request "http_retries",
  headers = of_request "headers", extra_headers = of_request "headers",
  query = of_request "query", extra_query = of_request "query",
  mode = "Instructor{ mode = … }",
  api_key = "OpenAI{ api_key = … }", base_url = "OpenAI{ base_url = … }",
  proxy = "OpenAI{ proxy = … }", transport = "OpenAI{ transport = … }",
  logger = "OpenAI{ logger = … }",
}

--- Raises for an option that stands elsewhere.
local function check_place(name)
  local place = places[name]
  if place == nil and name:find "%u" then
    place = places[options.room("instructor.hints").snake_case(name)]
  end
  if place then
    options.raise(("create: %s stands in %s; extra_body = { %s = … } sends it to the provider")
      :format(name, place, name))
  end
end

--- Raises for a parameter that is almost one of those: it would go to the provider unseen.
local function check_near_miss(name)
  if near[name] or name == "model" then return pass(name) end
  local nearest, distance = options.room("instructor.hints").nearest(name, near)
  if distance <= math.min(2, math.max(1, math.floor(#name / 3))) then
    options.raise(("create: %s is no option (did you mean %s?); extra_body = { %s = … } sends it")
      :format(name, nearest, name))
  end
  pass(name)
end

--- The user's own tools and functions stand beside ours, so they must be lists.
local function check_list(params, name)
  local given = params[name]
  local list = type(given) == "table" and (given[1] or next(given) == nil)
  if not list and params.response_model then
    options.raise(("create: %s takes a list, as in { { type = \"function\", … } }"):format(name))
  end
end

local function check_stream(params)
  if type(params.stream) ~= "boolean" then
    options.raise("create: stream takes true or false, not " .. options.shown(params.stream))
  end
end

--- Our options of streams say nothing without one.
local function check_streams(params, name)
  if params.stream ~= true then
    options.raise(("create: %s needs stream = true"):format(name))
  end
end

-- Parameters that are looked at beside others.
local looks = { tools = check_list, functions = check_list, stream = check_stream,
  open_strings = check_streams, early_stop = check_streams }

--- Checks one of create's parameters.  Is it one that the core must be told of?
local function check_parameter(params, name, value)
  if type(name) ~= "string" then
    options.raise("create takes named parameters, as in create{ model = …, messages = … }")
  end
  local rule = ours[name]
  if rule then
    options.check_one("create", name, value, rule)
  elseif not meant[name] and not looks[name] then
    check_place(name)
    check_near_miss(name)
    if schema.is(value) then
      options.raise(("create: %s is a schema, which response_model takes"):format(name))
    end
  end
  if looks[name] then looks[name](params, name) end
  return meant[name] and not common[name]
end

--- Options of ours that stand behind the metatable, where a walk over the parameters does not come.
local function check_behind(params)
  for name in pairs(meant) do
    local value = params[name]
    if value ~= nil then check_parameter(params, name, value) end
  end
  for name in pairs(places) do
    local value = params[name]
    if value ~= nil and type(value) ~= "function" then check_place(name) end
  end
end

--- An option of ours that says nothing without a schema; nil: there is none.
local function find_idle(params)
  for name in pairs(ours) do
    if params[name] ~= nil and not for_any_call[name] then return name end
  end
end

local function check_without_model(params)
  local name = find_idle(params)
  if name then
    options.raise(("create: %s needs a response_model, which is nil (a misspelt variable?)")
      :format(name))
  end
end

-- What does it for a client that nothing is put around.
local plain_instead = {
  deadline = "timeout = { total = … } bounds a plain call",
  max_retries = "http_retries counts the retries of a plain call",
  backoff = "OpenAI{ backoff = … } sets the waits of a plain call",
}

local function check_table(params)
  if type(params) ~= "table" then
    options.raise("create takes a table, as in create{ model = …, messages = … }")
  elseif schema.is(params) then
    options.raise("create takes a table, as in create{ messages = …, response_model = User }")
  end
end

--- Checks what create was given, of a client that nothing is put around: there is no schema, and
--- nothing for one.
--- @param params table
function rules.check_plain(params)
  check_table(params)
  local name = params.response_model ~= nil and "response_model" or find_idle(params)
  if name == nil then return end
  local instead = plain_instead[name]
  options.raise(("create: %s needs Instructor{ client = … } around this client%s")
    :format(name, instead and (" (%s)"):format(instead) or ""))
end

--- Checks what `create` was given.
--- @param params table
--- @param request_options? table
--- @return instructor.Schema? root of the response_model
--- @return boolean special is more than a schema, max_retries and the provider's parameters given?
function rules.check(params, request_options)
  check_table(params)
  local model = params.response_model
  -- A metatable may have more of ours behind it.
  local special = request_options ~= nil or getmetatable(params) ~= nil
  local is_schema = schema.is(model)
  for name, value in next, params do
    if not passed[name] and (name ~= "response_model" or not is_schema) then
      special = check_parameter(params, name, value) or special
    end
  end
  if getmetatable(params) ~= nil then check_behind(params) end
  if request_options ~= nil then
    options.check("request_options", request_options, request_names, request_elsewhere)
  end
  if is_schema then return model, special end
  if model == nil then
    check_without_model(params)
    return nil, true
  end
  return model.schema, special
end

return rules

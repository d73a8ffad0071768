-- Structured answers from language models: a client is patched, and create gains response_model and
-- max_retries.
--
--   local Instructor = require "instructor"
--   local client = Instructor { client = oai, mode = "JSON_SCHEMA" }
--   local user, err = client.chat.completions.create { messages = …, response_model = User }

local client = require "instructor.client"
local core = require "instructor.core"
local create = require "instructor.create"
local drive = require "instructor.drive"
local errors = require "instructor.errors"
local log = require "instructor.log"
local map = require "instructor.map"
local options = require "instructor.options"
local providers = require "instructor.providers"
local rules = require "instructor.rules"
local values = require "instructor.values"

--- In any letter case.
--- @alias instructor.Mode
--- | "TOOLS"            # a tool the model must call
--- | "FUNCTIONS"        # the older spelling of tools
--- | "JSON_SCHEMA"      # an answer the provider holds to the schema
--- | "JSON"             # an answer the provider holds to JSON; the schema stands in the prompt
--- | "MD_JSON"          # a fenced block of JSON; asks nothing of the provider
--- | "THINKING_MD_JSON" # thoughts first, then a fenced block of JSON

--- @class instructor.InstructorOptions
--- @field client table          an OpenAI{…}, or any table with chat.completions.create
--- @field mode? instructor.Mode default: the provider's
--- @field max_retries? integer  default for create's
--- @field nulls? "absent"|"keep" default for create's
--- @field logger? instructor.Logger default: the client's
--- @field debug? boolean        default: the client's
--- @field repair? boolean|"coerce" default for create's

--- @class instructor
--- @overload fun(given: instructor.InstructorOptions): instructor.Client
local instructor = {
  --- The library's version.
  version = core.version,
  --- JSON's null; the same value as cjson.null.
  null = values.null,
  --- A list, written as [] even when empty.
  array = values.array,
  --- An object, written as {} even where lists stand.
  object = values.object,
  --- Is a value an error of ours?
  is_error = errors.is_error,
  --- Rows of data about providers: add one, list their names, get one to read.
  providers = { add = providers.add, list = providers.list, get = providers.get },
  --- Runs a function for every item of a list, many at once: instructor.map(list, options, fn).
  map = map.map,
  --- Runs a handful of different functions at once.
  run = map.run,
}

local function check_client(value)
  local chat = type(value) == "table" and value.chat
  local completions = type(chat) == "table" and chat.completions
  if type(completions) ~= "table" or type(completions.create) ~= "function" then
    return "takes a client with chat.completions.create, such as OpenAI{ … }"
  end
end

local known = {
  client = check_client, mode = "string", max_retries = options.count, nulls = rules.nulls,
  logger = log.check, debug = "boolean",
  repair = rules.repair,
}

local elsewhere = {
  retry_all_errors = "a refused key or a bad request is never tried again",
  response_model = "it stands in create", deadline = "it stands in create",
}
for _, name in ipairs { "model", "timeout", "http_retries", "backoff", "base_url", "api_key",
  "provider", "headers", "proxy", "record", "replay", "transport" } do
  elsewhere[name] = "it stands in OpenAI{ … }"
end

--- The mode's own spelling; raises for one that the provider does not take.
local function mode_of(given, row)
  local wanted, modes = (given or row.default_mode):upper(), {}
  for _, mode in ipairs(row.modes) do
    if mode == wanted then return mode end
    modes[mode:lower()] = true
  end
  options.raise(("Instructor: %s does not take the mode %s%s; it takes %s"):format(row.name,
    given == "" and '""' or given, options.hint(given, modes), table.concat(row.modes, ", ")))
end

--- A client that is not ours is asked through its own create.
local function inner_of_wrapped(given)
  local url = given.base_url or given.baseURL
  local row = providers.for_url(type(url) == "string" and url or "")
  local function ask(params, request_options)
    return given.chat.completions.create(params, request_options)
  end
  return {
    provider = row,
    base_url = type(url) == "string" and url or "http://wrapped.invalid",
    http_retries = 0, -- the wrapped client has its own
    is_foreign = true,
    run = function(call, how, request_options)
      return drive.exchange(call, drive.wrapped(ask, request_options), how)
    end,
  }
end

--- The log of Instructor{…}, or of the client it is put around; each option overrides by itself.
local function log_of(inner, given)
  if given.logger == nil and given.debug == nil then return inner.log end
  local debug = given.debug
  if debug == nil then debug = inner.log ~= nil and inner.log.debug end
  if given.logger == nil and inner.log then return { write = inner.log.write, debug = debug } end
  return log.new(given.logger, debug)
end

--- `inner` with what Instructor{…} adds.
local function patched(inner, given)
  local made = {}
  for name, value in pairs(inner) do made[name] = value end
  made.mode = mode_of(given.mode, inner.provider)
  made.max_retries = given.max_retries
  made.nulls = given.nulls
  made.log = log_of(inner, given)
  made.repair = given.repair
  made.setup, made.models, made.known = nil, nil, nil -- those were the plain client's
  return made
end

--- Patches a client: its create takes response_model and max_retries; everything else of it stays
--- reachable.
--- @param _ table
--- @param given instructor.InstructorOptions
--- @return instructor.Client
local function new(_, given)
  local bare = type(given) == "table" and given.client == nil
  if bare and (check_client(given) == nil or check_client(given[1]) == nil) then
    options.raise "Instructor takes named options: Instructor{ client = … }"
  end
  options.check("Instructor", given, known, elsewhere)
  if given.client == nil then
    options.raise("Instructor needs a client, as in Instructor{ client = OpenAI{ … } }")
  end
  local inner = patched(client.inner(given.client) or inner_of_wrapped(given.client), given)
  local made = { mode = inner.mode, client = given.client }
  made.chat = client.chat(create.runner(inner), inner)
  return setmetatable(made, { __index = given.client })
end

return setmetatable(instructor, { __call = new })

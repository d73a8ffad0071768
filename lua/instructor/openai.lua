-- A client for every server that speaks OpenAI's chat completions.
--
--   local OpenAI = require "instructor.openai"
--   local oai = OpenAI { base_url = "https://api.endpoints.anyscale.com/v1", api_key = key }
--
-- It is a client in its own right: oai.chat.completions.create{…} returns the raw completion.
-- Instructor{ client = oai } adds response_model.

local client = require "instructor.client"
local core = require "instructor.core"
local drive = require "instructor.drive"
local log = require "instructor.log"
local options = require "instructor.options"
local providers = require "instructor.providers"
local rules = require "instructor.rules"

--- @class instructor.OpenAIOptions
--- @field base_url? string      default: the provider's
--- @field api_key? string       default: the provider's environment variable, for its own host only
--- @field provider? string      a row's name; it wins over the host of base_url
--- @field model? string         default for params.model
--- @field organization? string
--- @field project? string
--- @field headers? table<string, string>
--- @field timeout? number|instructor.Timeouts seconds; a number is the total
--- @field http_retries? integer how often a failed request is sent again (2)
--- @field backoff? instructor.Backoff
--- @field max_answer? integer   bytes of one answer (16 MiB)
--- @field proxy? string         default: as the environment says at the first request; "" for none
--- @field ca_file? string       authorities, PEM
--- @field cert_file? string     client certificate, PEM
--- @field key_file? string      its key, PEM
--- @field user_agent? string
--- @field transport? instructor.Transport  moves the bytes instead of libcurl: send(request, wait),
---   or { send =, sleep = }
--- @field logger? instructor.Logger is told what happens; without debug no prompt and no answer
--- @field debug? boolean        log prompts and answers too; without a logger: to stderr
--- @field record? string        a file to which every exchange is added, secrets masked
--- @field replay? string        a recording that answers instead of the network; needs no key

local function check_key(value)
  if type(value) ~= "string" then return "takes a text, not a " .. type(value) end
  if value:find "[%c%s]" then return "holds blanks or control characters" end
end

local function check_size(value)
  if options.count(value) or value == 0 then
    return "takes a whole number of bytes above 0, not " .. tostring(value)
  end
end

local function check_transport(value)
  if type(value) == "function" then return end
  if type(value) ~= "table" then
    return "takes a function or { send =, sleep = }, not " .. options.type_of(value)
  end
  if type(value.send) ~= "function" then return "needs a function send(request)" end
  if value.sleep ~= nil and type(value.sleep) ~= "function" then
    return "takes a function sleep(seconds), not " .. options.type_of(value.sleep)
  end
end

local function check_path(value)
  if type(value) ~= "string" then return "takes the path of a file, not a " .. type(value) end
  if value == "" or value:find "%z" then return "takes the path of a file" end
end

--- A file that cannot be read would else be told by the first call only, and not by its option.
local function check_file(value)
  if type(value) ~= "string" then return "takes a path, not " .. options.type_of(value) end
  local file, why = io.open(value, "rb")
  local byte
  if file then
    byte, why = file:read(1)
    file:close()
  end
  if byte == nil then
    return ("names a file that cannot be read: %s"):format(why or value .. ": it is empty")
  end
end

local known = {
  base_url = rules.url, provider = providers.check_name, api_key = check_key, model = "string",
  organization = rules.line, project = rules.line, headers = rules.headers,
  timeout = rules.timeout, http_retries = options.count, backoff = rules.backoff,
  max_answer = check_size, proxy = rules.proxy, ca_file = check_file, cert_file = check_file,
  key_file = check_file, user_agent = rules.line, transport = check_transport,
  logger = log.check, debug = "boolean", record = check_path, replay = check_path,
}

-- What the clients of other languages call it, and what stands in another table.
local elsewhere = {
  max_retries = "http_retries here; max_retries stands in Instructor{ … } and in create",
  default_headers = "headers here",
  default_query = "query, in the second argument of create",
  http_client = "transport here", fetch = "transport here", http_agent = "proxy, or transport",
  key = "api_key here", url = "base_url here", base = "base_url here", api_base = "base_url here",
  mode = "it stands in Instructor{ … }", response_model = "it stands in create",
  stream = "it stands in create", messages = "it stands in create",
  deadline = "it stands in create; timeout here", retries = "http_retries here",
}

--- The row of `given`: by name, else by the host of its base_url, else OpenAI's.
local function row_of(given)
  if given.provider then return providers.find(given.provider) end
  if given.base_url then return providers.for_url(given.base_url) end
  return core.provider "openai"
end

--- Is the row's own host asked, and over its own scheme?
local function is_at_home(base_url, row)
  if base_url == nil then return true end
  return providers.for_url(base_url).name == row.name
    and base_url:match("^%a+"):lower() == row.base_url:match "^%a+"
end

--- An environment key belongs to its row's host and is never sent elsewhere, nor in the clear.
local function key_of(given, row)
  if given.api_key and given.api_key ~= "" then return given.api_key end
  local needs_key = row.key_env and not given.replay and is_at_home(given.base_url, row)
  if not needs_key then return nil end
  local key = os.getenv(row.key_env)
  if key == nil or key == "" then
    options.raise(("OpenAI: no API key for %s: set %s in the environment or give api_key")
      :format(row.name, row.key_env))
  end
  return key
end

--- Options of libcurl's: another transport does not see them.
local function check_for_curl(given)
  for _, name in ipairs { "proxy", "ca_file", "cert_file", "key_file" } do
    if given.transport and given[name] then
      options.raise(("OpenAI: %s is libcurl's; a transport of your own must see to it")
        :format(name))
    end
  end
end

local function headers_of(given)
  local headers = {}
  headers["User-Agent"] = given.transport and given.user_agent or nil
  headers["OpenAI-Organization"] = given.organization
  headers["OpenAI-Project"] = given.project
  for name, value in pairs(given.headers or {}) do headers[name] = value end
  return headers
end

--- The engine of libcurl, made when the first request is sent: schemas alone never load libcurl.
local function make_engine(given)
  local loaded, transport = pcall(options.room, "instructor.curl")
  if not loaded then error("the transport instructor.curl cannot be loaded: " .. transport, 0) end
  return core.engine(transport, {
    proxy = given.proxy, ca_file = given.ca_file, cert_file = given.cert_file,
    key_file = given.key_file, user_agent = given.user_agent,
  })
end

--- Two of these would each want to be the transport.
local function check_together(given)
  if given.replay == nil then return end
  for _, name in ipairs { "record", "transport" } do
    if given[name] then options.raise("OpenAI: replay and " .. name .. " exclude each other") end
  end
end

--- How the client's calls are driven; and those that nobody else knows of, if there is another way.
local function runners(given)
  local engine
  if given.replay then
    local exchange = options.room("instructor.replay").open(given.replay)
    return function(call, how)
      how.skipped = 0
      return drive.exchange(call, exchange, how)
    end
  end
  if given.transport then
    return function(call, how) return drive.exchange(call, given.transport, how) end
  end
  local function open()
    engine = engine or make_engine(given)
    return engine
  end
  return function(call, how) return drive.engine(call, open(), how) end, drive.alone(open)
end

--- Makes a client.
--- @param given instructor.OpenAIOptions
--- @return instructor.Client
local function OpenAI(given)
  if given == nil then given = {} end
  if type(given) == "table" then check_for_curl(given) end
  options.check("OpenAI", given, known, elsewhere)
  check_together(given)
  local row = row_of(given)
  local base_url = given.base_url or row.base_url
  if base_url == nil then
    options.raise(("OpenAI: the provider %s needs a base_url"):format(row.name))
  end
  local run, run_alone = runners(given)
  return client.new {
    provider = row, base_url = base_url, api_key = key_of(given, row), model = given.model,
    headers = headers_of(given), timeout = given.timeout, http_retries = given.http_retries,
    backoff = given.backoff, max_answer = given.max_answer, gate = core.gate(),
    run = run, run_alone = run_alone,
    log = log.new(given.logger, given.debug),
    record = given.record and options.room("instructor.record").open(given.record),
    is_foreign = given.transport ~= nil or given.replay ~= nil,
  }
end

return OpenAI

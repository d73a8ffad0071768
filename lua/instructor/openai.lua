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
--- @field proxy? string         default: as the environment says; "" for none
--- @field ca_file? string       authorities, PEM
--- @field cert_file? string     client certificate, PEM
--- @field key_file? string      its key, PEM
--- @field user_agent? string
--- @field transport? instructor.Transport  moves the bytes instead of libcurl

local function check_key(value)
  if type(value) ~= "string" then return "takes a text, not a " .. type(value) end
  if value:find "[%c%s]" then return "holds blanks or control characters" end
end

local function check_size(value)
  if options.count(value) or value == 0 then
    return "takes a whole number of bytes above 0, not " .. tostring(value)
  end
end

local known = {
  base_url = rules.url, provider = providers.check_name, api_key = check_key, model = "string",
  organization = rules.line, project = rules.line, headers = rules.headers,
  timeout = rules.timeout, http_retries = options.count, backoff = rules.backoff,
  max_answer = check_size, proxy = "string", ca_file = "string", cert_file = "string",
  key_file = "string", user_agent = rules.line, transport = "function",
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
  if row.key_env == nil or not is_at_home(given.base_url, row) then return nil end
  local key = os.getenv(row.key_env)
  if key == nil or key == "" then
    options.raise(("OpenAI: no API key for %s: set %s in the environment or give api_key")
      :format(row.name, row.key_env))
  end
  return key
end

local function headers_of(given)
  local headers = {}
  headers["OpenAI-Organization"] = given.organization
  headers["OpenAI-Project"] = given.project
  for name, value in pairs(given.headers or {}) do headers[name] = value end
  return headers
end

--- The engine of libcurl, made when the first request is sent: schemas alone never load libcurl.
local function make_engine(given)
  local loaded, transport = pcall(require, "instructor.curl")
  if not loaded then error("the transport instructor.curl cannot be loaded: " .. transport, 0) end
  return core.engine(transport, {
    proxy = given.proxy, ca_file = given.ca_file, cert_file = given.cert_file,
    key_file = given.key_file, user_agent = given.user_agent,
  })
end

--- How the client's calls are driven.
local function runner(given)
  local engine
  if given.transport then
    return function(call, how) return drive.exchange(call, given.transport, how) end
  end
  return function(call, how)
    engine = engine or make_engine(given)
    return drive.engine(call, engine, how)
  end
end

--- Makes a client.
--- @param given instructor.OpenAIOptions
--- @return instructor.Client
local function OpenAI(given)
  if given == nil then given = {} end
  options.check("OpenAI", given, known)
  local row = row_of(given)
  local base_url = given.base_url or row.base_url
  if base_url == nil then
    options.raise(("OpenAI: the provider %s needs a base_url"):format(row.name))
  end
  return client.new {
    provider = row, base_url = base_url, api_key = key_of(given, row), model = given.model,
    headers = headers_of(given), timeout = given.timeout, http_retries = given.http_retries,
    backoff = given.backoff, max_answer = given.max_answer, run = runner(given),
  }
end

return OpenAI

-- The providers: rows that are known, and rows of the user's own, which live in this Lua state.
--
--   instructor.providers.add {
--     name = "acme", base_url = "https://llm.acme.example/v1", key_env = "ACME_KEY",
--     modes = { "TOOLS", "JSON_SCHEMA" }, envelope = "json_object",
--   }
--   local oai = OpenAI { provider = "acme" }

local core = require "instructor.core"
local options = require "instructor.options"
local rules = require "instructor.rules"

local providers = {}

local added = {} -- rows of the user's own, as core.provider_new gives them, in their order

--- @class instructor.Provider
--- @field name string            what `provider =` says, in any letter case
--- @field like? string           the row that all else is taken from: "compatible"
--- @field base_url? string       where it is reached; without one, each client must say
--- @field other_host? string     a second host of the same provider
--- @field key_env? string        environment variable of its key, sent to its own host only
--- @field key_header? string     header of the key; default: Authorization, as a bearer's
--- @field modes? instructor.Mode[] those it takes
--- @field default_mode? instructor.Mode
--- @field envelope? "json_schema"|"bare_schema"|"json_object" how JSON_SCHEMA wraps the schema
--- @field strict? "always"|"if_possible"|"never" OpenAI's strict rules, in "json_schema"
--- @field tool_choice? "named"|"any"|"required" how TOOLS says that our tool must be called
--- @field limits? instructor.SchemaLimits of what JSON_SCHEMA may send
--- @field schema_in_prompt? boolean JSON_SCHEMA: the model is not shown the schema but by us
--- @field bare_root? boolean     the schema's root must not say additionalProperties
--- @field extra_body? table      goes into the body beneath the user's parameters
--- @field ignores? string[]      parameters it ignores in silence: create refuses them

--- @class instructor.Row: instructor.Provider what clients are made of, and the core
--- @field row userdata           the core's own
--- @field extra_body? string     as JSON text

--- @class instructor.SchemaLimits
--- @field properties? integer of all objects together
--- @field levels? integer     of objects in objects
--- @field values? integer     of all enums together
--- @field enum_text? integer  bytes of one enum of more than 250 texts
--- @field text? integer       bytes of all names and enum values together

-- ---- finding ------------------------------------------------------------------------------------

--- The row of that name, in any letter case; nil: there is none.
--- @param name string
--- @return instructor.Row?
function providers.find(name)
  for _, row in ipairs(added) do
    if row.name:lower() == name:lower() then return row end
  end
  return core.provider(name)
end

local function added_for(url)
  for _, row in ipairs(added) do
    if core.provider_is_host(row.row, url) then return row end
  end
end

--- The row whose host is exactly that of the URL; else "compatible".
--- @param url string
--- @return instructor.Row
function providers.for_url(url)
  return added_for(url) or core.provider_for_url(url)
end

--- The names of all rows: those that are known, then those that were added.
--- @return string[]
function providers.list()
  local names = core.providers()
  for _, row in ipairs(added) do names[#names + 1] = row.name end
  return names
end

--- A copy of a row, in the spelling that providers.add takes; nil: there is none of that name.
--- @param name string
--- @return instructor.Provider?
function providers.get(name)
  if type(name) ~= "string" then
    options.raise("providers.get takes a name, not " .. options.type_of(name))
  end
  local row, copy = providers.find(name), {}
  if row == nil then return nil end
  for key, value in pairs(row) do
    if type(value) == "table" then
      local list = {}
      for inner, item in pairs(value) do list[inner] = item end
      value = list
    end
    copy[key] = value
  end
  copy.extra_body = row.extra_body and (core.decode(row.extra_body))
  copy.row = nil
  return copy
end

-- ---- adding -------------------------------------------------------------------------------------

--- A rule for options.check: the name of a row.
function providers.check_name(value)
  if type(value) ~= "string" then return "takes a name, not a " .. type(value) end
  if providers.find(value) == nil then
    return ("knows no %q; there are: %s"):format(value, table.concat(providers.list(), ", "))
  end
end

local function check_new_name(value)
  if type(value) ~= "string" or not value:find "^%a[%w_.-]*$" then
    return 'takes a word such as "acme", not ' .. options.shown(value)
  end
  if providers.find(value) then return ("is taken: there is a provider %s"):format(value) end
end

local function pattern(form, what)
  return function(value)
    if type(value) ~= "string" or not value:find(form) then
      return ("takes %s, not %s"):format(what, options.shown(value))
    end
  end
end

--- A rule: one of these words.
local function one_of(words)
  local known = {}
  for _, word in ipairs(words) do known[word] = true end
  return function(value)
    if known[value] then return nil end
    local list = '"' .. table.concat(words, '", "') .. '"'
    return ("takes one of %s, not %s"):format(list, options.shown(value))
  end
end

local modes = {}
for _, mode in ipairs(core.modes) do modes[mode:lower()] = mode end

local function check_mode(value)
  if type(value) == "string" and modes[value:lower()] then return nil end
  return ("takes modes such as \"TOOLS\" (there are: %s), not %s")
    :format(table.concat(core.modes, ", "), options.shown(value))
end

--- A rule: a list, each item as `rule` says.
local function list_of(rule, may_be_empty)
  return function(value)
    local empty = type(value) == "table" and next(value) == nil
    if type(value) ~= "table" or (value[1] == nil and not (empty and may_be_empty)) then
      return "takes a list, not " .. options.shown(value)
    end
    for _, item in ipairs(value) do
      local wrong = rule(item)
      if wrong then return wrong end
    end
  end
end

local limit_names = { properties = options.count, levels = options.count,
  values = options.count, enum_text = options.count, text = options.count }

local function check_limits(value)
  if type(value) ~= "table" then return "takes a table, as in { properties = 100 }" end
  options.check("providers.add: limits", value, limit_names)
end

local token = pattern("^[%w_-]+$", "the name of a header")

local known = {
  name = check_new_name, like = providers.check_name, base_url = rules.url,
  other_host = pattern("^[%w.-]+$", 'a host such as "eu.acme.example"'),
  key_env = pattern("^[%a_][%w_]*$", "the name of an environment variable"),
  key_header = token, modes = list_of(check_mode), default_mode = check_mode,
  envelope = one_of(core.envelopes), strict = one_of(core.strictnesses),
  tool_choice = one_of(core.tool_choices), limits = check_limits, schema_in_prompt = "boolean",
  bare_root = "boolean", extra_body = "table",
  ignores = list_of(pattern("^%S+$", "names of parameters"), true),
}

-- What makes a row that provider and no other is never taken over.
local own = { name = true, base_url = true, other_host = true, key_env = true, row = true }

local function has(list, wanted)
  for _, item in ipairs(list) do
    if item == wanted then return true end
  end
  return false
end

local function spelled(list)
  local out = {}
  for i, mode in ipairs(list) do out[i] = modes[mode:lower()] end
  return out
end

--- The whole row: what is given over what it is like.
local function filled(given)
  local row = {}
  for key, value in pairs(providers.find(given.like or "compatible")) do
    if not own[key] then row[key] = value end
  end
  for key, value in pairs(given) do row[key] = value end
  row.modes, row.like = spelled(row.modes), nil
  row.default_mode = row.default_mode:upper()
  if given.default_mode == nil and not has(row.modes, row.default_mode) then
    row.default_mode = row.modes[1]
  end
  if given.extra_body then row.extra_body = core.encode(given.extra_body) end
  return row
end

--- Two rows of one host could not be told apart, nor whose key it is.
local function check_host(url, what)
  local row = url and providers.for_url(url)
  if row and row.name ~= "compatible" then
    options.raise(("providers.add: %s has the host of the provider %s"):format(what, row.name))
  end
end

--- Adds a row.  It is chosen by its name, or by the host of its base_url unless that is a loopback
--- host.  Raises for a name or a host that is taken.
--- @param given instructor.Provider
function providers.add(given)
  options.check("providers.add", given, known)
  if given.name == nil then options.raise 'providers.add needs a name, as in name = "acme"' end
  check_host(given.base_url, "base_url")
  check_host(given.other_host and "https://" .. given.other_host, "other_host")
  added[#added + 1] = options.blame("providers.add: ", core.provider_new, filled(given))
end

return providers

--[[
How much of a case counts.  In: a case.  Out: whether it is run, what of it is compared, and the
reason why that is not all.  Everything is decided from the case's content, never from its name.
]]

local core = require "instructor.core"
local schema = require "spec.vectors.schema"
local streams = require "spec.vectors.streams"

local scope = {}

--- @class spec.vectors.scope
--- @field run boolean
--- @field first_only boolean  of the requests, only the first is compared
--- @field outcome boolean     is the value or the error compared, and the number of requests?
--- @field raises? string      the call must raise, and say this
--- @field reason? string      why not all is compared

local modes = { TOOLS = true, FUNCTIONS = true, JSON_SCHEMA = true, JSON = true, MD_JSON = true,
  THINKING_MD_JSON = true }

-- ---- providers -------------------------------------------------------------------------------

local function host_of(url) return url and url:match "^%a+://([^/:]+)" end

local function row_of_host(host)
  for _, name in ipairs(core.providers()) do
    if host_of(core.provider(name).base_url) == host then return name end
  end
end

-- Calls `look` with each segment of the base path that is a host.
local function find_host(case, look)
  local path = case.client and case.client.base_path or ""
  for segment in path:gmatch "[^/]+" do
    local found = segment:find "^[%w%-]+%.[%w%.%-]*%a%a$" and look(segment)
    if found then return found end
  end
end

--- The provider whose host stands in the base path of a case; nil: none of ours.
---@param case table
---@return string?
function scope.provider(case)
  return find_host(case, row_of_host)
end

-- ---- what is not run -------------------------------------------------------------------------

local function unknown_host(host)
  return not row_of_host(host) and "provider not there yet: " .. host
end

local quirks -- what of a case stands, by tag

local function unknown_quirk(case)
  for _, tag in ipairs(case.quirks or {}) do
    if quirks[tag] == nil then return "quirk " .. tag end
  end
end

local function mode_reason(case)
  local own = case.mode == nil and case.schema ~= nil
  return own and "design: without a mode the provider's own is used" or nil
end

-- The first that answers decides.
local obstacles = {
  mode_reason,
  function(case)
    return case.options and case.options.retryAllErrors and "design: retryAllErrors is not ours"
  end,
  function(case) return find_host(case, unknown_host) end,
  function(case) return case.schema and schema.missing(case.schema) end,
  unknown_quirk,
}

-- ---- what is compared in part ----------------------------------------------------------------

-- true: all of the case stands, and where the reference errs, requests.lua expects what the design
-- says instead.  false: the first request stands, what follows does not.
quirks = {
  meta_in_reask = true,           -- our turns are checked: the answer as it came, without _meta
  dangling_ref = true,            -- meaning.lua knows where they were to lead
  null_literal_schema = true,     -- envelopes.lua puts right what was recorded
  user_tool_fields_dropped = true, -- envelopes.lua expects the caller's tools as they are
  parameter_leaks = true,         -- such a call must raise, see below
  broken_json_not_retried = false,
  broken_json_no_feedback = false,
  stale_feedback_resent = false,
  meta_injected_before_validation = false,
  non_object_answer_spread_into_object = false,
  strict_fence_only = false,
  backticks_end_block = false,
  letter_z_ends_thinking = false,
  request_cannot_be_serialised = false,
}

--- spec/quirks_spec.lua asserts for each of these tags what is done instead.
scope.quirks = {}
for tag, stands in pairs(quirks) do scope.quirks[tag] = stands end

-- Of streams all stands: streams.lua knows which recorded partials are wrong, and what is right.
local of_streams = { stream_ends_silently = true, characters_dropped = true,
  final_partial_not_valid_although_answer_is = true, root_array_becomes_object = true,
  stream_values_not_transformed = true }
for tag in pairs(of_streams) do quirks[tag] = true end

local function quirk_reason(case)
  if streams.is(case) then return nil end
  for _, tag in ipairs(case.quirks or {}) do
    if quirks[tag] == false then return "quirk " .. tag .. " (first request compared)" end
  end
end

local function header(response, name)
  for key, value in pairs(response.headers or {}) do
    if key:lower() == name then return value end
  end
end

local again = { [408] = true, [409] = true, [429] = true }

-- Would the HTTP layer send the request again?
local function is_retryable(response)
  local said = header(response, "x-should-retry")
  if said == "true" or said == "false" then return said == "true" end
  return again[response.status] or response.status >= 500
end

-- The reference gave up where our max_retries still goes on.
local function is_lifted(case)
  local last = case.responses[#case.requests]
  local client = case.client and case.client.max_retries or 0
  return case.schema ~= nil and last ~= nil and is_retryable(last)
    and (case.params.max_retries or 0) > client
end

-- The names an answer calls; nil where it calls none.
local function called_names(response)
  local body = response.body
  local choice = type(body) == "table" and type(body.choices) == "table" and body.choices[1]
  local message = choice and choice.message
  if type(message) ~= "table" then return nil end
  local names, any = {}, false
  local calls = type(message.tool_calls) == "table" and message.tool_calls or {}
  local function add(call)
    if type(call) == "table" and call.name then names[call.name], any = true, true end
  end
  for _, call in ipairs(calls) do add(call["function"]) end
  add(message.function_call)
  return any and names or nil
end

local function asked_name(request)
  local choice = request.function_call or (request.tool_choice or {})["function"]
  return choice and choice.name
end

-- Does an answer call another tool than the one asked for?
local function calls_another(case)
  local name = case.requests[1] and asked_name(case.requests[1])
  for _, response in ipairs(name and case.responses or {}) do
    local names = called_names(response)
    if names and not names[name] then return true end
  end
  return false
end

local function is_retried_timeout(case)
  local given = case.request_options
  return given ~= nil and given.timeout ~= nil and #case.requests > 1
end

-- Beside these, the first request is compared.
local limits = {
  quirk_reason,
  function(case)
    return is_lifted(case) and "design: max_retries lifts HTTP retries (first request compared)"
  end,
  function(case)
    return calls_another(case)
      and "design: a call is read by its tool's name (first request compared)"
  end,
  function(case)
    return is_retried_timeout(case) and "design: a timeout covers the whole call"
  end,
}

-- ---- what must raise -------------------------------------------------------------------------

local function is_count(value) return type(value) == "number" and value >= 0 and value % 1 == 0 end

-- Is the case's mode one that its provider's row does not take?
local function is_refused(case)
  local row = scope.provider(case)
  if row == nil or case.mode == nil then return false end
  for _, mode in ipairs(core.provider(row).modes) do
    if mode == case.mode then return false end
  end
  return true
end

-- Does the case's provider hold all answers to strict schemas, which cannot express this one?
local function is_inexpressible(case)
  local row = scope.provider(case)
  if row == nil or case.schema == nil or case.mode ~= "JSON_SCHEMA" then return false end
  if core.provider(row).strict ~= "always" then return false end
  return schema.any(case.schema, function(node) return node.type == "record" end)
end

-- What the message of the mistake must say.
local function mistake(case)
  local retries = case.params.max_retries
  if case.mode ~= nil and not modes[case.mode] then
    return "does not take the mode " .. case.mode, "design: a mode that is none raises (checked)"
  elseif is_refused(case) then
    return "does not take the mode", "design: an unsupported pair is refused (checked)"
  end
  if is_inexpressible(case) then
    return "a strict schema cannot express the record",
      "design: what a strict schema cannot express is refused (checked)"
  end
  if retries == nil then return nil end
  if case.schema == nil then
    return "max_retries", "design: our options without a response_model raise (checked)"
  elseif not is_count(retries) then
    return "max_retries", "design: a mistake in an option raises (checked)"
  end
end

local function first_of(rules, case)
  for _, rule in ipairs(rules) do
    local reason = rule(case)
    if reason then return reason end
  end
end

--- What of a case is compared.
---@param case table
---@return spec.vectors.scope
function scope.of(case)
  local reason = first_of(obstacles, case)
  if reason then return { run = false, first_only = true, outcome = false, reason = reason } end
  local raises, why = mistake(case)
  if raises then
    return { run = true, first_only = true, outcome = false, raises = raises, reason = why }
  end
  reason = first_of(limits, case)
  local whole = reason == nil
  return { run = true, first_only = not whole, outcome = whole, reason = reason }
end

return scope

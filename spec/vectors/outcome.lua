--[[
What came of a case.  In: a case and its record.  Out: differences.
A value is compared with the recorded one less _meta.  An error is compared by its kind, and by the
places of its issues: theirs count from 0, ours from 1.  A message is compared where the schema
words it.  Token counts are summed over all attempts, as the design says; the last attempt's are
those recorded.
]]

local json = require "spec.vectors.json"
local schema = require "spec.vectors.schema"
local zod3 = require "spec.vectors.zod3"

local outcome = {}

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

-- ---- values ----------------------------------------------------------------------------------

local usage_names = {
  prompt_tokens = "input_tokens", completion_tokens = "output_tokens",
  total_tokens = "total_tokens",
}

local function compare_usage(list, where, expected, got)
  for theirs, ours in pairs(usage_names) do
    local count, wanted = got and got[ours], expected[theirs] or 0 -- not given counts as none
    if wanted ~= (count or 0) then add(list, where .. "." .. ours, wanted, count) end
  end
end

-- Over all answers that were given out.
local function summed(case)
  local sum = {}
  for i = 1, #case.requests do
    local body = case.responses[i] and case.responses[i].body
    local usage = type(body) == "table" and type(body.usage) == "table" and body.usage or {}
    for name in pairs(usage_names) do
      if type(usage[name]) == "number" then sum[name] = (sum[name] or 0) + usage[name] end
    end
  end
  return sum
end

local function compare_value(list, case, record)
  local expected = case.result
  if case.schema then expected = json.without(expected, "_meta") end
  if not json.equal(expected, record.value) then add(list, "value", expected, record.value) end
  if not case.schema then return end
  local recorded = case.result._meta and case.result._meta.usage or {}
  local attempts = record.meta.attempts
  compare_usage(list, "usage of the last attempt", recorded, attempts[#attempts].usage)
  compare_usage(list, "usage", summed(case), record.meta.usage)
end

-- ---- errors ----------------------------------------------------------------------------------

local function kinds(...)
  local set = {}
  for i = 1, select("#", ...) do set[(select(i, ...))] = true end
  return set
end

local http = kinds "http"

-- Our kinds for a class of theirs.
local kinds_of = {
  ZodError = kinds "validation",
  SyntaxError = kinds("json", "no_answer", "incomplete", "refusal", "content_filter"),
  FetchError = kinds "protocol",
  APIError = http, BadRequestError = http, AuthenticationError = http,
  PermissionDeniedError = http, NotFoundError = http, ConflictError = http,
  UnprocessableEntityError = http, RateLimitError = http, InternalServerError = http,
  APIConnectionTimeoutError = kinds "timeout",
  APIConnectionError = kinds "network",
  APIUserAbortError = kinds "cancelled",
}

local function written(path, base)
  local steps = {}
  for i, step in ipairs(path) do
    steps[i] = type(step) == "number" and ("[%d]"):format(step + base) or tostring(step)
  end
  return table.concat(steps, ".")
end

--- The places of a list of issues, each once, as a text; `base` makes places that count from 0
--- ours.
---@param issues table[]?
---@param base 0|1
---@return string
function outcome.places_of(issues, base)
  local set, list = {}, {}
  for _, issue in ipairs(issues or {}) do set[written(issue.path, base)] = true end
  for place in pairs(set) do list[#list + 1] = place end
  table.sort(list)
  return table.concat(list, ", ")
end

local function has_issue(issues, place, message)
  for _, issue in ipairs(issues or {}) do
    if written(issue.path, 0) == place and issue.message == message then return true end
  end
  return false
end

local function compare_issues(list, case, err)
  local issues = zod3.expected(case.schema, case.error.issues)
  local expected, got = outcome.places_of(issues, 1), outcome.places_of(err.issues, 0)
  if expected ~= got then add(list, "places of issues", expected, got) end
  local worded = schema.messages(case.schema)
  for _, issue in ipairs(case.error.issues) do
    local place = written(issue.path, 1)
    if worded[issue.message] and not has_issue(err.issues, place, issue.message) then
      add(list, "message at " .. place, issue.message, tostring(err))
    end
  end
end

local function compare_http(list, case, err)
  local expected = case.error
  if expected.status ~= err.status then add(list, "status", expected.status, err.status) end
  local code = type(expected.code) == "string" and expected.code or expected.type
  if type(code) == "string" and code ~= err.code then add(list, "code", code, err.code) end
  local words = type(expected.body) == "table" and expected.body.message
  if type(words) == "string" and not err.message:find(words, 1, true) then
    add(list, "message", words, err.message)
  end
end

-- What came, for people.
local function came_of(record)
  return record.raised or record.err and tostring(record.err) or record.value
end

--- Compares the error of a case.
---@param list spec.vectors.differences differences are added here
---@param case table
---@param record spec.vectors.record
function outcome.compare_error(list, case, record)
  local class = case.error.class
  if class == "TypeError" and #case.requests == 0 then
    if not record.raised then add(list, "outcome", "a mistake that raises", came_of(record)) end
    return
  end
  local wanted, err = kinds_of[class], record.err
  if not (err and wanted and wanted[err.kind]) then
    return add(list, "outcome", case.error, came_of(record))
  end
  if class == "ZodError" then compare_issues(list, case, err) end
  if wanted == http then compare_http(list, case, err) end
end

-- ---- both ------------------------------------------------------------------------------------

local function compare_unused(list, case, record)
  local unused = #case.responses - #record.requests
  local expected = case.unused_responses or 0
  if unused ~= expected then add(list, "answers left over", expected, unused) end
end

--- Compares what came of a case.
---@param case table
---@param record spec.vectors.record
---@return spec.vectors.differences
function outcome.differences(case, record)
  local list = {}
  if case.error then
    outcome.compare_error(list, case, record)
  elseif record.value == nil then
    add(list, "outcome", case.result, came_of(record))
  else
    compare_value(list, case, record)
  end
  compare_unused(list, case, record)
  return list
end

--- Compares a call that must raise before any request.
---@param record spec.vectors.record
---@param words string what the message must hold
---@return spec.vectors.differences
function outcome.mistake_differences(record, words)
  local list = {}
  if not (record.raised and record.raised:find(words, 1, true)) then
    add(list, "outcome", "a mistake that raises and names " .. words, came_of(record))
  end
  if #record.requests > 0 then add(list, "number of requests", 0, #record.requests) end
  return list
end

return outcome

--[[
The validator alone, on what Zod 3 made of the same.  In: a case.  Out: its differences, in verdict,
data and the places of issues (texts are Zod 3's).  Where our validator, which is Zod 4's, means
something else, that stands in `otherwise` with its reason, told from the case's content.
]]

local json = require "spec.vectors.json"
local outcome = require "spec.vectors.outcome"
local schema = require "spec.vectors.schema"

local validation = {}

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

-- ---- what we mean otherwise ------------------------------------------------------------------

local function has_enum_keys(node)
  local kinds = { enum = true, nativeEnum = true, literal = true }
  return node.type == "record" and node.key ~= nil and kinds[node.key.type]
end

local function is_refused_key(issue)
  return issue.code == "invalid_enum_value" and issue.received == issue.path[#issue.path]
end

local function has_refused_key(case)
  for _, issue in ipairs(case.issues or {}) do
    if is_refused_key(issue) then return true end
  end
  return false
end

local function is_missing_coerced(case)
  if case.schema.type ~= "object" or json.kind(case.input) ~= "object" then return false end
  for _, field in ipairs(case.schema.fields) do
    if field[2].coerce and case.input[field[1]] == nil then return true end
  end
  return false
end

-- Each changes the issues that are expected; false: their places are not compared.
--- @type { why: string, applies: (fun(case: table): any), change: fun(issue: table): table|false }[]
local otherwise = {
  {
    why = "Zod 4: a key that is none of a record's enum is told at the record",
    applies = function(case)
      return schema.any(case.schema, has_enum_keys) and has_refused_key(case)
    end,
    change = function(issue)
      if not is_refused_key(issue) then return issue end
      local path = issue.path
      return { path = { (table.unpack or unpack)(path, 1, #path - 1) } } -- luacheck: ignore
    end,
  },
  {
    why = "Zod 4: a field that is converted must be there (verdict compared)",
    applies = is_missing_coerced,
    change = function() return false end,
  },
}

-- The issues to expect, or nil where their places are not compared; and the reason.
local function expected_of(case)
  for _, rule in ipairs(otherwise) do
    if rule.applies(case) then
      local issues = {}
      for i, issue in ipairs(case.issues or {}) do
        issues[i] = rule.change(issue)
        if not issues[i] then return nil, rule.why end
      end
      return issues, rule.why
    end
  end
  return case.issues
end

-- ---- comparing -------------------------------------------------------------------------------

-- Text tells nothing of nil, which an absent field would be in a Lua table.
local function compare(case)
  local list = {}
  local issues, why = expected_of(case)
  local value, err = schema.build(case.schema):try_json(json.encode(case.input))
  if (err == nil) ~= (case.issues == nil) then
    add(list, "verdict", case.issues or case.output, err and err.issues or value)
  elseif err == nil then
    if not json.equal(case.output, value) then add(list, "data", case.output, value) end
  elseif issues then
    local expected, got = outcome.places_of(issues, 1), outcome.places_of(err.issues, 0)
    if expected ~= got then add(list, "places of issues", expected, got) end
  end
  return list, why
end

--- A file is a list of cases.
function validation.cases(read) return read end

--- Runs one case.
---@param case table
---@return spec.vectors.differences
---@return string? reason
function validation.run(case)
  local missing = schema.missing(case.schema)
  if missing then return {}, missing end
  return compare(case)
end

return validation

--[[
The validator alone, on what Zod 3 made of the same.  In: a case.  Out: its differences, in verdict,
data and the places of issues (texts are Zod 3's).  Where our validator, which is Zod 4's, means
something else, zod3.lua says so.
]]

local json = require "spec.vectors.json"
local outcome = require "spec.vectors.outcome"
local schema = require "spec.vectors.schema"
local zod3 = require "spec.vectors.zod3"

local validation = {}

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

-- ---- comparing -------------------------------------------------------------------------------

-- Text tells nothing of nil, which an absent field would be in a Lua table.
local function compare(case)
  local list = {}
  local issues, why = zod3.expected(case.schema, case.issues, case.input)
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

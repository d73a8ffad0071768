--[[
Where our validator, which is Zod 4's, means something else than Zod 3, which made the vectors.
In: a schema and the issues that were recorded.  Out: those to expect instead, and why.  Everything
is told from the content.
]]

local json = require "spec.vectors.json"
local schema = require "spec.vectors.schema"

local zod3 = {}

local function has_enum_keys(node)
  local kinds = { enum = true, nativeEnum = true, literal = true }
  return node.type == "record" and node.key ~= nil and kinds[node.key.type]
end

local function is_refused_key(issue)
  return issue.code == "invalid_enum_value" and issue.received == issue.path[#issue.path]
end

local function has_refused_key(issues)
  for _, issue in ipairs(issues) do
    if is_refused_key(issue) then return true end
  end
  return false
end

local function is_missing_coerced(node, input)
  if node.type ~= "object" or json.kind(input) ~= "object" then return false end
  for _, field in ipairs(node.fields) do
    if field[2].coerce and input[field[1]] == nil then return true end
  end
  return false
end

-- Each changes the issues that are expected; false: their places are not compared.
--- @type { why: string, applies: function, change: fun(issue: table): table|false }[]
local otherwise = {
  {
    why = "Zod 4: a key that is none of a record's enum is told at the record",
    applies = function(node, issues)
      return schema.any(node, has_enum_keys) and has_refused_key(issues)
    end,
    change = function(issue)
      if not is_refused_key(issue) then return issue end
      local path = issue.path
      return { path = { (table.unpack or unpack)(path, 1, #path - 1) } } -- luacheck: ignore
    end,
  },
  {
    why = "Zod 4: a field that is converted must be there (verdict compared)",
    applies = function(node, _, input) return is_missing_coerced(node, input) end,
    change = function() return false end,
  },
}

--- The issues to expect of a schema, and the reason where they are not those that were recorded;
--- nil where their places are not compared.
---@param node table of the notation
---@param issues? table[] as recorded
---@param input? any what was parsed, where it is known
---@return table[]?
---@return string? reason
function zod3.expected(node, issues, input)
  for _, rule in ipairs(otherwise) do
    if rule.applies(node, issues or {}, input) then
      local changed = {}
      for i, issue in ipairs(issues or {}) do
        changed[i] = rule.change(issue)
        if not changed[i] then return nil, rule.why end
      end
      return changed, rule.why
    end
  end
  return issues
end

return zod3

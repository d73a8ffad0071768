--[[
The predicates, transforms and error functions that the golden vectors of Zod name, in Lua.  In: a
name and its arguments.  Out: a function for refine, transform or a message; nil for a name that is
not known.  What is no text, list or object is handled as the vectors' README says.
]]

local json = require "spec.vectors.json"

local code = {}

local null = json.null

local function is_object(v)
  local kind = json.kind(v)
  return kind == "object" or kind == "empty"
end

local function field(v, key)
  if is_object(v) then return v[key] end
  return nil
end

local function is_list(v)
  local kind = json.kind(v)
  return kind == "list" or kind == "empty"
end

local function copied(v)
  local copy = {}
  for key, item in pairs(v) do copy[key] = item end
  return copy
end

local function trimmed(text) return (text:gsub("^%s+", ""):gsub("%s+$", "")) end

-- ---- predicates ------------------------------------------------------------------------------

local predicates = {
  always_true = function() return true end,
  always_false = function() return false end,
  even = function(v) return v % 2 == 0 end,
  len_even = function(v) return #v % 2 == 0 end,
  nonblank = function(v) return v:find "[^ \t\r\n]" ~= nil end,
  has_upper = function(v) return v:find "[A-Z]" ~= nil end,
  has_digit = function(v) return v:find "[0-9]" ~= nil end,
  no_spaces = function(v) return not v:find(" ", 1, true) end,
  equals = function(v, x) return v == x end,
  not_equals = function(v, x) return v ~= x end,
  fields_equal = function(v, a, b) return field(v, a) == field(v, b) end,
  field_lte = function(v, a, b)
    local x, y = field(v, a), field(v, b)
    return type(x) == "number" and type(y) == "number" and x <= y
  end,
  any_field = function(v, ...)
    for i = 1, select("#", ...) do
      if field(v, (select(i, ...))) ~= nil then return true end
    end
    return false
  end,
  unique_items = function(v)
    local seen = {}
    for _, item in ipairs(v) do
      if seen[item] then return false end
      seen[item] = true
    end
    return true
  end,
  sum_lte = function(v, n)
    local sum = 0
    for _, item in ipairs(v) do sum = sum + item end
    return sum <= n
  end,
  min_keys = function(v, n)
    local count = 0
    for _ in pairs(v) do count = count + 1 end
    return count >= n
  end,
  is_string = function(v) return type(v) == "string" end,
  is_number = function(v) return type(v) == "number" end,
}

-- ---- transforms ------------------------------------------------------------------------------

local function split(text, separator)
  local parts, at = {}, 1
  if text == "" then return json.decode "[]" end
  while true do
    local from, to = text:find(separator, at, true)
    if from == nil then break end
    parts[#parts + 1], at = text:sub(at, from - 1), to + 1
  end
  parts[#parts + 1] = text:sub(at)
  return parts
end

local function json_parse(v)
  if type(v) ~= "string" then return v end
  local well, read = pcall(json.decode, v)
  if well then return read end
  return v
end

local function int_or_issue(issue)
  return function(v, context)
    if v:find "^%-?[0-9]+$" then return tonumber(v) end
    context:add_issue(issue)
    return v
  end
end

local function to_number(v)
  local number = type(v) == "string" and (v:find "^%-?[0-9]+$" or v:find "^%-?[0-9]+%.[0-9]+$")
  return number and tonumber(v) or v
end

local function to_string(v)
  local kind = type(v)
  if kind ~= "number" and kind ~= "boolean" then return v end
  return json.encode(v)
end

local transforms = {
  identity = function(v) return v end,
  const = function(_, _, x) return x end,
  upper = function(v) return v:upper() end,
  lower = function(v) return v:lower() end,
  trim = trimmed,
  length = function(v) return #v end,
  to_number = to_number,
  to_string = to_string,
  add = function(v, _, n) return v + n end,
  multiply = function(v, _, n) return v * n end,
  negate = function(v) return -v end,
  split = function(v, _, separator) return split(v, separator) end,
  join = function(v, _, separator) return table.concat(v, separator) end,
  json_parse = json_parse,
  get = function(v, _, key) return field(v, key) end,
  wrap = function(v, _, key) return { [key] = v } end,
  to_array = function(v) return is_list(v) and v or { v } end,
  append = function(v, _, s) return v .. s end,
  null_to_absent = function(v) if v ~= null then return v end end,
  absent_to = function(v, _, x) if v == nil then return x end return v end,
  rename = function(v, _, from, to)
    if not is_object(v) or v[from] == nil then return v end
    local copy = copied(v)
    copy[to], copy[from] = copy[from], nil
    return copy
  end,
  keys_sorted = function(v)
    local keys = {}
    for key in pairs(v) do keys[#keys + 1] = key end
    table.sort(keys)
    return keys
  end,
  int_or_issue = int_or_issue { code = "custom", message = "Not an integer string" },
  int_or_issue_str = int_or_issue "plain text issue",
}

-- ---- messages --------------------------------------------------------------------------------

local errors = {
  required_or_type = function(issue)
    return issue.input == nil and "Required" or "Expected " .. tostring(issue.expected)
  end,
  code = function(issue) return "code=" .. issue.code end,
  minimum = function(issue)
    return issue.code == "too_small" and "Need " .. json.encode(issue.minimum) or nil
  end,
  pass = function() return nil end,
  only_too_big = function(issue)
    return issue.code == "too_big" and { message = "Shrink it" } or nil
  end,
}

local unpack = table.unpack or unpack -- luacheck: ignore

--- A verdict, by name and arguments.
---@param name string
---@param args? any[]
---@return (fun(value: any): boolean)?
function code.predicate(name, args)
  local fn = predicates[name]
  return fn and function(v) return fn(v, unpack(args or {})) end
end

--- A new value, by name and arguments.
---@param name string
---@param args? any[]
---@return (fun(value: any, context: table?): any)?
function code.transform(name, args)
  local fn = transforms[name]
  return fn and function(v, context) return fn(v, context, unpack(args or {})) end
end

--- A message function by name.
---@param name string
---@return function?
function code.error(name) return errors[name] end

return code

--[[
The predicates and transforms that the notation of the vectors names, in Lua.  In: a value that fits
its schema's type.  Out: a verdict, or a new value.  Upper and lower case are ASCII's.
]]

local json = require "spec.vectors.json"

local code = {}

local function trimmed(text) return (text:gsub("^%s+", ""):gsub("%s+$", "")) end

-- How JavaScript counts a text: a character beyond U+FFFF is two.
local function length(text)
  local count = 0
  for byte in text:gmatch("[^\128-\191]") do count = count + (byte:byte() >= 0xF0 and 2 or 1) end
  return count
end

local function split_comma(text)
  local parts = {}
  for part in (text .. ","):gmatch("([^,]*),") do parts[#parts + 1] = part end
  return parts
end

local function sum(list, amount)
  local total = 0
  for _, item in ipairs(list or {}) do total = total + amount(item) end
  return total
end

--- Verdicts, for refine.
---@type table<string, fun(value: any): boolean>
code.predicates = {
  uppercase = function(text) return text == text:upper() end,
  has_space = function(text) return text:find(" ", 1, true) ~= nil end,
  even = function(n) return n % 2 == 0 end,
  passwords_match = function(form) return form.password == form.confirm end,
  start_before_end = function(span) return span.start < span["end"] end,
  sum_is_100 = function(mix)
    return sum(mix.parts, function(part) return part.percent end) == 100
  end,
  unique_items = function(list)
    local seen = {}
    for _, item in ipairs(list) do
      if seen[item] then return false end
      seen[item] = true
    end
    return true
  end,
  nonempty_trimmed = function(text) return trimmed(text) ~= "" end,
  total_matches_lines = function(bill)
    local lines = sum(bill.lines, function(line) return line.qty * line.price end)
    return math.abs(lines - bill.total) < 0.005
  end,
}

--- New values, for transform.
---@type table<string, fun(value: any): any>
code.transforms = {
  trim = trimmed,
  lower = function(text) return text:lower() end,
  length = function(value) return type(value) == "string" and length(value) or #value end,
  double = function(n) return n * 2 end,
  split_comma = split_comma,
  to_number = tonumber,
  parse_json_if_string = function(value)
    if type(value) ~= "string" then return value end
    local well, read = pcall(json.decode, value)
    if well then return read end
    return value
  end,
  null_to_empty = function(value) return value == json.null and "" or value end,
  full_name = function(person)
    local whole = {}
    for key, value in pairs(person) do whole[key] = value end
    whole.full = person.first .. " " .. person.last
    return whole
  end,
}

return code

--[[
JSON values of the vectors.  In: texts and files.  Out: Lua tables in which [] and {} stay apart
(cjson alone reads both as {}): an empty list carries instructor.array's mark, an empty object that
of instructor.object, so both can be handed to the library as they are.  null is cjson.null.
]]

local cjson = require "cjson"
local instructor = require "instructor"

local json = {}

local SHOWN = 400 -- bytes of a value quoted in a report
local EMPTY_LIST = "\0[]"
local EMPTY_LIST_TEXT = '["\\u0000[]"]'

json.null = cjson.null

local list_mark = getmetatable(instructor.array())
local object_mark = getmetatable(instructor.object())

-- ---- reading ---------------------------------------------------------------------------------

-- Where the string that begins at `from` ends.
local function end_of_string(text, from)
  local at = from + 1
  while true do
    at = text:find('["\\]', at)
    if at == nil then return #text end
    if text:sub(at, at) == '"' then return at end
    at = at + 2
  end
end

-- The text with a word in every empty list.
local function fill_empty_lists(text)
  local out, at = {}, 1
  while true do
    local from = text:find('["%[]', at)
    if from == nil then break end
    local to = from
    if text:sub(from, from) == '"' then
      to = end_of_string(text, from)
      out[#out + 1] = text:sub(at, to)
    elseif text:find("^%[%s*%]", from) then
      to = select(2, text:find("^%[%s*%]", from))
      out[#out + 1] = text:sub(at, from - 1) .. EMPTY_LIST_TEXT
    else
      out[#out + 1] = text:sub(at, to)
    end
    at = to + 1
  end
  return table.concat(out) .. text:sub(at)
end

-- cjson may read a whole number as a float; Lua 5.3 and later tell them apart.
local integer = math.tointeger or function() end

local function mark(value)
  if type(value) == "number" then return integer(value) or value end
  if type(value) ~= "table" then return value end
  if value[1] == EMPTY_LIST and value[2] == nil then return instructor.array() end
  if next(value) == nil then return instructor.object() end
  for key, item in pairs(value) do value[key] = mark(item) end
  return value
end

--- The value of a JSON text; raises when it is none.
---@param text string
---@return any
function json.decode(text)
  return mark(cjson.decode(fill_empty_lists(text)))
end

--- The value of a file; nil when there is no such file.
---@param path string
---@return any
function json.read(path)
  local file = io.open(path, "rb")
  if file == nil then return nil end
  local text = file:read("*a")
  file:close()
  if text == nil then return nil end -- a folder of that name
  local ok, value = pcall(json.decode, text)
  if not ok then error(path .. " is not JSON: " .. tostring(value), 0) end
  return value
end

-- ---- looking ---------------------------------------------------------------------------------

--- "list", "object", "empty" (a table that does not say what it is), or the Lua type.
---@param value any
---@return string
function json.kind(value)
  if value == json.null then return "null" end
  if type(value) ~= "table" then return type(value) end
  if value[1] ~= nil then return "list" end
  if next(value) ~= nil then return "object" end
  local meta = getmetatable(value)
  return meta == list_mark and "list" or meta == object_mark and "object" or "empty"
end

local function same_kind(a, b)
  if a == b then return true end
  return (a == "empty" and (b == "list" or b == "object"))
    or (b == "empty" and (a == "list" or a == "object"))
end

--- Are two values equal as JSON values?  An empty table of the library's fits [] and {}.
---@param a any
---@param b any
---@return boolean
function json.equal(a, b)
  if not same_kind(json.kind(a), json.kind(b)) then return false end
  if type(a) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not json.equal(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

--- A copy of an object without some of its members.
---@param object table
---@param ... string
---@return table
function json.without(object, ...)
  local copy = instructor.object()
  for key, value in pairs(object) do copy[key] = value end
  for i = 1, select("#", ...) do copy[(select(i, ...))] = nil end
  return copy
end

-- ---- writing ---------------------------------------------------------------------------------

local write

local function write_list(value)
  local parts = {}
  for i, item in ipairs(value) do parts[i] = write(item) end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function write_object(value)
  local keys, parts = {}, {}
  for key in pairs(value) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  for i, key in ipairs(keys) do parts[i] = cjson.encode(key) .. ":" .. write(value[key]) end
  return "{" .. table.concat(parts, ",") .. "}"
end

local writers = {
  list = write_list, object = write_object, empty = write_object,
  null = function() return "null" end,
  number = function(value)
    local whole = value == math.floor(value) and math.abs(value) < 2 ^ 53
    return (whole and "%.0f" or "%.17g"):format(value)
  end,
  string = cjson.encode, boolean = tostring,
}

function write(value)
  return (writers[json.kind(value)] or tostring)(value)
end

--- A value as JSON text, keys sorted.
---@param value any
---@return string
function json.encode(value) return write(value) end

--- The same for people: cut where it is long; nil is "nothing".
---@param value any
---@return string
function json.show(value)
  if value == nil then return "nothing" end
  local text = write(value)
  return #text > SHOWN and text:sub(1, SHOWN) .. "..." or text
end

return json

-- The values Lua has no word for: JSON's null, an empty list, an empty object.

local core = require "instructor.core"

local values = {}

--- JSON's null; the same value as cjson.null.
--- @type lightuserdata
values.null = core.null

local array_mark, object_mark = {}, {} -- the metatables that say what a table is

core.mark(array_mark, "array")
core.mark(object_mark, "object")

local function marked(value, metatable, who)
  if value == nil then value = {} end
  if type(value) ~= "table" then
    error(("instructor.%s takes a table, not a %s"):format(who, type(value)), 3)
  end
  return setmetatable(value, metatable)
end

--- Marks `list` (or a new table) as a list, so that it is written as [] even when empty.
--- @generic T: table
--- @param list? T
--- @return T
function values.array(list)
  return (marked(list, array_mark, "array"))
end

--- Marks `map` (or a new table) as an object, so that it is written as {} even where lists stand.
--- @generic T: table
--- @param map? T
--- @return T
function values.object(map)
  return (marked(map, object_mark, "object"))
end

--- Can JSON hold `text`, that is, is it UTF-8?
--- @param text string
--- @return boolean
function values.is_utf8(text)
  return not text:find "[\128-\255]" or (pcall(core.encode, text))
end

--- `text`, or, where it is not UTF-8, what of it is ASCII.
--- @param text string
--- @return string
function values.utf8(text)
  return values.is_utf8(text) and text or (text:gsub("[\128-\255]", "?"))
end

--- A copy of a value, marks included.  Tables that stand in themselves do so in the copy, and depth
--- costs no stack: people write what they like into a live value.
--- @generic T
--- @param value T
--- @return T
function values.copy(value)
  if type(value) ~= "table" then return value end
  local copies, originals = {}, {}
  local function copy_of(v)
    if type(v) ~= "table" then return v end
    if copies[v] == nil then
      copies[v] = {}
      originals[#originals + 1] = v
    end
    return copies[v]
  end
  local copy, i = copy_of(value), 1
  while originals[i] do
    local original = originals[i]
    local metatable = getmetatable(original)
    for k, v in next, original do copies[original][k] = copy_of(v) end
    if metatable ~= nil and core.is_mark(metatable) then
      setmetatable(copies[original], metatable)
    end
    i = i + 1
  end
  return copy
end

return values

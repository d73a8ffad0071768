-- The values Lua has no word for: JSON's null, an empty list, an empty object.

local core = require "instructor.core"

local values = {}

--- JSON's null; the same value as cjson.null.
--- @type lightuserdata
values.null = core.null

local array_mark, object_mark = {}, {}
core.mark(array_mark, "array")
core.mark(object_mark, "object")

-- lua-cjson's own marks mean here what they mean there, where its version has them.
local has_cjson, cjson = pcall(require, "cjson")
if has_cjson then
  for _, name in ipairs { "array_mt", "empty_array_mt", "empty_array" } do
    if cjson[name] ~= nil then core.mark(cjson[name], "array") end
  end
end

--- Marks `list` (or a new table) as a list, so that it is written as [] even when empty.
--- @generic T: table
--- @param list? T
--- @return T
function values.array(list)
  return setmetatable(list or {}, array_mark)
end

--- Marks `map` (or a new table) as an object, so that it is written as {} even where lists stand.
--- @generic T: table
--- @param map? T
--- @return T
function values.object(map)
  return setmetatable(map or {}, object_mark)
end

return values

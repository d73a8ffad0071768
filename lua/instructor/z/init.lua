-- z: schemas, spelled as Zod spells them, in snake_case.
--
--   local z = require "instructor.z"
--   local User = z.object { age = z.number(), name = z.string() }

local object = require "instructor.z.object"
local options = require "instructor.options"
local scalar = require "instructor.z.scalar"
local schema = require "instructor.z.schema"

--- @class instructor.z
local z = {
  string = scalar.string,
  number = scalar.number,
  int = scalar.int,
  boolean = scalar.boolean,
  null = scalar.null,
  any = scalar.any,
  unknown = scalar.unknown,
  never = scalar.never,
  enum = scalar.enum,
  literal = scalar.literal,
  object = object.object,
  strict_object = object.strict_object,
  loose_object = object.loose_object,
  array = object.array,
  --- Is the value a schema?
  is_schema = schema.is,
}

local function wrap(name)
  z[name] = function(inner, ...)
    schema.expect(inner, "z." .. name)
    return (schema.Schema[name](inner, ...))
  end
end

for _, name in ipairs { "optional", "nullable", "nullish", "pipe", "transform" } do wrap(name) end

-- Zod's words for what Lua or JSON does not have, and what to use.
local instead = {
  date = "JSON has no dates: use z.string() and a transform",
  bigint = "Lua's integers are exact: use z.int()",
  map = "use z.array() of pairs, or an object",
  set = "use z.array()",
  undefined = "a missing value is nil: use :optional()",
}

setmetatable(z, {
  __index = function(_, name)
    local why = instead[name]
    why = why and ": " .. why or options.hint(tostring(name), z)
    options.raise(("there is no z.%s%s"):format(tostring(name), why))
  end,
})

return z

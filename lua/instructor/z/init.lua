-- z: schemas, spelled as Zod spells them, in snake_case.
--
--   local z = require "instructor.z"
--   local User = z.object { age = z.number(), name = z.string() }

local object = require "instructor.z.object"
local options = require "instructor.options"
local scalar = require "instructor.z.scalar"
local schema = require "instructor.z.schema"
require "instructor.z.stream"

--- @class instructor.z
--- @field optional fun(inner: instructor.Schema): instructor.Schema
--- @field nullable fun(inner: instructor.Schema): instructor.Schema
--- @field nullish fun(inner: instructor.Schema): instructor.Schema
--- @field pipe fun(left: instructor.Schema, right: instructor.Schema): instructor.Schema
--- @field transform fun(inner: instructor.Schema, fn: fun(value: any): any): instructor.Schema
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
    schema.expect(inner, "the first argument of z." .. name)
    return (schema.Schema[name](inner, ...))
  end
end

for _, name in ipairs { "optional", "nullable", "nullish", "pipe", "transform" } do wrap(name) end

-- Words for what Lua or JSON does not have, or has under another name, and what to write instead.
local instead = {
  date = "JSON has no dates: use z.string() and a transform",
  bigint = "Lua's integers are exact: use z.int()",
  map = "use z.array() of pairs, or an object",
  set = "use z.array()",
  undefined = "a missing value is nil: use :optional()",
  void = "a missing value is nil: use :optional()",
  symbol = "JSON has no symbols: use z.string()",
  ["function"] = "JSON has no functions",
  func = "JSON has no functions",
  ["nil"] = "a missing value is nil: use :optional(); JSON's null is z.null()",
  ["true"] = "use z.literal(true)",
  ["false"] = "use z.literal(false)",
  integer = "use z.int()",
  float = "use z.number()",
  bool = "use z.boolean()",
  str = "use z.string()",
  text = "use z.string()",
  list = "use z.array()",
  table = "use z.object{ … } or z.array()",
  dict = "use z.object{ … }",
  struct = "use z.object{ … }",
  const = "use z.literal()",
}

setmetatable(z, {
  __index = function(_, name)
    name = tostring(name)
    local why = instead[name] and ": " .. instead[name] or options.hint(name, z)
    options.raise(("there is no z.%s%s"):format(name, why))
  end,
})

return z

-- What stands around another schema: absence, null, defaults, what to do where a value does not
-- fit, and what becomes of it after.

local core = require "instructor.core"
local options = require "instructor.options"
local schema = require "instructor.z.schema"

--- @class instructor.Schema
local Schema = schema.Schema
local expect_self = schema.expect_self

local wrappers = {}

local function wrapper(kind)
  return function(self)
    expect_self(self, kind)
    return (schema.new({ kind = kind, inner = { self } }, self))
  end
end

-- ---- absence and null ---------------------------------------------------------------------------

--- The value may be missing (nil).  JSON's null is not missing.
--- @return instructor.Schema
Schema.optional = wrapper "optional"

--- The value may be JSON's null.
--- @return instructor.Schema
Schema.nullable = wrapper "nullable"

--- The value may be missing or null.
--- @return instructor.Schema
function Schema:nullish()
  expect_self(self, "nullish")
  return (self:nullable():optional())
end

--- The result must be there, whatever the schema inside says.  Null is not missing.
--- @param message? instructor.Message
--- @return instructor.Schema
function Schema:nonoptional(message)
  expect_self(self, "nonoptional")
  return (schema.new({
    kind = "nonoptional", inner = { self }, message = schema.message(message, "nonoptional"),
  }, self))
end

--- The data of a schema of `kind` around `self` that puts `value`, or what it returns, in its
--- place.
local function replacing(self, kind, value)
  expect_self(self, kind)
  if value == nil then options.raise(kind .. " takes a value or a function, not nil") end
  local def = { kind = kind, inner = { self } }
  if type(value) == "function" then
    def.fn = value
  else
    options.blame(kind .. ": ", core.encode, value)
    def.values = { schema.copy(value) }
  end
  return (schema.new(def, self))
end

--- A missing value becomes `value` (or what `value` returns, when it is a function), unchecked.
--- @param value any
--- @return instructor.Schema
function Schema:default(value)
  return (replacing(self, "default", value))
end

--- In the place of a missing value, `value` (or what it returns) goes through the schema.
--- @param value any
--- @return instructor.Schema
function Schema:prefault(value)
  return (replacing(self, "prefault", value))
end

--- A value that does not fit becomes `value`, or what the function makes of it.
--- @param value any|fun(context: instructor.Caught): any
--- @return instructor.Schema
function Schema:catch(value)
  return (replacing(self, "catch", value))
end

-- ---- marks --------------------------------------------------------------------------------------

--- What is inside, marked readOnly in its JSON Schema.  (A Lua table stays changeable.)
--- @return instructor.Schema
Schema.readonly = wrapper "readonly"

--- The same schema: a name for the type checker, which Lua has not.
--- @return instructor.Schema
function Schema:brand()
  expect_self(self, "brand")
  return self
end

-- ---- after -------------------------------------------------------------------------------------

--- The result of this schema goes through `other`.
--- @param other instructor.Schema
--- @return instructor.Schema
function Schema:pipe(other)
  expect_self(self, "pipe")
  schema.expect(other, "the argument of pipe")
  return (schema.new({ kind = "pipe", inner = { self, other } }, self, other))
end

-- ---- looking inside -----------------------------------------------------------------------------

local one_inside = {
  optional = true, nullable = true, nonoptional = true, readonly = true, default = true,
  prefault = true, catch = true, array = true,
}

--- The schema inside a wrapper, or the element of a list.
--- @return instructor.Schema
function Schema:unwrap()
  expect_self(self, "unwrap")
  local def = self.def
  if def.kind == "lazy" then return (schema.target(self)) end
  if not one_inside[def.kind] then
    options.raise(("%s schema has nothing to unwrap"):format(options.article(def.kind)))
  end
  return def.inner[1]
end

-- ---- as functions -------------------------------------------------------------------------------

for _, name in ipairs { "optional", "nullable", "nullish", "nonoptional", "readonly", "default",
  "prefault", "catch", "pipe" } do
  wrappers[name] = schema.as_function(name)
end

return wrappers

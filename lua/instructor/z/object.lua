-- Objects and lists.

local core = require "instructor.core"
local options = require "instructor.options"
local order = require "instructor.z.order"
local schema = require "instructor.z.schema"

--- @class instructor.Schema
local Schema = schema.Schema

--- @alias instructor.Field { [1]: string, [2]: instructor.Schema }
--- @alias instructor.Shape table<string, instructor.Schema>|instructor.Field[]

--- @alias instructor.ObjectMaker
--- | fun(shape: instructor.Shape, message?: instructor.Message): instructor.Schema

local object = {}

-- ---- making -------------------------------------------------------------------------------------

local function by_type_and_value(a, b)
  local x, y = type(a), type(b)
  if x ~= y then return x < y end
  if x == "number" then return a < b end
  return tostring(a) < tostring(b)
end

--- The keys of `shape` in an order of their own, so that a mistake is always told the same.
--- @param shape table
--- @return any[]
function object.keys(shape)
  local keys = {}
  for key in pairs(shape) do keys[#keys + 1] = key end
  table.sort(keys, by_type_and_value)
  return keys
end

local function expect_field(key, value)
  if type(key) ~= "string" then
    options.raise(("the key %s of an object is %s, not a text")
      :format(tostring(key), options.type_of(key)))
  end
  options.blame("the key of a field: ", core.encode, key)
  schema.expect(value, ("the field %q"):format(key))
end

--- Is `shape` the list form, { {"a", schema}, … }?
local function is_list(shape)
  return type(shape[1]) == "table" and not schema.is(shape[1])
end

local function read_list(shape)
  local fields, seen = {}, {}
  for _, i in ipairs(object.keys(shape)) do
    local pair = shape[i]
    if type(i) ~= "number" then
      options.raise(("the field %s stands beside a list of fields: put it into the list")
        :format(tostring(i)))
    end
    if type(pair) ~= "table" or schema.is(pair) or #pair ~= 2 then
      options.raise(("entry %d of the list form is not { name, schema }"):format(i))
    end
    expect_field(pair[1], pair[2])
    if seen[pair[1]] then options.raise(("the field %q stands twice"):format(pair[1])) end
    seen[pair[1]] = true
    fields[#fields + 1] = { pair[1], pair[2] }
  end
  return fields
end

local function read_map(shape)
  local fields = {}
  for _, key in ipairs(object.keys(shape)) do
    expect_field(key, shape[key])
    fields[#fields + 1] = { key, shape[key] }
  end
  return fields
end

local function copy_list(list)
  local copied = {}
  for i, item in ipairs(list) do copied[i] = item end
  return copied
end

--- A new object schema of `shape`, its fields in order; `who` is what messages call the maker.
--- @param shape instructor.Shape
--- @param who string
--- @param unknown_keys? string
--- @param message? string|function
--- @return instructor.Schema
function object.make(shape, who, unknown_keys, message)
  if type(shape) ~= "table" or schema.is(shape) then
    options.raise(("%s takes a table of fields, as in { name = z.string() }, not %s")
      :format(who, schema.is(shape) and "a schema" or options.type_of(shape)))
  end
  local def = { kind = "object", unknown_keys = unknown_keys, message = message }
  local listed = is_list(shape)
  def.fields = listed and read_list(shape) or read_map(shape)
  local made = schema.new(def)
  local reused, first = order.sort(listed and copy_list(def.fields) or def.fields, def)
  def.reused, def.first = not listed and reused or nil, first
  return made
end

local function maker(name, unknown_keys)
  local who = "z." .. name
  return function(shape, message)
    schema.expect_dot(shape, who)
    return (object.make(shape, who, unknown_keys, schema.message(message, who)))
  end
end

--- An object.  Keys it does not declare are dropped.  Fields written in place keep their order;
--- `z.object{ {"a", A}, {"b", B} }` states it exactly.
--- @type instructor.ObjectMaker
object.object = maker("object", nil)

--- An object that refuses keys it does not declare.
--- @type instructor.ObjectMaker
object.strict_object = maker("strict_object", "strict")

--- An object that keeps keys it does not declare.
--- @type instructor.ObjectMaker
object.loose_object = maker("loose_object", "pass")

--- A list of such values.
--- @param element instructor.Schema
--- @param message? instructor.Message
--- @return instructor.Schema
function object.array(element, message)
  schema.expect(element, "the element of z.array")
  return (schema.new({
    kind = "array", inner = { element }, message = schema.message(message, "z.array"),
  }, element))
end

--- A list of such values.
--- @return instructor.Schema
function Schema:array()
  schema.expect_self(self, "array")
  return (schema.new({ kind = "array", inner = { self } }, self))
end

-- ---- reading ------------------------------------------------------------------------------------

--- Raises unless `self` is an object schema.
--- @param self any
--- @param name string of the method
function object.expect(self, name)
  schema.expect_self(self, name)
  if self.def.kind == "object" then return end
  options.raise(("%s schema has no %s"):format(options.article(self.def.kind), name))
end

--- The schemas of an object's fields, by name (a copy).
--- @param self instructor.Schema
--- @return table<string, instructor.Schema>
function object.shape(self)
  object.expect(self, "shape")
  local shape = {}
  for _, field in ipairs(self.def.fields) do shape[field[1]] = field[2] end
  return shape
end

schema.readers.shape = object.shape

--- What an array's items are.
function schema.readers.element(self)
  return self.def.kind == "array" and self.def.inner[1] or nil
end

return object

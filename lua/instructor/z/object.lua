-- Objects and lists.

local core = require "instructor.core"
local options = require "instructor.options"
local order = require "instructor.z.order"
local schema = require "instructor.z.schema"

local Schema = schema.Schema

--- @alias instructor.Field { [1]: string, [2]: instructor.Schema }
--- @alias instructor.Shape table<string, instructor.Schema>|instructor.Field[]

local object = {}

local unpack = table.unpack or unpack -- luacheck: ignore 143

-- ---- making -------------------------------------------------------------------------------------

local function by_type_and_value(a, b)
  local x, y = type(a), type(b)
  if x ~= y then return x < y end
  if x == "number" then return a < b end
  return tostring(a) < tostring(b)
end

--- The keys of `shape` in an order of their own, so that a mistake is always told the same.
local function keys_of(shape)
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
  for _, i in ipairs(keys_of(shape)) do
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
  for _, key in ipairs(keys_of(shape)) do
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
local function make(shape, who, unknown_keys, message)
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
    return (make(shape, who, unknown_keys, schema.message(message, who)))
  end
end

--- An object.  Keys it does not declare are dropped.  Fields written in place keep their order;
--- `z.object{ {"a", A}, {"b", B} }` states it exactly.
--- @type fun(shape: instructor.Shape, message?: instructor.Message): instructor.Schema
object.object = maker("object", nil)

--- An object that refuses keys it does not declare.
--- @type fun(shape: instructor.Shape, message?: instructor.Message): instructor.Schema
object.strict_object = maker("strict_object", "strict")

--- An object that keeps keys it does not declare.
--- @type fun(shape: instructor.Shape, message?: instructor.Message): instructor.Schema
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

-- ---- methods ------------------------------------------------------------------------------------

local function expect_object(self, name)
  schema.expect_self(self, name)
  if self.def.kind == "object" then return end
  options.raise(("%s schema has no %s"):format(options.article(self.def.kind), name))
end

--- The schemas of an object's fields, by name (a copy).
function schema.shape(self)
  expect_object(self, "shape")
  local shape = {}
  for _, field in ipairs(self.def.fields) do shape[field[1]] = field[2] end
  return shape
end

local function policy(name, unknown_keys)
  Schema[name] = function(self)
    expect_object(self, name)
    return (schema.derive(self, { unknown_keys = unknown_keys }))
  end
end

policy("strip", "strip")
policy("strict", "strict")
policy("passthrough", "pass")
policy("loose", "pass")

--- States the order of all fields.
--- @param names string[]
--- @return instructor.Schema
function Schema:order(names)
  expect_object(self, "order")
  if type(names) ~= "table" then
    options.raise("order takes a list of names, not " .. options.type_of(names))
  end
  local shape, fields, seen = schema.shape(self), {}, {}
  for i, name in ipairs(names) do
    if seen[name] then options.raise(("order: the field %q stands twice"):format(name)) end
    if shape[name] == nil then
      options.raise(("order: there is no field %s%s"):format(options.shown(name),
        options.hint(tostring(name), shape)))
    end
    fields[i], seen[name] = { name, shape[name] }, true
  end
  for _, field in ipairs(self.def.fields) do
    if not seen[field[1]] then
      options.raise(("order: the field %q is not named"):format(field[1]))
    end
  end
  return (schema.derive(self, { fields = fields, reused = {} }))
end

--- The same with more fields; one that is there already keeps its place.
--- @param shape instructor.Shape
--- @return instructor.Schema
function Schema:extend(shape)
  expect_object(self, "extend")
  local more = make(shape, "extend")
  local fields, new, reused = {}, schema.shape(more), {}
  for i, field in ipairs(self.def.fields) do
    fields[i] = { field[1], new[field[1]] or field[2] }
    new[field[1]] = nil
  end
  for _, field in ipairs(more.def.fields) do
    if new[field[1]] then fields[#fields + 1] = field end
  end
  for _, name in ipairs(self.def.reused or {}) do reused[#reused + 1] = name end
  for _, name in ipairs(more.def.reused or {}) do
    if new[name] then reused[#reused + 1] = name end
  end
  return (schema.derive(self, { fields = fields, reused = reused }, more))
end

--- The names in a list { "a" } or a map { a = true }, as a set.
local function names_of(self, given, who)
  if type(given) ~= "table" then
    options.raise(("%s takes a list of names, not %s"):format(who, options.type_of(given)))
  end
  local set, shape = {}, schema.shape(self)
  for _, k in ipairs(keys_of(given)) do
    local name = type(k) == "number" and given[k] or k
    if shape[name] == nil then
      options.raise(("%s: there is no field %s%s"):format(who, options.shown(name),
        options.hint(tostring(name), shape)))
    end
    set[name] = given[k] ~= false
  end
  return set
end

--- `self` with only the fields that `keep` holds for; its own checks go, as they may ask for more.
local function keep_fields(self, keep)
  local fields, reused = {}, {}
  for _, field in ipairs(self.def.fields) do
    if keep(field[1]) then fields[#fields + 1] = field end
  end
  for _, name in ipairs(self.def.reused or {}) do
    if keep(name) then reused[#reused + 1] = name end
  end
  return (schema.derive(self, { fields = fields, reused = reused, checks = {} }))
end

--- Only these fields.
--- @param names string[]|table<string, boolean>
--- @return instructor.Schema
function Schema:pick(names)
  expect_object(self, "pick")
  local set = names_of(self, names, "pick")
  return (keep_fields(self, function(name) return set[name] end))
end

--- All fields but these.
--- @param names string[]|table<string, boolean>
--- @return instructor.Schema
function Schema:omit(names)
  expect_object(self, "omit")
  local set = names_of(self, names, "omit")
  return (keep_fields(self, function(name) return not set[name] end))
end

--- All fields (or these) may be missing.
--- @param names? string[]|table<string, boolean>
--- @return instructor.Schema
function Schema:partial(names)
  expect_object(self, "partial")
  local set = names ~= nil and names_of(self, names, "partial") or nil
  local fields, made = {}, {}
  for i, field in ipairs(self.def.fields) do
    fields[i] = field
    if set == nil or set[field[1]] then
      made[#made + 1] = field[2]:optional()
      fields[i] = { field[1], made[#made] }
    end
  end
  return (schema.derive(self, { fields = fields }, unpack(made)))
end

return object

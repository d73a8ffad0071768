-- Objects and lists.

local options = require "instructor.options"
local order = require "instructor.z.order"
local schema = require "instructor.z.schema"

local Schema = schema.Schema

local object = {}

local function expect_field(key, value)
  if type(key) ~= "string" then
    options.raise(("the key %s of an object is a %s, not a text"):format(tostring(key), type(key)))
  end
  schema.expect(value, ("the field %q"):format(key))
end

--- Is `shape` the list form, { {"a", schema}, … }?
local function is_list(shape)
  return shape[1] ~= nil and not schema.is(shape[1]) and type(shape[1]) == "table"
end

local function read_list(shape)
  local fields, seen = {}, {}
  for i, pair in ipairs(shape) do
    if type(pair) ~= "table" or schema.is(pair) or #pair ~= 2 then
      options.raise(("entry %d of the list form is not { name, schema }"):format(i))
    end
    expect_field(pair[1], pair[2])
    if seen[pair[1]] then options.raise(("the field %q stands twice"):format(pair[1])) end
    seen[pair[1]] = true
    fields[i] = { pair[1], pair[2] }
  end
  return fields
end

local function read_map(shape)
  local fields = {}
  for key, value in pairs(shape) do
    expect_field(key, value)
    fields[#fields + 1] = { key, value }
  end
  return fields
end

--- A new object schema of `shape`, its fields in order.
local function make(shape, unknown_keys, message)
  if type(shape) ~= "table" or schema.is(shape) then
    options.raise("z.object takes a table of fields, as in z.object{ name = z.string() }")
  end
  local def = { kind = "object", unknown_keys = unknown_keys, message = message }
  local listed = is_list(shape)
  def.fields = listed and read_list(shape) or read_map(shape)
  local made = schema.new(def)
  if not listed then def.reused, def.first = order.sort(def.fields, def) end
  return made
end

--- An object.  Keys it does not declare are dropped.  Fields written in place keep their order;
--- `z.object{ {"a", A}, {"b", B} }` states it exactly.
--- @param shape table<string, instructor.Schema>|{ [1]: string, [2]: instructor.Schema }[]
--- @param message? string
--- @return instructor.Schema
function object.object(shape, message)
  local made = make(shape, nil, message)
  return made
end

--- An object that refuses keys it does not declare.
--- @param shape table<string, instructor.Schema>|{ [1]: string, [2]: instructor.Schema }[]
--- @return instructor.Schema
function object.strict_object(shape)
  local made = make(shape, "strict")
  return made
end

--- An object that keeps keys it does not declare.
--- @param shape table<string, instructor.Schema>|{ [1]: string, [2]: instructor.Schema }[]
--- @return instructor.Schema
function object.loose_object(shape)
  local made = make(shape, "pass")
  return made
end

--- A list of such values.
--- @param element instructor.Schema
--- @param message? string
--- @return instructor.Schema
function object.array(element, message)
  schema.expect(element, "z.array")
  local made = schema.new({ kind = "array", inner = { element }, message = message }, element)
  return made
end

-- ---- methods ------------------------------------------------------------------------------------

local function expect_object(self, name)
  if not schema.is(self) then options.raise(("call it with a colon: schema:%s(…)"):format(name)) end
  if self.def.kind ~= "object" then
    options.raise(("a %s schema has no %s"):format(self.def.kind, name))
  end
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
  local shape, fields = schema.shape(self), {}
  for i, name in ipairs(names) do
    if shape[name] == nil then
      options.raise(("order: there is no field %q, or it stands twice%s"):format(tostring(name),
        options.hint(tostring(name), shape)))
    end
    fields[i], shape[name] = { name, shape[name] }, nil
  end
  local left = next(shape)
  if left then options.raise(("order: the field %q is not named"):format(left)) end
  return (schema.derive(self, { fields = fields, reused = {} }))
end

--- The same with more fields; one that is there already keeps its place.
--- @param shape table<string, instructor.Schema>
--- @return instructor.Schema
function Schema:extend(shape)
  expect_object(self, "extend")
  local more = make(shape)
  local fields, new = {}, schema.shape(more)
  for i, field in ipairs(self.def.fields) do
    fields[i] = { field[1], new[field[1]] or field[2] }
    new[field[1]] = nil
  end
  for _, field in ipairs(more.def.fields) do
    if new[field[1]] then fields[#fields + 1] = field end
  end
  return (schema.derive(self, { fields = fields }))
end

--- The names in a list { "a" } or a map { a = true }.
local function names_of(self, given, who)
  local set, shape = {}, schema.shape(self)
  for k, v in pairs(given) do
    local name = type(k) == "number" and v or k
    if shape[name] == nil then
      options.raise(("%s: there is no field %q%s"):format(who, tostring(name),
        options.hint(tostring(name), shape)))
    end
    set[name] = v ~= false
  end
  return set
end

local function keep_fields(self, keep)
  local fields = {}
  for _, field in ipairs(self.def.fields) do
    if keep(field[1]) then fields[#fields + 1] = field end
  end
  return (schema.derive(self, { fields = fields, checks = {} }))
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
  local set, fields = names and names_of(self, names, "partial"), {}
  for i, field in ipairs(self.def.fields) do
    local loosen = set == nil or set[field[1]]
    fields[i] = { field[1], loosen and field[2]:optional() or field[2] }
  end
  return (schema.derive(self, { fields = fields }))
end

return object

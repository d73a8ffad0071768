-- Objects made of other objects: wider, narrower, looser or firmer ones.

local object = require "instructor.z.object"
local options = require "instructor.options"
local schema = require "instructor.z.schema"

--- @class instructor.Schema
local Schema = schema.Schema

local shape = {}

local unpack = table.unpack or unpack -- luacheck: ignore 143

-- ---- wider --------------------------------------------------------------------------------------

--- `self` with the fields of `more` as well; one that is there already keeps its place.  `changes`
--- are what else differs.
local function widened(self, more, changes)
  local fields, new, reused = {}, object.shape(more), {}
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
  changes.fields, changes.reused = fields, reused
  return (schema.derive(self, changes, more))
end

--- Refinements of an object may count on the fields it had.
local function expect_unchecked(self, who, what)
  if #(self.def.checks or {}) == 0 then return end
  options.raise(("%s: the object has refinements, which may rely on %s"):format(who, what))
end

--- The same with more fields; one that is there already keeps its place.
--- @param fields instructor.Shape
--- @return instructor.Schema
function Schema:extend(fields)
  object.expect(self, "extend")
  local more, its = object.make(fields, "extend"), object.shape(self)
  for _, field in ipairs(more.def.fields) do
    if its[field[1]] then
      expect_unchecked(self, "extend", ("its field %q: use safe_extend"):format(field[1]))
    end
  end
  return (widened(self, more, {}))
end

--- The same as extend, also where refinements may rely on a field that is overridden.
--- @param fields instructor.Shape
--- @return instructor.Schema
function Schema:safe_extend(fields)
  object.expect(self, "safe_extend")
  return (widened(self, object.make(fields, "safe_extend"), {}))
end

--- The fields of both; where they differ, and for all but the fields, `other` is right.
--- @param other instructor.Schema
--- @return instructor.Schema
function Schema:merge(other)
  object.expect(self, "merge")
  schema.expect(other, "the argument of merge")
  object.expect(other, "fields to merge")
  expect_unchecked(self, "merge", "its own fields alone")
  local its = other.def
  return (widened(self, other, {
    unknown_keys = its.unknown_keys or false, rest = its.rest or false, checks = its.checks or {},
  }))
end

-- ---- narrower -----------------------------------------------------------------------------------

--- The names in a list { "a" } or a map { a = true }, as a set.
local function names_of(self, given, who)
  if type(given) ~= "table" then
    options.raise(("%s takes a list of names, not %s"):format(who, options.type_of(given)))
  end
  local set, its = {}, object.shape(self)
  for _, k in ipairs(object.keys(given)) do
    local name = type(k) == "number" and given[k] or k
    if its[name] == nil then
      options.raise(("%s: there is no field %s%s"):format(who, options.shown(name),
        options.hint(tostring(name), its)))
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
  object.expect(self, "pick")
  local set = names_of(self, names, "pick")
  return (keep_fields(self, function(name) return set[name] end))
end

--- All fields but these.
--- @param names string[]|table<string, boolean>
--- @return instructor.Schema
function Schema:omit(names)
  object.expect(self, "omit")
  local set = names_of(self, names, "omit")
  return (keep_fields(self, function(name) return not set[name] end))
end

--- One of the names of the object's fields.
--- @return instructor.Schema
function Schema:keyof()
  object.expect(self, "keyof")
  local names = {}
  for i, field in ipairs(self.def.fields) do names[i] = field[1] end
  if #names == 0 then options.raise "keyof: the object has no fields" end
  return (schema.new({ kind = "enum", values = names }, self))
end

-- ---- looser and firmer --------------------------------------------------------------------------

--- `self` with all fields (or these) as `change` makes them.
local function changed(self, names, who, change)
  object.expect(self, who)
  local set = names ~= nil and names_of(self, names, who) or nil
  local fields, made = {}, {}
  for i, field in ipairs(self.def.fields) do
    fields[i] = field
    if set == nil or set[field[1]] then
      made[#made + 1] = change(field[2])
      fields[i] = { field[1], made[#made] }
    end
  end
  return (schema.derive(self, { fields = fields }, unpack(made)))
end

--- All fields (or these) may be missing.
--- @param names? string[]|table<string, boolean>
--- @return instructor.Schema
function Schema:partial(names)
  return (changed(self, names, "partial", function(field) return field:optional() end))
end

--- All fields (or these) must be there; one that may be null still may.
--- @param names? string[]|table<string, boolean>
--- @param message? instructor.Message
--- @return instructor.Schema
function Schema:required(names, message)
  return (changed(self, names, "required", function(field) return field:nonoptional(message) end))
end

local loosened

--- The fields of an object, all but `kept` optional, and loosened themselves.
local function loosened_fields(def, seen, kept)
  local fields = {}
  for i, field in ipairs(def.fields) do
    local inner = loosened(field[2], seen)
    fields[i] = { field[1], field[1] == kept and field[2] or inner:optional() }
  end
  return fields
end

--- `s` with every object in it partial, made once for each schema; what is lazy stays so.
function loosened(s, seen, kept)
  if seen[s] then return seen[s] end
  local def = s.def
  if def.kind == "lazy" then
    seen[s] = schema.new { kind = "lazy", places = def.places,
      getter = function() return loosened(schema.target(s), seen) end }
    return seen[s]
  end
  local inner = {}
  for i, child in ipairs(def.inner or {}) do
    inner[i] = loosened(child, seen, def.discriminator)
  end
  seen[s] = schema.derive(s, {
    inner = def.inner and inner, fields = def.fields and loosened_fields(def, seen, kept),
    rest = def.rest and loosened(def.rest, seen),
  })
  return seen[s]
end

--- `s` with every object in it partial, all the way down; what tells the options of a discriminated
--- union apart stays.
--- @param s instructor.Schema
--- @return instructor.Schema
function shape.deep_partial(s)
  schema.expect(s, "the argument of z.deep_partial")
  return (loosened(s, {}))
end

--- The same with every object in it partial, all the way down.
--- @return instructor.Schema
function Schema:deep_partial()
  object.expect(self, "deep_partial")
  return (shape.deep_partial(self))
end

-- ---- other keys, another order ------------------------------------------------------------------

local function policy(name, unknown_keys)
  Schema[name] = function(self)
    object.expect(self, name)
    return (schema.derive(self, { unknown_keys = unknown_keys, rest = false }))
  end
end

--- Keys it does not declare must fit `other`, and are kept.
--- @param other instructor.Schema
--- @return instructor.Schema
function Schema:catchall(other)
  object.expect(self, "catchall")
  schema.expect(other, "the argument of catchall")
  return (schema.derive(self, { unknown_keys = "strip", rest = other }, other))
end

policy("strip", "strip")
policy("strict", "strict")
policy("passthrough", "pass")
policy("loose", "pass")

--- States the order of all fields.
--- @param names string[]
--- @return instructor.Schema
function Schema:order(names)
  object.expect(self, "order")
  if type(names) ~= "table" then
    options.raise("order takes a list of names, not " .. options.type_of(names))
  end
  local its, fields, seen = object.shape(self), {}, {}
  for i, name in ipairs(names) do
    if seen[name] then options.raise(("order: the field %q stands twice"):format(name)) end
    if its[name] == nil then
      options.raise(("order: there is no field %s%s"):format(options.shown(name),
        options.hint(tostring(name), its)))
    end
    fields[i], seen[name] = { name, its[name] }, true
  end
  for _, field in ipairs(self.def.fields) do
    if not seen[field[1]] then
      options.raise(("order: the field %q is not named"):format(field[1]))
    end
  end
  return (schema.derive(self, { fields = fields, reused = {} }))
end

shape.keyof = schema.as_function "keyof"

return shape

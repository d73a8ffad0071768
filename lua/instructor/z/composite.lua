-- Schemas made of several others: tuples, records, unions, intersections, and what leads back to
-- itself.

local null = require("instructor.values").null
local options = require "instructor.options"
local scalar = require "instructor.z.scalar"
local schema = require "instructor.z.schema"

--- @class instructor.Schema
local Schema = schema.Schema

local composite = {}

local unpack = table.unpack or unpack -- luacheck: ignore 143

--- A copy of `list`, of which every entry is a schema; there are no holes.
local function read_schemas(list, who)
  if type(list) ~= "table" or schema.is(list) then
    options.raise(("%s takes a list of schemas, as in %s{ z.string(), z.number() }, not %s")
      :format(who, who, schema.is(list) and "one" or options.type_of(list)))
  end
  local read = {}
  for i, item in ipairs(list) do
    read[i] = schema.expect(item, ("entry %d of %s"):format(i, who))
  end
  options.check_places(who, list, #read)
  return read
end

-- ---- tuples and records -------------------------------------------------------------------------

--- A list with one schema for each place; with `rest`, what follows must fit that.
--- @param items instructor.Schema[]
--- @param rest? instructor.Schema|instructor.Message
--- @param message? instructor.Message
--- @return instructor.Schema
function composite.tuple(items, rest, message)
  local list = read_schemas(items, "z.tuple")
  if not schema.is(rest) then rest, message = nil, rest or message end
  local parts = { unpack(list) }
  parts[#parts + 1] = rest
  return (schema.new({
    kind = "tuple", inner = list, rest = rest, message = schema.message(message, "z.tuple"),
  }, unpack(parts)))
end

--- Any number of items may follow a tuple's own, which must fit `other`.
--- @param other instructor.Schema
--- @return instructor.Schema
function Schema:rest(other)
  schema.expect_self(self, "rest")
  if self.def.kind ~= "tuple" then
    options.raise(("%s schema has no rest"):format(options.article(self.def.kind)))
  end
  schema.expect(other, "the argument of rest")
  return (schema.derive(self, { rest = other }, other))
end

local function record_maker(name, traits)
  local who = "z." .. name
  return function(key, value, message)
    schema.expect(key, "the first argument of " .. who)
    if not schema.is(value) then
      local only = key
      key, value, message = scalar.string(), only, value or message
      return (schema.new({ kind = "record", inner = { key, value }, traits = traits,
        message = schema.message(message, who) }, value, key))
    end
    return (schema.new({ kind = "record", inner = { key, value }, traits = traits,
      message = schema.message(message, who) }, key, value))
  end
end

--- @alias instructor.RecordMaker
--- | fun(value: instructor.Schema, message?: instructor.Message): instructor.Schema
--- | fun(key: instructor.Schema, value: instructor.Schema, message?: any): instructor.Schema

--- A table of any text keys, each value of one schema: z.record(value), or z.record(key, value).
--- Where the keys are an enum or literals, all of them must be there.
--- @type instructor.RecordMaker
composite.record = record_maker("record", nil)

--- The same, where keys of an enum may be missing.
--- @type instructor.RecordMaker
composite.partial_record = record_maker("partial_record", { "partial" })

--- The same, where keys that do not fit stay as they are, with what they hold.
--- @type instructor.RecordMaker
composite.loose_record = record_maker("loose_record", { "loose" })

-- ---- unions -------------------------------------------------------------------------------------

local function expect_some(list, who)
  if #list == 0 then options.raise(who .. " takes at least one schema") end
  return list
end

local function union_maker(name, traits)
  local who = "z." .. name
  return function(list, message)
    local inner = expect_some(read_schemas(list, who), who)
    return (schema.new({ kind = "union", inner = inner, traits = traits,
      message = schema.message(message, who) }, unpack(inner)))
  end
end

--- The first of these that fits.
--- @type fun(list: instructor.Schema[], message?: instructor.Message): instructor.Schema
composite.union = union_maker("union", nil)

--- Exactly one of these fits.
--- @type fun(list: instructor.Schema[], message?: instructor.Message): instructor.Schema
composite.xor = union_maker("xor", { "exclusive" })

--- Is `self` a union to which an option can be added, rather than a part of a greater one?
local function is_open(self)
  local def = self.def
  return def.kind == "union" and not (def.traits or def.discriminator or def.message or def.meta
    or def.checks)
end

--- This or `other`, tried in that order.  `a + b` is the same.
--- @param other instructor.Schema
--- @return instructor.Schema
function Schema:or_(other)
  schema.expect_self(self, "or_")
  schema.expect(other, "the argument of or_")
  if not is_open(self) then
    return (schema.new({ kind = "union", inner = { self, other } }, self, other))
  end
  local inner = { unpack(self.def.inner) }
  inner[#inner + 1] = other
  return (schema.new({ kind = "union", inner = inner }, self, other))
end

--- This and `other` as well; the two results are merged.
--- @param other instructor.Schema
--- @return instructor.Schema
function Schema:and_(other)
  schema.expect_self(self, "and_")
  schema.expect(other, "the argument of and_")
  return (schema.new({ kind = "intersection", inner = { self, other } }, self, other))
end

--- Both fit; the two results are merged.
--- @param left instructor.Schema
--- @param right instructor.Schema
--- @return instructor.Schema
function composite.intersection(left, right)
  schema.expect(left, "the first argument of z.intersection")
  schema.expect(right, "the second argument of z.intersection")
  return (left:and_(right))
end

-- ---- discriminated unions -----------------------------------------------------------------------

-- Kinds whose key tells as much as that of the schema inside them.
local see_through = { readonly = true, nonoptional = true, optional = true, nullable = true,
  default = true, prefault = true, catch = true, pipe = true }

--- The values a schema takes, as a list; nil where they are not a few known ones.
local function values_of(s)
  local def = s.def
  if def.kind == "enum" or def.kind == "literal" then return def.values end
  if def.kind == "null" then return { null } end
  if see_through[def.kind] then return (values_of(def.inner[1])) end
  if def.kind ~= "union" then return nil end
  local all = {}
  for _, option in ipairs(def.inner) do
    local values = values_of(option)
    if values == nil then return nil end
    for _, value in ipairs(values) do all[#all + 1] = value end
  end
  return all
end

local function field_of(def, key)
  for _, field in ipairs(def.fields) do
    if field[1] == key then return field[2] end
  end
end

--- Adds to `found` the values by which `option` is told from the others.  What is lazy is looked at
--- when the schema is compiled.
local function find_values(option, key, found, who)
  local def = option.def
  if def.kind == "lazy" then return end
  if def.kind == "readonly" or def.kind == "pipe" then
    return find_values(def.inner[1], key, found, who)
  end
  if def.kind == "union" then
    for _, inner in ipairs(def.inner) do find_values(inner, key, found, who) end
    return
  end
  if def.kind ~= "object" then
    options.raise(("%s must be an object, not %s"):format(who, options.article(def.kind)))
  end
  local field = field_of(def, key)
  if field == nil then options.raise(("%s has no field %q"):format(who, key)) end
  local values = values_of(field)
  if values == nil and field.def.kind ~= "lazy" then
    options.raise(("%s: its field %q must be a literal or an enum, not %s"):format(who, key,
      options.article(field.def.kind)))
  end
  for _, value in ipairs(values or {}) do found[#found + 1] = value end
end

--- Raises where two of `list` would be told by the same value of their field `key`.
local function expect_told_apart(list, key, who)
  local taken = {}
  for i, option in ipairs(list) do
    local its, found = ("entry %d of %s"):format(i, who), {}
    find_values(option, key, found, its)
    for _, value in ipairs(found) do
      if taken[value] and taken[value] ~= i then
        options.raise(("%s: %s = %s stands in another one too"):format(its, key,
          options.shown(value)))
      end
      taken[value] = i
    end
  end
end

local discriminated_names = { union_fallback = "boolean" }

--- One of these objects, told apart by the literal value of their field `key`; only the issues of
--- the one that was meant are reported.
--- @param key string
--- @param list instructor.Schema[]
--- @param given? instructor.Message|{ union_fallback: boolean? } with union_fallback, a value that
---   names none is tried against all
--- @return instructor.Schema
function composite.discriminated_union(key, list, given)
  local who = "z.discriminated_union"
  if type(key) ~= "string" then
    options.raise(("%s takes the name of a field first, as in %s(\"type\", { A, B }), not %s")
      :format(who, who, schema.is(key) and "a schema" or options.type_of(key)))
  end
  local inner = expect_some(read_schemas(list, who), who)
  expect_told_apart(inner, key, who)
  local message, read = schema.message(given, who, discriminated_names)
  return (schema.new({ kind = "union", inner = inner, discriminator = key, message = message,
    traits = read.union_fallback and { "fallback" } or nil }, unpack(inner)))
end

--- The schemas of a union, or the values of an enum (a copy).
function schema.readers.options(self)
  if self.def.kind == "union" then return { unpack(self.def.inner) } end
  return self.def.kind == "enum" and { unpack(self.def.values) } or nil
end

-- ---- what leads back ----------------------------------------------------------------------------

--- What `getter` returns, which is asked once, when the schema is first used: so a schema may
--- stand in itself.
--- @param getter fun(): instructor.Schema
--- @return instructor.Schema
function composite.lazy(getter)
  if schema.is(getter) then
    options.raise "z.lazy takes a function, as in z.lazy(function() return Node end), not a schema"
  end
  schema.expect_function(getter, "z.lazy")
  return (schema.new { kind = "lazy", getter = getter })
end

--- Any value that JSON can hold.
--- @param message? instructor.Message
--- @return instructor.Schema
function composite.json(message)
  local json
  local again = composite.lazy(function() return json end)
  json = composite.union({
    scalar.string(), scalar.number(), scalar.boolean(), scalar.null(), again:array(),
    composite.record(again),
  }, message)
  return json
end

return composite

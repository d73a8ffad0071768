-- Values that are known beforehand: enums and literals.

local core = require "instructor.core"
local options = require "instructor.options"
local schema = require "instructor.z.schema"

--- @class instructor.Schema
local Schema = schema.Schema
local null = core.null

--- @alias instructor.EnumValues (string|number)[]|table<string, string|number>

local enum = {}

--- The values of `list`, each once.  Raises for one that is not `allowed`.
local function read_values(list, name, allowed)
  if type(list) ~= "table" or #list == 0 then
    options.raise(("z.%s takes a list of values, as in z.%s{ \"a\", \"b\" }"):format(name, name))
  end
  local read, seen, count = {}, {}, 0
  for i, v in ipairs(list) do
    if not allowed[type(v)] and v ~= null then
      options.raise(("z.%s: value %d is %s"):format(name, i, options.type_of(v)))
    end
    options.blame(("z.%s: value %d: "):format(name, i), core.encode, v)
    if not seen[v] then read[#read + 1] = v end
    seen[v], count = true, i
  end
  options.check_places("z." .. name, list, count)
  return read
end

--- The names of a map, sorted, and its values in that order; nil for a list.
local function read_names(list)
  if type(list) ~= "table" or list[1] ~= nil or next(list) == nil then return nil end
  local names, found = {}, {}
  for name in pairs(list) do
    if type(name) ~= "string" then return nil end
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do found[i] = list[name] end
  return names, found
end

--- One of these texts or numbers.  A map { NAME = value } gives them names, and sorts by them.
--- @param list instructor.EnumValues
--- @param message? instructor.Message
--- @return instructor.Schema
function enum.enum(list, message)
  local names, found = read_names(list)
  local def = { kind = "enum", message = schema.message(message, "z.enum") }
  def.values = read_values(found or list, "enum", { string = true, number = true })
  if names then
    def.entries = {}
    for _, name in ipairs(names) do def.entries[name] = list[name] end
  end
  return (schema.new(def))
end

--- The values of an enum by name; in one made of a list each is its own name.
function schema.readers.enum(self)
  if self.def.kind ~= "enum" then return nil end
  local by_name = {}
  for _, v in ipairs(self.def.values) do by_name[tostring(v)] = v end
  for name, v in pairs(self.def.entries or {}) do by_name[name] = v end
  return by_name
end

--- An enum of those values of `self` whose names `keep` holds for.
local function chosen(self, names, who, keep)
  schema.expect_self(self, who)
  if self.def.kind ~= "enum" or type(names) ~= "table" then
    options.raise(self.def.kind ~= "enum"
      and ("%s schema has no %s"):format(options.article(self.def.kind), who)
      or ("%s takes a list of names, not %s"):format(who, options.type_of(names)))
  end
  local set, entries, list, all = {}, {}, {}, schema.readers.enum(self)
  for _, name in ipairs(names) do
    local v = all[tostring(name)]
    if v == nil then
      options.raise(("%s: the enum has no %s"):format(who, options.shown(name)))
    end
    set[v] = true
  end
  for _, v in ipairs(self.def.values) do
    if keep(set[v]) then list[#list + 1] = v end
  end
  if #list == 0 then options.raise(who .. ": nothing is left of the enum") end
  for name, v in pairs(self.def.entries or {}) do
    if keep(set[v]) then entries[name] = v end
  end
  return (schema.new({ kind = "enum", values = list, message = self.def.message,
    entries = self.def.entries and entries }, self))
end

--- The same enum with these of its values alone.
--- @param names (string|number)[]
--- @return instructor.Schema
function Schema:extract(names)
  return (chosen(self, names, "extract", function(named) return named end))
end

--- The same enum without these of its values.
--- @param names (string|number)[]
--- @return instructor.Schema
function Schema:exclude(names)
  return (chosen(self, names, "exclude", function(named) return not named end))
end

--- Exactly this value, or one of these.
--- @param value string|number|boolean|lightuserdata|table
--- @param message? instructor.Message
--- @return instructor.Schema
function enum.literal(value, message)
  local list = type(value) == "table" and value or { value }
  return (schema.new {
    kind = "literal",
    values = read_values(list, "literal", { string = true, number = true, boolean = true }),
    message = schema.message(message, "z.literal"),
  })
end

return enum

-- Strings, numbers, booleans, null, enums, literals, and what may be anything.

local core = require "instructor.core"
local null = require("instructor.values").null
local options = require "instructor.options"
local schema = require "instructor.z.schema"

local Schema = schema.Schema

local scalar = {}

local function kind(name, traits)
  local who = (traits and "z.coerce." or "z.") .. name
  return function(given)
    return (schema.new { kind = name, message = schema.message(given, who), traits = traits })
  end
end

--- @alias instructor.Words fun(issue: instructor.Issue): string?
--- @alias instructor.Message
--- | string
--- | instructor.Words
--- | { message: string|instructor.Words }
--- | { required_error: string?, invalid_type_error: string? } a missing value, one of another type

--- A text.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.string = kind "string"
--- A finite number.  Whole numbers of JSON stay integers.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.number = kind "number"
--- true or false.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.boolean = kind "boolean"
--- JSON's null (instructor.null) and nothing else.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.null = kind "null"
--- Whatever is there.
--- @type fun(): instructor.Schema
scalar.any = kind "any"
--- Whatever is there.
--- @type fun(): instructor.Schema
scalar.unknown = kind "unknown"
--- Nothing fits.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.never = kind "never"

-- ---- numbers ------------------------------------------------------------------------------------

--- Numbers that are checked from the start; `checks` are the core's names with their arguments.
local function number_kind(name, checks)
  local who = "z." .. name
  return function(given)
    local number = schema.new { kind = "number", message = schema.message(given, who) }
    for _, check in ipairs(checks) do
      local made = { name = check[1], argument = check[2], abort = check[1] == "int" }
      number = schema.with_check(number, made, nil, who)
    end
    return number
  end
end

local FLOAT32, FLOAT64 = 3.4028234663852886e38, 1.7976931348623157e308

--- A whole number within ±(2^53 - 1).
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.int = number_kind("int", { { "int" } })
--- A whole number of 32 bits.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.int32 = number_kind("int32", { { "int" }, { "min", -2147483648 }, { "max", 2147483647 } })
--- A whole number of 32 bits, not negative.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.uint32 = number_kind("uint32", { { "int" }, { "min", 0 }, { "max", 4294967295 } })
--- A number within the range of a float.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.float32 = number_kind("float32", { { "min", -FLOAT32 }, { "max", FLOAT32 } })
--- Any finite number.
--- @type fun(message?: instructor.Message): instructor.Schema
scalar.float64 = number_kind("float64", { { "min", -FLOAT64 }, { "max", FLOAT64 } })

-- ---- whatever comes -----------------------------------------------------------------------------

--- Whatever comes is converted first, as JavaScript does it: z.coerce.number() takes " 12 " for
--- 12, and 0 for null; z.coerce.boolean() takes every text but "" for true, "false" too.
--- @class instructor.Coerce
--- @field string fun(message?: instructor.Message): instructor.Schema
--- @field number fun(message?: instructor.Message): instructor.Schema
--- @field boolean fun(message?: instructor.Message): instructor.Schema
scalar.coerce = {
  string = kind("string", { "coerce" }),
  number = kind("number", { "coerce" }),
  boolean = kind("boolean", { "coerce" }),
}

--- Whatever `fn(value)` returns a true value for; without a function, anything.
--- @param fn? fun(value: any): any
--- @param given? instructor.CheckOptions
--- @return instructor.Schema
function scalar.custom(fn, given)
  local any = schema.new { kind = "any" }
  if fn == nil then return any end
  schema.expect_function(fn, "z.custom")
  local check = { name = "refine", argument = fn, abort = true }
  return (schema.with_check(any, check, given, "z.custom"))
end

-- ---- values -------------------------------------------------------------------------------------

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
  for key in pairs(list) do
    if type(key) ~= "number" or key < 1 or key > count then
      options.raise(("z.%s takes a list without holes, which has no key %s")
        :format(name, options.shown(key)))
    end
  end
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
--- @param list (string|number)[]|table<string, string|number>
--- @param message? instructor.Message
--- @return instructor.Schema
function scalar.enum(list, message)
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
function scalar.literal(value, message)
  local list = type(value) == "table" and value or { value }
  return (schema.new {
    kind = "literal",
    values = read_values(list, "literal", { string = true, number = true, boolean = true }),
    message = schema.message(message, "z.literal"),
  })
end

-- ---- checks -------------------------------------------------------------------------------------

local NUMBER, TEXT = { number = true }, { string = true }
local SIZED = { string = true, array = true }
local ORDERED = { string = true, array = true, number = true }
local WRAPPERS = { optional = true, nullable = true, default = true, nonoptional = true,
  readonly = true, prefault = true, catch = true }

--- Raises unless `self` is of a kind that takes the check `name`.
local function expect_kind(self, name, allowed)
  schema.expect_self(self, name)
  local its = self.def.kind
  if allowed[its] then return end
  local inner = WRAPPERS[its] and self.def.inner[1].def.kind
  local hint = inner and allowed[inner] and (": put it before :%s"):format(its) or ""
  options.raise(("%s schema has no check %s%s"):format(options.article(its), name, hint))
end

--- Raises for a bound that no value can be measured against.
local function expect_bound(self, name, n)
  if type(n) ~= "number" then
    options.raise(("%s takes a number, not %s"):format(name, options.type_of(n)))
  end
  local finite = n == n and n > -math.huge and n < math.huge
  local whole = self.def.kind == "number" or (finite and n >= 0 and n % 1 == 0)
  if not finite or not whole then
    local wanted = self.def.kind == "number" and "finite number" or "whole number of at least 0"
    options.raise(("%s of %s schema takes a %s, not %s"):format(name,
      options.article(self.def.kind), wanted, options.shown(n)))
  end
end

local function number_check(name, check, allowed)
  Schema[name] = function(self, n, given)
    expect_kind(self, name, allowed)
    expect_bound(self, name, n)
    return (schema.with_check(self, { name = check, argument = n }, given, name))
  end
end

--- At least n: characters of a string, items of a list, or the number itself.
number_check("min", "min", ORDERED)
--- At most n.
number_check("max", "max", ORDERED)
--- Exactly n characters or items.
number_check("length", "length", SIZED)
number_check("gte", "min", NUMBER)
number_check("lte", "max", NUMBER)
number_check("gt", "gt", NUMBER)
number_check("lt", "lt", NUMBER)

local function step_check(name)
  Schema[name] = function(self, n, given)
    expect_kind(self, name, NUMBER)
    expect_bound(self, name, n)
    if n == 0 then options.raise(name .. " takes a number that is not 0") end
    return (schema.with_check(self, { name = "multiple_of", argument = n }, given, name))
  end
end

--- A whole number of times n.
step_check "multiple_of"
step_check "step"

local function bare_check(name, check, argument, allowed)
  Schema[name] = function(self, given)
    expect_kind(self, name, allowed)
    return (schema.with_check(self, { name = check, argument = argument }, given, name))
  end
end

bare_check("nonempty", "min", 1, SIZED)
bare_check("positive", "gt", 0, NUMBER)
bare_check("negative", "lt", 0, NUMBER)
bare_check("nonnegative", "min", 0, NUMBER)
bare_check("nonpositive", "max", 0, NUMBER)
--- Whole numbers within ±(2^53 - 1); 1.0 becomes the integer 1.
bare_check("int", "int", nil, NUMBER)
bare_check("safe", "int", nil, NUMBER)
--- No letter from A to Z.
bare_check("lowercase", "lowercase", nil, TEXT)
--- No letter from a to z.
bare_check("uppercase", "uppercase", nil, TEXT)
--- Takes the blanks off both ends, here in the list of checks.
bare_check("trim", "trim", nil, TEXT)
--- Changes A to Z, here in the list of checks.
bare_check("to_lower", "to_lower", nil, TEXT)
--- Changes a to z, here in the list of checks.
bare_check("to_upper", "to_upper", nil, TEXT)

--- The same schema: every number here is finite.
--- @return instructor.Schema
function Schema:finite()
  expect_kind(self, "finite", NUMBER)
  return self
end

local function expect_text(text, name, what)
  if type(text) ~= "string" then
    options.raise(("%s takes a %s, not %s"):format(name, what, options.type_of(text)))
  end
  options.blame(name .. ": ", core.encode, text)
end

local function text_check(name, check)
  Schema[name] = function(self, text, given)
    expect_kind(self, name, TEXT)
    expect_text(text, name, "text")
    return (schema.with_check(self, { name = check, argument = text }, given, name))
  end
end

text_check("includes", "includes")
text_check("starts_with", "starts_with")
text_check("ends_with", "ends_with")

--- Raises for a check of texts that cannot be honoured: a pattern, or a format's options.
--- @param name string the core's
--- @param argument string
--- @param extra? string
function scalar.try_check(name, argument, extra)
  local tree = core.schema()
  local node = tree:node "string"
  tree:check(node, name, argument, { extra = extra })
  tree:finish(node)
end

scalar.expect_kind = expect_kind

--- Matches `source`, a regular expression of JavaScript (which JSON Schema takes over), anywhere in
--- the text.
--- @param source string
--- @param flags? string of "i", "m", "s", "u"; or the options
--- @param given? string|table
--- @return instructor.Schema
function Schema:regex(source, flags, given)
  expect_kind(self, "regex", TEXT)
  expect_text(source, "regex", "pattern")
  if type(flags) == "table" or type(flags) == "function" then flags, given = nil, flags end
  if flags ~= nil then expect_text(flags, "regex", "text of flags") end
  options.blame("", scalar.try_check, "regex", source, flags)
  return (schema.with_check(self, { name = "regex", argument = source, extra = flags }, given,
    "regex"))
end

return scalar

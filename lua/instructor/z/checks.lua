-- What is asked of a text, a number or a list beside its kind: bounds, letters, patterns.

local core = require "instructor.core"
local options = require "instructor.options"
local schema = require "instructor.z.schema"

--- @class instructor.Schema
local Schema = schema.Schema

local checks = {}

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

local function text_check(name, check, names)
  Schema[name] = function(self, text, given)
    expect_kind(self, name, TEXT)
    expect_text(text, name, "text")
    return (schema.with_check(self, { name = check, argument = text }, given, name, names))
  end
end

text_check("includes", "includes", { position = options.count })
text_check("starts_with", "starts_with")
text_check("ends_with", "ends_with")

--- Raises for a check of texts that cannot be honoured: a pattern, or a format's options.
--- @param name string the core's
--- @param argument string
--- @param extra? string
function checks.try_check(name, argument, extra)
  local tree = core.schema()
  local node = tree:node "string"
  tree:check(node, name, argument, { extra = extra })
  tree:finish(node)
end

checks.expect_kind = expect_kind

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
  options.blame("", checks.try_check, "regex", source, flags)
  return (schema.with_check(self, { name = "regex", argument = source, extra = flags }, given,
    "regex"))
end

return checks

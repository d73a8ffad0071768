-- Strings, numbers, booleans, null, enums, literals, and what may be anything.

local null = require("instructor.values").null
local options = require "instructor.options"
local schema = require "instructor.z.schema"

local Schema = schema.Schema

local scalar = {}

--- The message a constructor was given: a text, a function, or { message = } / { error = }.
local function message_of(given)
  if given == nil or type(given) == "string" or type(given) == "function" then return given end
  options.check("a schema", given, { message = "string|function", error = "string|function" })
  return given.message or given.error
end

local function kind(name)
  return function(given)
    return (schema.new { kind = name, message = message_of(given) })
  end
end

--- @alias instructor.Message string|fun(issue: instructor.Issue): string?|{ message: string|function }

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

--- A whole number within ±(2^53 - 1).
--- @param message? instructor.Message
--- @return instructor.Schema
function scalar.int(message)
  return (schema.with_check(scalar.number(message), "int"))
end

local function expect_values(list, name, allowed)
  if type(list) ~= "table" or #list == 0 then
    options.raise(("z.%s takes a list of values, as in z.%s{ \"a\", \"b\" }"):format(name, name))
  end
  for i, v in ipairs(list) do
    if not allowed[type(v)] and v ~= null then
      options.raise(("z.%s: value %d is a %s"):format(name, i, type(v)))
    end
  end
end

local function copy(list)
  local out = {}
  for i, v in ipairs(list) do out[i] = v end
  return out
end

--- One of these texts.
--- @param list (string|number)[]
--- @param message? instructor.Message
--- @return instructor.Schema
function scalar.enum(list, message)
  expect_values(list, "enum", { string = true, number = true })
  return (schema.new { kind = "enum", values = copy(list),
    message = message_of(message) })
end

--- Exactly this value, or one of these.
--- @param value string|number|boolean|lightuserdata|table
--- @param message? instructor.Message
--- @return instructor.Schema
function scalar.literal(value, message)
  local list = type(value) == "table" and value or { value }
  expect_values(list, "literal", { string = true, number = true, boolean = true })
  return (schema.new { kind = "literal", values = copy(list),
    message = message_of(message) })
end

-- ---- checks -------------------------------------------------------------------------------------

local numeric = { number = true }
local textual = { string = true }
local sized = { string = true, array = true, number = true }

--- The kind behind the wrappers, for a message.
local function expect_kind(self, name, allowed)
  if not schema.is(self) then options.raise(("call it with a colon: schema:%s(…)"):format(name)) end
  if not allowed[self.def.kind] then
    options.raise(("a %s schema has no check %s"):format(self.def.kind, name))
  end
end

local function number_check(name, check, allowed)
  Schema[name] = function(self, n, given)
    expect_kind(self, name, allowed)
    if type(n) ~= "number" then
      options.raise(("%s takes a number, not a %s"):format(name, type(n)))
    end
    return (schema.with_check(self, check, n, given))
  end
end

--- At least n: characters of a string, items of a list, or the number itself.
number_check("min", "min", sized)
--- At most n.
number_check("max", "max", sized)
--- Exactly n characters or items.
number_check("length", "length", { string = true, array = true })
number_check("gte", "min", numeric)
number_check("lte", "max", numeric)
number_check("gt", "gt", numeric)
number_check("lt", "lt", numeric)
number_check("multiple_of", "multiple_of", numeric)
number_check("step", "multiple_of", numeric)

local function bare_check(name, check, argument, allowed)
  Schema[name] = function(self, given)
    expect_kind(self, name, allowed)
    return (schema.with_check(self, check, argument, given))
  end
end

bare_check("nonempty", "min", 1, { string = true, array = true })
bare_check("positive", "gt", 0, numeric)
bare_check("negative", "lt", 0, numeric)
bare_check("nonnegative", "min", 0, numeric)
bare_check("nonpositive", "max", 0, numeric)
--- Whole numbers within ±(2^53 - 1); 1.0 becomes the integer 1.
bare_check("int", "int", nil, numeric)
bare_check("lowercase", "lowercase", nil, textual)
bare_check("uppercase", "uppercase", nil, textual)
--- Takes the blanks off both ends, here in the list of checks.
bare_check("trim", "trim", nil, textual)
bare_check("to_lower", "to_lower", nil, textual)
bare_check("to_upper", "to_upper", nil, textual)

local function text_check(name, check)
  Schema[name] = function(self, text, given)
    expect_kind(self, name, textual)
    if type(text) ~= "string" then
      options.raise(("%s takes a text, not a %s"):format(name, type(text)))
    end
    return (schema.with_check(self, check, text, given))
  end
end

text_check("includes", "includes")
text_check("starts_with", "starts_with")
text_check("ends_with", "ends_with")

--- Matches `source`, a regular expression of JavaScript (which JSON Schema takes over), anywhere in
--- the text.
--- @param source string
--- @param flags? string of "i", "m", "s", "u"; or the options
--- @param given? string|table
--- @return instructor.Schema
function Schema:regex(source, flags, given)
  expect_kind(self, "regex", textual)
  if type(source) ~= "string" then options.raise("regex takes a pattern, not a " .. type(source)) end
  if type(flags) == "table" then flags, given = nil, flags end
  local made = schema.with_check(self, "regex", source, given)
  made.def.checks[#made.def.checks].flags = flags
  return made
end

return scalar

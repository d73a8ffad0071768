-- Strings, numbers, booleans, null, and what may be anything.

local schema = require "instructor.z.schema"

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

return scalar

-- Names that z and its schemas do not have: what is meant by them.  Loaded when a mistake is made.

local hints = require "instructor.hints"
local options = require "instructor.options"

local mistakes = {}

-- Words for what Lua or JSON does not have, or has under another name, and what to write instead.
local instead = {
  date = "JSON has no dates: use z.iso.date() or z.iso.datetime(), and a transform",
  bigint = "Lua's integers are exact: use z.int()",
  int64 = "use z.int(), or z.number() for integers beyond 2^53",
  uint64 = "use z.int(), or z.number() for integers beyond 2^53",
  map = "JSON has no maps: use z.record(), or z.array() of pairs",
  set = "JSON has no sets: use z.array()",
  undefined = "a missing value is nil: use :optional()",
  void = "a missing value is nil: use :optional()",
  nan = "JSON has no NaN: use z.null() or :nullable()",
  symbol = "JSON has no symbols: use z.string()",
  file = "JSON has no files: use z.base64()",
  promise = "an answer is a value, not a promise of one",
  ["function"] = "JSON has no functions",
  func = "JSON has no functions",
  fn = "JSON has no functions",
  ["nil"] = "a missing value is nil: use :optional(); JSON's null is z.null()",
  ["true"] = "use z.literal(true)",
  ["false"] = "use z.literal(false)",
  ["and"] = "use z.intersection(a, b) or a:and_(b)",
  ["or"] = "use z.union{ a, b } or a:or_(b)",
  and_ = "use z.intersection(a, b) or a:and_(b)",
  or_ = "use z.union{ a, b } or a:or_(b)",
  instanceof = "use z.custom(function(v) return getmetatable(v) == Class end)",
  instance_of = "use z.custom(function(v) return getmetatable(v) == Class end)",
  native_enum = "use z.enum{ NAME = value }",
  effect = "use :refine() or :transform()",
  datetime = "it is z.iso.datetime()",
  time = "it is z.iso.time()",
  duration = "it is z.iso.duration()",
  ip = "use z.ipv4() or z.ipv6()",
  cidr = "use z.cidrv4() or z.cidrv6()",
  integer = "use z.int()",
  float = "use z.number()",
  bool = "use z.boolean()",
  str = "use z.string()",
  text = "use z.string()",
  list = "use z.array()",
  table = "use z.object{ … } or z.array()",
  dict = "use z.record()",
  struct = "use z.object{ … }",
  const = "use z.literal()",
}

local words = {
  ["z."] = instead,
  ["z.coerce."] = {
    date = instead.date, bigint = instead.bigint, int = "use z.coerce.number():int()",
    array = "use z.preprocess()", object = "use z.preprocess()",
  },
  ["z.iso."] = {},
}

--- Raises for a name that `names` does not have, telling what is meant.
--- @param prefix string what stands before it: "z.", "z.coerce." or "z.iso."
--- @param name any
--- @param names table<string, any>
function mistakes.no_name(prefix, name, names)
  name = tostring(name)
  local ours = words[prefix][name] or words[prefix][hints.snake_case(name)]
  local why = ours and ": " .. ours or hints.hint(name, names)
  options.raise(("there is no %s%s%s"):format(prefix, name, why))
end

-- Words of Zod and of JSON Schema for what is called otherwise here.
local other_words = {
  ["and"] = "and_", ["or"] = "or_", to_lower_case = "to_lower", to_upper_case = "to_upper",
  min_length = "min", max_length = "max", min_items = "min", max_items = "max", minimum = "min",
  maximum = "max", minimum_value = "min", maximum_value = "max", integer = "int",
  pattern = "regex", match = "regex", matches = "regex", description = "describe", list = "array",
}

--- Raises for a method that schemas do not have, telling what is meant.
--- @param kind string of the schema
--- @param name string
--- @param methods table<string, function>
function mistakes.no_method(kind, name, methods)
  local ours = other_words[hints.snake_case(name)]
  local hint = ours and methods[ours] and " (it is spelled " .. ours .. ")"
    or hints.hint(name, methods)
  options.raise(("%s schema has no method %s%s"):format(options.article(kind), name, hint))
end

return mistakes

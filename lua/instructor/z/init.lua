-- z: schemas, spelled as Zod spells them, in snake_case.
--
--   local z = require "instructor.z"
--   local User = z.object { age = z.number(), name = z.string() }

local object = require "instructor.z.object"
local options = require "instructor.options"
local scalar = require "instructor.z.scalar"
local schema = require "instructor.z.schema"
local wrappers = require "instructor.z.wrappers"

--- @alias instructor.Wrap fun(inner: instructor.Schema): instructor.Schema
--- @alias instructor.WrapValue fun(inner: instructor.Schema, value: any): instructor.Schema

--- @class instructor.Iso
--- @field datetime fun(given?: instructor.Message|instructor.DatetimeOptions): instructor.Schema
--- @field date fun(message?: instructor.Message): instructor.Schema
--- @field time fun(given?: instructor.Message|{ precision: integer? }): instructor.Schema
--- @field duration fun(message?: instructor.Message): instructor.Schema

--- @class instructor.UrlOptions   patterns for its parts
--- @field protocol? string
--- @field hostname? string

--- @alias instructor.Format fun(message?: instructor.Message): instructor.Schema

--- @class instructor.z
--- @field optional instructor.Wrap
--- @field nullable instructor.Wrap
--- @field nullish instructor.Wrap
--- @field nonoptional fun(inner: instructor.Schema, m?: instructor.Message): instructor.Schema
--- @field readonly instructor.Wrap
--- @field keyof instructor.Wrap
--- @field default instructor.WrapValue
--- @field prefault instructor.WrapValue
--- @field catch instructor.WrapValue
--- @field pipe fun(left: instructor.Schema, right: instructor.Schema): instructor.Schema
--- @field transform fun(inner: instructor.Schema, fn: fun(value: any): any): instructor.Schema
--- @field tuple fun(items: instructor.Schema[], rest?: any, message?: any): instructor.Schema
--- @field record instructor.RecordMaker
--- @field partial_record instructor.RecordMaker
--- @field loose_record instructor.RecordMaker
--- @field union fun(list: instructor.Schema[], m?: instructor.Message): instructor.Schema
--- @field xor fun(list: instructor.Schema[], m?: instructor.Message): instructor.Schema
--- @field discriminated_union fun(key: string, list: instructor.Schema[], m?: any): any
--- @field intersection fun(left: instructor.Schema, right: instructor.Schema): instructor.Schema
--- @field lazy fun(getter: fun(): instructor.Schema): instructor.Schema
--- @field json fun(message?: instructor.Message): instructor.Schema
--- @field deep_partial instructor.Wrap
--- @field hash fun(alg: string, given?: any): instructor.Schema
--- @field string_format fun(name: string, rule: string|function, given?: any): instructor.Schema
--- @field stringbool fun(given?: table): instructor.Schema
--- @field iso instructor.Iso
--- @field email fun(given?: instructor.Message|{ pattern: string? }): instructor.Schema
--- @field url fun(given?: instructor.Message|instructor.UrlOptions): instructor.Schema
--- @field http_url instructor.Format
--- @field uuid fun(given?: instructor.Message|{ version: integer|string? }): instructor.Schema
--- @field uuidv4 instructor.Format
--- @field uuidv6 instructor.Format
--- @field uuidv7 instructor.Format
--- @field guid instructor.Format
--- @field emoji instructor.Format
--- @field nanoid fun(given?: instructor.Message|{ length: integer? }): instructor.Schema
--- @field cuid instructor.Format
--- @field cuid2 instructor.Format
--- @field ulid instructor.Format
--- @field xid instructor.Format
--- @field ksuid instructor.Format
--- @field ipv4 instructor.Format
--- @field ipv6 instructor.Format
--- @field cidrv4 instructor.Format
--- @field cidrv6 instructor.Format
--- @field mac fun(given?: instructor.Message|{ delimiter: string? }): instructor.Schema
--- @field hostname instructor.Format
--- @field e164 instructor.Format
--- @field base64 instructor.Format
--- @field base64url instructor.Format
--- @field hex instructor.Format
--- @field jwt fun(given?: instructor.Message|{ alg: string? }): instructor.Schema
--- @field credit_card instructor.Format
--- @field iban instructor.Format
local z = {
  string = scalar.string,
  number = scalar.number,
  int = scalar.int,
  int32 = scalar.int32,
  uint32 = scalar.uint32,
  float32 = scalar.float32,
  float64 = scalar.float64,
  boolean = scalar.boolean,
  null = scalar.null,
  any = scalar.any,
  unknown = scalar.unknown,
  never = scalar.never,
  custom = scalar.custom,
  enum = scalar.enum,
  literal = scalar.literal,
  coerce = scalar.coerce,
  object = object.object,
  strict_object = object.strict_object,
  loose_object = object.loose_object,
  array = object.array,
  preprocess = wrappers.preprocess,
  --- Is the value a schema?
  is_schema = schema.is,
}

-- What is loaded when it is first named: constructors, and methods.
local later = {
  ["instructor.z.composite"] = {
    { "tuple", "record", "partial_record", "loose_record", "union", "xor", "discriminated_union",
      "intersection", "lazy", "json" },
    { "rest", "or_", "and_", "options" },
  },
  ["instructor.z.shape"] = {
    { "deep_partial" },
    { "extend", "safe_extend", "merge", "pick", "omit", "keyof", "partial", "required",
      "deep_partial" },
  },
  ["instructor.z.stream"] = { {}, { "stream", "stream_done", "stream_required" } },
  ["instructor.z.format"] = {
    { "iso", "uuidv4", "uuidv6", "uuidv7", "hash", "string_format", "stringbool" },
    { "datetime", "date", "time", "duration", "ip", "cidr" },
    { "email", "url", "http_url", "uuid", "guid", "emoji", "nanoid", "cuid", "cuid2", "ulid", "xid",
      "ksuid", "ipv4", "ipv6", "cidrv4", "cidrv6", "mac", "hostname", "e164", "base64",
      "base64url", "hex", "jwt", "credit_card", "iban" }, -- both
  },
}

local rooms = {} -- by name: the modules of constructors

for module, names in pairs(later) do
  local constructors, methods, both = names[1], names[2], names[3] or {}
  for _, list in ipairs { constructors, both } do
    for _, name in ipairs(list) do rooms[name] = module end
  end
  for _, list in ipairs { methods, both } do schema.leave(module, list) end
end

local function wrap(name)
  z[name] = function(inner, ...)
    schema.expect(inner, "the first argument of z." .. name)
    return (inner[name](inner, ...))
  end
end

for _, name in ipairs { "optional", "nullable", "nullish", "nonoptional", "readonly", "default",
  "prefault", "catch", "pipe", "transform", "keyof" } do
  wrap(name)
end

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

--- Raises for a name that `names` does not have, telling what is meant.
local function refuse(prefix, name, names, words)
  name = tostring(name)
  local ours = words[name] or words[options.snake_case(name)]
  local why = ours and ": " .. ours or options.hint(name, names)
  options.raise(("there is no %s%s%s"):format(prefix, name, why))
end

--- Makes `room` tell what is meant instead of a name it does not have.
local function guard(room, prefix, words)
  return setmetatable(room, {
    __index = function(_, name) refuse(prefix, name, room, words) end,
  })
end

guard(z.coerce, "z.coerce.", {
  date = instead.date, bigint = instead.bigint, int = "use z.coerce.number():int()",
  array = "use z.preprocess()", object = "use z.preprocess()",
})

local function load(name)
  local made = require(rooms[name])[name]
  z[name] = made
  return name == "iso" and guard(made, "z.iso.", {}) or made
end

return setmetatable(z, {
  __index = function(_, name)
    if rooms[name] then return load(name) end
    local names = {}
    for known in pairs(rooms) do names[known] = true end
    for known in pairs(z) do names[known] = true end
    refuse("z.", name, names, instead)
  end,
})

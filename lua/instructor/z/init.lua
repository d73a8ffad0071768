-- z: schemas, spelled as Zod spells them, in snake_case.
--
--   local z = require "instructor.z"
--   local User = z.object { age = z.number(), name = z.string() }

local composite = require "instructor.z.composite"
local format = require "instructor.z.format"
local object = require "instructor.z.object"
local options = require "instructor.options"
local scalar = require "instructor.z.scalar"
local schema = require "instructor.z.schema"
local shape = require "instructor.z.shape"
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
  deep_partial = shape.deep_partial,
  array = object.array,
  tuple = composite.tuple,
  record = composite.record,
  partial_record = composite.partial_record,
  loose_record = composite.loose_record,
  union = composite.union,
  xor = composite.xor,
  discriminated_union = composite.discriminated_union,
  intersection = composite.intersection,
  lazy = composite.lazy,
  json = composite.json,
  preprocess = wrappers.preprocess,
  --- Is the value a schema?
  is_schema = schema.is,
}

for name, make in pairs(format) do z[name] = make end

local function wrap(name)
  z[name] = function(inner, ...)
    schema.expect(inner, "the first argument of z." .. name)
    return (schema.Schema[name](inner, ...))
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

--- Makes `room` tell what is meant instead of a name it does not have.
local function guard(room, prefix, words)
  return setmetatable(room, {
    __index = function(_, name)
      name = tostring(name)
      local ours = words[name] or words[options.snake_case(name)]
      local why = ours and ": " .. ours or options.hint(name, room)
      options.raise(("there is no %s%s%s"):format(prefix, name, why))
    end,
  })
end

guard(z.iso, "z.iso.", {})
guard(z.coerce, "z.coerce.", {
  date = instead.date, bigint = instead.bigint, int = "use z.coerce.number():int()",
  array = "use z.preprocess()", object = "use z.preprocess()",
})

return guard(z, "z.", instead)

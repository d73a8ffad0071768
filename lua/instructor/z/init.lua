-- z: schemas, spelled as Zod spells them, in snake_case.
--
--   local z = require "instructor.z"
--   local User = z.object { age = z.number(), name = z.string() }

local options = require "instructor.options"
local schema = require "instructor.z.schema"

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
--- @field string fun(message?: instructor.Message): instructor.Schema a text
--- @field number fun(message?: instructor.Message): instructor.Schema finite; integers stay so
--- @field int fun(message?: instructor.Message): instructor.Schema within ±(2^53 - 1)
--- @field int32 fun(message?: instructor.Message): instructor.Schema
--- @field uint32 fun(message?: instructor.Message): instructor.Schema
--- @field float32 fun(message?: instructor.Message): instructor.Schema
--- @field float64 fun(message?: instructor.Message): instructor.Schema
--- @field boolean fun(message?: instructor.Message): instructor.Schema
--- @field null fun(message?: instructor.Message): instructor.Schema instructor.null, nothing else
--- @field any fun(): instructor.Schema whatever is there
--- @field unknown fun(): instructor.Schema the same
--- @field never fun(message?: instructor.Message): instructor.Schema nothing fits
--- @field coerce instructor.Coerce
--- @field custom fun(fn?: fun(value: any): any, given?: instructor.CheckOptions): instructor.Schema
--- @field enum fun(list: instructor.EnumValues, message?: instructor.Message): instructor.Schema
--- @field literal fun(value: any, message?: instructor.Message): instructor.Schema
--- @field object instructor.ObjectMaker keys it does not declare are dropped
--- @field strict_object instructor.ObjectMaker they are refused
--- @field loose_object instructor.ObjectMaker they are kept
--- @field array fun(element: instructor.Schema, message?: instructor.Message): instructor.Schema
--- @field preprocess fun(fn: function, inner: instructor.Schema): instructor.Schema
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
  --- Is the value a schema?
  is_schema = schema.is,
}

-- What stands in which room, which is loaded when something in it is first named: constructors,
-- methods (and what reads as a field), and what is both.
local contents = {
  ["instructor.z.scalar"] = {
    { "string", "number", "int", "int32", "uint32", "float32", "float64", "boolean", "null", "any",
      "unknown", "never", "coerce" },
    {},
  },
  ["instructor.z.enum"] = { { "enum", "literal" }, { "enum", "extract", "exclude" } },
  ["instructor.z.checks"] = {
    {},
    { "min", "max", "length", "gte", "lte", "gt", "lt", "multiple_of", "step", "nonempty",
      "positive", "negative", "nonnegative", "nonpositive", "int", "safe", "finite", "lowercase",
      "uppercase", "trim", "to_lower", "to_upper", "includes", "starts_with", "ends_with",
      "regex" },
  },
  ["instructor.z.object"] = {
    { "object", "strict_object", "loose_object" },
    { "shape", "element" },
    { "array" },
  },
  ["instructor.z.shape"] = {
    {},
    { "extend", "safe_extend", "merge", "pick", "omit", "partial", "required", "catchall", "strip",
      "strict", "passthrough", "loose", "order" },
    { "keyof", "deep_partial" },
  },
  ["instructor.z.composite"] = {
    { "tuple", "record", "partial_record", "loose_record", "union", "xor", "discriminated_union",
      "intersection", "lazy", "json" },
    { "rest", "or_", "and_", "options" },
  },
  ["instructor.z.wrappers"] = {
    {},
    { "brand", "unwrap" },
    { "optional", "nullable", "nullish", "nonoptional", "readonly", "default", "prefault", "catch",
      "pipe" },
  },
  ["instructor.z.functions"] = {
    { "custom", "preprocess" },
    { "refine", "super_refine", "overwrite" },
    { "transform" },
  },
  ["instructor.z.format"] = {
    { "iso", "uuidv4", "uuidv6", "uuidv7", "hash", "string_format", "stringbool" },
    { "datetime", "date", "time", "duration", "ip", "cidr" },
    { "email", "url", "http_url", "uuid", "guid", "emoji", "nanoid", "cuid", "cuid2", "ulid", "xid",
      "ksuid", "ipv4", "ipv6", "cidrv4", "cidrv6", "mac", "hostname", "e164", "base64",
      "base64url", "hex", "jwt", "credit_card", "iban" },
  },
  ["instructor.z.reading"] = {
    {},
    { "try", "try_json", "parse", "parse_json", "safe_parse", "safe_parse_json", "to_json" },
  },
  ["instructor.z.stream"] = { {}, { "stream", "stream_done", "stream_required" } },
}

local rooms = {} -- by name: the modules of constructors

for module, names in pairs(contents) do
  local constructors, methods, both = names[1], names[2], names[3] or {}
  for _, list in ipairs { constructors, both } do
    for _, name in ipairs(list) do rooms[name] = module end
  end
  for _, list in ipairs { methods, both } do schema.leave(module, list) end
end

--- Raises for a name that is not there, telling what is meant.
local function refuse(prefix, name, names)
  return options.room("instructor.z.mistakes").no_name(prefix, name, names)
end

local function load(name)
  local made = options.room(rooms[name])[name]
  if type(made) == "table" then -- z.iso, z.coerce
    local prefix = ("z.%s."):format(name)
    setmetatable(made, { __index = function(_, wrong) refuse(prefix, wrong, made) end })
  end
  z[name] = made
  return made
end

return setmetatable(z, {
  __index = function(_, name)
    if rooms[name] then return load(name) end
    local names = {}
    for known in pairs(rooms) do names[known] = true end
    for known in next, z do names[known] = true end
    refuse("z.", name, names)
  end,
  --- Whoever lists what there is gets all of it (from Lua 5.2 on).
  __pairs = function()
    for name in pairs(rooms) do load(name) end
    return next, z
  end,
})

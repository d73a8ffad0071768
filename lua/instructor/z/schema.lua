-- What every schema can do, whatever its kind.  A schema is data (`def`) that never changes: each
-- method answers a new one.  What the data means, the core alone says.

local core = require "instructor.core"
local options = require "instructor.options"
local order = require "instructor.z.order"

--- @alias instructor.CheckOptions
--- | string|function|{ message: string|function?, path: table?, abort: boolean? }

--- @alias instructor.NumberCheck
--- | fun(self: instructor.Schema, n: number, given?: instructor.CheckOptions): instructor.Schema

--- @alias instructor.BareCheck
--- | fun(self: instructor.Schema, given?: instructor.CheckOptions): instructor.Schema

--- @alias instructor.TextCheck
--- | fun(self: instructor.Schema, s: string, given?: instructor.CheckOptions): instructor.Schema

--- @alias instructor.Policy fun(self: instructor.Schema): instructor.Schema

--- @class instructor.Schema
--- @field def table its data: kind, inner schemas, checks, metadata
--- @field shape table<string, instructor.Schema> an object's fields (a copy)
--- @field element instructor.Schema? what the items of a list are
--- @field options any[]? the values of an enum, or the schemas of a union (a copy)
--- @field enum table<string, string|number>? the values of an enum by name
--- @operator add(instructor.Schema): instructor.Schema
--- @field min instructor.NumberCheck at least n: characters, items, or the number itself
--- @field max instructor.NumberCheck at most n
--- @field length instructor.NumberCheck exactly n characters or items
--- @field gte instructor.NumberCheck n or more
--- @field lte instructor.NumberCheck n or less
--- @field gt instructor.NumberCheck more than n
--- @field lt instructor.NumberCheck less than n
--- @field multiple_of instructor.NumberCheck a multiple of n
--- @field step instructor.NumberCheck the same
--- @field nonempty instructor.BareCheck at least one character or item
--- @field positive instructor.BareCheck above 0
--- @field negative instructor.BareCheck below 0
--- @field nonnegative instructor.BareCheck 0 or more
--- @field nonpositive instructor.BareCheck 0 or less
--- @field int instructor.BareCheck whole, within ±(2^53 - 1); 1.0 becomes 1
--- @field lowercase instructor.BareCheck no A-Z
--- @field uppercase instructor.BareCheck no a-z
--- @field trim instructor.BareCheck takes the blanks off both ends
--- @field to_lower instructor.BareCheck A-Z become a-z
--- @field to_upper instructor.BareCheck a-z become A-Z
--- @field includes instructor.TextCheck holds the text; { position = n } looks behind n characters
--- @field starts_with instructor.TextCheck begins with it
--- @field ends_with instructor.TextCheck ends with it
--- @field safe instructor.BareCheck the same as int
--- @field strip instructor.Policy drops keys it does not declare (the default)
--- @field strict instructor.Policy refuses them
--- @field passthrough instructor.Policy keeps them
--- @field loose instructor.Policy the same
local Schema = {}

local meta = { __name = "instructor.Schema" }

core.mark(meta, "schema") -- a model that was sent one would read how it is made, and where

local schema = { Schema = Schema }

--- Is `v` a schema?
--- @param v any
--- @return boolean
function schema.is(v)
  return type(v) == "table" and getmetatable(v) == meta
end

-- What reads as a field of a schema: functions that answer it, or nil where the kind has none.
schema.readers = {}

local rooms = {} -- by name: the modules of methods that are loaded when one is first named

--- The methods `names` are made by `module`, which is loaded when one of them is first named: a
--- script that has no use for them need not wait for them.
--- @param module string
--- @param names string[]
function schema.leave(module, names)
  for _, name in ipairs(names) do rooms[name] = module end
end

--- The method (or reader) of that name, once its room is loaded.
local function find(methods, name)
  if methods[name] == nil and rooms[name] then options.room(rooms[name]) end
  return methods[name]
end

function meta.__index(self, name)
  local method = Schema[name]
  if method ~= nil then return method end
  method = find(Schema, name)
  if method == nil and schema.readers[name] then method = schema.readers[name](self) end
  if method ~= nil or type(name) ~= "string" then return method end
  for _, module in pairs(rooms) do options.room(module) end
  return options.room("instructor.z.mistakes").no_method(rawget(self, "def").kind, name, Schema)
end

function meta.__newindex()
  options.raise("a schema cannot be changed; its methods answer new ones")
end

--- `a + b`: either fits, tried in that order.
function meta.__add(a, b)
  schema.expect(a, "what stands before +")
  return a:or_(b)
end

--- A new schema of `def`; `…` are the schemas that were made for it, in source order.
--- @param def table
--- @return instructor.Schema
function schema.new(def, ...)
  order.number(def)
  def.first = def.first or order.first(def, { ... })
  return setmetatable({ def = def }, meta)
end

--- A copy of `self` with some of its data changed; `…` are the schemas made for the changes.
--- @param self instructor.Schema
--- @param changes table
--- @return instructor.Schema
function schema.derive(self, changes, ...)
  local def = {}
  for k, v in pairs(self.def) do def[k] = v end
  for k, v in pairs(changes) do def[k] = v end
  def.first, def.compiled, def.straight, def.notes = nil, nil, nil, nil
  return (schema.new(def, self, ...))
end

--- Raises unless `v` is a schema, telling what was probably meant.
--- @param v any
--- @param what string what it stands for, as in 'the field "age"'
--- @return instructor.Schema
function schema.expect(v, what)
  if schema.is(v) then return v end
  if type(v) == "function" then
    options.raise(what .. " is a function, not a schema: call it, as in z.string()")
  end
  options.raise(("%s must be a schema, as z.string() is, not %s"):format(what, options.type_of(v)))
end

--- Is `v` the table of all constructors?
--- @param v any
--- @return boolean
function schema.is_z(v)
  return type(v) == "table" and rawget(v, "is_schema") == schema.is
end

--- Raises where a constructor was called with a colon: `given` is z then.
--- @param given any
--- @param who string as in "z.string"
function schema.expect_dot(given, who)
  if schema.is_z(given) then
    options.raise(("call it with a dot: %s(…)"):format(who))
  end
end

--- Raises unless `fn` is a function.
--- @param fn any
--- @param name string of what takes it
function schema.expect_function(fn, name)
  if type(fn) ~= "function" then
    options.raise(("%s takes a function, not %s"):format(name, options.type_of(fn)))
  end
end

--- Raises unless `self` is a schema: the method was called with a dot.
--- @param self any
--- @param name string of the method
function schema.expect_self(self, name)
  if schema.is(self) then return end
  options.raise(("call it with a colon: schema:%s(…)"):format(name))
end

local expect_self = schema.expect_self

--- The method `name` as a function: z.optional(s) for s:optional().
--- @param name string
--- @return fun(inner: instructor.Schema, ...: any): instructor.Schema
function schema.as_function(name)
  return function(inner, ...)
    schema.expect(inner, "the first argument of z." .. name)
    return (inner[name](inner, ...))
  end
end

--- A value of the user's, to be kept: he may change his own.
--- @generic T
--- @param value T
--- @return T
function schema.copy(value)
  if type(value) ~= "table" then return value end
  return (options.room("instructor.values").copy(value))
end

--- The schema that the lazy `self` stands for.
--- @param self instructor.Schema
--- @return instructor.Schema
function schema.target(self)
  return (options.blame("", options.room("instructor.z.compile").target, self))
end

-- ---- messages and checks ------------------------------------------------------------------------

local message_names = {
  message = "string|function", error = "string|function",
  required_error = "string", invalid_type_error = "string",
}
local check_names = {
  message = "string|function", error = "string|function", abort = "boolean", fatal = "boolean",
}

--- `known`, and `more` beside.
local function with_more(known, more)
  if more == nil then return known end
  local all = {}
  for name, rule in pairs(known) do all[name] = rule end
  for name, rule in pairs(more) do all[name] = rule end
  return all
end

local function read_options(given, who, known, more)
  if given == nil then return {} end
  if type(given) == "string" or type(given) == "function" then return { message = given } end
  if type(given) ~= "table" then
    options.raise(("%s takes a message or a table of options, not %s")
      :format(who, options.type_of(given)))
  end
  schema.expect_dot(given, who)
  options.check(who, given, with_more(known, more))
  return given
end

--- Zod 3's words for a missing value and for one of another type, as a function of the issue.
local function words_by_type(read)
  return function(issue)
    if issue.code ~= "invalid_type" then return nil end
    if issue.received == "nil" then return read.required_error end
    return read.invalid_type_error
  end
end

--- The message a constructor was given: a text, a function, or a table with `message` or `error`,
--- or with Zod 3's `required_error` and `invalid_type_error`.  `names` are the options it takes
--- beside, which are answered too.
--- @param given instructor.Message?
--- @param who string
--- @param names? table<string, string|function>
--- @return string|function|nil message, table read
function schema.message(given, who, names)
  if given == nil then return nil, {} end
  local read = read_options(given, who, message_names, names)
  local message = read.message or read.error
  if message == nil and (read.required_error or read.invalid_type_error) then
    message = words_by_type(read)
  end
  return message, read
end

--- `self` with one more check, given as a table: name (the core's), argument, flags.
--- @param self instructor.Schema
--- @param check table
--- @param given? string|function|table its options
--- @param who string what messages call it
--- @param names? table<string, string|function> the options this check takes beside the usual ones
--- @return instructor.Schema
function schema.with_check(self, check, given, who, names)
  local checks = {}
  for i, before in ipairs(self.def.checks or {}) do checks[i] = before end
  local read = read_options(given, who, check_names, names)
  check.message = read.message or read.error
  check.abort = read.abort or read.fatal or check.abort
  check.position = read.position
  check.path = schema.copy(read.path)
  checks[#checks + 1] = check
  return (schema.derive(self, { checks = checks }))
end

-- ---- words about it -----------------------------------------------------------------------------

--- What the model is told about the value.
--- @param text string
--- @return instructor.Schema
function Schema:describe(text)
  expect_self(self, "describe")
  if type(text) ~= "string" then
    options.raise("describe takes a text, not " .. options.type_of(text))
  end
  return (self:meta { description = text })
end

--- Metadata: title, description, examples, id and any other; without an argument, what is there.
--- @param given? table<string, any>
--- @return instructor.Schema|table
function Schema:meta(given)
  expect_self(self, "meta")
  if given == nil then return schema.copy(self.def.meta) or {} end
  if type(given) ~= "table" then
    options.raise("meta takes a table, as in { title = … }, not " .. options.type_of(given))
  end
  local merged = {}
  for k, v in pairs(self.def.meta or {}) do merged[k] = v end
  options.blame("meta: ", core.encode, given)
  for k, v in pairs(given) do
    if type(k) ~= "string" then options.raise("meta: the key " .. tostring(k) .. " is no text") end
    merged[k] = schema.copy(v)
  end
  return (schema.derive(self, { meta = merged }))
end

return schema

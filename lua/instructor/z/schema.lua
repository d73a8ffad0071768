-- What every schema can do, whatever its kind.  A schema is data (`def`) that never changes: each
-- method answers a new one.  What the data means, the core alone says.

local core = require "instructor.core"
local options = require "instructor.options"
local order = require "instructor.z.order"
local values = require "instructor.values"

--- A module that is loaded when something in it is first named: a script that only makes schemas
--- need not wait for it.
local function later(load)
  return setmetatable({}, { __index = function(self, name)
    local found = load()[name]
    rawset(self, name, found)
    return found
  end })
end

local code = later(function() return require "instructor.code" end)
local compile = later(function() return require "instructor.z.compile" end)
local parse = later(function() return require "instructor.z.parse" end)

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

local schema = { Schema = Schema }

--- Is `v` a schema?
--- @param v any
--- @return boolean
function schema.is(v)
  return type(v) == "table" and getmetatable(v) == meta
end

-- Words of Zod and of JSON Schema for what is called otherwise here.
local other_words = {
  ["and"] = "and_", ["or"] = "or_", to_lower_case = "to_lower", to_upper_case = "to_upper",
  min_length = "min", max_length = "max", min_items = "min", max_items = "max", minimum = "min",
  maximum = "max", minimum_value = "min", maximum_value = "max", integer = "int",
  pattern = "regex", match = "regex", matches = "regex", description = "describe", list = "array",
}

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
  if methods[name] == nil and rooms[name] then require(rooms[name]) end
  return methods[name]
end

function meta.__index(self, name)
  local method = Schema[name]
  if method ~= nil then return method end
  method = find(Schema, name)
  if method == nil and schema.readers[name] then method = schema.readers[name](self) end
  if method ~= nil or type(name) ~= "string" then return method end
  for _, module in pairs(rooms) do require(module) end
  local ours = other_words[options.snake_case(name)]
  local hint = ours and Schema[ours] and " (it is spelled " .. ours .. ")"
    or options.hint(name, Schema)
  options.raise(("%s schema has no method %s%s")
    :format(options.article(rawget(self, "def").kind), name, hint))
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

--- Raises unless `self` is a schema: the method was called with a dot.
--- @param self any
--- @param name string of the method
function schema.expect_self(self, name)
  if schema.is(self) then return end
  options.raise(("call it with a colon: schema:%s(…)"):format(name))
end

local expect_self = schema.expect_self

--- The schema that the lazy `self` stands for.
--- @param self instructor.Schema
--- @return instructor.Schema
function schema.target(self)
  return (options.blame("", compile.target, self))
end

-- ---- checks -------------------------------------------------------------------------------------

--- `names`, and those by which a message is given.
local function with_message(names)
  names.message, names.error = "string|function", "string|function"
  return names
end

local message_names = with_message {
  required_error = "string", invalid_type_error = "string",
}
local check_names = with_message { abort = "boolean", fatal = "boolean" }
local refine_names = with_message {
  abort = "boolean", fatal = "boolean", path = function(path) return (code.check_path(path)) end,
}
local includes_names = with_message {
  abort = "boolean", fatal = "boolean", position = options.count,
}
local names_of = { refine = refine_names, includes = includes_names }

local function read_options(given, who, names)
  if given == nil then return {} end
  if type(given) == "string" or type(given) == "function" then return { message = given } end
  if type(given) ~= "table" then
    options.raise(("%s takes a message or a table of options, not %s")
      :format(who, options.type_of(given)))
  end
  options.check(who, given, names)
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
  local known = message_names
  if names then
    known = {}
    for name, rule in pairs(message_names) do known[name] = rule end
    for name, rule in pairs(names) do known[name] = rule end
  end
  local read = read_options(given, who, known)
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
--- @return instructor.Schema
function schema.with_check(self, check, given, who)
  local checks = {}
  for i, before in ipairs(self.def.checks or {}) do checks[i] = before end
  local read = read_options(given, who, names_of[check.name] or check_names)
  check.message = read.message or read.error
  check.abort = read.abort or read.fatal or check.abort
  check.position = read.position
  check.path = values.copy(read.path)
  checks[#checks + 1] = check
  return (schema.derive(self, { checks = checks }))
end

-- ---- the user's functions -----------------------------------------------------------------------

--- Raises unless `fn` is a function.
--- @param fn any
--- @param name string of what takes it
function schema.expect_function(fn, name)
  if type(fn) ~= "function" then
    options.raise(("%s takes a function, not %s"):format(name, options.type_of(fn)))
  end
end

local expect_function = schema.expect_function

--- `fn(value)` must return a true value.
--- @param fn fun(value: any, context: instructor.Context): any
--- @param given? string|{ message: string|function?, path: (string|integer)[]?, abort: boolean? }
--- @return instructor.Schema
function Schema:refine(fn, given)
  expect_self(self, "refine")
  expect_function(fn, "refine")
  return (schema.with_check(self, { name = "refine", argument = fn }, given, "refine"))
end

--- `fn(value, context)` adds issues with `context:add_issue{ message =, path = }`.
--- @param fn fun(value: any, context: instructor.Context)
--- @return instructor.Schema
function Schema:super_refine(fn)
  expect_self(self, "super_refine")
  expect_function(fn, "super_refine")
  local function run(value, context)
    fn(value, context)
    return true
  end
  return (schema.with_check(self, { name = "refine", argument = run }, nil, "super_refine"))
end

--- `fn(value)` returns a new value of the same type, in its place among the checks.
--- @param fn fun(value: any): any
--- @return instructor.Schema
function Schema:overwrite(fn)
  expect_self(self, "overwrite")
  expect_function(fn, "overwrite")
  return (schema.with_check(self, { name = "overwrite", argument = fn }, nil, "overwrite"))
end

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
  if given == nil then return values.copy(self.def.meta) or {} end
  if type(given) ~= "table" then
    options.raise("meta takes a table, as in { title = … }, not " .. options.type_of(given))
  end
  local merged = {}
  for k, v in pairs(self.def.meta or {}) do merged[k] = v end
  options.blame("meta: ", core.encode, given)
  for k, v in pairs(given) do
    if type(k) ~= "string" then options.raise("meta: the key " .. tostring(k) .. " is no text") end
    merged[k] = values.copy(v)
  end
  return (schema.derive(self, { meta = merged }))
end

-- ---- parsing ------------------------------------------------------------------------------------

local parse_options = {
  nulls = function(v)
    if v ~= "keep" and v ~= "absent" then
      return 'takes "keep" or "absent", not ' .. options.shown(v)
    end
  end,
}

--- A rule for options.check: how much of a text may be repaired.
--- @param value any
--- @return string?
function schema.repair(value)
  if type(value) ~= "boolean" and value ~= "coerce" then
    return 'takes true, false or "coerce", not ' .. options.shown(value)
  end
end

local text_options = { nulls = parse_options.nulls, repair = schema.repair }

--- @class instructor.ParseOptions
--- @field nulls? "keep"|"absent" "absent" leaves out the nulls of declared fields, last of all

--- @class instructor.TextOptions: instructor.ParseOptions
--- @field repair? boolean|"coerce" reads broken JSON, as create does (false)

--- Parses for the method `name`.
local function run(self, name, subject, given)
  expect_self(self, name)
  if given ~= nil then options.check(name, given, parse_options) end
  return parse.run(self, subject, given)
end

--- Raises for what is no schema, or no text.
local function refuse_json(self, name, text)
  expect_self(self, name)
  options.raise(("%s takes a text, not %s"):format(name, options.type_of(text)))
end

-- By schema: what reads a text straight, for those that are plain and were used.  It is the data of
-- the schema that keeps it.
local straights = setmetatable({}, { __mode = "kv" })

--- What reads a text straight; false: the schema is not plain.
local function straight_of(self)
  local def = self.def
  if def.straight == nil then
    def.straight = core.straight(compile.compiled(self))
    straights[self] = def.straight or nil
  end
  return def.straight
end

--- Raises for what is no schema, no text or no options; nil otherwise, or the value of a text that
--- fits a plain schema.
local function straight(self, name, text, given)
  if getmetatable(self) ~= meta or type(text) ~= "string" then refuse_json(self, name, text) end
  if given ~= nil then options.check(name, given, text_options) end
  local read = straight_of(self)
  if read then return read(text, given ~= nil and given.nulls == "absent") end
end

local function run_json(self, name, text, given)
  local value = straight(self, name, text, given)
  if value ~= nil then return value, nil, given ~= nil and given.repair and {} or nil end
  return parse.run(self, { text = text }, given)
end

--- The same for what was not read straight.
local function run_refused(self, name, text)
  if type(text) ~= "string" then refuse_json(self, name, text) end
  return parse.run(self, { text = text })
end

local function raise_or_return(value, err)
  if err ~= nil then error(err, 0) end
  return value
end

local function as_table(value, err, repairs)
  if err ~= nil then return { success = false, error = err } end
  return { success = true, data = value, repairs = repairs }
end

--- The value, or nil and an error.  Never raises for a value that does not fit.
--- @param value any
--- @param given? instructor.ParseOptions
--- @return any value, instructor.Error? err
function Schema:try(value, given)
  return run(self, "try", { value = value }, given)
end

--- The same, from JSON text.  With `repair` its third result says what was done to the text.
--- @param text string
--- @param given? instructor.TextOptions
--- @return any value, instructor.Error? err, instructor.Repair[]? repairs
function Schema:try_json(text, given)
  local read = straights[self]
  if read == nil or given ~= nil then return run_json(self, "try_json", text, given) end
  local value = read(text)
  if value ~= nil then return value end
  return run_refused(self, "try_json", text)
end

--- The value; raises an instructor.Error when it does not fit.
--- @param value any
--- @param given? instructor.ParseOptions
--- @return any
function Schema:parse(value, given)
  return raise_or_return(run(self, "parse", { value = value }, given))
end

--- @param text string JSON
--- @param given? instructor.TextOptions
--- @return any
function Schema:parse_json(text, given)
  local read = straights[self]
  if read == nil or given ~= nil then
    return raise_or_return(run_json(self, "parse_json", text, given))
  end
  local value = read(text)
  if value ~= nil then return value end
  return raise_or_return(run_refused(self, "parse_json", text))
end

--- `{ success = true, data = value }` or `{ success = false, error = err }`, as Zod has it.
--- @param value any
--- @param given? instructor.ParseOptions
--- @return { success: boolean, data: any, error: instructor.Error? }
function Schema:safe_parse(value, given)
  return as_table(run(self, "safe_parse", { value = value }, given))
end

--- @param text string JSON
--- @param given? instructor.TextOptions
--- @return { success: boolean, data: any, error: instructor.Error? }
function Schema:safe_parse_json(text, given)
  return as_table(run_json(self, "safe_parse_json", text, given))
end

--- `value` as JSON text: fields in their order, an empty list as [], null where a nullable field
--- that is not optional is nil.  The value is written as it is, not validated.
--- @param value any
--- @return string
function Schema:to_json(value)
  expect_self(self, "to_json")
  if value == nil then options.raise("to_json: nil is no JSON value; null is instructor.null") end
  local compiled = compile.compiled(self)
  return options.blame("to_json: ", compiled.to_json, compiled, value)
end

return schema

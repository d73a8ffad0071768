-- What every schema can do, whatever its kind.  A schema is data (`def`) that never changes: each
-- method answers a new one.  What the data means, the core alone says.

local options = require "instructor.options"
local order = require "instructor.z.order"

--- @class instructor.Schema
--- @field def table its data: kind, inner schemas, checks, metadata
local Schema = {}

local meta = { __name = "instructor.Schema" }

local schema = { Schema = Schema }

--- Is `v` a schema?
--- @param v any
--- @return boolean
function schema.is(v)
  return type(v) == "table" and getmetatable(v) == meta
end

-- Words of Zod that Lua spells otherwise.
local other_words = {
  ["and"] = "and_", ["or"] = "or_", passthrough = "passthrough", to_lower_case = "to_lower",
}

function meta.__index(self, name)
  local method = Schema[name]
  if method ~= nil or name == "shape" then
    if name == "shape" then return schema.shape(self) end
    return method
  end
  if type(name) ~= "string" then return nil end
  local hint = other_words[name] and " (it is spelled " .. other_words[name] .. ")"
    or options.hint(name, Schema)
  options.raise(("a %s schema has no method %s%s"):format(rawget(self, "def").kind, name, hint))
end

function meta.__newindex()
  options.raise("a schema cannot be changed; its methods answer new ones")
end

--- The first number of what was made inside `def`'s own expression.
local function first_number(def, inner)
  local first = def.number
  for i = #inner, 1, -1 do
    if inner[i].def.number == first - 1 then first = inner[i].def.first end
  end
  return first
end

--- A new schema of `def`; `…` are the schemas that were just made for it, in source order.
--- @param def table
--- @return instructor.Schema
function schema.new(def, ...)
  def.number, def.source, def.line = order.next()
  def.first = def.first or first_number(def, { ... })
  return setmetatable({ def = def }, meta)
end

--- A copy of `self` with some of its data changed.
--- @param self instructor.Schema
--- @param changes table
--- @return instructor.Schema
function schema.derive(self, changes)
  local def = {}
  for k, v in pairs(self.def) do def[k] = v end
  for k, v in pairs(changes) do def[k] = v end
  def.first, def.compiled = nil, nil
  return (schema.new(def, self))
end

--- Raises unless `v` is a schema, telling what was probably meant.
--- @param v any
--- @param who string
--- @return instructor.Schema
function schema.expect(v, who)
  if schema.is(v) then return v end
  if type(v) == "function" then
    options.raise(who .. " is a function, not a schema: call it, as in z.string()")
  end
  options.raise(("%s takes a schema, as in z.string(), not a %s"):format(who, type(v)))
end

--- Raises unless `self` is a schema: the method was called with a dot.
local function expect_self(self, name)
  if schema.is(self) then return end
  options.raise(("call it with a colon: schema:%s(…)"):format(name))
end

--- The options of a check: a text is its message.
--- @param given string|table|function|nil
--- @return table
function schema.check_options(given)
  if given == nil then return {} end
  if type(given) == "string" or type(given) == "function" then return { message = given } end
  options.check("a check", given, {
    message = "string|function", error = "string|function", abort = "boolean", path = "table",
    params = "table", fatal = "boolean",
  })
  return {
    message = given.message or given.error,
    abort = given.abort or given.fatal,
    path = given.path,
  }
end

--- `self` with one more check.
--- @param self instructor.Schema
--- @param name string the core's name of it
--- @param argument any
--- @param given? string|table
--- @return instructor.Schema
function schema.with_check(self, name, argument, given)
  local checks = {}
  for i, check in ipairs(self.def.checks or {}) do checks[i] = check end
  local check = schema.check_options(given)
  check.name, check.argument = name, argument
  checks[#checks + 1] = check
  return (schema.derive(self, { checks = checks }))
end

local function wrapper(kind)
  return function(self)
    expect_self(self, kind)
    return (schema.new({ kind = kind, inner = { self } }, self))
  end
end

--- The value may be missing (nil).  JSON's null is not missing.
--- @return instructor.Schema
Schema.optional = wrapper "optional"

--- The value may be JSON's null.
--- @return instructor.Schema
Schema.nullable = wrapper "nullable"

--- The value may be missing or null.
--- @return instructor.Schema
function Schema:nullish()
  expect_self(self, "nullish")
  return (self:nullable():optional())
end

--- A missing value becomes `value` (or what `value` returns, when it is a function), unchecked.
--- @param value any
--- @return instructor.Schema
function Schema:default(value)
  expect_self(self, "default")
  if value == nil then options.raise("default takes a value or a function, not nil") end
  local fn = type(value) == "function" and value or nil
  return (schema.new({ kind = "default", inner = { self }, fn = fn,
    values = fn == nil and { value } or nil }, self))
end

--- A list of such values.
--- @return instructor.Schema
function Schema:array()
  expect_self(self, "array")
  return (schema.new({ kind = "array", inner = { self } }, self))
end

--- The result of this schema goes through `other`.
--- @param other instructor.Schema
--- @return instructor.Schema
function Schema:pipe(other)
  expect_self(self, "pipe")
  schema.expect(other, "pipe")
  return (schema.new({ kind = "pipe", inner = { self, other } }, self, other))
end

local function expect_function(fn, name)
  if type(fn) ~= "function" then
    options.raise(("%s takes a function, not a %s"):format(name, type(fn)))
  end
end

--- `fn(value)` must return a true value.
--- @param fn fun(value: any, context: instructor.Context): any
--- @param given? string|{ message: string|function?, path: (string|integer)[]?, abort: boolean? }
--- @return instructor.Schema
function Schema:refine(fn, given)
  expect_self(self, "refine")
  expect_function(fn, "refine")
  return (schema.with_check(self, "refine", fn, given))
end

--- `fn(value, context)` adds issues with `context:add_issue{ message =, path = }`.
--- @param fn fun(value: any, context: instructor.Context)
--- @return instructor.Schema
function Schema:super_refine(fn)
  expect_self(self, "super_refine")
  expect_function(fn, "super_refine")
  return (schema.with_check(self, "refine", function(value, context)
    fn(value, context)
    return true
  end))
end

--- `fn(value)` returns a new value of the same type, in its place among the checks.
--- @param fn fun(value: any): any
--- @return instructor.Schema
function Schema:overwrite(fn)
  expect_self(self, "overwrite")
  expect_function(fn, "overwrite")
  return (schema.with_check(self, "overwrite", fn))
end

--- `fn(value, context)` returns the result.  It runs only when all before it went well.
--- @param fn fun(value: any, context: instructor.Context): any
--- @return instructor.Schema
function Schema:transform(fn)
  expect_self(self, "transform")
  expect_function(fn, "transform")
  local made = schema.new { kind = "transform", fn = fn }
  return (schema.new({ kind = "pipe", inner = { self, made } }, self, made))
end

--- What the model is told about the value.
--- @param text string
--- @return instructor.Schema
function Schema:describe(text)
  expect_self(self, "describe")
  if type(text) ~= "string" then options.raise("describe takes a text, not a " .. type(text)) end
  return (self:meta { description = text })
end

--- Metadata: title, description, examples, id and any other; without an argument, what is there.
--- @param given? table<string, any>
--- @return instructor.Schema|table
function Schema:meta(given)
  expect_self(self, "meta")
  if given == nil then return self.def.meta or {} end
  local merged = {}
  for k, v in pairs(self.def.meta or {}) do merged[k] = v end
  for k, v in pairs(given) do merged[k] = v end
  return (schema.derive(self, { meta = merged }))
end

-- ---- parsing ------------------------------------------------------------------------------------

local function run(self, paused, given)
  local parse = require "instructor.z.parse"
  return parse.run(self, paused, given)
end

local parse_options = {
  nulls = function(v)
    if v ~= "keep" and v ~= "absent" then return 'takes "keep" or "absent"' end
  end,
}

--- @class instructor.ParseOptions
--- @field nulls? "keep"|"absent" "absent" leaves out the nulls of declared fields, last of all

--- The value, or nil and an error.  Never raises for a value that does not fit.
--- @param value any
--- @param given? instructor.ParseOptions
--- @return any value, instructor.Error? err
function Schema:try(value, given)
  expect_self(self, "try")
  if given then options.check("try", given, parse_options) end
  return run(self, { value = value }, given)
end

--- The same, from JSON text.
--- @param text string
--- @param given? instructor.ParseOptions
--- @return any value, instructor.Error? err
function Schema:try_json(text, given)
  expect_self(self, "try_json")
  if type(text) ~= "string" then options.raise("try_json takes a text, not a " .. type(text)) end
  if given then options.check("try_json", given, parse_options) end
  return run(self, { text = text }, given)
end

local function raise_or_return(value, err)
  if err ~= nil then error(err, 0) end
  return value
end

local function as_table(value, err)
  if err ~= nil then return { success = false, error = err } end
  return { success = true, data = value }
end

--- The value; raises an instructor.Error when it does not fit.
--- @param value any
--- @param given? instructor.ParseOptions
--- @return any
function Schema:parse(value, given)
  expect_self(self, "parse")
  return raise_or_return(self:try(value, given))
end

--- @param text string JSON
--- @param given? instructor.ParseOptions
--- @return any
function Schema:parse_json(text, given)
  expect_self(self, "parse_json")
  return raise_or_return(self:try_json(text, given))
end

--- `{ success = true, data = value }` or `{ success = false, error = err }`, as Zod has it.
--- @param value any
--- @param given? instructor.ParseOptions
--- @return { success: boolean, data: any, error: instructor.Error? }
function Schema:safe_parse(value, given)
  expect_self(self, "safe_parse")
  return as_table(self:try(value, given))
end

--- @param text string JSON
--- @param given? instructor.ParseOptions
--- @return { success: boolean, data: any, error: instructor.Error? }
function Schema:safe_parse_json(text, given)
  expect_self(self, "safe_parse_json")
  return as_table(self:try_json(text, given))
end

--- `value` as JSON text: fields in their order, an empty list as [], null where a nullable field that
--- is not optional is nil.  The value is written as it is, not validated.
--- @param value any
--- @return string
function Schema:to_json(value)
  expect_self(self, "to_json")
  return require("instructor.z.compile").compiled(self):to_json(value)
end

return schema

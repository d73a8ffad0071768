-- The user's own functions: those that judge a value, and those that make another of it.

local options = require "instructor.options"
local schema = require "instructor.z.schema"

--- @class instructor.Schema
local Schema = schema.Schema
local expect_function, expect_self = schema.expect_function, schema.expect_self

local functions = {}

-- ---- judging ------------------------------------------------------------------------------------

local refine_names = {
  path = function(path) return (options.room("instructor.code").check_path(path)) end,
}

--- `fn(value)` must return a true value.
--- @param fn fun(value: any, context: instructor.Context): any
--- @param given? string|{ message: string|function?, path: (string|integer)[]?, abort: boolean? }
--- @return instructor.Schema
function Schema:refine(fn, given)
  expect_self(self, "refine")
  expect_function(fn, "refine")
  local check = { name = "refine", argument = fn }
  return (schema.with_check(self, check, given, "refine", refine_names))
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

--- Whatever `fn(value)` returns a true value for; without a function, anything.
--- @param fn? fun(value: any): any
--- @param given? instructor.CheckOptions
--- @return instructor.Schema
function functions.custom(fn, given)
  local any = schema.new { kind = "any" }
  if fn == nil then return any end
  expect_function(fn, "z.custom")
  local check = { name = "refine", argument = fn, abort = true }
  return (schema.with_check(any, check, given, "z.custom", refine_names))
end

-- ---- making another -----------------------------------------------------------------------------

--- `fn(value, context)` returns the result.  It runs only when all before it went well.
--- @param fn fun(value: any, context: instructor.Context): any
--- @return instructor.Schema
function Schema:transform(fn)
  expect_self(self, "transform")
  expect_function(fn, "transform")
  local made = schema.new { kind = "transform", fn = fn }
  return (schema.new({ kind = "pipe", inner = { self, made } }, self, made))
end

--- `fn(value, context)` is run on whatever comes, nil included; what it returns goes through
--- `inner`. A provider is asked for what `inner` takes.
--- @param fn fun(value: any, context: instructor.Context): any
--- @param inner instructor.Schema
--- @return instructor.Schema
function functions.preprocess(fn, inner)
  expect_function(fn, "z.preprocess")
  schema.expect(inner, "the second argument of z.preprocess")
  local made = schema.new { kind = "transform", fn = fn }
  return (schema.new({ kind = "pipe", inner = { made, inner } }, inner, made))
end

functions.transform = schema.as_function "transform"

return functions

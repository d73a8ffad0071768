-- A value or a text read against a schema: parse, try and the like; and written, by to_json.

local compile = require "instructor.z.compile"
local core = require "instructor.core"
local options = require "instructor.options"
local schema = require "instructor.z.schema"

--- @class instructor.Schema
local Schema = schema.Schema
local expect_self = schema.expect_self

local reading = {}

local parse -- is loaded for what is not read straight: a text that fits a plain schema is

local function judge(...)
  parse = parse or options.room "instructor.z.parse"
  return parse.run(...)
end

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
function reading.repair(value)
  if type(value) ~= "boolean" and value ~= "coerce" then
    return 'takes true, false or "coerce", not ' .. options.shown(value)
  end
end

local text_options = { nulls = parse_options.nulls, repair = reading.repair }

--- @class instructor.ParseOptions
--- @field nulls? "keep"|"absent" "absent" leaves out the nulls of declared fields, last of all

--- @class instructor.TextOptions: instructor.ParseOptions
--- @field repair? boolean|"coerce" reads broken JSON, as create does (false)

--- Parses for the method `name`.
local function run(self, name, subject, given)
  expect_self(self, name)
  if given ~= nil then options.check(name, given, parse_options) end
  return judge(self, subject, given)
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
  if not schema.is(self) or type(text) ~= "string" then refuse_json(self, name, text) end
  if given ~= nil then options.check(name, given, text_options) end
  local read = straight_of(self)
  if read then return read(text, given ~= nil and given.nulls == "absent") end
end

local function run_json(self, name, text, given)
  local value = straight(self, name, text, given)
  if value ~= nil then return value, nil, given ~= nil and given.repair and {} or nil end
  return judge(self, { text = text }, given)
end

--- The same for what was not read straight.
local function run_refused(self, name, text)
  if type(text) ~= "string" then refuse_json(self, name, text) end
  return judge(self, { text = text })
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

return reading

-- A value or a text against a schema, with the user's functions run on the way.

local code = require "instructor.code"
local compile = require "instructor.z.compile"
local core = require "instructor.core"
local errors = require "instructor.errors"

local parse = {}

--- A text that is no JSON, as an error with one issue.
local function not_json(message, offset, kind)
  return errors.new {
    kind = kind,
    message = message,
    retryable = false,
    issues = { { code = "invalid_json", message = message, path = {}, offset = offset } },
  }
end

--- Runs `schema` over `subject.value`, or over the JSON of `subject.text`.
--- @param schema instructor.Schema
--- @param subject { value: any, text: string? }
--- @param given? instructor.ParseOptions
--- @return any value, instructor.Error? err
function parse.run(schema, subject, given)
  local compiled = compile.compiled(schema)
  local parsing, message, offset, kind
  if subject.text then
    parsing, message, offset, kind = core.parse_json(compiled, subject.text)
    if parsing == nil then return nil, not_json(message, offset, kind) end
  else
    parsing = core.parse(compiled, subject.value)
  end
  while true do
    local step, task, fn, value, issue = parsing:next()
    if step == "valid" then
      return parsing:value(given ~= nil and given.nulls == "absent")
    elseif step == "invalid" then
      return nil, errors.validation(parsing:issues())
    end
    code.run(parsing, task, fn, value, issue)
  end
end

return parse

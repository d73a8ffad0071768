-- A value or a text against a schema, with the user's functions run on the way.

local code = require "instructor.code"
local compile = require "instructor.z.compile"
local core = require "instructor.core"
local errors = require "instructor.errors"

local parse = {}

--- A text that is no JSON, or one that passes a limit, as an error with one issue.
--- @param message string
--- @param offset integer
--- @param kind instructor.Kind
--- @return instructor.Error
function parse.not_json(message, offset, kind)
  if kind == "json" then message = ("%s (at byte %d)"):format(message, offset) end
  return errors.new {
    kind = kind,
    message = message,
    retryable = false,
    issues = { { code = "invalid_json", message = message, path = {}, offset = offset } },
  }
end

--- A value that cannot be judged to the end.
local function stopped(kind, message)
  return errors.new { kind = kind, message = message, retryable = false }
end

--- A parse of the subject that has not begun; or nil and an error.
local function start(compiled, subject, given)
  local parsing, message, offset, kind
  if subject.text ~= nil then
    parsing, message, offset, kind = core.parse_json(compiled, subject.text, nil,
      given and given.repair)
  elseif subject.stream ~= nil then
    parsing, message, offset, kind = core.parse_stream(compiled, subject.stream)
  else
    parsing, message = core.parse(compiled, subject.value, subject.null_is_absent,
      given and given.repair)
    if parsing == nil then return nil, stopped("limit", message) end
  end
  if parsing ~= nil then return parsing end
  return nil, parse.not_json(message, offset, kind)
end

--- Hands on the outcome of a parse whose memory is not needed any more.  (Lua does not see its
--- weight and would let many gather before it collects them.)
local function closed(parsing, value, err, repairs)
  parsing:close()
  return value, err, repairs
end

--- Runs `schema` over `subject.value`, or over the JSON of `subject.text`, or over all that
--- `subject.stream` was fed.
--- @param schema instructor.Schema
--- @param subject { value: any, null_is_absent: boolean?, text: string?, stream: userdata? }
--- @param given? instructor.ParseOptions
--- @return any value, instructor.Error? err, instructor.Repair[]? repairs
function parse.run(schema, subject, given)
  local parsing, err = start(compile.compiled(schema), subject, given)
  if parsing == nil then return nil, err end
  while true do
    local step, task, fn, value, issue = parsing:next()
    if step == "valid" then
      local drop_nulls = given ~= nil and given.nulls == "absent"
      local repairs = given ~= nil and given.repair and parsing:repairs() or nil
      return closed(parsing, parsing:value(drop_nulls), nil, repairs)
    elseif step == "invalid" then
      return closed(parsing, nil, errors.validation(parsing:issues()))
    elseif step == "failed" then
      return closed(parsing, nil, stopped(task, fn))
    end
    code.run(parsing, task, fn, value, issue)
  end
end

return parse

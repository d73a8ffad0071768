-- Runs the user's functions for a parse or a call that has paused for them.
-- They run here, in plain Lua, between two calls into C: they may raise, yield, or ask a model.

local errors = require "instructor.errors"
local options = require "instructor.options"

local code = {}

-- ---- contexts -----------------------------------------------------------------------------------

--- What a refine, a super_refine or a transform is handed beside the value.  It is good for as long
--- as the function runs.
--- @class instructor.Context
local Context = {}
Context.__index = Context

local paused_of = setmetatable({}, { __mode = "k" }) -- what an open context belongs to

--- A rule for options.check: the steps to a place below a value, as Lua counts.
--- @param path any
--- @return string? what is wrong with it
function code.check_path(path)
  if type(path) ~= "table" then return 'takes a list, as in { "items", 1 }' end
  for i = 1, #path do
    local step = path[i]
    local fits = type(step) == "string" or type(step) == "number" and step >= 1 and step % 1 == 0
    if not fits then
      return ("takes keys and whole numbers from 1, not %s"):format(options.shown(step))
    end
  end
end

local function check_code(given)
  if given ~= "custom" then return 'takes "custom", not ' .. options.shown(given) end
end

local issue_names = {
  message = "string", path = code.check_path, fatal = "boolean", code = check_code,
}

--- Adds an issue at the value, or at `path` below it; a `fatal` one ends the checks of the value.
--- @param issue string|{ message: string?, path: (string|integer)[]?, fatal: boolean? }
function Context:add_issue(issue)
  if type(self) ~= "table" or getmetatable(self) ~= Context then
    options.raise "call it with a colon: context:add_issue(…)"
  end
  if type(issue) == "string" then issue = { message = issue } end
  options.check("add_issue", issue, issue_names)
  local paused = paused_of[self]
  if paused == nil then options.raise "add_issue: the function it was meant for has returned" end
  paused:object(issue.message, issue.path, issue.fatal)
end

--- Calls `fn` with a context that is open until it returns.  A function of C (tonumber,
--- string.upper) knows no contexts and gets the value alone.
local function with_context(paused, fn, value)
  if debug.getinfo(fn, "S").what == "C" then return (fn(value)) end
  local context = setmetatable({}, Context)
  paused_of[context] = paused
  local answer = fn(value, context)
  paused_of[context] = nil
  return answer
end

-- ---- tasks --------------------------------------------------------------------------------------

local run = {}

function run.refine(paused, fn, value)
  paused:answer(not not with_context(paused, fn, value))
end

function run.overwrite(paused, fn, value)
  paused:answer((fn(value)))
end

function run.transform(paused, fn, value)
  paused:answer(with_context(paused, fn, value))
end

function run.default(paused, fn)
  paused:answer((fn()))
end

--- What a catch's function is handed.
--- @class instructor.Caught
--- @field input any                 what stood there
--- @field value any                 the same
--- @field error instructor.Error    what was wrong with it
--- @field issues instructor.Issue[] its issues

function run.catch(paused, fn, value, issues)
  local err = errors.validation(issues)
  paused:answer((fn { input = value, value = value, error = err, issues = issues }))
end

--- A text, a table with one, or nothing: then the words are ours.
function run.message(paused, fn, value, issue)
  issue.input = value
  local words = fn(issue)
  if type(words) == "table" then words = words.message end
  if words and type(words) ~= "string" then
    error("a message function returned " .. options.type_of(words) .. ", not a text", 0)
  end
  paused:answer(words or nil)
end

--- Runs what `paused` (a parse or a call) waits for, and hands it the answer.
--- @param paused userdata
--- @param task string
--- @param fn function
--- @param value any
--- @param issue? instructor.Issue
function code.run(paused, task, fn, value, issue)
  run[task](paused, fn, value, issue)
end

return code

-- Runs the user's functions for a parse or a call that has paused for them.
-- They run here, in plain Lua, between two calls into C: they may raise, yield, or ask a model.

local code = {}

--- What a transform or a super_refine is handed beside the value.
--- @class instructor.Context
local Context = {}
Context.__index = Context

--- Adds an issue at the value, or at `path` below it.
--- @param issue string|{ message: string?, path: (string|integer)[]?, fatal: boolean? }
function Context:add_issue(issue)
  if type(issue) == "string" then issue = { message = issue } end
  self.paused:object(issue.message, issue.path, issue.fatal)
end

local run = {}

function run.refine(paused, fn, value)
  paused:answer(not not fn(value, setmetatable({ paused = paused }, Context)))
end

function run.overwrite(paused, fn, value)
  paused:answer((fn(value)))
end

function run.transform(paused, fn, value)
  paused:answer((fn(value, setmetatable({ paused = paused }, Context))))
end

function run.default(paused, fn)
  paused:answer((fn()))
end

function run.message(paused, fn, _, issue)
  local words = fn(issue)
  if type(words) == "table" then words = words.message end
  paused:answer(type(words) == "string" and words or nil)
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

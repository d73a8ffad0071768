-- What a call has cost and what came of it: the core tells it value by value, for a table is filled
-- faster from Lua than from C.

local core = require "instructor.core"

local account = {}

local function usage_of(input, output, total, cached, cache_write, reasoning)
  if input == nil then return nil end
  return {
    input_tokens = input, output_tokens = output, total_tokens = total,
    cached_tokens = cached, cache_write_tokens = cache_write, reasoning_tokens = reasoning,
  }
end

--- The usage over all attempts, the one under way included; nil where no provider said.
--- @param call userdata
--- @return instructor.Usage?
function account.usage(call) return usage_of(call:usage()) end

local function attempt_of(call, number, status, ...)
  if status == nil then return nil end
  local text, request_id, model, finish_reason, outcome, seconds, first_byte, waited, reask,
    raw_usage, has_more = ...
  local attempt = {
    status = status or nil, text = text, request_id = request_id, model = model,
    finish_reason = finish_reason, outcome = outcome, seconds = seconds, first_byte = first_byte,
    waited = waited, reask = reask, raw_usage = raw_usage, usage = usage_of(call:usage(number)),
    repairs = {},
  }
  if not has_more then return attempt end
  for name, value in pairs(call:trouble(number)) do attempt[name] = value end
  return attempt
end

--- All attempts so far, the one under way included.
--- @param call userdata
--- @return instructor.Attempt[]
function account.attempts(call)
  local attempts, number = {}, 1
  while true do
    local attempt = attempt_of(call, number, call:attempt(number))
    if attempt == nil then return attempts end
    attempts[number] = attempt
    number = number + 1
  end
end

--- How often an answer was given up early, how long was rested, and which model answered last.
local function sum_of(attempts)
  local stopped, waited, model = 0, 0, nil
  for i = 1, #attempts do
    local attempt = attempts[i]
    if attempt.stopped then stopped = stopped + 1 end
    waited = waited + attempt.waited
    model = attempt.model or model
  end
  return stopped > 0 and stopped or nil, waited, model
end

--- Seconds from the start of the call.
local function seconds_of(how) return core.clock() - how.started + (how.skipped or 0) end

local function warnings_of(how) return how.watch and how.watch.warnings or {} end

--- The meta of a call that was answered, without its notes on the order of fields.
--- @param call userdata
--- @param how instructor.How
--- @return table
function account.meta(call, how)
  local attempts = account.attempts(call)
  local stopped, waited, model = sum_of(attempts)
  local last = attempts[#attempts] or {}
  return {
    raw = call:body(), attempts = attempts, usage = account.usage(call), model = model,
    waited = waited, seconds = seconds_of(how), warnings = warnings_of(how), stopped = stopped,
    request_id = last.request_id, reasoning = last.reasoning, outcome = last.outcome,
    finish_reason = last.finish_reason, refusal = last.refusal, repairs = last.repairs or {},
    field_order = nil, completion = nil, -- room for what comes later
  }
end

local of_error = { "request_id", "class", "type", "param", "said", "failed_generation", "refusal",
  "retry_after" }

--- The fields of the error that ended a call.
--- @param call userdata
--- @param how instructor.How
--- @return table
function account.error(call, how)
  local fields, attempts = call:error(), account.attempts(call)
  local last = attempts[#attempts] or {}
  for _, name in ipairs(of_error) do
    if fields[name] == nil then fields[name] = last[name] end
  end
  fields.attempts, fields.usage = attempts, account.usage(call)
  fields.stopped, fields.waited, fields.model = sum_of(attempts)
  fields.seconds, fields.warnings = seconds_of(how), warnings_of(how)
  return fields
end

return account

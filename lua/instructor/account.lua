-- What a call has cost and what came of it: the core tells it value by value, for a table is filled
-- faster from Lua than from C.

local core = require "instructor.core"

local account = {}

local setmetatable = setmetatable

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

local function new_attempt(status, text, request_id, model, finish_reason, outcome, seconds,
    first_byte, waited, reask, raw_usage, ...)
  return {
    status = status or nil, text = text, request_id = request_id, model = model,
    finish_reason = finish_reason, outcome = outcome, seconds = seconds, first_byte = first_byte,
    waited = waited, reask = reask, raw_usage = raw_usage, usage = usage_of(...), repairs = {},
  }
end

local function attempt_of(call, number, has_trouble, ...)
  if has_trouble == nil then return nil end
  local attempt = new_attempt(...)
  attempt.usage = usage_of(call:usage(number))
  if has_trouble then
    for name, value in pairs(call:trouble(number)) do attempt[name] = value end
  end
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

-- ---- meta ---------------------------------------------------------------------------------------

--- @class instructor.Meta
--- @field usage? instructor.Usage               over all attempts
--- @field attempts instructor.Attempt[]
--- @field raw string                            the last answer's bytes
--- @field completion table                      the same, decoded when first read
--- @field model? string                         which model answered
--- @field seconds number                        from first look to last, waits included
--- @field waited number                         of these, rested between attempts
--- @field warnings string[]                     a logger that raised, an exchange not recorded
--- @field reasoning? string                     visible thinking, where the provider shows it
--- @field request_id? string
--- @field text? string                          the last answer's: what the model wrote
--- @field first_byte? number                    seconds from sending to that answer's first byte
--- @field outcome? instructor.Outcome           how the answer ended, in one word for all
--- @field finish_reason? string                 the same in the provider's word
--- @field refusal? string                       of a call that is passed through
--- @field stopped? integer                      answers given up early: see attempts[i].stopped
--- @field repairs instructor.Repair[]           what was done to the answer to read it
--- @field field_order string[]                  notes about fields whose order was not stated

--- Fields that are worked out when first read.
local lazy = {}

function lazy.completion(meta) return (core.decode(rawget(meta, "raw"))) end

--- Of a call that was answered at once: its only attempt is all there was.  (It lacks what the user
--- took out of the meta before.)
function lazy.attempts(meta)
  local raw, usage = rawget(meta, "raw"), {}
  local seconds, waited = meta.seconds, meta.waited
  for name, count in pairs(meta.usage or usage) do usage[name] = count end
  return { {
    status = 200, text = meta.text, request_id = meta.request_id, model = meta.model,
    finish_reason = meta.finish_reason, outcome = meta.outcome,
    seconds = seconds and seconds - (waited or 0), first_byte = meta.first_byte, waited = waited,
    reask = false, raw_usage = raw and core.raw_usage(raw), usage = meta.usage and usage,
    repairs = {},
  } }
end

function lazy.repairs() return {} end
function lazy.warnings() return {} end
function lazy.field_order() return {} end

local Meta = {}

function Meta.__index(meta, name)
  if lazy[name] == nil then return nil end
  local value = lazy[name](meta)
  rawset(meta, name, value)
  return value
end

--- Whoever walks over it finds all fields (not on Lua 5.1).
function Meta.__pairs(meta)
  for name in next, lazy do
    local _ = meta[name]
  end
  return next, meta, nil
end

--- The meta of a call that ended plainly, of which the core tells all there is.
--- @return instructor.Meta
function account.plain(raw, text, model, request_id, finish_reason, outcome, waited, first_byte,
    seconds, input, output, total, cached, cache_write, reasoning)
  return setmetatable({
    raw = raw, text = text, model = model, request_id = request_id, finish_reason = finish_reason,
    outcome = outcome, waited = waited, first_byte = first_byte, seconds = seconds,
    usage = input and {
      input_tokens = input, output_tokens = output, total_tokens = total,
      cached_tokens = cached, cache_write_tokens = cache_write, reasoning_tokens = reasoning,
    },
  }, Meta)
end

local function whole_meta(call)
  local attempts = account.attempts(call)
  local stopped, waited, model = sum_of(attempts)
  local last = attempts[#attempts] or {}
  return {
    raw = call:body(), attempts = attempts, usage = account.usage(call), model = model,
    waited = waited, seconds = call:seconds(), stopped = stopped,
    request_id = last.request_id, text = last.text, first_byte = last.first_byte,
    reasoning = last.reasoning, outcome = last.outcome,
    finish_reason = last.finish_reason, refusal = last.refusal, repairs = last.repairs,
  }
end

--- The meta of a call that was answered, the whole account.
--- @param call userdata
--- @param how instructor.How
--- @param field_order? string[] if there are notes
--- @return instructor.Meta
function account.meta(call, how, field_order)
  local meta = whole_meta(call)
  if how.watch then meta.warnings = how.watch.warnings end
  if field_order then meta.field_order = field_order end
  return setmetatable(meta, Meta)
end

-- ---- errors -------------------------------------------------------------------------------------

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
  fields.seconds = call:seconds()
  fields.warnings = how.watch and how.watch.warnings or {}
  return fields
end

return account

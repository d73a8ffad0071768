--[[
What came of a streamed case.  In: a case and its record.  Out: differences.
The last of the recorded partials is compared with the last of ours.  Whether the answer is right,
the recordings do not say: the schema does, on the whole text of the case's events.
]]

local json = require "spec.vectors.json"
local outcome = require "spec.vectors.outcome"
local schema = require "spec.vectors.schema"

local streams = {}

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

-- Quirks of what the reference shows while an answer arrives: those partials are no goal.
local wrong_partials = {
  stream_ends_silently = true, characters_dropped = true, root_array_becomes_object = true,
  non_object_answer_spread_into_object = true,
}

local function shows_wrong(case)
  for _, tag in ipairs(case.quirks or {}) do
    if wrong_partials[tag] then return true end
  end
  return false
end

--- Does a case stream?
---@param case table
---@return boolean
function streams.is(case)
  if case.params.stream == true then return true end
  for _, response in ipairs(case.responses) do
    if response.events then return true end
  end
  return false
end

-- ---- the answer of the events ------------------------------------------------------------------

local function text_in(delta)
  local call = type(delta.tool_calls) == "table" and delta.tool_calls[1]
  local called = call and call["function"] or delta.function_call
  local text = type(called) == "table" and called.arguments or delta.content
  return type(text) == "string" and text or ""
end

-- The text of a stream's answer; nil: there is none.
local function text_of(response)
  local parts = {}
  for _, event in ipairs(response.events or {}) do
    local choice = type(event) == "table" and type(event.choices) == "table" and event.choices[1]
    if choice then parts[#parts + 1] = text_in(choice.delta) end
  end
  local text = table.concat(parts):gsub("^<think>.-</think>%s*", "")
  return text:match "```%w*\n(.-)\n?```" or text
end

-- ---- comparing -------------------------------------------------------------------------------

-- The reference writes some lists as objects with "0", "1", … as keys.
local function as_list(value)
  local list = {}
  while value[tostring(#list)] ~= nil do list[#list + 1] = value[tostring(#list)] end
  for key in pairs(value) do
    local place = tonumber(key)
    if not (place and list[place + 1] ~= nil) then return value end
  end
  return list
end

-- What is sure of a partial: null stands for what is not there yet, and a default for a field the
-- answer does not have.
local function without_stubs(value, whole)
  if type(value) ~= "table" or value == json.null then return value end
  if json.kind(value) ~= "list" then value = as_list(json.without(value, "_meta")) end
  local out = {}
  for key, item in pairs(value) do
    local there = type(whole) ~= "table" and whole or whole[key]
    if item ~= json.null and there ~= nil then out[key] = without_stubs(item, there) end
  end
  return next(out) ~= nil and out or nil
end

local function compare_last(list, case, record)
  local theirs, ours = case.partials[#case.partials], record.seen[#record.seen]
  if theirs == nil or shows_wrong(case) then return end
  local whole = json.decode(text_of(case.responses[#case.responses]))
  local expected, got = without_stubs(theirs, whole), without_stubs(ours, whole)
  if not json.equal(expected, got) and not (expected == nil and got == nil) then
    add(list, "the last partial", expected, got)
  end
end

local function came_of(record)
  return record.raised or record.err and tostring(record.err) or record.value
end

-- An empty answer is none, not broken JSON.
local function kind_of(err, text)
  return err.kind == "json" and text == "" and "no_answer" or err.kind
end

local function compare_invalid(list, record, err, text)
  local ours = record.err
  local kind = kind_of(err, text)
  if ours == nil or ours.kind ~= kind then return add(list, "outcome", kind, came_of(record)) end
  local expected, got = outcome.places_of(err.issues, 0), outcome.places_of(ours.issues, 0)
  if kind == "validation" and expected ~= got then add(list, "places of issues", expected, got) end
end

-- The result is what the validator makes of the whole text.
local function compare_result(list, case, record)
  local text = text_of(case.responses[#case.responses])
  local value, err = schema.build(case.schema):try_json(text)
  if value == nil and err ~= nil then return compare_invalid(list, record, err, text) end
  if not json.equal(value, record.value) then add(list, "result", value, came_of(record)) end
end

local function compare_chunks(list, case, record)
  if not json.equal(case.chunks, record.seen) then add(list, "chunks", case.chunks, record.seen) end
end

--- Compares what came of a case that streams.
---@param case table
---@param record spec.vectors.record
---@return spec.vectors.differences
function streams.differences(case, record)
  local list = {}
  if case.chunks then
    compare_chunks(list, case, record)
  elseif case.error then
    outcome.compare_error(list, case, record)
  else
    compare_last(list, case, record)
    compare_result(list, case, record)
  end
  return list
end

return streams

--[[
Cases that are calls: create is run against a server of canned answers.  In: a case.  Out: its
differences, and why not all of it counts.
]]

local logs = require "spec.vectors.logs"
local outcome = require "spec.vectors.outcome"
local replay = require "spec.vectors.replay"
local requests = require "spec.vectors.requests"
local scope = require "spec.vectors.scope"
local streams = require "spec.vectors.streams"

local calls = {}

local function append(list, more)
  for _, one in ipairs(more) do list[#list + 1] = one end
end

-- The differences of a case that is run.
local function compare(case, limits)
  local record, list = replay.run(case), {}
  if limits.raises then return outcome.mistake_differences(record, limits.raises) end
  append(list, requests.differences(case, record, limits.first_only))
  local of = streams.is(case) and streams or outcome
  if limits.outcome then append(list, of.differences(case, record)) end
  if limits.outcome and case.logs then append(list, logs.differences(case, record)) end
  return list
end

--- A file is a list of cases.
function calls.cases(read) return read end

--- Runs one case.
---@param case table
---@return spec.vectors.differences
---@return string? reason
function calls.run(case)
  local limits = scope.of(case)
  if not limits.run then return {}, limits.reason end
  return compare(case, limits), limits.reason
end

return calls

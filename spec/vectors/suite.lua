--[[
A file of cases, run and counted.  In: a name and a path.  Out: one line on stdout, the details of
each difference on stderr, and how many cases differ.
]]

local json = require "spec.vectors.json"
local logs = require "spec.vectors.logs"
local outcome = require "spec.vectors.outcome"
local replay = require "spec.vectors.replay"
local requests = require "spec.vectors.requests"
local scope = require "spec.vectors.scope"

local suite = {}

local function append(list, more)
  for _, one in ipairs(more) do list[#list + 1] = one end
end

-- The differences of a case that is run.
local function compare(case, limits)
  local record, list = replay.run(case), {}
  if limits.raises then return outcome.mistake_differences(record, limits.raises) end
  append(list, requests.differences(case, record, limits.first_only))
  if limits.outcome then append(list, outcome.differences(case, record)) end
  if limits.outcome and case.logs then append(list, logs.differences(case, record)) end
  return list
end

local function report(name, case, differences)
  io.stderr:write(name, ": ", tostring(case.name), "\n")
  for _, one in ipairs(differences) do
    io.stderr:write(("  %s\n    expected %s\n    got      %s\n")
      :format(one.where, tostring(one.expected), tostring(one.got)))
  end
end

-- Runs one case; returns its differences, or none and the reason why it does not count.
local function run_case(case)
  local limits = scope.of(case)
  if not limits.run then return {}, limits.reason end
  return compare(case, limits), limits.reason
end

local function summary(counts)
  local reasons = {}
  for reason in pairs(counts.skipped) do reasons[#reasons + 1] = reason end
  table.sort(reasons)
  for i, reason in ipairs(reasons) do
    reasons[i] = ("%s %d"):format(reason, counts.skipped[reason])
  end
  return ("%d passed of %d (skipped: %s)"):format(counts.passed, counts.total,
    #reasons > 0 and table.concat(reasons, ", ") or "0")
end

-- The same, where an error in the runner is a difference too.
local function safely(run, case)
  local well, differences, reason = pcall(run, case)
  if well then return differences, reason end
  return { { where = "the runner", expected = "to finish", got = differences } }
end

--- Runs cases, counts them, and prints what came of it.
---@param name string
---@param cases table[] each with a name
---@param wanted? string only cases whose names hold this
---@param run fun(case: table): spec.vectors.differences, string? returns why not all counts
---@return integer differing
function suite.count(name, cases, wanted, run)
  local counts = { passed = 0, total = 0, failed = 0, skipped = {} }
  for _, case in ipairs(cases) do
    if not wanted or case.name:find(wanted, 1, true) then
      local differences, reason = safely(run, case)
      counts.total = counts.total + 1
      if #differences > 0 then
        counts.failed = counts.failed + 1
        report(name, case, differences)
      elseif reason then
        counts.skipped[reason] = (counts.skipped[reason] or 0) + 1
      else
        counts.passed = counts.passed + 1
      end
    end
  end
  print(("%s: %s"):format(name, summary(counts)))
  return counts.failed
end

--- Runs the cases of a file.
---@param name string
---@param path string
---@param wanted? string only cases whose names hold this
---@return integer differing how many cases differ
function suite.run(name, path, wanted)
  local cases = json.read(path)
  if cases == nil then
    print(name .. ": skipped, not there")
    return 0
  end
  return suite.count(name, cases, wanted, run_case)
end

return suite

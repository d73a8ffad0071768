--[[
A file of cases, run and counted.  In: a name, a path, and what runs such cases.  Out: one line on
stdout, the details of each difference on stderr, and how many cases differ.
]]

local json = require "spec.vectors.json"

local suite = {}

--- @class spec.vectors.runner
--- @field cases fun(read: any): table[]  the cases of a file; each has a name
--- @field run fun(case: table): spec.vectors.differences, string?  and why not all of it counts

local function report(name, case, differences)
  io.stderr:write(name, ": ", tostring(case.name), "\n")
  for _, one in ipairs(differences) do
    io.stderr:write(("  %s\n    expected %s\n    got      %s\n")
      :format(one.where, tostring(one.expected), tostring(one.got)))
  end
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
---@param runner spec.vectors.runner
---@param wanted? string only cases whose names hold this
---@return integer differing how many cases differ
function suite.run(name, path, runner, wanted)
  local read = json.read(path)
  if read == nil then
    print(name .. ": skipped, not there")
    return 0
  end
  return suite.count(name, runner.cases(read), wanted, runner.run)
end

return suite

-- How long a script waits before it can begin: whole processes, in turn.

local core = require "instructor.core"
local measure = require "spec.support.measure"

local LUA = os.getenv "LUA" or "lua5.4"
local RUNS = 15

local cases = {
  { 'require "cjson"', 'require "cjson"' },
  { 'require "instructor.z"', 'require "instructor.z"' },
  { "the same, and a schema of ten fields", [[
    local z = require "instructor.z"
    local _ = z.object {
      name = z.string():min(1):describe "full name", age = z.number():min(0):optional(),
      mail = z.string():describe "e-mail", kind = z.enum { "person", "firm", "other" },
      tags = z.array(z.string()), score = z.number():max(10), city = z.string():optional(),
      level = z.enum { "low", "high" }:describe "how urgent", active = z.boolean(),
      notes = z.array(z.string():min(1)):optional(),
    }]] },
  { "z, with the transport loaded", 'require "instructor" require "instructor.openai" '
    .. 'require "instructor.curl"' },
}

local times = {}
for i = 1, #cases do times[i] = {} end
for _ = 1, RUNS do
  for i, case in ipairs(cases) do
    local from = core.clock()
    os.execute(("%s -e '%s'"):format(LUA, case[2]))
    table.insert(times[i], core.clock() - from)
  end
end

local first = measure.median(times[1])
print "start-up, whole process, wall"
for i, case in ipairs(cases) do
  local seconds = measure.median(times[i])
  print(("  %-40s %9.2f ms  %6.2fx"):format(case[1], seconds * 1e3, seconds / first))
end

-- Runs the vectors of a folder: lua spec/vectors/run.lua FOLDER [CASE]
-- FOLDER has the layout of the ancestors' vectors: cases/<set>/<file>.json; wires and recorded
-- exchanges are folders with a file a case.  CASE runs only cases whose names hold it.  Prints a
-- line a suite, details of differences on stderr; exits with 1 if there are any.  To run another
-- file of cases, add it to `suites`.

local recorded = require "spec.vectors.recorded"
local suite = require "spec.vectors.suite"
local wires = require "spec.vectors.wires"

local suites = {
  "instructor-js/requests", "instructor-js/request_params", "instructor-js/retries",
  "instructor-js/retry_flows", "instructor-js/passthrough", "instructor-js/extraction",
  "instructor-js/providers",
}

local folder, wanted = arg[1], arg[2]
if not folder then
  io.stderr:write("usage: lua spec/vectors/run.lua FOLDER [CASE]\n")
  os.exit(2, true)
end

local differing = 0
for _, name in ipairs(suites) do
  local path = ("%s/cases/%s.json"):format(folder, name)
  differing = differing + suite.run(name, path, wanted)
end
differing = differing + wires.run(folder .. "/cases/wires", wanted)
differing = differing + recorded.run(folder .. "/cases/recorded", wanted)

if differing > 0 then
  io.stderr:write(("%d cases differ\n"):format(differing))
  os.exit(1, true)
end

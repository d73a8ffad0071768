-- Runs the vectors of a folder: lua spec/vectors/run.lua FOLDER [CASE]
-- FOLDER has the layout of the ancestors' vectors: cases/<set>/<file>.json; wires and recorded
-- exchanges are folders with a file a case.  CASE runs only cases whose names hold it.  Prints a
-- line a suite, details of differences on stderr; exits with 1 if there are any.  To run another
-- file of cases, add it to `suites`.

local calls = require "spec.vectors.calls"
local golden = require "spec.vectors.golden"
local recorded = require "spec.vectors.recorded"
local suite = require "spec.vectors.suite"
local validation = require "spec.vectors.validation"
local wires = require "spec.vectors.wires"

local suites = {
  { "instructor-js/requests", calls },
  { "instructor-js/request_params", calls },
  { "instructor-js/retries", calls },
  { "instructor-js/retry_flows", calls },
  { "instructor-js/passthrough", calls },
  { "instructor-js/extraction", calls },
  { "instructor-js/providers", calls },
  { "instructor-js/streaming", calls },
  { "instructor-js/validation", validation },
}

for _, area in ipairs { "arrays", "discriminated", "effects", "errors", "formats",
  "from_json_schema", "fuzz", "intersections", "json_schema", "literals", "llm", "numbers",
  "objects", "optionality", "primitives", "records", "recursive", "refine", "strings", "tuples",
  "unions" } do
  suites[#suites + 1] = { "zod/" .. area, golden }
end

local folder, wanted = arg[1], arg[2]
if not folder then
  io.stderr:write("usage: lua spec/vectors/run.lua FOLDER [CASE]\n")
  os.exit(2, true)
end

local differing = 0
for _, entry in ipairs(suites) do
  local path = ("%s/cases/%s.json"):format(folder, entry[1])
  differing = differing + suite.run(entry[1], path, entry[2], wanted)
end
differing = differing + wires.run(folder .. "/cases/wires", wanted)
differing = differing + recorded.run(folder .. "/cases/recorded", wanted)

if differing > 0 then
  io.stderr:write(("%d cases differ\n"):format(differing))
  os.exit(1, true)
end

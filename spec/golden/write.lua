-- Writes the golden requests of every provider anew; run from the root by "make golden".
local Instructor = require "instructor"
local golden = require "spec.golden.requests"

for _, name in ipairs(Instructor.providers.list()) do
  local file = assert(io.open(golden.path(name), "wb"))
  file:write(golden.text(name))
  file:close()
end

-- Calls mixed with faults leave memory and descriptors where they were; see make soak.

local asking = require "spec.support.asking"
local process = require "spec.support.process"

local CALLS = 2000

describe("two thousand calls mixed with faults", function()
  it("leave memory and descriptors where they were", function()
    local words = { asking.interpreter(), "spec/soak/soak.lua", CALLS }
    if asking.is_sanitized() then words[4] = 1e6 end -- which keeps freed memory for a while
    local result = process.run(words, { limit = 120 })
    assert.equal("", result.stderr)
    assert.equal(0, result.status, result.stdout)
    assert.matches("all is where it was", result.stdout)
  end)
end)

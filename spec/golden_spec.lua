-- What goes out, byte for byte: every mode of every provider, against spec/golden/<name>.txt.
-- After a change that is meant, "make golden" writes them anew.

local core = require "instructor.core"
local golden = require "spec.golden.requests"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

describe("the request of", function()
  for _, name in ipairs(core.providers()) do
    it(name .. " is what it was, in every mode", function()
      assert.equal(read(golden.path(name)), golden.text(name))
    end)
  end
end)

describe("the golden requests", function()
  it("are those of rows that exist", function()
    local names = {}
    for _, name in ipairs(core.providers()) do names[name] = true end
    local pipe = assert(io.popen "ls spec/golden/*.txt")
    for path in pipe:lines() do
      local name = path:match "([^/]+)%.txt$"
      assert(names[name], path .. " is of no provider")
    end
    pipe:close()
  end)
end)

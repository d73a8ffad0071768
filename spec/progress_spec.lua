-- The line that tells how far a map is.

local asking = require "spec.support.asking"
local Instructor = require "instructor"
local process = require "spec.support.process"
local progress = require "instructor.progress"
local server = require "spec.support.server"

-- ---- the words ----------------------------------------------------------------------------------

--- A bar on a terminal of `columns`, whose clock and writes are ours.
local function bar_on(columns, total, label)
  local world = { now = 100, written = {} }
  local bar = progress.new(total, label, {
    columns = columns,
    clock = function() return world.now end,
    write = function(text) table.insert(world.written, text) end,
  })
  return bar, world
end

describe("the progress line", function()
  it("tells how many are done, how fast, how long it took and will take", function()
    local bar, world = bar_on(60, 8)
    assert.equal("0/8 [------------------------------] 0:00", bar:line(world.now))
    for _ = 1, 4 do bar:tell("well") end
    assert.equal("4/8 [##############--------------] 0.1/s  1:20 (1:20 left)",
      bar:line(world.now + 80))
  end)

  it("counts what failed, and the tokens of results and errors alike", function()
    local bar, world = bar_on(200, 4, "users")
    bar:tell({}, { usage = { total_tokens = 15 } })
    bar:tell(nil, { kind = "json", usage = { total_tokens = 30 } })
    bar:tell(nil, "raised")
    bar:tell(nil) -- a function that returns nothing has not failed
    assert.equal("users 4/4 [##############################] 0.0/s  1:02:03  2 failed  45 tokens",
      bar:line(world.now + 3723))
  end)

  it("never takes the last column of the terminal", function()
    for columns = 1, 120 do
      local bar, world = bar_on(columns, 1000, "été\n\27[31m")
      for _ = 1, 7 do bar:tell(nil, "raised") end
      local line = bar:line(world.now + 1)
      local width = select(2, line:gsub("[^\128-\191]", ""))
      assert(width <= columns - 1, line)
      assert.is_nil(line:find "%c")
    end
  end)

  it("leaves a clean line behind, and does not draw more often than can be seen", function()
    local bar, world = bar_on(80, 2)
    bar:show()
    bar:show()
    assert.equal(1, #world.written)
    bar:hide()
    bar:hide()
    assert.equal("\r" .. (" "):rep(#world.written[1] - 1) .. "\r", world.written[2])
    world.now = world.now + 1
    bar:show()
    bar:close()
    bar:close()
    assert.equal(5, #world.written)
    assert.matches("^0/2 .*\n$", world.written[5])
  end)

  it("is not there for an empty list", function()
    assert.is_nil((bar_on(80, 0)))
  end)
end)

-- ---- map ----------------------------------------------------------------------------------------

local MAP = [[
local Instructor, OpenAI = require "instructor", require "instructor.openai"
local client = OpenAI { base_url = arg[1], api_key = "sk-fake", model = "fake-model" }
for i, completion in Instructor.map({ "a", "b", "c" }, { concurrency = 1, progress = "asking",
  on_progress = function(done) io.stdout:write("told ", done, "\n") end,
}, function(text)
  return client.chat.completions.create { messages = text }
end) do
  io.stdout:write("got ", i, " ", completion.choices[1].message.content, "\n")
end
]]

local PRINTED = "told 1\ngot 1 hello\ntold 2\ngot 2 hello\ntold 3\ngot 3 hello\n"

--- What a terminal shows in the end, line by line, of what was written to it.
local function shown(text)
  local lines = {}
  for row in text:gsub("\r\n", "\n"):gmatch "([^\n]*)\n" do
    local line = ""
    for part in row:gmatch "[^\r]+" do line = part .. line:sub(#part + 1) end
    lines[#lines + 1] = (line:gsub(" +$", ""))
  end
  return lines
end

local function has_script()
  return process.run({ "script", "-qec", "true", "/dev/null" }).status == 0
end

describe("instructor.map with progress", function()
  after_each(server.stop_all)

  local function start()
    return server.start { server.slow_head(60, server.completion { content = "hello" }),
      repeat_last = true }
  end

  it("draws on a terminal, spoils nothing that is printed, and ends its line", function()
    if not has_script() then return pending "needs script(1) for a terminal" end
    local command = process.command_line { asking.interpreter(), asking.script(MAP), start().url }
    local result = process.run({ "script", "-qec", command, "/dev/null" },
      { env = { TERM = "xterm" } })
    assert.matches("\rasking 0/3", result.stdout)
    assert.matches("\rasking 2/3", result.stdout)
    local lines = shown(result.stdout)
    local last = table.remove(lines)
    assert.equal(PRINTED, table.concat(lines, "\n") .. "\n")
    assert.matches("^asking 3/3 %[#+%] .* 45 tokens$", last)
  end)

  it("writes nothing where stderr is no terminal", function()
    local result = process.run({ asking.interpreter(), asking.script(MAP), start().url })
    assert.equal(PRINTED, result.stdout)
    assert.equal("", result.stderr)
  end)

  it("takes true or a text", function()
    assert.has_error(function() Instructor.map({}, { progress = 1 }, print) end,
      "map: progress takes true, or a text to stand before the bar, not 1")
    for i in Instructor.map({ 1 }, { progress = true }, function() return 1 end) do
      assert.equal(1, i)
    end
  end)
end)

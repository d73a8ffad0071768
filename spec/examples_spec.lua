-- The README's blocks and all of examples/ run, against the sandbox.

local process = require "spec.support.process"

local LUA = os.getenv "LUA" or "lua5.4"
local BUILD = os.getenv "INSTRUCTOR_BUILD" or "build/lua5.4"

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

--- Starts the sandbox; returns its base URL and the process.
local function start_sandbox(...)
  local sandbox = process.start({ BUILD .. "/sandbox", ... }, {})
  local url = process.await(function() return sandbox:stdout():match "(http://%S+)" end, 10)
  return assert(url, "the sandbox did not start"), sandbox
end

local function run(words, env)
  return process.run(words, { env = env, limit = 60 })
end

-- ---- the README ---------------------------------------------------------------------------------

--- Its blocks of one language, with the line each begins at.
local function blocks(language)
  local list, block, number = {}, nil, 0
  for line in (read "README.md" .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    if block and line == "```" then
      list[#list + 1] = block
      block.text, block = table.concat(block, "\n"), nil
    elseif block then
      block[#block + 1] = line
    elseif line == "```" .. language then
      block = { line = number + 1 }
    end
  end
  return list
end

-- What the README says of real hosts is asked of the sandbox instead; nothing else is changed.
local PRELUDE = [[
local OpenAI = require "instructor.openai"
package.loaded["instructor.openai"] = function(given)
  local copy = {}
  for name, value in pairs(given) do copy[name] = value end
  copy.provider = copy.base_url and copy.base_url:find "anyscale" and "anyscale" or nil
  copy.base_url, copy.api_key = os.getenv "BASE_URL", "sk-fake"
  return OpenAI(copy)
end
]]

describe("the README", function()
  local url, sandbox

  setup(function() url, sandbox = start_sandbox() end)
  teardown(function() sandbox:stop() end)

  local before = ""
  for _, block in ipairs(blocks "lua") do
    local goes_on = block.text:match "^%-%- goes on from above\n"
    local code = goes_on and before .. block.text or block.text
    before = code .. "\n"
    it(("has a Lua block at line %d that runs and prints what it says"):format(block.line),
      function()
        local path = process.temp_file(PRELUDE .. code .. "\n", ".lua")
        local result = run({ LUA, path }, { BASE_URL = url })
        assert.equal("", result.stderr)
        assert.equal(0, result.status)
        for promised in block.text:gmatch "%-%-> ([^\n]+)" do
          assert(result.stdout:find(promised, 1, true), promised .. " is not in " .. result.stdout)
        end
      end)
  end

  it("has commands that exist", function()
    local makefile = read "Makefile"
    for _, block in ipairs(blocks "sh") do
      for target in block.text:gmatch "make ([%w][%w-]*)" do
        assert(makefile:find("\n" .. target .. ":"), "there is no target " .. target)
      end
      for path in block.text:gmatch "examples/[%w_]+%.lua" do read(path) end
    end
  end)

  it("names rooms that exist", function()
    for path in read("README.md"):gmatch "`(core/[%w_/]+%.[ch])`" do read(path) end
    for path in read("README.md"):gmatch "`(lua/[%w_/]+%.lua)`" do read(path) end
    assert.truthy(read("core/wire/openai_chat.c"):find("write_functions", 1, true))
    assert.truthy(read("lua/instructor/openai.lua"):find("function key_of", 1, true))
  end)
end)

-- ---- examples/ ----------------------------------------------------------------------------------

describe("examples", function()
  local url, sandbox

  setup(function() url, sandbox = start_sandbox() end)
  teardown(function() sandbox:stop() end)

  local function prints(words, expected)
    local result = run(words, { BASE_URL = url })
    assert.equal("", result.stderr)
    assert(result.stdout:find(expected, 1, true), result.stdout)
  end

  it("extract.lua extracts", function()
    prints({ LUA, "examples/extract.lua", "Zoe Park is 41 years old" }, "Zoe Park is 41")
  end)

  it("classify.lua classifies", function()
    prints({ LUA, "examples/classify.lua" }, "delivery")
  end)

  it("refine_and_retry.lua refines", function()
    prints({ LUA, "examples/refine_and_retry.lua" }, "Zoe Park, 41, for ")
  end)

  it("stream.lua shows a table that fills up", function()
    local result = run({ LUA, "examples/stream.lua" }, { BASE_URL = url })
    assert.equal("", result.stderr)
    local states = {}
    for line in result.stdout:gmatch "[^\n]+" do states[#states + 1] = line end
    assert.matches("^2 people, %d+ tokens$", table.remove(states))
    assert.matches("^Jason Liu +30  Oslo | Zoe Park +41  Lima$", states[#states])
  end)

  it("stop_early.lua stops a wrong answer and says what it saved", function()
    local paced, sloppy = start_sandbox("--sloppy=words", "--pace", "10")
    local result = run({ LUA, "examples/stop_early.lua" }, { BASE_URL = paced })
    sloppy:stop()
    assert.equal("", result.stderr)
    assert.matches("attempt 1: the answer does not fit the schema: %[1%].age: ", result.stdout)
    local came, saved = result.stdout:match "stopped after (%d+) bytes; about (%d+) more were saved"
    assert.is_true(tonumber(came) < 60 and tonumber(saved) > 60, result.stdout)
    assert.matches("5 people; 1 of 2 answers stopped early", result.stdout)
  end)

  it("plain.c does the same through the door of the C library", function()
    prints({ BUILD .. "/examples/plain", url, "Zoe Park is 41 years old" },
      "name = Zoe Park, age = 41 (1 attempts, ")
  end)

  it("are all here", function()
    local known = { extract = 1, classify = 1, refine_and_retry = 1, demo = 1, plain = 1,
      stream = 1, stop_early = 1 }
    local elsewhere = { sandbox = 1, nginx = 1, neovim = 1 } -- spec/nginx_spec, spec/nvim_spec
    local pipe = assert(io.popen "ls examples")
    for name in pipe:lines() do
      assert(elsewhere[name] or known[name:gsub("%.%w+$", "")], name .. " is run by no spec")
    end
    pipe:close()
  end)
end)

-- ---- the demo -----------------------------------------------------------------------------------

describe("make demo", function()
  local function demo(env)
    env.NO_COLOR = env.NO_COLOR or "1"
    local result = run({ LUA, "examples/demo.lua" }, env)
    assert.equal("", result.stderr)
    return result.stdout
  end

  it("shows the first answer, what is wrong with it, the second, the table and the account",
    function()
      local out = demo {}
      assert.matches("Jason Liu is 30 years old", out)
      assert.matches("1st answer .*30 years", out)
      assert.matches("wrong .*age: Invalid input: expected number, received string", out)
      assert.matches("2nd answer", out)
      assert.matches('{ age = 30, name = "Jason Liu" }', out, 1, true)
      assert.matches("2 attempts, %d+ tokens", out)
      assert.not_matches("\27", out)
    end)

  for _, mode in ipairs { "json_schema", "FUNCTIONS", "Tools" } do
    for _, sloppy in ipairs { "0", "1" } do
      it(("reads any such sentence in mode %s with SLOPPY=%s"):format(mode, sloppy), function()
        local out = demo { TEXT = "Zoe Park is 41 years old", MODE = mode, SLOPPY = sloppy }
        assert.matches('{ age = 41, name = "Zoe Park" }', out, 1, true)
        assert.matches(sloppy == "1" and "2 attempts" or "1 attempt,", out)
      end)
    end
  end

  it("is one command, and takes its words from the command line as they are", function()
    if BUILD:find "asan" then return pending "the command builds without sanitizers" end
    local result = run({ "make", "-s", "demo", "TEXT=$(Zoe) Park is 41 years old", "SLOPPY=0" },
      { NO_COLOR = "1" })
    assert.equal(0, result.status)
    assert.matches("$(Zoe) Park is 41 years old", result.stdout, 1, true)
    assert.matches("age = 41", result.stdout, 1, true)
  end)

  it("takes any text as it is", function()
    local out = demo { TEXT = [[Ada "the $Countess" O'Neill is 36 years old; rm -rf `x`]] }
    assert.matches("age = 36", out)
  end)

  it("leaves nothing running", function()
    local function sandboxes()
      local result = run({ "sh", "-c", "ps ax | grep -c '[s]andbox'' --until-eof'" }, {})
      return tonumber(result.stdout:match "%d+")
    end
    local before = sandboxes()
    demo {}
    assert.is_true(sandboxes() <= before)
  end)

  it("says in one line what is wrong with a mode it does not know", function()
    local result = run({ LUA, "examples/demo.lua" }, { MODE = "foo", NO_COLOR = "1" })
    assert.equal(1, result.status)
    assert.matches("^demo: Instructor: compatible does not take the mode foo;", result.stderr)
    assert.equal("", result.stdout)
  end)
end)

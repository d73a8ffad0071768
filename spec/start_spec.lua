-- What a script waits for before it can begin: what is loaded, and when.

local asking = require "spec.support.asking"
local process = require "spec.support.process"

--- What a script prints that is run on its own.
local function printed(text)
  local result = process.run { asking.interpreter(), asking.script(text) }
  assert.equal("", result.stderr)
  return result.stdout
end

--- The modules of ours, and cjson, that are loaded once `text` has run.
local function loaded_by(text)
  return printed(text .. [[

    local names = {}
    for name in pairs(package.loaded) do
      if name:find "^instructor" or name:find "^cjson" then names[#names + 1] = name end
    end
    table.sort(names)
    print(table.concat(names, " "))
  ]])
end

--- The names that `--- @field` lines of a file give to what follows `--- @class` `class`.
local function annotated(path, class)
  local names, within = {}, false
  for line in (process.read(path)):gmatch "[^\n]+" do
    local named = line:match "^%-%-%- @class ([%w_.]+)"
    if named then within = named == class end
    local field = within and line:match "^%-%-%- @field ([%w_]+)"
    if field then names[#names + 1] = field end
  end
  table.sort(names)
  return names
end

describe("a script that requires instructor.z", function()
  it("loads the core, and what every schema has: no cjson, no kind, no method", function()
    assert.equal("instructor.core instructor.options instructor.z instructor.z.order "
      .. "instructor.z.schema\n", loaded_by 'require "instructor.z"')
  end)

  it("loads for a schema what stands in it, and nothing to parse or to be wrong with", function()
    assert.equal("instructor.core instructor.options instructor.z instructor.z.checks "
      .. "instructor.z.enum instructor.z.object instructor.z.order instructor.z.scalar "
      .. "instructor.z.schema instructor.z.wrappers\n", loaded_by [[
        local z = require "instructor.z"
        local _ = z.object {
          name = z.string():min(1):describe "full name", age = z.number():optional(),
          kind = z.enum { "person", "firm" }, tags = z.array(z.string()),
        }
      ]])
  end)

  it("loads what judges, and errors, for the first text that does not fit", function()
    local reads = [[
      local A = require("instructor.z").array(require("instructor.z").number())
      assert(A:parse_json "[1]"[1] == 1)
    ]]
    local before = "instructor.core instructor.options instructor.z instructor.z.compile "
      .. "instructor.z.object instructor.z.order "
    assert.equal(before .. "instructor.z.reading instructor.z.scalar instructor.z.schema\n",
      loaded_by(reads))
    assert.matches("instructor.errors.*instructor.z.parse",
      loaded_by(reads .. "assert(A:try_json '[true]' == nil)"))
  end)
end)

describe("z", function()
  local z = require "instructor.z"
  local names = annotated("lua/instructor/z/init.lua", "instructor.z")

  it("has all that its annotations name", function()
    assert.is_true(#names > 70)
    for _, name in ipairs(names) do assert.is_not_nil(z[name], name) end
  end)

  it("has nothing its annotations do not name", function()
    local known = { is_schema = true }
    for _, name in ipairs(names) do known[name] = true end
    for name in next, z do assert.is_true(known[name], name) end
  end)

  it("is listed whole before it was used, where pairs can be told", function()
    local count = tonumber((printed [[
      local count = 0
      for name, made in pairs(require "instructor.z") do
        assert(type(name) == "string" and made ~= nil)
        count = count + 1
      end
      print(count)
    ]]))
    local told = #setmetatable({}, { __len = function() return 1 end }) == 1 -- 5.2 or later
    assert.equal(told and #names + 1 or 1, count)
  end)

  it("makes of each name the same thing every time", function()
    for _, name in ipairs(names) do assert.equal(z[name], z[name]) end
  end)
end)

describe("a schema", function()
  local z = require "instructor.z"

  it("has every method its annotations name, whatever was loaded before", function()
    local a = z.string()
    for _, path in ipairs { "lua/instructor/z/schema.lua", "lua/instructor/z/format.lua" } do
      for _, name in ipairs(annotated(path, "instructor.Schema")) do
        local field = name == "def" or name == "shape" or name == "element" or name == "options"
          or name == "enum"
        if not field then assert.is_function(a[name], name) end
      end
    end
  end)

  it("has its fields before the methods of its kind were loaded", function()
    assert.equal("a\t1\ttrue\n", printed [[
      local z = require "instructor.z"
      print((next(z.object({ a = z.string() }).shape)), z.enum({ NAME = 1 }).enum.NAME,
        z.is_schema(z.array(z.string()).element))
    ]])
  end)

  it("is told the right name of a method that was not loaded", function()
    local output = printed [[
      local z = require "instructor.z"
      for _, name in ipairs { "safeParse", "optoinal", "refin", "startsWith", "pattern" } do
        print((select(2, pcall(function() return z.string()[name] end)):gsub("^.*has no", "no")))
      end
    ]]
    assert.equal("no method safeParse (it is spelled safe_parse)\n"
      .. "no method optoinal (did you mean optional?)\n"
      .. "no method refin (did you mean refine?)\n"
      .. "no method startsWith (it is spelled starts_with)\n"
      .. "no method pattern (it is spelled regex)\n", output)
  end)

  it("is told the right name of a constructor that was not loaded, at the user's line", function()
    local output = printed [[
      local z = require "instructor.z"
      print((select(2, pcall(function() return z.strng() end)):gsub("^.*/", "")))
      print((select(2, pcall(function() return z.coerce.date() end)):gsub("^.*/", "")))
      print((select(2, pcall(function() return z.iso.dat() end)):gsub("^.*/", "")))
    ]]
    local lines = {}
    for line in output:gmatch "[^\n]+" do lines[#lines + 1] = line end
    assert.matches("^[^:]+:2: there is no z.strng %(did you mean string%?%)$", lines[1])
    assert.matches("^[^:]+:3: there is no z.coerce.date: JSON has no dates", lines[2])
    assert.matches("^[^:]+:4: there is no z.iso.dat %(did you mean date%?%)$", lines[3])
  end)
end)

describe("a script that requires a client", function()
  it("loads no room of streams, bars, logs, recordings or masks before one is asked for", function()
    local loaded = loaded_by [[
      local OpenAI, Instructor = require "instructor.openai", require "instructor"
      Instructor { client = OpenAI { base_url = "http://127.0.0.1:1/v1", api_key = "sk-fake" } }
    ]]
    for _, name in ipairs { "stream", "progress", "watch", "record", "replay", "alike", "scrub",
      "hints", "z.reading", "curl" } do
      assert.is_nil((" " .. loaded):find(" instructor." .. name .. "%s"), name)
    end
    assert.truthy(loaded:find "instructor.create ")
  end)
end)

describe("a room that is loaded later", function()
  it("is found though the script has put its path back", function()
    assert.equal("ok\n", printed [[
      local z, Instructor = require "instructor.z", require "instructor"
      local OpenAI = require "instructor.openai"
      package.path, package.cpath = "nowhere/?.lua", "nowhere/?.so"
      local A = z.object { a = z.number():min(1) }
      local client = Instructor { mode = "JSON", client = OpenAI {
        base_url = "http://127.0.0.1:1", model = "m", transport = function()
          return { status = 200, body = '{"choices":[{"message":{"content":"{\\"a\\":1}"}}]}' }
        end } }
      assert(client.chat.completions.create { messages = "x", temperature = 0, response_model = A })
      assert(not A:try {} and package.path == "nowhere/?.lua")
      print "ok"
    ]])
  end)

  it("is loaded the next time, where its loading was broken off", function()
    assert.equal("ok\n", printed [[
      if rawget(_G, "jit") then jit.off() end -- what is compiled looks at no hook
      for n = 1, 400 do
        for name in pairs(package.loaded) do
          if name:find "^instructor" and name ~= "instructor.core" then
            package.loaded[name] = nil
          end
        end
        local z = require "instructor.z"
        local A = z.object { a = z.number() }
        pcall(function()
          debug.sethook(function() debug.sethook() error "late" end, "", n)
          A:try {}
          debug.sethook()
        end)
        local value, err = A:try { a = "x" }
        assert(value == nil and err.kind == "validation", n)
      end
      print "ok"
    ]])
  end)

  it("is not needed by a first call that is in order", function()
    assert.equal("nil\n", printed [[
      local OpenAI = require "instructor.openai"
      local client = OpenAI { base_url = "http://127.0.0.1:1", transport = function()
        return { status = 200, body = "{}" }
      end }
      client.chat.completions.create { model = "m", messages = "x" }
      print(package.loaded["instructor.hints"])
    ]])
  end)
end)

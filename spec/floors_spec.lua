-- The plan of the house, checked: arrows run down only, and three walls stand.

local FLOORS = { -- from the ground up; rooms of one floor do not know each other's folders
  { "core/instructor.h" },
  { "core/base/" },
  { "core/json/", "core/net/" },
  { "core/schema/", "core/wire/" },
  { "core/call/" },
  { "core/client.c" },
}

local LUA_FLOORS = {
  { "instructor.core", "instructor.curl", "instructor.hints" },
  { "instructor.options", "instructor.values", "instructor.errors", "instructor.scrub" },
  { "instructor.progress", "instructor.timers" },
  { "instructor.code", "instructor.jobs", "instructor.log", "instructor.record",
    "instructor.alike" },
  { "instructor.account", "instructor.map" },
  { "instructor.replay", "instructor.watch" },
  { "instructor.z.order", "instructor.z.compile", "instructor.z.mistakes" },
  { "instructor.z.parse" },
  { "instructor.z.schema" },
  { "instructor.z.scalar", "instructor.z.enum", "instructor.z.checks", "instructor.z.object",
    "instructor.z.wrappers", "instructor.z.functions", "instructor.z.reading" },
  { "instructor.z.composite", "instructor.z.format", "instructor.z.shape",
    "instructor.z.stream" },
  { "instructor.z", "instructor.rules", "instructor.drive", "instructor.stream" },
  { "instructor.create", "instructor.providers" },
  { "instructor.client" },
  { "instructor.openai" },
  { "instructor" },
}

local function lines_of(command)
  local pipe, list = assert(io.popen(command)), {}
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

local function files(folders, pattern)
  return lines_of(("find %s -name '%s' | LC_ALL=C sort"):format(folders, pattern))
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function includes(path)
  local list = {}
  for name in ("\n" .. read(path)):gmatch '\n%s*#%s*include%s*[<"]([^>"]+)[>"]' do
    list[#list + 1] = name
  end
  return list
end

--- The floor of a file, and the folder (or file) that puts it there.
local function floor_of(path)
  for number, rooms in ipairs(FLOORS) do
    for _, room in ipairs(rooms) do
      if path:sub(1, #room) == room then return number, room end
    end
  end
end

local function each_source(check)
  for _, path in ipairs(files("core lua examples spec", "*.[ch]")) do
    for _, name in ipairs(includes(path)) do check(path, name) end
  end
end

describe("the house", function()
  it("has a floor for every file of the core", function()
    for _, path in ipairs(files("core", "*.[ch]")) do
      assert(floor_of(path), path .. " stands on no floor")
    end
  end)

  it("has arrows that run down only", function()
    each_source(function(path, name)
      local from, room = floor_of(path)
      local to, target = floor_of(name)
      if from and to and target ~= room then
        assert(to < from, path .. " looks up (or across) to " .. name)
      end
    end)
  end)

  it("has no room that needs itself in a circle", function()
    local seen, open = {}, {}
    local function visit(path)
      assert(not open[path], path .. " includes itself by way of others")
      if seen[path] then return end
      seen[path], open[path] = true, true
      for _, name in ipairs(includes(path)) do
        if floor_of(name) then visit(name) end
      end
      open[path] = nil
    end
    for _, path in ipairs(files("core", "*.[ch]")) do visit(path) end
  end)

  it("keeps libcurl's header in one file, under core/net", function()
    local users = {}
    each_source(function(path, name)
      if name:match "^curl/" and path:match "^core/" then users[#users + 1] = path end
    end)
    assert.equal(1, #users, table.concat(users, ", "))
    assert.matches("^core/net/", users[1])
  end)

  it("keeps PCRE2's header in one file", function()
    each_source(function(path, name)
      assert(not name:match "pcre2" or path == "core/schema/regex.c", path .. " includes " .. name)
    end)
  end)

  it("keeps Lua's headers under lua/", function()
    each_source(function(path, name)
      local lua = name:match "^lua[%w]*%.h$" or name == "lauxlib.h" or name == "lualib.h"
      assert(not lua or path:match "^lua/" or path:match "^spec/", path .. " includes " .. name)
    end)
  end)

  it("lets the binding in through the door alone", function()
    for _, path in ipairs(files("lua", "*.[ch]")) do
      for _, name in ipairs(includes(path)) do
        assert(not name:match "^core/" or name == "core/instructor.h", path .. " includes " .. name)
      end
    end
  end)

  it("lets the examples in through the door alone, but for the sandbox", function()
    for _, path in ipairs(files("examples -maxdepth 1", "*.c")) do
      for _, name in ipairs(includes(path)) do
        assert(not name:match "^core/", path .. " includes " .. name)
      end
    end
  end)

  it("keeps the call machine away from the network, the clock and malloc", function()
    for _, path in ipairs(files("core/call", "*.[ch]")) do
      local text = read(path)
      assert(not text:find("core/net/", 1, true), path .. " reaches the network")
      assert(not text:find "clock_gettime" and not text:find "<time%.h>", path .. " reads a clock")
      assert(not text:find "[^%w_]malloc%(", path .. " calls malloc")
    end
  end)

  it("has Lua rooms whose requires run down only", function()
    local level = {}
    for number, names in ipairs(LUA_FLOORS) do
      for _, name in ipairs(names) do level[name] = number end
    end
    for _, path in ipairs(files("lua/instructor", "*.lua")) do
      local name = path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
      assert(level[name], name .. " stands on no floor")
      for _, line in ipairs(lines_of(("sed 's/^ *--.*//' '%s'"):format(path))) do
        local needed = line:match 'require%s*%(?%s*"(instructor[%w_.]*)"'
          or line:match 'room%s*%(?%s*"(instructor[%w_.]*)"'
        local down = needed == nil or level[needed] < level[name]
        assert(down, name .. " looks up to " .. tostring(needed))
      end
    end
  end)

  it("has rooms one can hold: no file of more than about 600 lines", function()
    for _, path in ipairs(files("core lua examples", "*.[chl]*")) do
      local count = select(2, read(path):gsub("\n", ""))
      local most = path == "core/instructor.h" and 1100 or 650 -- the door is one file
      assert(count <= most, ("%s has %d lines"):format(path, count))
    end
  end)

  it("has nothing at its top but what the plan names", function()
    local plan = { core = 1, lua = 1, rockspec = 1, spec = 1, examples = 1, Makefile = 1,
      ["README.md"] = 1, LICENSE = 1, ["CHANGELOG.md"] = 1, build = 1 }
    for _, name in ipairs(lines_of "ls") do assert(plan[name], name .. " is not in the plan") end
  end)
end)

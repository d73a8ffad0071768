-- The rockspec: it lists what is in the tree, and LuaRocks makes a tree of its own from it.
local asking = require "spec.support.asking"
local packaging = require "spec.support.packaging"
local process = require "spec.support.process"

local ROCKSPEC = "rockspec/instructor-scm-1.rockspec"
local STALE = 'a file was added or removed: run "make rockspec"'

local function load_rockspec()
  local rock = {}
  if setfenv then -- 5.1 and LuaJIT
    setfenv(assert(loadfile(ROCKSPEC)), rock)()
  else
    assert(loadfile(ROCKSPEC, "t", rock))()
  end
  return rock
end

local function sorted(list)
  table.sort(list)
  return list
end

describe("the rockspec", function()
  local rock = load_rockspec()
  local core = rock.build.modules["instructor.core"]
  local curl = rock.build.modules["instructor.curl"]

  it("compiles every source of the core and the binding once", function()
    local listed = {}
    for _, module in ipairs { core, curl } do
      for _, file in ipairs(module.sources) do listed[#listed + 1] = file end
    end
    assert.same(packaging.find("core lua/binding", "*.c"), sorted(listed), STALE)
  end)

  it("keeps libcurl out of instructor.core", function()
    for _, file in ipairs(core.sources) do assert.is_nil(file:find "/curl[^/]*%.c$", file) end
    for _, library in ipairs(core.libraries) do assert.are_not.equal("curl", library) end
    assert.is_nil(rock.external_dependencies.CURL.header)
  end)

  it("lists every Lua module under the name that require takes", function()
    local expected, listed = {}, {}
    for _, file in ipairs(packaging.find("lua/instructor", "*.lua")) do
      local name = file:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
      expected[name] = file
    end
    for name, file in pairs(rock.build.modules) do
      if type(file) == "string" then listed[name] = file end
    end
    assert.same(expected, listed, STALE)
  end)

  it("makes a tree that runs the founding example by itself", function()
    if asking.is_sanitized() then pending "packaging is tried without sanitizers" end
    if not packaging.have "luarocks" then pending "skipped: luarocks is not here" end
    -- LuaRocks compiles beside the sources, so it is given a copy of them.
    local source, tree = process.temp_folder(), process.temp_folder()
    packaging.run("cp -R LICENSE core lua rockspec %s", source)
    packaging.run("cd %s && luarocks --lua-version %s make --deps-mode=none --tree %s %s"
      .. " CFLAGS='-O0 -fPIC'", source, packaging.version, tree, ROCKSPEC)
    assert.equal("Jason Liu 30", packaging.founding_example(tree))
  end)
end)

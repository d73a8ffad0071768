-- "make install": what lands where, that it works from there, and that nothing else gets out.
local asking = require "spec.support.asking"
local packaging = require "spec.support.packaging"
local process = require "spec.support.process"

local PROGRAM = [[
#include <instructor.h>
#include <stdio.h>
int main(void) {
  printf("%s %d\n", INST_VERSION, inst_provider_at(0) != NULL);
  return 0;
}
]]

-- The words of 'text' that 'pattern' captures and 'known' lacks, and a set of all it captures.
local function words(text, pattern, known)
  local unknown, all = {}, {}
  for word in text:gmatch(pattern) do
    all[word] = true
    if not (known and known[word]) then unknown[#unknown + 1] = word end
  end
  return unknown, all
end

describe("make install", function()
  local function in_prefix(check)
    if asking.is_sanitized() then pending "packaging is tried without sanitizers" end
    local prefix = process.temp_folder()
    packaging.run("make install PREFIX=%s", prefix)
    check(prefix)
  end

  it("gives Lua the modules, which run the founding example", function()
    in_prefix(function(prefix)
      assert.equal("Jason Liu 30", packaging.founding_example(prefix))
    end)
  end)

  it("gives C programs a header, libraries and pkg-config files", function()
    in_prefix(function(prefix)
      local folder = process.temp_folder()
      process.write(folder .. "/program.c", PROGRAM)
      packaging.run("cd %s && cc program.c -o program $(PKG_CONFIG_PATH=%s/lib/pkgconfig pkg-config"
        .. " --cflags --libs instructor-curl)", folder, prefix)
      local version = process.read "core/instructor.h":match 'INST_VERSION "(.-)"'
      assert.equal(version .. " 1\n", packaging.run(
        "LD_LIBRARY_PATH=%s/lib DYLD_LIBRARY_PATH=%s/lib %s/program", prefix, prefix, folder))
    end)
  end)

  it("exports the functions of the door, all of them, and nothing else", function()
    if not packaging.have "ldd" then pending "skipped: ELF only" end
    in_prefix(function(prefix)
      local symbols = packaging.run("nm -D --defined-only"
        .. " %s/lib/libinstructor.so %s/lib/libinstructor-curl.so", prefix, prefix)
      local door = "\n" .. process.read "core/instructor.h"
      local declaration = "\nINST_API [^;]-([%w_]+)%("
      local _, declared = words(door, declaration)
      local extra, exported = words(symbols, " [A-Z] _?([%w_]+)", declared)
      assert.same({}, extra)
      assert.same({}, (words(door, declaration, exported)))
    end)
  end)

  it("leaves libcurl to the transport", function()
    if not packaging.have "ldd" then pending "skipped: ELF only" end
    in_prefix(function(prefix)
      local core = prefix .. "/lib/lua/" .. packaging.version .. "/instructor/core.so"
      assert.is_nil(packaging.run("ldd %s", core):find("libcurl", 1, true))
      assert.is_nil(packaging.run("ldd %s/lib/libinstructor.so", prefix):find("libcurl", 1, true))
    end)
  end)

  it("is taken back by make uninstall", function()
    in_prefix(function(prefix)
      packaging.run("make uninstall PREFIX=%s", prefix)
      assert.equal("", packaging.run("find %s ! -type d", prefix))
    end)
  end)
end)

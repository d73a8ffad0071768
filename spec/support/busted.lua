-- busted, run by whichever interpreter is asked: lua5.4 spec/support/busted.lua spec
-- The script a distribution installs starts the interpreter it likes; this one does not choose.

-- Debian keeps busted's Lua files in the folder of 5.1 and may lack links for other versions.
if not pcall(require, "busted.runner") then
  package.path = package.path .. ";/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua"
end

-- Some LuaJITs compile a comparison of long tables to code that cuts an address in half, and crash.
local jit = rawget(_G, "jit")
if jit then
  for _, fn in pairs(require "luassert.util") do
    if type(fn) == "function" then jit.off(fn, true) end
  end
end

require "busted.runner" { standalone = false }

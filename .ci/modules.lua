-- Prints which of the modules named can be loaded here, in one line: lua .ci/modules.lua cjson
-- Debian keeps busted's Lua files in 5.1's folder; spec/support/busted.lua looks there too.
package.path = package.path .. ";/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua"
local found = {}
for _, name in ipairs(arg) do
  if pcall(require, name) then found[#found + 1] = name end
end
print(table.concat(found, " "))

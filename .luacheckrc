-- The Lua side runs on 5.1 to 5.4 and LuaJIT: what any of them has may be mentioned,
-- what only some have must be asked for first.
std = "lua51+lua54"
read_globals = { "jit" }
max_line_length = 100
ignore = { "581" } -- not (a > b) is more than a <= b: it holds for nan too
exclude_files = { "build/**" }

files["spec/**/*_spec.lua"] = { std = "+busted" }
files["spec/support/**/*.lua"] = { std = "+busted" }
files["spec/conformance/*.lua"] = { std = "+busted" }
files["rockspec/*.rockspec"] = { std = "rockspec" }
files["examples/nginx/*.lua"] = { globals = { "ngx" } }
files["examples/neovim/**/*.lua"] = { globals = { "vim" } }

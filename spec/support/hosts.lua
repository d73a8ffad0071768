--[[
Hosts for specs: nginx with its Lua module, and Neovim, with the modules of this tree.  In: the URL
of a server.  Out: a running host, or why there can be none here.  Both run LuaJIT, so they load
what is built for it: their specs run under LUA=luajit.
]]

local asking = require "spec.support.asking"
local process = require "spec.support.process"

local hosts = {}

local START_LIMIT = 10
local UNPACKED = "build/nginx-lua" -- by .ci/nginx

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local here = output_of("pwd"):match "[^\n]+"

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

--- Why no host that runs LuaJIT can load what these specs run with; nil when it can.
local function unfit()
  if not rawget(_G, "jit") then
    return "hosts run LuaJIT: their specs run with make test LUA=luajit"
  end
  if asking.is_sanitized() then return "hosts do not run under the sanitizers" end
end

--- Absolute, for a host may run elsewhere; `first` stands before all others.
local function lua_paths(first)
  local function absolute(path)
    return (path:gsub("[^;]+", function(one)
      return one:sub(1, 1) == "/" and one or here .. "/" .. one:gsub("^%./", "")
    end))
  end
  return { LUA_PATH = first .. absolute(package.path), LUA_CPATH = absolute(package.cpath) }
end

-- ---- nginx --------------------------------------------------------------------------------------

local function find_nginx()
  local roots = { here .. "/" .. UNPACKED, "" }
  for _, root in ipairs(roots) do
    local found = { program = root .. "/usr/sbin/nginx", root = root,
      modules = root .. "/usr/lib/nginx/modules" }
    if exists(found.program) and exists(found.modules .. "/ngx_http_lua_module.so") then
      return found
    end
  end
end

--- Why nginx cannot be started; nil when it can.
--- @return string?
function hosts.no_nginx()
  return unfit() or (not find_nginx() and "nginx with its Lua module is not here: see .ci/nginx")
    or nil
end

--- @class spec.nginx
--- @field url string "http://127.0.0.1:PORT"
--- @field process spec.process
local nginx = {}
nginx.__index = nginx

-- The example's configuration, with what is this machine's own in it.
local function configuration(found, port, options)
  local text = assert(process.read "examples/nginx/nginx.conf")
  local function put(old, new)
    local at, to = text:find(old, 1, true)
    assert(at, "examples/nginx/nginx.conf holds no " .. old)
    text = text:sub(1, at - 1) .. new .. text:sub(to + 1)
  end
  put("load_module /usr/lib/nginx/modules", "load_module " .. found.modules)
  put("load_module /usr/lib/nginx/modules", "load_module " .. found.modules)
  put("listen 127.0.0.1:8088", "listen 127.0.0.1:" .. port)
  if options.ca_file then put("/etc/ssl/certs/ca-certificates.crt", options.ca_file) end
  if options.content then put('ngx.say "well"', options.content) end
  return text
end

--- Starts examples/nginx, with one worker, asking the server at `base_url`.
--- @param base_url string
--- @param options? { ca_file?: string, content?: string } content: Lua that answers /health instead
--- @return spec.nginx
function hosts.start_nginx(base_url, options)
  local found, port = find_nginx(), process.free_port()
  local folder = process.temp_folder()
  local text = configuration(found, port, options or {})
  process.write(folder .. "/nginx.conf", text)
  local env = lua_paths(here .. "/examples/nginx/?.lua;" .. found.root
    .. "/usr/share/lua/5.1/?.lua;")
  env.BASE_URL = base_url
  if found.root ~= "" then
    env.LD_LIBRARY_PATH = output_of("dirname " .. found.root .. "/usr/lib/*/libluajit-5.1.so.2")
      :match "[^\n]+"
  end
  local started = process.start({ found.program, "-p", folder, "-e", "stderr", "-c",
    folder .. "/nginx.conf" }, { env = env })
  if not process.await_port(port, START_LIMIT) then
    error("nginx did not start: " .. started:stop().stderr)
  end
  return setmetatable({ process = started, url = "http://127.0.0.1:" .. port }, nginx)
end

--- Begins a request; with `text` it is posted.
--- @return spec.process
function nginx:begin(path, text)
  local words = { "curl", "-sS", "--max-time", 30, "-w", "\n%{http_code}", self.url .. path }
  if text then
    words[#words + 1] = "-d"
    words[#words + 1] = text
  end
  return process.start(words)
end

--- Waits for the end of what was begun; returns the status and the body.
--- @return integer, string
function nginx.finish(begun)
  local result = begun:wait(40)
  assert(result.status == 0, result.stderr)
  local body, status = result.stdout:match "^(.-)\n*(%d+)$"
  return tonumber(status), body
end

--- @return integer, string
function nginx:ask(path, text) return self.finish(self:begin(path, text)) end

--- What it has logged so far.
--- @return string
function nginx:log() return self.process:stderr() end

--- @return spec.process.result
function nginx:stop() return self.process:stop() end

-- ---- Neovim -------------------------------------------------------------------------------------

--- Why Neovim cannot be started; nil when it can.
--- @return string?
function hosts.no_nvim()
  local reason = unfit()
  if reason then return reason end
  local told = output_of "nvim --version 2>/dev/null"
  if not told:find "LuaJIT" then return "nvim (with LuaJIT) is not here" end
end

--- Runs a script in `nvim --headless`, with the example on its runtime path.
--- @param script string Lua
--- @param env? table<string, string>
--- @return spec.process.result
function hosts.run_nvim(script, env)
  local all = lua_paths ""
  for name, value in pairs(env or {}) do all[name] = value end
  local home = process.temp_folder()
  all.HOME, all.XDG_CONFIG_HOME, all.XDG_DATA_HOME = home, home, home
  all.XDG_STATE_HOME, all.XDG_CACHE_HOME = home, home
  return process.run({ "nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n",
    "--cmd", "set runtimepath^=" .. here .. "/examples/neovim",
    "-c", "luafile " .. process.temp_file(script, ".lua"), "-c", "qall!" },
    { env = all, limit = 60 })
end

return hosts

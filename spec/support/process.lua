--[[
Processes, files and time for specs.  In: commands as lists of words.  Out: what they printed, how
they ended, how long they took.  Every process started here ends with the spec, whatever becomes of
it: a guard (see spec/server/guard.h) runs it and listens at a pipe that dies with us.

Needs nothing but io.popen and the program `faultserver`: the one the environment variable
FAULTSERVER names, else one compiled here, once, with ${CC:-cc}.
]]

local process = {}

local DEFAULT_LIMIT = 20 -- seconds a command may take
local START_LIMIT = 10   -- seconds until a guard's first line must be there

-- busted forgets modules between spec files; what must be made once a process stands here.
local REGISTRY_KEY = "instructor.spec.process"
local registry = debug.getregistry()
local shared = registry[REGISTRY_KEY] or { count = 0 }
registry[REGISTRY_KEY] = shared

local here = debug.getinfo(1, "S").source:match("^@(.*)spec/support/process%.lua$") or ""
if here == "" then here = "." end

-- ---- words -----------------------------------------------------------------------------------

--- One word for the shell, whatever stands in it.
---@param word string|number
---@return string
function process.quote(word)
  word = tostring(word)
  if word:find("%z") then error("a word of a command cannot hold a zero byte", 2) end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

--- A list of words as a command line.
---@param words (string|number)[]
---@return string
function process.command_line(words)
  local quoted = {}
  for i, word in ipairs(words) do quoted[i] = process.quote(word) end
  return table.concat(quoted, " ")
end

-- os.execute says true on some Luas, 0 on others.
local function succeeds(command)
  local result = os.execute(command)
  return result == true or result == 0
end

local function output_of(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

-- ---- files -----------------------------------------------------------------------------------

--- The whole file, or nil when there is none.
---@param path string
---@return string?
function process.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

---@param path string
---@param text string
function process.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

-- The folder of everything temporary.  A shell waits beside us to remove it when our end of its
-- pipe closes, in whatever way we end.
local function workspace()
  if shared.folder then return shared.folder end
  local folder = output_of('mktemp -d "${TMPDIR:-/tmp}/instructor-spec.XXXXXX"'):match("[^\n]+")
  if not folder then error("mktemp made no folder") end
  local last_wish = "trap '' INT TERM HUP; cat >/dev/null; rm -rf " .. process.quote(folder)
  shared.keeper = assert(io.popen(last_wish, "w"))
  shared.folder = folder
  return folder
end

--- A path nobody else has; the file is not made.  It is removed when the spec process ends.
---@param suffix? string
---@return string
function process.temp_path(suffix)
  shared.count = shared.count + 1
  return ("%s/%d%s"):format(workspace(), shared.count, suffix or "")
end

--- A new file with this text; returns its path.
---@param text? string
---@param suffix? string
---@return string
function process.temp_file(text, suffix)
  local path = process.temp_path(suffix)
  process.write(path, text or "")
  return path
end

--- A new, empty folder; returns its path.
---@return string
function process.temp_folder()
  local path = process.temp_path(".d")
  if not succeeds("mkdir -m 700 " .. process.quote(path)) then error("no folder " .. path) end
  return path
end

--- Removes a temporary file or folder before the end.  Refuses any other path.
---@param path string
function process.remove(path)
  local folder = workspace() .. "/"
  if path:sub(1, #folder) ~= folder or path:find("..", 1, true) then
    error("not a temporary path: " .. path, 2)
  end
  if not os.remove(path) then succeeds("rm -rf " .. process.quote(path)) end
end

-- ---- the helper program ----------------------------------------------------------------------

local function compile()
  local path = process.temp_path("-faultserver")
  local root = process.quote(here)
  local command = '${CC:-cc} -std=c11 -O1 -I%s %s/spec/server/*.c -o %s'
  if not succeeds(command:format(root, root, process.quote(path))) then
    error("the faultserver could not be compiled")
  end
  return path
end

--- The path of the program `faultserver`.
---@return string
function process.program()
  shared.program = shared.program or os.getenv("FAULTSERVER") or compile()
  return shared.program
end

-- Runs one of its small services and returns what it prints.
local function service(...)
  return output_of("exec " .. process.command_line { process.program(), ... } .. " </dev/null")
end

--- Waits until a file has so many lines; returns its text, complete or not.
---@param path string
---@param count integer
---@param limit number seconds
---@return string
function process.await_lines(path, count, limit)
  return service("--await-lines", path, count, limit)
end

--- Waits until a port on 127.0.0.1 accepts a connection.
---@param port integer
---@param limit number seconds
---@return boolean
function process.await_port(port, limit)
  local words = { process.program(), "--await-port", port, limit }
  return succeeds("exec " .. process.command_line(words))
end

--- A port that was free a moment ago.
---@return integer
function process.free_port()
  return tonumber((service("--free-port"):gsub("%s", "")))
end

-- ---- time ------------------------------------------------------------------------------------

--- Seconds on a clock that only runs forward, good to a few milliseconds.
---@return number
function process.now()
  return tonumber((service("--now"):gsub("%s", "")))
end

---@param seconds number
function process.sleep(seconds)
  os.execute(("sleep %.3f"):format(seconds))
end

--- Asks again and again until the answer is true.  Returns the last answer.
---@generic T
---@param ask fun(): T
---@param limit? number seconds, about; 5 without
---@return T
function process.await(ask, limit)
  for _ = 1, (limit or 5) * 100 do
    local answer = ask()
    if answer then return answer end
    process.sleep(0.01)
  end
  return ask()
end

-- ---- signals ---------------------------------------------------------------------------------

--- Sends a signal by pid.  For a process started here, its own `signal` is safer: it knows whether
--- the process still is the one that was started.
---@param pid integer
---@param name string "INT", "TERM", …
---@return boolean
function process.signal(pid, name)
  return succeeds(("kill -s %s %d 2>/dev/null"):format(name, pid))
end

--- Does a process of that number run?  One that has ended and was not waited for does not, where
--- the system can tell (Linux).
---@param pid integer
---@return boolean
function process.is_alive(pid)
  local about = process.read(("/proc/%d/stat"):format(pid))
  if about then return about:match("^.*%) (%a)") ~= "Z" end
  return succeeds(("kill -0 %d 2>/dev/null"):format(pid))
end

-- ---- commands --------------------------------------------------------------------------------

---@class spec.process.options
---@field stdin? string text
---@field limit? number seconds after which it is ended; 20 for run, none for start
---@field cwd? string
---@field env? table<string, string|false> variables to set, or (false) to take away

---@class spec.process.result
---@field status? integer exit status; nil when a signal ended it
---@field signal? integer the signal that did
---@field stdout string
---@field stderr string
---@field seconds number from start to end
---@field after_signal? number seconds from the last signal sent by `signal` to the end
---@field timed_out boolean

local function add_environment(words, env)
  for name, value in pairs(env or {}) do
    words[#words + 1] = value and "--set" or "--unset"
    words[#words + 1] = value and (name .. "=" .. value) or name
  end
end

-- The guard's words for a command, and the files they name.
local function guarded(command, options, limit_name)
  local base = process.temp_path()
  local files = { report = base .. ".report", stdout = base .. ".out", stderr = base .. ".err" }
  local words = { process.program(), "--guard", "--report", files.report,
    "--stdout", files.stdout, "--stderr", files.stderr }
  local function add(name, value)
    if not value then return end
    words[#words + 1] = name
    words[#words + 1] = value
  end
  if options.stdin then files.stdin = process.temp_file(options.stdin, ".in") end
  add("--stdin", files.stdin)
  add(limit_name, options.limit)
  add("--cwd", options.cwd)
  add_environment(words, options.env)
  words[#words + 1] = "--"
  for _, word in ipairs(command) do words[#words + 1] = word end
  return "exec " .. process.command_line(words), files
end

-- What each line of a report means for the result.
local heed = {
  pid = function(facts, number) facts.pid = tonumber(number) end,
  signal = function(facts, _, time) facts.signalled = tonumber(time) end,
  limit = function(facts) facts.timed_out = true end,
  exit = function(facts, status, time)
    facts.status, facts.seconds = tonumber(status), tonumber(time)
  end,
  killed = function(facts, signal, time)
    facts.signal, facts.seconds = tonumber(signal), tonumber(time)
  end,
}

local function read_report(path)
  local facts = {}
  for line in (process.read(path) or ""):gmatch("([^\n]*)\n") do
    local word, rest = line:match("^(%a*) ?(.*)$")
    if not heed[word] then error("the guard said: " .. line, 3) end
    heed[word](facts, rest:match("^(%S+) ?(.*)$"))
  end
  return facts
end

local function read_result(files)
  local facts = read_report(files.report)
  if not facts.seconds then error("the guard left no report") end
  local result = {
    status = facts.status, signal = facts.signal, seconds = facts.seconds,
    stdout = process.read(files.stdout) or "", stderr = process.read(files.stderr) or "",
    timed_out = facts.timed_out or false,
    after_signal = facts.signalled and facts.seconds - facts.signalled,
  }
  for _, path in pairs(files) do os.remove(path) end
  return result
end

--- Runs a command to its end.  A command that cannot be started has status 127.
---@param command (string|number)[]
---@param options? spec.process.options
---@return spec.process.result
function process.run(command, options)
  local settings = { limit = DEFAULT_LIMIT }
  for name, value in pairs(options or {}) do settings[name] = value end
  local line, files = guarded(command, settings, "--wait")
  local complaint = output_of(line .. " </dev/null 2>&1")
  if complaint ~= "" then error(complaint, 2) end
  return read_result(files)
end

--- How many descriptors this process has open; nil where the system does not tell.  (A process that
--- lists a folder has others: only the pipe to it is counted with ours, each time.)
---@return integer?
function process.descriptors()
  local pid = (process.read "/proc/self/stat" or ""):match "^%d+"
  if pid == nil then return nil end
  local pipe = assert(io.popen(("ls /proc/%s/fd | wc -l"):format(pid)))
  local count = tonumber(pipe:read "*a")
  pipe:close()
  return count
end

---@class spec.process
---@field pid integer
local running = {}
running.__index = running

--- Starts a command in the background.  It ends when its object is stopped or collected.
---@param command (string|number)[]
---@param options? spec.process.options
---@return spec.process
function process.start(command, options)
  local line, files = guarded(command, options or {}, "--limit")
  local pipe = assert(io.popen(line .. " 2>>" .. process.quote(files.report), "w"))
  local self = setmetatable({ files = files, pipe = pipe }, running)
  -- Nothing may be written to the pipe before the guard is there to read it.
  process.await_lines(files.report, 1, START_LIMIT)
  self.pid = read_report(files.report).pid
  if not self.pid then error("the guard did not start", 2) end
  return self
end

--- Sends a signal, if it still runs.
---@param name string "INT", "TERM", "KILL", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT"
function running:signal(name)
  if self.result then return end
  self.pipe:write(name, "\n")
  self.pipe:flush()
end

---@return boolean
function running:is_running()
  return not self.result and not read_report(self.files.report).seconds
end

--- What it has printed so far.
---@return string
function running:stdout()
  return self.result and self.result.stdout or process.read(self.files.stdout) or ""
end

---@return string
function running:stderr()
  return self.result and self.result.stderr or process.read(self.files.stderr) or ""
end

-- Closing the pipe waits for the guard, which ends with the command.
local function finish(self)
  if not self.result then
    self.pipe:close()
    self.result = read_result(self.files)
  end
  return self.result
end

--- Waits for its end; after 'limit' seconds it is ended.
---@param limit? number seconds; 20 without
---@return spec.process.result
function running:wait(limit)
  if not self.result then
    self.pipe:write(("WAIT %.3f\n"):format(limit or DEFAULT_LIMIT))
    self.pipe:flush()
  end
  return finish(self)
end

--- Ends it (SIGTERM, two seconds later SIGKILL) and waits.  May be called again.
---@return spec.process.result
function running:stop()
  return finish(self)
end

return process

-- How Neovim moves the bytes of a call: by a curl of its own for each, as its plugins do.
--
--   local oai = OpenAI { transport = require "extract.transport", … }
--
-- The key reaches curl through its standard input, never through its command line, where every user
-- of the machine could read it.

local task = require "extract.task"

local transport = {}

local uv = vim.loop

local HEAD_MAX = 256 * 1024

-- What no other try would mend, by curl's exit status: a bad URL, TLS files, certificates.
local FINAL = { [1] = true, [3] = true, [58] = true, [60] = true, [77] = true, [90] = true }
local TIMED_OUT = 28

local under_way = {} -- jobs

local cancelled = { kind = "cancelled", message = "the call was cancelled" }

-- ---- what curl is told --------------------------------------------------------------------------

local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function option(name, value)
  return ('%s = "%s"\n'):format(name, (value:gsub('[\\"\n\r\t]', escapes)))
end

--- curl's configuration for a request whose body is in a file.
local function configuration(request, wait, body_file)
  local parts = { "silent\nshow-error\nno-buffer\ninclude\ngloboff\nsuppress-connect-headers\n",
    option("proto", "=http,https"), option("url", request.url), option("request", request.method),
    option("connect-timeout", ("%.3f"):format(wait.connect)),
    option("data-binary", "@" .. body_file), option("header", "Expect:") }
  for _, header in ipairs(request.headers) do
    parts[#parts + 1] = option("header", header[1] .. ": " .. header[2])
  end
  return table.concat(parts)
end

--- A file that only we can read, in Neovim's own temporary folder.
local function write_body(body)
  local path = vim.fn.tempname()
  local file, err = uv.fs_open(path, "w", 384) -- 0600
  if file == nil then return nil, err end
  uv.fs_write(file, body)
  uv.fs_close(file)
  return path
end

-- ---- what curl says -----------------------------------------------------------------------------

--- Takes the head of the answer off the buffer, once it is whole; what a server says in the
--- meantime (100 to 199) is passed over.
local function take_head(job)
  while true do
    local head, behind = job.buffer:match "^(HTTP/.-\r?\n)\r?\n()"
    if head == nil then return end
    job.buffer = job.buffer:sub(behind)
    local status = tonumber(head:match "^HTTP/%S+ (%d%d%d)")
    if status and status >= 200 then
      local headers = {}
      for name, value in head:gmatch "\n([^:%s]+):%s*([^\r\n]-)%s*%f[\r\n]" do
        headers[name] = value
      end
      job.status, job.headers = status, headers
      return
    end
  end
end

local function on_stdout(job, bytes)
  job.buffer = job.buffer .. bytes
  if job.status == nil then
    take_head(job)
    if job.status == nil and #job.buffer > HEAD_MAX then job.stop() end
  end
end

--- What a curl that has ended without success is taken for.
local function loss(job)
  return {
    message = job.complaint:match "([^\n]+)%s*$" or ("curl ended with status %d"):format(job.code),
    kind = job.code == TIMED_OUT and "timeout" or "network", retryable = not FINAL[job.code],
  }
end

-- ---- the process --------------------------------------------------------------------------------

--- Reads a pipe to its end; `wake` is told of everything that comes.
local function read(pipe, wake, take)
  pipe:read_start(function(err, bytes)
    if bytes then take(bytes) end
    if err or not bytes then pipe:close() end
    wake(not err and bytes ~= nil)
  end)
end

--- Begins a curl.  Its fields are filled while Neovim's event loop runs.
local function start(request, wait)
  local body_file, err = write_body(request.body)
  if body_file == nil then return nil, err end
  local stdin, stdout, stderr = uv.new_pipe(), uv.new_pipe(), uv.new_pipe()
  local one = task.current()
  local job = { buffer = "", complaint = "", running = 3, code = 0 }
  local function wake(more)
    if not more then job.running = job.running - 1 end
    job.over = job.running == 0
    if one then one.wake() end
  end
  job.process, err = uv.spawn("curl", { args = { "-q", "--config", "-" },
    stdio = { stdin, stdout, stderr } }, function(code)
      job.process:close()
      job.process, job.code, under_way[job] = nil, code, nil
      uv.fs_unlink(body_file)
      wake(false)
    end)
  if job.process == nil then
    for _, pipe in ipairs { stdin, stdout, stderr } do pipe:close() end
    uv.fs_unlink(body_file)
    return nil, "curl cannot be started: " .. tostring(err)
  end
  under_way[job] = true
  function job.stop()
    if job.process then job.process:kill "sigterm" end
  end
  read(stdout, wake, function(bytes) on_stdout(job, bytes) end)
  read(stderr, wake, function(bytes) job.complaint = (job.complaint .. bytes):sub(-1000) end)
  stdin:write(configuration(request, wait, body_file))
  stdin:shutdown(function() stdin:close() end)
  return job
end

-- ---- what instructor asks for -------------------------------------------------------------------

--- The body as instructor reads it: a piece, "" when none came in time, nil at the end.
local function reader(job)
  return function(seconds)
    local go_on = task.wait(seconds, function() return job.buffer ~= "" or job.over end)
    if not go_on then return nil, cancelled end
    local piece = job.buffer
    job.buffer = ""
    if piece ~= "" or not job.over then return piece end
    if job.code ~= 0 then return nil, loss(job) end
    return nil
  end
end

--- Sends the request and returns the answer, whose body is read in pieces.
--- @param request instructor.Request
--- @param wait instructor.Wait
--- @return instructor.Response?, instructor.Loss|string?
function transport.send(request, wait)
  local job, err = start(request, wait)
  if job == nil then return nil, err end
  local go_on = task.wait(wait.head, function() return job.status or job.over end)
  if go_on and job.status then
    return { status = job.status, headers = job.headers, body = reader(job), close = job.stop }
  end
  job.stop()
  if not go_on then return nil, cancelled end
  if job.over then return nil, loss(job) end
  return nil, { kind = "timeout", retryable = true,
    message = ("no answer came within %.1f s"):format(wait.head) }
end

--- Ends every curl that still runs, as an editor must that is left.
function transport.stop_all()
  for job in pairs(under_way) do job.stop() end
end

--- Rests; the editor goes on.  Returns false when the task was cancelled meanwhile.
--- @param seconds number
--- @return boolean
function transport.sleep(seconds)
  return task.wait(seconds, function() return false end)
end

return transport

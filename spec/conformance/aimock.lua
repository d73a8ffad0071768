--[[
A server that somebody else wrote: aimock, which answers as OpenAI's does, from fixtures, keeps a
journal of what it was asked, and injects faults.  In: fixtures.  Out: a server on loopback and its
journal.  It lies in build/aimock, where .ci/aimock puts it.
]]

local cjson = require "cjson"
local process = require "spec.support.process"

local aimock = {}

-- The build for CommonJS starts on Debian 12's node 18, too; the other one wants node 20.
local CLI = "build/aimock/node_modules/@copilotkit/aimock/dist/cli.cjs"
local START_LIMIT = 10 -- seconds until the port must answer
local TRIES = 3        -- ports tried: a free one may be taken before node has it

local running = {}
running.__index = running

-- Asks the server's own interface with the curl command; returns what it says, decoded.
local function control(self, method, path, body)
  local result = process.run({ "curl", "-sS", "--fail", "-X", method, "-H",
    "Content-Type: application/json", "-H", "Authorization: Bearer " .. self.key,
    "--data-binary", "@-", self.root .. "/__aimock" .. path },
    { stdin = body and cjson.encode(body) or "" })
  if result.status ~= 0 then error("aimock: " .. result.stderr .. result.stdout, 3) end
  return cjson.decode(result.stdout)
end

-- It wants a fixture to start with; the first reset takes it away.
local function launch(key)
  local port = process.free_port()
  local fixtures = process.temp_file('{"fixtures":[{"match":{"userMessage":"none"},'
    .. '"response":{"content":"none"}}]}', ".json")
  local server = process.start({ "node", CLI, "--port", port, "--fixtures", fixtures,
    "--log-level", "silent" }, { env = { AIMOCK_API_KEYS = key or false } })
  if process.await_port(port, START_LIMIT) and server:is_running() then return server, port end
  return nil, server:stop().stderr
end

--- Starts one.
--- @param options? { key?: string } key: the only one it lets in
function aimock.start(options)
  local key = options and options.key
  local self = setmetatable({ key = key or "none" }, running)
  for try = 1, TRIES do
    local server, said = launch(key)
    if server then
      self.process, self.root = server, ("http://127.0.0.1:%d"):format(said)
      self.url = self.root .. "/v1"
      return self
    end
    if try == TRIES then error("aimock did not start: " .. said, 2) end
  end
end

--- Forgets fixtures, journal and faults; then serves these.
--- @param fixtures table[] { match =, response =, chaos = }
function running:serve(fixtures)
  control(self, "POST", "/reset")
  if fixtures[1] then control(self, "POST", "/fixtures", { fixtures = fixtures }) end
end

--- The next request fails with this status.
--- @param status integer
--- @param body? { message: string, type: string, code: string }
function running:fail_once(status, body)
  control(self, "POST", "/error", { status = status, body = body })
end

--- Every request from now on suffers so: dropRate, malformedRate, disconnectRate, rateLimitRate
--- (0 to 1), latencyMs.
--- @param faults table<string, number>
function running:suffer(faults) control(self, "POST", "/chaos", faults) end

--- What was asked, in order.  A body is a table: what was sent, decoded.
--- @return { method: string, path: string, headers: table<string, string>, body: table,
---   response: { status: integer } }[]
function running:journal()
  local entries = control(self, "GET", "/journal")
  for _, entry in ipairs(entries) do
    if entry.body ~= cjson.null then entry.body._endpointType = nil end -- its own remark
  end
  return entries
end

function running:stop() self.process:stop() end

return aimock

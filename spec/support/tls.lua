--[[
TLS for specs: throw-away authorities and certificates, and a scripted server behind TLS.  In:
names, steps.  Out: PEM files, a server on loopback.

Nothing is linked: the command `openssl s_server -quiet` passes the decrypted bytes of one client
after another through its stdin and stdout, and the faultserver (--stdio) sits at the other ends.
To the faultserver all clients are one standing connection.  So the steps must be answers with a
Content-Length (or chunked): faults of TCP belong to the server without TLS.
]]

local process = require "spec.support.process"
local server = require "spec.support.server"

local tls = {}

local START_LIMIT = 10 -- seconds until the port must answer
local TRIES = 3        -- ports tried: a free one may be taken before openssl has it

local settings = [[
[req]
distinguished_name = name
prompt = no
[name]
CN = instructor spec
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = %s
[ca]
default_ca = instructor_spec
[instructor_spec]
database = index
new_certs_dir = .
serial = serial
policy = any_name
default_md = sha256
[any_name]
commonName = supplied
]]

local function openssl(folder, ...)
  local result = process.run({ "openssl", ... }, { cwd = folder })
  if result.status ~= 0 then error("openssl: " .. result.stderr, 3) end
end

--- Is there an `openssl` command that can do all this?
---@return boolean
function tls.is_available()
  local result = process.run { "openssl", "s_server", "-help" }
  return (result.stdout .. result.stderr):find("-naccept", 1, true) ~= nil
end

-- ---- certificates ----------------------------------------------------------------------------

---@class spec.tls.authority
---@field ca_file string path, PEM
---@field folder string
local authority = {}
authority.__index = authority

---@class spec.tls.certificate
---@field cert_file string path, PEM
---@field key_file string path, PEM

-- A key and a request for a certificate, in files named 'name'.
local function make_request(folder, name, alt_names)
  process.write(folder .. "/" .. name .. ".cnf", settings:format(alt_names))
  openssl(folder, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
    "-nodes", "-config", name .. ".cnf", "-subj", "/CN=instructor spec " .. name,
    "-keyout", name .. ".key", "-out", name .. ".csr")
end

--- A new authority, which nobody trusts who is not told to.
---@return spec.tls.authority
function tls.authority()
  local folder = process.temp_folder()
  make_request(folder, "authority", "DNS:authority.invalid")
  openssl(folder, "x509", "-req", "-in", "authority.csr", "-signkey", "authority.key",
    "-days", "2", "-sha256", "-extfile", "authority.cnf", "-extensions", "authority",
    "-out", "authority.pem")
  local made = { folder = folder, ca_file = folder .. "/authority.pem", count = 0 }
  return setmetatable(made, authority)
end

local function date(days)
  return os.date("!%Y%m%d%H%M%SZ", os.time() + days * 86400)
end

--- A certificate this authority stands for, good for servers and for clients.
---@param alt_names? string as OpenSSL writes them; 127.0.0.1 and localhost without
---@param from? number days from now until it is valid; 0 without
---@param to? number days from now until it is no longer; 2 without
---@return spec.tls.certificate
function authority:certificate(alt_names, from, to)
  self.count = self.count + 1
  local name = ("leaf%d"):format(self.count)
  make_request(self.folder, name, alt_names or "DNS:localhost, IP:127.0.0.1")
  process.write(self.folder .. "/index", "")
  process.write(self.folder .. "/serial", ("%04X\n"):format(100 + self.count))
  openssl(self.folder, "ca", "-batch", "-notext", "-config", name .. ".cnf", "-in",
    name .. ".csr", "-cert", "authority.pem", "-keyfile", "authority.key", "-startdate",
    date(from or 0), "-enddate", date(to or 2), "-extensions", "leaf", "-out", name .. ".pem")
  local base = self.folder .. "/" .. name
  return { cert_file = base .. ".pem", key_file = base .. ".key" }
end

-- ---- a server --------------------------------------------------------------------------------

---@class spec.tls.server
---@field port integer
---@field root string "https://127.0.0.1:PORT"
---@field url string "https://127.0.0.1:PORT/v1"
local running = {}
running.__index = running

local all_running = {}

-- Two programs in a ring: what openssl decrypts goes down the pipe, what the faultserver answers
-- comes back through the fifo.  Behind the four words named stands the command of openssl.
local ring = [[
fifo=$1; script=$2; journal=$3; program=$4; shift 4
mkfifo -m 600 "$fifo" || exit 1
"$@" <"$fifo" | "$program" --stdio --script "$script" --journal "$journal" >"$fifo"
]]

local function add(words, more)
  for _, word in ipairs(more) do words[#words + 1] = word end
end

local function launch(self, certificate, options)
  self.port = process.free_port()
  local base = process.temp_path()
  self.journal_file = base .. ".journal"
  local words = { "sh", "-c", ring, "sh", base .. ".fifo", self.script_file, self.journal_file,
    process.program(), "openssl", "s_server", "-quiet", "-accept", "127.0.0.1:" .. self.port,
    "-cert", certificate.cert_file, "-key", certificate.key_file }
  if options.client_ca then
    add(words, { "-Verify", "1", "-verify_return_error", "-CAfile", options.client_ca })
  end
  add(words, options.words or {})
  self.process = process.start(words)
  return process.await_port(self.port, START_LIMIT) and self.process:is_running()
end

--- Starts a scripted server behind TLS.
---@param certificate spec.tls.certificate
---@param steps spec.server.step[] as for server.start
---@param options? { client_ca?: string, words?: string[] } client_ca: a file; clients must show a
---  certificate of it; words: more of openssl's options
---@return spec.tls.server
function tls.start(certificate, steps, options)
  local self = setmetatable({}, running)
  self.script_file = process.temp_file(server.script(steps), ".script")
  for try = 1, TRIES do
    if launch(self, certificate, options or {}) then break end
    local result = self.process:stop()
    if try == TRIES then error("no server behind TLS: " .. result.stderr, 2) end
  end
  self.root = ("https://127.0.0.1:%d"):format(self.port)
  self.url = self.root .. "/v1"
  all_running[self] = true
  return self
end

--- The requests whose steps have begun, as those of a server without TLS.
---@return spec.server.request[]
function running:requests()
  return server.requests_of(server.read_events(process.read(self.journal_file) or ""))
end

--- What openssl and the faultserver complained of so far: refused handshakes, mostly.
---@return string
function running:complaints() return self.process:stderr() end

--- Ends the server and waits for it.  May be called again.
function running:stop()
  self.process:stop()
  all_running[self] = nil
end

--- Ends all servers behind TLS that run: for after_each.
function tls.stop_all()
  local list = {}
  for one in pairs(all_running) do list[#list + 1] = one end
  for _, one in ipairs(list) do one:stop() end
end

return tls

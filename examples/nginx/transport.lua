-- How nginx moves the bytes of a call: over its own sockets, so that the worker serves others
-- meanwhile.
--
--   local oai = OpenAI { transport = require "transport", … }
--
-- It speaks HTTP/1.1 with bodies of a stated length, in chunks, or up to the connection's end; over
-- TLS it checks the certificate against lua_ssl_trusted_certificate.  Connections are kept for the
-- next call.  It works wherever nginx allows ngx.socket.tcp: in content, access, rewrite, timers.

local ngx = ngx

local transport = {}

local PIECE = 16384            -- bytes read at once
local LINE_MAX = 16384         -- bytes of one line of a head
local LINES_MAX = 200          -- lines of a head
local KEEP_MS, KEEP = 55000, 32 -- how long and how many idle connections are kept for a server

local CUT = "the connection was closed before the answer was whole"

local function milliseconds(till)
  return math.max(1, math.ceil((till - ngx.now()) * 1000))
end

-- ---- bytes --------------------------------------------------------------------------------------

-- A socket, and what was read of it and not used yet.
local Source = {}
Source.__index = Source

function Source:fill(till)
  if till <= ngx.now() then return nil, "timeout" end
  self.sock:settimeout(milliseconds(till))
  local bytes, err = self.sock:receiveany(PIECE)
  if bytes == nil then return nil, err end
  self.buffer, self.any = self.buffer .. bytes, true
  return true
end

--- The next line, without its end.  What came of a line before a timeout is kept for the next try.
function Source:line(till)
  while true do
    local line, behind = self.buffer:match "^(.-)\r?\n()"
    if line then
      self.buffer = self.buffer:sub(behind)
      return line
    end
    if #self.buffer > LINE_MAX then return nil, "a line of the answer is too long" end
    local filled, err = self:fill(till)
    if not filled then return nil, err end
  end
end

--- At least one byte, at most `count`.
function Source:take(count, till)
  if self.buffer == "" then
    local filled, err = self:fill(till)
    if not filled then return nil, err end
  end
  local piece = self.buffer:sub(1, count)
  self.buffer = self.buffer:sub(#piece + 1)
  return piece
end

-- ---- bodies: functions that return a piece, or nil at the end, or nil and why -------------------

local function no_body() return nil end

local function counted_body(source, left)
  return function(till)
    if left == 0 then return nil end
    local piece, err = source:take(left, till)
    if piece == nil then return nil, err end
    left = left - #piece
    return piece
  end
end

local function open_body(source)
  return function(till)
    local piece, err = source:take(PIECE, till)
    if piece == nil and err == "closed" then return nil end
    return piece, err
  end
end

-- What a chunked body expects next; each returns the piece that came, or nothing, or nil and why.
local expect = {}

function expect.size(source, chunk, till)
  local line, err = source:line(till)
  if line == nil then return nil, err end
  local size = tonumber((line:match "^(%x+)%s*$" or line:match "^(%x+)%s*;" or "x"):sub(1, 12), 16)
  if size == nil then return nil, "the answer's chunks are garbled" end
  chunk.left, chunk.next = size, size == 0 and "trailer" or "data"
end

function expect.data(source, chunk, till)
  local piece, err = source:take(chunk.left, till)
  if piece == nil then return nil, err end
  chunk.left = chunk.left - #piece
  if chunk.left == 0 then chunk.next = "gap" end
  return piece
end

function expect.gap(source, chunk, till)
  local line, err = source:line(till)
  if line == nil then return nil, err end
  if line ~= "" then return nil, "the answer's chunks are garbled" end
  chunk.next = "size"
end

function expect.trailer(source, chunk, till)
  local line, err = source:line(till)
  if line == nil then return nil, err end
  if line == "" then chunk.next = nil end
end

local function chunked_body(source)
  local chunk = { next = "size" }
  return function(till)
    while chunk.next do
      local piece, err = expect[chunk.next](source, chunk, till)
      if piece or err then return piece, err end
    end
  end
end

--- The body of an answer, and whether the connection can serve again after it.
local function body_of(source, status, headers)
  if status == 204 or status == 304 then return no_body, true end
  if (headers["transfer-encoding"] or ""):lower() == "chunked" then
    return chunked_body(source), true
  end
  local length = headers["content-length"]
  if length == nil then return open_body(source), false end
  if not length:match "^%d+$" then return nil, "the answer's length is no number" end
  return counted_body(source, tonumber(length)), true
end

-- ---- one exchange -------------------------------------------------------------------------------

--- scheme, host, port and target of a URL.
local function split(url)
  local scheme, authority, target = url:match "^(%a+)://([^/?#]+)([^#]*)$"
  if scheme == nil then return nil end
  scheme = scheme:lower()
  local host, port = authority:match "^(.-):(%d+)$"
  if target:sub(1, 1) ~= "/" then target = "/" .. target end
  return { scheme = scheme, host = host or authority, authority = authority, target = target,
    port = tonumber(port) or (scheme == "https" and 443 or 80) }
end

--- TLS over `sock`, with a server whose certificate is vouched for.  Some versions of
--- lua-resty-core raise where the refusal of a certificate comes without a wait before it.
local function shake_hands(sock, url)
  local ran, session, err = pcall(sock.sslhandshake, sock, nil, url.host, true)
  if not ran then return nil, "the certificate was refused" end
  return session, err
end

local function connect(url, till)
  local sock = ngx.socket.tcp()
  sock:settimeout(milliseconds(till))
  local connected, err = sock:connect(url.host, url.port,
    { pool = url.scheme .. "://" .. url.host .. ":" .. url.port })
  if not connected then return nil, err end
  if url.scheme == "https" and sock:getreusedtimes() == 0 then
    connected, err = shake_hands(sock, url)
    if not connected then
      sock:close()
      return nil, err, "tls"
    end
  end
  return sock
end

local function head_of(request, url)
  local lines = { request.method .. " " .. url.target .. " HTTP/1.1", "Host: " .. url.authority,
    "Content-Length: " .. #request.body }
  for _, header in ipairs(request.headers) do lines[#lines + 1] = header[1] .. ": " .. header[2] end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

--- The status, whether the server speaks HTTP/1.1, and the headers, names in lower case.
local function read_head(source, till)
  local line, err = source:line(till)
  if line == nil then return nil, err end
  local minor, status = line:match "^HTTP/1%.(%d) (%d%d%d)"
  if status == nil then return nil, "the server does not answer in HTTP/1.1" end
  local headers = {}
  for _ = 1, LINES_MAX do
    line, err = source:line(till)
    if line == nil then return nil, err end
    if line == "" then return tonumber(status), headers, minor ~= "0" end
    local name, value = line:match "^([^:%s]+):%s*(.-)%s*$"
    if name then headers[name:lower()] = value end
  end
  return nil, "the answer's head is too long"
end

--- The head of the real answer: what a server says in the meantime (100 to 199) is passed over.
local function read_last_head(source, till)
  while true do
    local status, headers, modern = read_head(source, till)
    if status == nil or status >= 200 then return status, headers, modern end
  end
end

--- The response as instructor wants it.
local function response_of(source, status, headers, modern)
  local body, reusable = body_of(source, status, headers)
  if body == nil then return nil, reusable end
  local whole = false
  local says_close = (headers.connection or ""):lower():find("close", 1, true)
  local function read(seconds)
    local piece, err = body(ngx.now() + seconds)
    if piece then return piece end
    if err == nil then whole = true return nil end
    if err == "timeout" then return "" end -- instructor knows what that means
    return nil, err == "closed" and CUT or err, true
  end
  local function close()
    if whole and reusable and modern and not says_close and source.buffer == "" then
      source.sock:setkeepalive(KEEP_MS, KEEP)
    else
      source.sock:close()
    end
  end
  return { status = status, headers = headers, body = read, close = close }
end

local function talk(source, request, url, till)
  source.sock:settimeout(milliseconds(till))
  local sent, err = source.sock:send { head_of(request, url), request.body }
  if not sent then return nil, err end
  local status, headers, modern = read_last_head(source, till)
  if status == nil then return nil, headers end
  return response_of(source, status, headers, modern)
end

--- What instructor is told of a failure.  A certificate that is refused will be so again.
local function loss(what, url, err, stage)
  return { message = ("%s %s: %s"):format(what, url.authority, err),
    kind = err == "timeout" and "timeout" or "network",
    retryable = not (stage == "tls" and tostring(err):find("certificate", 1, true)) }
end

--- Sends the request and returns the answer, whose body is read in pieces.  A kept connection that
--- the server has given up meanwhile is no failure: the next one is tried.
--- @param request instructor.Request
--- @param wait instructor.Wait
--- @return instructor.Response?, instructor.Loss?
function transport.send(request, wait)
  local url = split(request.url)
  local till = ngx.now() + wait.head
  while true do
    local sock, err, stage = connect(url, math.min(till, ngx.now() + wait.connect))
    if sock == nil then return nil, loss("no connection to", url, err, stage) end
    local kept = (sock:getreusedtimes() or 0) > 0
    local source = setmetatable({ sock = sock, buffer = "", any = false }, Source)
    local response
    response, err = talk(source, request, url, till)
    if response then return response end
    sock:close()
    if not kept or source.any or err == "timeout" then
      return nil, loss("no answer from", url, err)
    end
  end
end

--- Rests; other requests of the worker go on.
--- @param seconds number
function transport.sleep(seconds) ngx.sleep(seconds) end

return transport

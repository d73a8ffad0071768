--[[
nginx for specs: a real server of HTTP/2 behind TLS, before a scripted one.  In: a certificate, the
port of a faultserver.  Out: a server on loopback.  To what it hands on it adds the headers
X-Protocol (what its client spoke) and X-Connection (which connection of its client's it was).
]]

local process = require "spec.support.process"

local nginx = {}

local START_LIMIT = 10 -- seconds until the port must answer
local TRIES = 3        -- ports tried: a free one may be taken before nginx has it

local settings = [[
daemon off;
%s
worker_processes 1;
pid %s/pid;
error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_buffer_size 16m;
  client_body_temp_path %s;
  proxy_temp_path %s;
  fastcgi_temp_path %s;
  uwsgi_temp_path %s;
  scgi_temp_path %s;
  server {
    listen 127.0.0.1:%d ssl http2;
    ssl_certificate %s;
    ssl_certificate_key %s;
    keepalive_requests %d;
    location / {
      proxy_pass http://127.0.0.1:%d;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Protocol $server_protocol;
      proxy_set_header X-Connection $connection;
      proxy_buffering off;
      proxy_next_upstream off;
    }
  }
}
]]

--- The command, or nil where there is none.  .ci/nginx unpacks one.
--- @return string?
function nginx.command()
  for _, path in ipairs { "nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx",
    "build/nginx/usr/sbin/nginx", "build/nginx-lua/usr/sbin/nginx" } do
    if process.run({ path, "-v" }).status == 0 then return path end
  end
end

--- @class spec.nginx
--- @field port integer
--- @field url string "https://127.0.0.1:PORT/v1"
local running = {}
running.__index = running

local all_running = {}

-- Root's workers must go on as root: the folder is the spec's alone.
local function user_line()
  return process.run({ "id", "-u" }).stdout == "0\n" and "user root;" or ""
end

local function launch(self, options)
  local folder = process.temp_folder()
  self.port = process.free_port()
  process.write(folder .. "/nginx.conf", settings:format(user_line(), folder, folder, folder,
    folder, folder, folder, self.port, options.certificate.cert_file,
    options.certificate.key_file, options.keepalive_requests or 1000, options.upstream))
  self.process = process.start { nginx.command(), "-p", folder, "-e", "stderr", "-c",
    folder .. "/nginx.conf" }
  return process.await_port(self.port, START_LIMIT) and self.process:is_running()
end

--- Starts one.
--- @param options { certificate: spec.tls.certificate, upstream: integer,
---   keepalive_requests?: integer } keepalive_requests: after so many comes GOAWAY
--- @return spec.nginx
function nginx.start(options)
  local self = setmetatable({}, running)
  for try = 1, TRIES do
    if launch(self, options) then break end
    local result = self.process:stop()
    if try == TRIES then error("no nginx: " .. result.stderr, 2) end
  end
  self.url = ("https://127.0.0.1:%d/v1"):format(self.port)
  all_running[self] = true
  return self
end

--- Starts its worker anew; the old one says GOAWAY and finishes what is under way.
function running:restart() self.process:signal "HUP" end

--- Ends it at once, whatever is under way.
function running:stop()
  self.process:stop()
  all_running[self] = nil
end

--- Ends all that run: for after_each.
function nginx.stop_all()
  local list = {}
  for one in pairs(all_running) do list[#list + 1] = one end
  for _, one in ipairs(list) do one:stop() end
end

return nginx

-- Certificates and proxies: who is trusted with a key, and which way a request goes.  The
-- authorities are made at run time and thrown away.

local OpenAI = require "instructor.openai"
local asking = require "spec.support.asking"
local process = require "spec.support.process"
local server = require "spec.support.server"
local tls = require "spec.support.tls"

local KEY = asking.KEY
local ask, once, well = asking.ask, asking.once, asking.well
local expect_error, expect_well = asking.expect_error, asking.expect_well

local has_tls = tls.is_available()

local function it_with_tls(name, body)
  it(name, function()
    if not has_tls then return pending "needs the openssl command" end
    body()
  end)
end

describe("a server behind TLS", function()
  local authority, certificate

  if has_tls then
    setup(function()
      authority = tls.authority()
      certificate = authority:certificate()
    end)
  end
  after_each(function()
    tls.stop_all()
    server.stop_all()
  end)

  local function start(given, options)
    return tls.start(given or certificate, { well(), repeat_last = true }, options)
  end

  it_with_tls("whose authority nobody knows gets nothing, and no second try", function()
    local s = start()
    local err = expect_error("network", { retryable = false, attempts = 1 },
      ask(asking.client(s.url, { http_retries = 3 }), { max_retries = 3 }))
    assert.matches("certificate of 127%.0%.0%.1 port " .. s.port .. " was not accepted",
      tostring(err))
    assert.equal(0, #s:requests())
    assert.is_nil((process.read(s.journal_file) or ""):find(KEY, 1, true))
  end)

  it_with_tls("whose authority is the ca_file is trusted", function()
    local s = start()
    local client = asking.client(s.url, { ca_file = authority.ca_file })
    for _ = 1, 2 do expect_well(ask(client)) end
    assert.equal("Bearer " .. KEY, s:requests()[2].headers.authorization)
  end)

  it_with_tls("whose authority is another than the ca_file gets nothing", function()
    local s = start()
    local err = expect_error("network", { retryable = false, attempts = 1 },
      once(s.url, { ca_file = tls.authority().ca_file }))
    assert.matches("certificate", tostring(err))
    assert.equal(0, #s:requests())
  end)

  it_with_tls("whose certificate is for another host gets nothing", function()
    local s = start(authority:certificate("DNS:elsewhere.invalid"))
    expect_error("network", { retryable = false, attempts = 1 },
      once(s.url, { ca_file = authority.ca_file }))
    assert.equal(0, #s:requests())
  end)

  it_with_tls("gets nothing when the ca_file holds no certificate", function()
    local s = start()
    local err = expect_error("network", { retryable = false, attempts = 1 },
      once(s.url, { ca_file = process.temp_file "no certificate" }))
    assert.matches("authorities", tostring(err))
    assert.equal(0, #s:requests())
  end)

  it_with_tls("that asks for a certificate is shown the client's", function()
    local s = start(nil, { client_ca = authority.ca_file })
    local own = authority:certificate()
    expect_well(once(s.url, { ca_file = authority.ca_file, cert_file = own.cert_file,
      key_file = own.key_file }))
    assert.equal(1, #s:requests())
  end)

  it_with_tls("that asks for a certificate in vain hears no question", function()
    local s = start(nil, { client_ca = authority.ca_file })
    expect_error("network", { attempts = 1 }, once(s.url, { ca_file = authority.ca_file }))
    assert.equal(0, #s:requests())
  end)

  it("that turns out to speak plain HTTP is shown no key", function()
    local s = server.start { well(), repeat_last = true }
    local url = s.url:gsub("^http:", "https:")
    expect_error("network", { attempts = 1 }, once(url))
    s:stop()
    assert.equal(0, #s:requests())
    for _, event in ipairs(s:events()) do
      assert.is_nil((event.head or ""):find(KEY, 1, true))
    end
  end)
end)

describe("a file that cannot be read", function()
  for _, option in ipairs { "ca_file", "cert_file", "key_file" } do
    it("is told when the client is made, as its " .. option, function()
      for path, why in pairs {
        [process.temp_path ".pem"] = "No such file or directory",
        [process.temp_folder()] = "Is a directory",
        [process.temp_file ""] = "it is empty",
        [""] = "No such file or directory",
      } do
        local ok, message = pcall(OpenAI, { base_url = "http://127.0.0.1:1", [option] = path })
        assert.is_false(ok)
        local start = "OpenAI: " .. option .. " names a file that cannot be read: "
        assert.is_truthy(message:find(start, 1, true), message)
        assert.is_truthy(message:find(why, 1, true), message)
      end
    end)
  end
end)

-- Asks once and prints what came of it.  Arguments: base_url, proxy ("-": not given).
local ASK = [[
local Instructor, OpenAI = require "instructor", require "instructor.openai"
local z = require "instructor.z"
local oai = OpenAI { base_url = arg[1], api_key = "sk-fake-behind-a-proxy", http_retries = 0,
  proxy = arg[2] ~= "-" and arg[2] or nil }
local user, err = Instructor({ client = oai }).chat.completions.create {
  model = "fake-model", messages = "Jason Liu is 30 years old", deadline = 15,
  response_model = z.object { age = z.number(), name = z.string() },
}
print(user and user.name or err)
]]

describe("a proxy", function()
  after_each(server.stop_all)

  local ELSEWHERE = "http://api.example.invalid/v1"

  -- What ASK prints, in a world with these variables.
  local function printed(url, proxy, variables)
    local env = {}
    for _, name in ipairs { "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY",
      "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY" } do
      env[name] = variables[name] or false
    end
    local result = process.run({ asking.interpreter(), asking.script(ASK), url, proxy },
      { env = env })
    assert.equal("", result.stderr)
    assert.is_nil(result.stdout:find("sk-fake", 1, true))
    return (result.stdout:gsub("\n$", ""))
  end

  local function dead()
    return ("http://127.0.0.1:%d"):format(process.free_port())
  end

  it("that the environment names is asked, with the whole URL", function()
    local s = server.start { well() }
    assert.equal("Jason Liu", printed(ELSEWHERE, "-", { http_proxy = s.root }))
    local request = s:requests()[1]
    assert.matches("^POST http://api%.example%.invalid/v1/chat/completions HTTP/1%.1\r\n",
      request.head)
    assert.equal("api.example.invalid", request.headers.host)
  end)

  it("is not asked for hosts that no_proxy names", function()
    local s = server.start { well() }
    assert.equal("Jason Liu",
      printed(s.url, "-", { http_proxy = dead(), no_proxy = "127.0.0.1" }))
  end)

  it("of the environment is passed over by proxy = \"\"", function()
    local s = server.start { well(), repeat_last = true }
    local gone = dead()
    assert.matches("^network: ", printed(s.url, "-", { http_proxy = gone }))
    assert.equal(0, #s:requests())
    assert.equal("Jason Liu", printed(s.url, "", { http_proxy = gone, all_proxy = gone }))
    assert.equal("/v1/chat/completions", s:requests()[1].path)
  end)

  it("that the client names wins over the environment", function()
    local s = server.start { well() }
    assert.equal("Jason Liu", printed(ELSEWHERE, s.root, { http_proxy = dead(), no_proxy = "*" }))
    assert.equal(1, #s:requests())
  end)

  it("on the way to a server behind TLS sees no key", function()
    local s = server.start { server.error(502, "no way"), repeat_last = true }
    local url = ELSEWHERE:gsub("^http:", "https:")
    local text = printed(url, "-", { https_proxy = s.root })
    assert.matches("^network: ", text)
    assert.matches("proxy", text)
    local request = s:requests()[1]
    assert.equal("CONNECT", request.method)
    assert.is_nil(request.headers.authorization)
    assert.equal("", request.body)
    s:stop()
    for _, event in ipairs(s:events()) do
      assert.is_nil(((event.head or "") .. (event.body or "")):find("sk-fake", 1, true))
    end
  end)

  it("that refuses is an http error, one that is gone a network error", function()
    local s = server.start { server.error(407, "who are you?") }
    expect_error("http", { status = 407, retryable = false, attempts = 1 },
      once(ELSEWHERE, { proxy = s.root }))
    expect_error("network", { retryable = true, attempts = 1 },
      once(ELSEWHERE, { proxy = dead() }))
    local _, err = once(ELSEWHERE, { proxy = dead() })
    assert.matches("could not connect to the proxy to ", err.message)
  end)
end)

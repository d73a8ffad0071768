-- Every limit has a name, and a spec that touches it.

local OpenAI = require "instructor.openai"
local Instructor = require "instructor"
local asking = require "spec.support.asking"
local core = require "instructor.core"
local z = require "instructor.z"

local KEY = "sk-fake-for-specs"

-- A client whose transport answers with `body`.
local function answered(body, given)
  local settings = { base_url = "http://127.0.0.1:9/v1", api_key = KEY, http_retries = 0,
    transport = function() return { status = 200, body = body } end }
  for name, value in pairs(given or {}) do settings[name] = value end
  return Instructor { client = OpenAI(settings), mode = "JSON" }
end

local function completion(text)
  return core.encode { choices = { { message = { role = "assistant", content = text } } } }
end

describe("a limit", function()
  it("stops a parse at a thousand issues, which say enough", function()
    local text = "[" .. ("1,"):rep(5000) .. "1]"
    local _, err = z.array(z.string()):try_json(text)
    assert.equal(1000, #err.issues)
    assert.equal("validation", err.kind)
  end)

  it("does not count issues that were forgiven", function()
    local Row = z.object { a = z.string():optional(), b = z.array(z.number()):optional() }
    local rows = {}
    for i = 1, 3000 do rows[i] = "{}" end
    local value = z.array(Row):parse_json("[" .. table.concat(rows, ",") .. "]")
    assert.equal(3000, #value)
  end)

  it("ends an answer that is too long", function()
    local client = answered(completion(("x"):rep(5000)), { max_answer = 1000 })
    local _, err = client.chat.completions.create { messages = "x", response_model = z.string() }
    assert.equal("limit", err.kind)
    assert.matches("1000 bytes", err.message)
  end)

  it("ends an answer that is nested too deeply", function()
    local client = answered(completion(("["):rep(200) .. ("]"):rep(200)))
    local _, err = client.chat.completions.create { messages = "x", response_model = z.any() }
    assert.equal("limit", err.kind)
  end)

  it("of what this Lua can hold is an error, not a raise", function()
    local client = answered(completion '{"value":9007199254740993}')
    local value, err = client.chat.completions.create {
      messages = "x", response_model = z.number(),
    }
    if math.type and math.type(1) == "integer" then
      assert.equal("9007199254740993", tostring(value))
    else
      assert.equal("limit", err.kind)
    end
  end)

  it("keeps the memory of many parses to that of one", function()
    local text = "[" .. ("1,"):rep(20000) .. "1]"
    local function resident()
      local file = io.open "/proc/self/statm"
      if file == nil then return 0 end
      local pages = tonumber(file:read("*a"):match "^%d+ (%d+)")
      file:close()
      return pages
    end
    z.array(z.number()):parse_json(text)
    local before = resident()
    collectgarbage "stop"
    for _ = 1, 60 do z.string():try_json(text) end
    collectgarbage "restart"
    local most = asking.is_sanitized() and 1e9 or 40e6 -- sanitizers keep freed memory for a while
    assert.is_true((resident() - before) * 4096 < most)
  end)
end)

describe("a secret", function()
  local function complaint(key, words)
    local client = Instructor { client = OpenAI { base_url = "http://127.0.0.1:9/v1",
      api_key = key, http_retries = 0, transport = function()
        return { status = 401, body = core.encode { error = { message = words } } }
      end } }
    local _, err = client.chat.completions.create { messages = "x", response_model = z.string() }
    return tostring(err)
  end

  it("made of stars does no harm", function()
    assert.matches("%*%*%*%*", complaint("****", "no such key: ****"))
  end)

  it("that begins another one hides that one whole", function()
    local oai = OpenAI { base_url = "http://127.0.0.1:9/v1", api_key = "sk-fake",
      headers = { ["X-Key"] = "sk-fake-LONGER" }, http_retries = 0, transport = function()
        return { status = 401, body = core.encode { error = { message = "no sk-fake-LONGER" } } }
      end }
    local _, err = oai.chat.completions.create { messages = "x" }
    assert.is_nil(tostring(err):find("LONGER", 1, true))
  end)

  it("repeated without end costs little", function()
    local words = (KEY .. " "):rep(20000)
    local from = os.clock()
    assert.is_nil(complaint(KEY, words):find(KEY, 1, true))
    assert.is_true(os.clock() - from < 5)
  end)

  it("of the environment is never sent in the clear", function()
    local getenv = os.getenv
    os.getenv = function(name) -- luacheck: ignore 122
      return name == "OPENAI_API_KEY" and KEY or getenv(name)
    end
    finally(function() os.getenv = getenv end) -- luacheck: ignore 122
    local sent
    local oai = OpenAI { base_url = "http://api.openai.com/v1", transport = function(request)
      sent = request
      return { status = 200, body = "{}" }
    end }
    oai.chat.completions.create { messages = "x" }
    for _, header in ipairs(sent.headers) do assert.not_equal("Authorization", header[1]) end
  end)
end)

-- What nobody may read who is shown an error, a request that was not sent, or a log: the key, and
-- whatever else opens a door.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local KEY = "sk-fake/4f9d27c1+e8b35a60"
local TOKEN, SIGNATURE = "fake-token-77aa88bb", "fake-signature-1122"

local function encoded(text)
  return (text:gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

--- A client whose server answers with `status` and repeats all it was told.
local function client_of(status, words)
  return Instructor { mode = "JSON", client = OpenAI {
    base_url = "https://models.example/v1?sig=" .. SIGNATURE, api_key = KEY, http_retries = 0,
    headers = { ["X-Token"] = TOKEN, ["X-Team"] = "docs " .. KEY },
    transport = function() return { status = status, body = words } end,
  } }
end

local function ask(client, dry_run)
  return client.chat.completions.create({
    model = "m", messages = "x", response_model = z.object { a = z.int() }, dry_run = dry_run,
  }, { query = { ["api-key"] = KEY, version = "2024-10-21" } })
end

--- Raises where `text` tells one of the secrets, in any spelling.
local function tells_nothing(text)
  for _, secret in ipairs { KEY, TOKEN, SIGNATURE } do
    for _, spelling in ipairs { secret, encoded(secret), (secret:gsub("/", "\\/")) } do
      assert.is_nil(text:find(spelling, 1, true), text)
    end
  end
end

describe("a secret", function()
  it("is in no error, though a server repeats it, in the spelling of URLs too", function()
    for _, secret in ipairs { KEY, TOKEN, SIGNATURE, encoded(KEY) } do
      for _, status in ipairs { 200, 401, 500 } do
        local _, err = ask(client_of(status, "no good: " .. secret))
        tells_nothing(tostring(err))
        tells_nothing(err.message .. (err.said or "") .. (err.attempts[1].message or ""))
        assert.truthy(err.message:find("no good", 1, true))
      end
    end
  end)

  it("is not in what dry_run shows, be it in a header, in the URL or in both", function()
    local request = ask(client_of(200, "{}"), true)
    tells_nothing(request.url)
    assert.truthy(request.url:find("version=2024-10-21", 1, true), request.url)
    for name, value in pairs(request.headers) do tells_nothing(name .. ": " .. value) end
    assert.equal("docs ***", request.headers["X-Team"])
    assert.equal("***", request.headers["X-Token"])
  end)
end)

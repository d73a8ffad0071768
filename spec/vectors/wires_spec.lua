-- The runner of the wires, on cases of our own: it takes what is right and overlooks nothing.

local json = require "spec.vectors.json"
local process = require "spec.support.process"

local LUA = os.getenv "LUA" or "lua5.4"

local function tool_case()
  return {
    wire = "openai_chat", base_url = "https://api.groq.com",
    request = { method = "POST", path = "/openai/v1/chat/completions",
      headers = { authorization = "Bearer test-key" },
      body = { model = "m", messages = { { role = "user", content = "x" } },
        tools = { { type = "function", ["function"] = { name = "User", parameters = {
          type = "object" } } } } } },
    response = { status = 200, headers = { ["content-type"] = "application/json" }, body = {
      choices = { { index = 0, finish_reason = "stop", message = { role = "assistant",
        content = json.null, reasoning = "easy", tool_calls = { { id = "c1", type = "function",
          ["function"] = { name = "User", arguments = '{"age":25}' } } } } } },
      usage = { prompt_tokens = 8, completion_tokens = 2, total_tokens = 10 } } },
    expect = { text = json.null, reasoning = "easy", finish_reason = "stop",
      outcome = "tool_calls", usage = { input_tokens = 8, output_tokens = 2, total_tokens = 10 },
      tool_calls = { { id = "c1", name = "User", arguments = { age = 25 } } } },
  }
end

local function error_case()
  local case = tool_case()
  case.response = { status = 429, headers = { ["retry-after"] = "2", ["x-request-id"] = "r" },
    body = { error = { message = "Slow", type = "requests", param = "n", code = "rate" } } }
  case.expect = { error = { where = "http", status = 429, class = "rate_limit", message = "Slow",
    type = "requests", param = "n", code = "rate", retryable = true, retry_after_s = 2,
    request_id = "r" } }
  return case
end

-- Runs these as cases of the provider groq; returns the line, and what came of the process.
local function run(cases)
  local folder = process.temp_folder()
  process.run { "mkdir", "-p", folder .. "/cases/wires/groq" }
  for i, case in ipairs(cases) do
    process.write(("%s/cases/wires/groq/case-%d.json"):format(folder, i), json.encode(case))
  end
  local result = process.run { LUA, "spec/vectors/run.lua", folder }
  process.remove(folder)
  return result.stdout:match "wires: ([^\n]*)", result
end

-- Copies of a case, one for each value of `expect`, which is changed in it.
local function altered(make)
  local cases = {}
  local function walk(path, value)
    if type(value) == "table" and next(value) ~= nil then
      for key, item in pairs(value) do
        local longer = { (table.unpack or unpack)(path) } -- luacheck: ignore
        longer[#longer + 1] = key
        walk(longer, item)
      end
      return
    end
    local case = make()
    local at = case.expect
    for i = 1, #path - 1 do at = at[path[i]] end
    local other = type(value) == "boolean" and not value or nil
    if other == nil then other = type(value) == "number" and value + 1 or "altered" end
    at[path[#path]] = other
    case.altered = table.concat(path, ".")
    if case.altered ~= "error.where" then cases[#cases + 1] = case end -- where is our own business
  end
  walk({}, make().expect)
  return cases
end

describe("the wires", function()
  it("take what is right, and say why a case is not run", function()
    local stream, other = tool_case(), tool_case()
    stream.response.sse_text, other.wire = "data: [DONE]\n\n", "gemini"
    local line, result = run { tool_case(), error_case(), stream, other }
    assert.equal("2 passed of 4 (skipped: streaming comes next 1, wire not there yet: gemini 1)",
      line)
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)

  for name, make in pairs { answer = tool_case, error = error_case } do
    it("notice each value of an " .. name .. " that is altered", function()
      local cases = altered(make)
      local line, result = run(cases)
      assert.equal(("0 passed of %d (skipped: 0)"):format(#cases), line)
      assert.equal(1, result.status)
    end)
  end
end)

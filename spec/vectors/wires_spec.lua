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

local function event(delta, finish)
  return "data: " .. json.encode { choices = { { index = 0, delta = delta,
    finish_reason = finish or json.null } } } .. "\n\n"
end

-- The same call, in fragments.
local function stream_case()
  local case = tool_case()
  local function fragment(text, id, name)
    return event { tool_calls = { { index = 0, id = id, ["function"] = { name = name,
      arguments = text } } } }
  end
  case.request.body.stream = true
  case.response = { status = 200, headers = {}, sse_text = event { reasoning = "easy" }
    .. fragment('{"age', "c1", "User") .. fragment '":25}' .. event({}, "stop")
    .. "data: " .. json.encode { choices = json.decode "[]", usage = { prompt_tokens = 8,
      completion_tokens = 2, total_tokens = 10 } } .. "\n\ndata: [DONE]\n\n" }
  return case
end

-- A stream that ends before the answer does.
local function cut_off_case()
  local case = stream_case()
  case.response.sse_text = event { content = "Hi" } .. 'data: {"choices":[{'
  case.expect = { text = "Hi", outcome = "incomplete" }
  return case
end

-- A stream in which an error is told.
local function broken_case()
  local case = stream_case()
  case.response.sse_text = event { content = "Hi" }
    .. 'data: {"error":{"message":"Overloaded","type":"server_error"}}\n\n'
  case.expect = { text = "Hi", error = { where = "stream", message = "Overloaded",
    type = "server_error" } }
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
    local other = tool_case()
    other.wire = "gemini"
    local line, result = run { tool_case(), error_case(), stream_case(), cut_off_case(),
      broken_case(), other }
    assert.equal("4 passed of 6 (skipped: design: an error in a 200 is tried again as its code "
      .. "says (all else compared) 1, wire not there yet: gemini 1)", line)
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)

  for name, make in pairs { answer = tool_case, error = error_case, stream = stream_case,
    ["cut stream"] = cut_off_case, ["broken stream"] = broken_case } do
    it("notice each value of an " .. name .. " that is altered", function()
      local cases = altered(make)
      local line, result = run(cases)
      assert.equal(("0 passed of %d (skipped: 0)"):format(#cases), line)
      assert.equal(1, result.status)
    end)
  end
end)

-- The runner of the vectors, on cases of our own: what it counts, what it skips, what it must not
-- overlook, and which spellings of a schema it takes for equal.

local alike = require "spec.vectors.alike"
local json = require "spec.vectors.json"
local process = require "spec.support.process"

local LUA = os.getenv "LUA" or "lua5.4"

-- ---- cases -----------------------------------------------------------------------------------

local function completion(arguments)
  return { status = 200, body = {
    choices = { { index = 0, finish_reason = "stop", message = { role = "assistant",
      content = json.null, tool_calls = { { id = "call_1", type = "function",
        ["function"] = { name = "City", arguments = arguments } } } } } },
    usage = { prompt_tokens = 7, completion_tokens = 3, total_tokens = 10 },
  } }
end

local function city_case(changes)
  local tool = { name = "City", description = "", parameters = {
    type = "object", additionalProperties = false, required = { "name" },
    properties = {
      name = { type = "string", minLength = 1 }, size = { type = { "number", "null" } },
    },
  } }
  local messages = { { role = "user", content = "Oslo" } }
  local case = {
    name = "city", mode = "TOOLS", response_model = { name = "City" },
    schema = { type = "object", fields = {
      { "name", { type = "string", checks = { { "min", 1, "a name is needed" } } } },
      { "size", { type = "nullish", inner = { type = "number" } } },
    } },
    params = { model = "m", messages = messages },
    responses = { completion '{"name":"Oslo","size":null}' },
    requests = { { model = "m", messages = messages, stream = false,
      tools = { { type = "function", ["function"] = tool } },
      tool_choice = { type = "function", ["function"] = { name = "City" } } } },
    result = { name = "Oslo", size = json.null, _meta = {
      usage = { prompt_tokens = 7, completion_tokens = 3, total_tokens = 10 } } },
  }
  for name, value in pairs(changes or {}) do
    case[name] = value ~= json.null and value or nil
  end
  return case
end

-- Runs these as the suite "requests"; returns its line, and what came of the process.
local function run(cases)
  local folder = process.temp_folder()
  local path = folder .. "/cases/instructor-js"
  process.run { "mkdir", "-p", path }
  process.write(path .. "/requests.json", json.encode(cases))
  local result = process.run { LUA, "spec/vectors/run.lua", folder }
  process.remove(folder)
  return result.stdout:match "instructor%-js/requests: ([^\n]*)", result
end

describe("the vectors", function()
  it("of a folder that is not there are skipped, in a line each", function()
    local result = process.run { LUA, "spec/vectors/run.lua", "/nowhere/at/all" }
    assert.equal(0, result.status)
    assert.equal("", result.stderr)
    for line in result.stdout:gmatch "[^\n]+" do
      assert.truthy(line:match "^[%w%-/_]+: skipped, not there$", line)
    end
  end)

  it("count what passed, what there is, and what was skipped why", function()
    local line, result = run {
      city_case(), city_case { mode = "YAML" }, city_case { quirks = { "unheard_of" } },
    }
    assert.equal("1 passed of 3 (skipped: mode not there yet: YAML 1, quirk unheard_of 1)", line)
    assert.equal(0, result.status)
    assert.equal("1 passed of 1 (skipped: 0)", (run { city_case() }))
  end)

  local function params(text, more)
    return { model = "m", messages = { { role = "user", content = text } }, top_p = more }
  end
  local differences = {
    ["another value"] = { result = { name = "Oslo", size = 1 } },
    ["no value at all"] = { result = json.null, error = { class = "ZodError", issues = {} } },
    ["another prompt"] = { params = params "Bergen" },
    ["a parameter too many"] = { params = params("Oslo", 1) },
    ["another schema"] = {
      schema = { type = "object", fields = { { "name", { type = "string" } } } },
    },
    ["another name"] = { response_model = { name = "Town" } },
    ["a request too few"] = {
      responses = { completion '{"name":1}', completion '{"name":"Oslo"}' },
    },
  }
  local came = { "debug", { "raw standard completion response: " } }
  differences["an answer that was not logged"] = { logs = { came, came } }
  differences["an answer too many in the log"] = { logs = {} }
  differences["a failure in the log"] = { logs = { came, { "error", { "failed" } } } }
  differences["a question asked again"] = {
    logs = { came, { "warn", { "response model: City - Validation issues: ", "x" } } },
  }

  it("compare what was logged by what it tells, not by level and words", function()
    local mode = { "warn", { "Mode TOOLS may not be supported by provider OTHER" } }
    assert.equal("1 passed of 1 (skipped: 0)", (run { city_case { logs = { mode, came } } }))
  end)

  for what, changes in pairs(differences) do
    it("overlook no difference: " .. what, function()
      local line, result = run { city_case(changes) }
      assert.truthy(line:find("0 passed of 1", 1, true))
      assert.equal(1, result.status)
      assert.truthy(result.stderr:find("instructor-js/requests: city\n", 1, true))
      assert.truthy(result.stderr:find("\n    expected ", 1, true))
    end)
  end

  it("compare issues by their places, and by words that are the schema's", function()
    local function failing(issue)
      return city_case {
        responses = { completion '{"name":""}' }, result = json.null,
        error = { class = "ZodError", issues = { issue } },
      }
    end
    local line = run {
      failing { path = { "name" }, message = "a name is needed" },
      failing { path = { "name" }, message = "in the words of another library" },
    }
    assert.equal("2 passed of 2 (skipped: 0)", line)
    line = run { failing { path = { "name", 0 }, message = "a name is needed" } }
    assert.equal("0 passed of 1 (skipped: 0)", line)
  end)
end)

-- ---- schemas ---------------------------------------------------------------------------------

local function count(a, b, profile)
  return #alike.differences(json.decode(a), json.decode(b), profile or "plain")
end

describe("two schemas are alike", function()
  local equal = {
    { '{"type":["string","null"]}', '{"anyOf":[{"type":"null"},{"type":"string"}]}' },
    { '{"const":"a","type":"string"}', '{"enum":["a"]}' },
    { '{"anyOf":[{"type":"string","enum":["a","b"]},{"type":"null"}]}',
      '{"enum":["b",null,"a"]}' },
    { '{"anyOf":[{"anyOf":[{"not":{}},{"type":"boolean"}]},{"type":"null"}]}',
      '{"type":["boolean","null"]}' },
    { '{"type":"object","properties":{},"required":[],"additionalProperties":true}',
      '{"type":"object","properties":{}}' },
    { '{"type":"array","items":[{"type":"number"}],"additionalItems":{"type":"string"}}',
      '{"type":"array","prefixItems":[{"type":"number"}],"items":{"type":"string"}}' },
    { '{"type":"string","allOf":[{"pattern":"^a"},{"pattern":"b$"}]}',
      '{"type":"string","pattern":"b$","allOf":[{"pattern":"^a"}]}' },
    { '{"type":"string","pattern":"^a\\\\-b\\\\/c\\\\."}',
      '{"type":"string","pattern":"^a-b/c\\\\."}' },
    { '{"type":"number","minimum":0,"exclusiveMinimum":true}',
      '{"type":"number","exclusiveMinimum":0,"minimum":-1}' },
    { '{"type":"string","description":"","minLength":0,"errorMessage":{"type":"no"}}',
      '{"type":"string"}' },
    { '{"type":"object","properties":{"a":{"type":"null"},"b":{"$ref":"#/properties/a"}}}',
      '{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}}}' },
  }
  for i, pair in ipairs(equal) do
    it("in spelling " .. i, function()
      assert.equal(0, count(pair[1], pair[2]))
      assert.equal(0, count(pair[2], pair[1]))
    end)
  end

  it("when a recursive one leads back the same way", function()
    local tree = '{"type":"object","properties":{"%s":{"type":"array","items":{"$ref":"%s"}}}}'
    local recorded = tree:format("kids", "#/definitions/Tree")
    assert.equal(0, count(recorded, tree:format("kids", "#")))
    assert.is_true(count(recorded, tree:format("twigs", "#")) > 0)
  end)

  it("under strict, where null stands for what is missing, and words for a keyword", function()
    local recorded = '{"type":"object","properties":{"a":'
      .. '{"type":"string","minLength":2,"default":"xy"}}}'
    local ours = '{"type":"object","additionalProperties":false,"required":["a"],"properties":{"a":'
      .. '{"type":["string","null"],"description":"%s"}}}'
    assert.equal(0, count(recorded, ours:format "At least 2 characters; without it xy.", "strict"))
    assert.equal(2, count(recorded, ours:format 'At least 20 characters.', "strict"))
  end)
end)

describe("two schemas differ", function()
  local unequal = {
    { '{"type":"string"}', '{"type":"number"}' },
    { '{"type":"integer"}', '{"type":"number"}' },
    { '{"enum":["a"]}', '{"enum":["a","b"]}' },
    { '{"enum":[0]}', '{"enum":[false]}' },
    { '{"type":"string","minLength":1}', '{"type":"string","minLength":2}' },
    { '{"type":"string","format":"email"}', '{"type":"string"}' },
    { '{"type":"string","description":"a"}', '{"type":"string","description":"b"}' },
    { '{"type":"object","required":["a"],"properties":{"a":{}}}',
      '{"type":"object","properties":{"a":{}}}' },
    { '{"type":"object","additionalProperties":false}', '{"type":"object"}' },
    { '{"type":"array","items":{"type":"string"}}', '{"type":"array"}' },
    { '{"anyOf":[{"type":"array","items":{"const":1}},{"type":"array","items":{"const":2}}]}',
      '{"anyOf":[{"type":"array","items":{"const":1}},{"type":"array","items":{"const":3}}]}' },
  }
  for i, pair in ipairs(unequal) do
    it("in meaning " .. i, function()
      assert.is_true(count(pair[1], pair[2]) > 0)
      assert.is_true(count(pair[2], pair[1]) > 0)
    end)
  end
end)

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
    assert.equal("1 passed of 3 (skipped: design: a mode that is none raises (checked) 1, "
      .. "quirk unheard_of 1)", line)
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

-- Runs a file of cases; returns its line, and what came of the process.
local function run_file(name, value)
  local folder = process.temp_folder()
  process.run { "mkdir", "-p", folder .. "/cases/" .. name:match "^[^/]+" }
  process.write(("%s/cases/%s.json"):format(folder, name), json.encode(value))
  local result = process.run { LUA, "spec/vectors/run.lua", folder }
  process.remove(folder)
  return result.stdout:match(name:gsub("%-", "%%-") .. ": ([^\n]*)"), result
end

describe("the vectors of streams", function()
  local function event(delta)
    return { choices = { { index = 0, delta = delta, finish_reason = json.null } } }
  end

  local function stream_case(text, changes)
    local case = city_case(changes)
    case.params.stream, case.requests[1].stream, case.result = true, true, nil
    local call = { index = 0, id = "c", type = "function", ["function"] = { name = "City",
      arguments = text:sub(1, 9) } }
    case.responses = { { status = 200, events = { event { tool_calls = { call } },
      event { tool_calls = { { index = 0, ["function"] = { arguments = text:sub(10) } } } },
      { choices = { { index = 0, delta = {}, finish_reason = "stop" } } }, "[DONE]" } } }
    return case
  end

  it("take the last partial without its stubs, and the result from the schema", function()
    local right = { { name = "Os", size = json.null }, { name = "Oslo", size = json.null } }
    local line = run_file("instructor-js/streaming", {
      stream_case('{"name":"Oslo"}', { partials = right }),
      stream_case('{"name":""}', { partials = { { name = "", size = json.null } } }),
      stream_case('{"name":"Oslo', { partials = {}, quirks = { "stream_ends_silently" } }),
    })
    assert.equal("3 passed of 3 (skipped: 0)", line)
  end)

  for what, last in pairs { value = { name = "Osl" }, ["field too many"] = { name = "Oslo",
    size = 3 }, ["field too few"] = { size = json.null } } do
    it("overlook no difference in the last partial: another " .. what, function()
      local line, result = run_file("instructor-js/streaming",
        { stream_case('{"name":"Oslo","size":null}', { partials = { last } }) })
      assert.equal("0 passed of 1 (skipped: 0)", line)
      assert.truthy(result.stderr:find("the last partial", 1, true))
    end)
  end
end)

describe("the vectors of the validator", function()
  local node = { type = "object", fields = {
    { "votes", { type = "record", key = { type = "enum", values = { "yes", "no" } },
      value = { type = "number" } } },
  } }

  it("compare verdict, data and places", function()
    local function case(changes)
      local all = { name = "votes", schema = node, input = { votes = { yes = 3 } } }
      for name, value in pairs(changes) do all[name] = value end
      return all
    end
    local refused = { { code = "invalid_type", path = { "votes", "yes" } } }
    assert.equal("1 passed of 1 (skipped: 0)", (run_file("instructor-js/validation",
      { case { output = { votes = { yes = 3 } } } })))
    for _, changes in ipairs {
      { output = { votes = { yes = 4 } } }, { issues = refused },
      { input = { votes = { yes = "3" } }, output = { votes = { yes = 3 } } },
      { input = { votes = { no = "3" } }, issues = refused },
    } do
      local line, result = run_file("instructor-js/validation", { case(changes) })
      assert.equal("0 passed of 1 (skipped: 0)", line)
      assert.equal(1, result.status)
    end
  end)

  it("are changed where Zod 4 means something else, and say why", function()
    local line = run_file("instructor-js/validation", { {
      name = "votes", schema = node, input = { votes = { maybe = 1 } }, issues = {
        { code = "invalid_enum_value", received = "maybe", path = { "votes", "maybe" } } },
    } })
    assert.equal("0 passed of 1 (skipped: Zod 4: a key that is none of a record's enum is told at "
      .. "the record 1)", line)
  end)

  it("skip what has no Lua value", function()
    local line = run_file("instructor-js/validation", { { name = "day", input = "2024-01-01",
      output = "2024-01-01", schema = { type = "array", items = { type = "date" } } } })
    assert.equal("0 passed of 1 (skipped: design: no Lua value: date 1)", line)
  end)
end)

describe("the golden vectors", function()
  local function file(case, schema)
    case = case or { ok = false, issues = { { code = "too_small", path = { 0 }, origin = "string",
      minimum = 2, inclusive = true,
      message = "Too small: expected string to have >=2 characters" } } }
    case.input = case.input or { "a" }
    return { vectors = { { name = "arrays/short", features = { "array", "string" },
      schema = schema or { type = "array", element = { type = "string", checks = {
        { check = "min_length", value = 2 } } } },
      cases = { case } } } }
  end

  it("compare issues with all their fields, in our words and places", function()
    assert.equal("1 passed of 1 (skipped: 0)", (run_file("zod/arrays", file())))
    assert.equal("1 passed of 1 (skipped: 0)", (run_file("zod/arrays",
      file { ok = true, input = { "ab" }, data = { "ab" } })))
  end)

  local function issue(changes)
    local all = { code = "too_small", path = { 0 }, origin = "string", minimum = 2,
      inclusive = true, message = "Too small: expected string to have >=2 characters" }
    for name, value in pairs(changes) do all[name] = value end
    return { ok = false, issues = { all } }
  end

  local differing = {
    ["another verdict"] = { ok = true, data = { "a" } },
    ["other data"] = { ok = true, input = { "ab" }, data = { "ba" } },
    ["another code"] = issue { code = "too_big" }, ["another place"] = issue { path = { 1 } },
    ["another message"] = issue { message = "Too short" },
    ["another field"] = issue { minimum = 3 }, ["a field more"] = issue { exact = true },
    ["an issue too few"] = { ok = false, issues = {} },
  }
  for what, case in pairs(differing) do
    it("overlook no difference: " .. what, function()
      local line, result = run_file("zod/arrays", file(case))
      assert.equal("0 passed of 1 (skipped: 0)", line)
      assert.truthy(result.stderr:find("zod/arrays: arrays/short #1\n", 1, true))
    end)
  end

  it("are skipped by what is not there yet", function()
    assert.equal("0 passed of 1 (skipped: kind not there yet: codec 1)", (run_file("zod/arrays",
      file(nil, { type = "array", element = { type = "codec" } }))))
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

  it("where a tuple may end before what may be missing", function()
    local recorded = '{"type":"array","minItems":2,"maxItems":2,"items":[{"type":"string"},'
      .. '{"anyOf":[{"not":{}},{"type":"boolean"}]}]}'
    assert.equal(0, count(recorded, '{"type":"array","minItems":1,"maxItems":2,'
      .. '"prefixItems":[{"type":"string"},{"type":"boolean"}]}'))
    assert.equal(0, count(recorded, '{"type":"array","minItems":1,"maxItems":2,"items":{"anyOf":'
      .. '[{"type":"string"},{"type":"boolean"}]},"description":"In this order: '
      .. '[{\\"type\\":\\"string\\"},{\\"type\\":\\"boolean\\"}]."}', "strict"))
    assert.is_true(count(recorded, '{"type":"array","minItems":2,"maxItems":2,"items":{"anyOf":'
      .. '[{"type":"string"},{"type":"boolean"}]}}', "strict") > 0)
  end)

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

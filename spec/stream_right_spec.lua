-- What streams of others get wrong, and what ours do instead: the checks of the survey, and a case
-- for each way in which an ancestor loses or bends an answer.

local cjson = require "cjson"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"
local z = require "instructor.z"

local User = streaming.User
local unpack = table.unpack or unpack -- luacheck: ignore 143

--- The texts of all partial values of `field`, and the result.
local function grown(text, schema, field, mode, size)
  local stream = streaming.open(text, { response_model = schema }, { mode = mode, size = size })
  local seen, value, told = streaming.read(stream)
  local list = {}
  for _, part in ipairs(seen) do
    local now = part[field]
    if now ~= nil and now ~= list[#list] then list[#list + 1] = now end
  end
  return list, value, told, seen
end

describe("of a number that grows", function()
  it("only the whole is ever seen", function()
    assert.same({ 129.95 }, (grown('{"n":129.95}', z.object { n = z.number() }, "n")))
    assert.same({ -1e-3 }, (grown('{"n":-1e-3}', z.object { n = z.number() }, "n")))
  end)
end)

describe("an answer with fences inside its texts", function()
  local Code = z.object { code = z.string() }
  local text = cjson.encode { code = "```py\nx = {}\n```" }

  it("is the same with and without a fence around it", function()
    for _, mode in ipairs { "MD_JSON", "THINKING_MD_JSON" } do
      for _, around in ipairs { "%s", "```json\n%s\n```",
        "Here:\n```\n%s\n```\nThat is all." } do
        local full = around:gsub("%%s", function() return text end)
        for _, size in ipairs { 1, 2, 5, 1000 } do
          local _, value, told = grown(full, Code, "code", mode, size)
          assert.same({ code = "```py\nx = {}\n```" }, value or tostring(told), full)
        end
      end
    end
  end)

  it("loses nothing of the texts on the way", function()
    local list = grown("```json\n" .. text .. "\n```", Code, "code", "MD_JSON", 1)
    assert.equal("```py\nx = {}\n```", list[#list])
    for i = 2, #list do assert.equal(list[i - 1], list[i]:sub(1, #list[i - 1])) end
  end)

  it("may hold the letter z, backticks and tags in its thoughts", function()
    local full = "<think>a z, a { and ``` and <b></think>" .. '{"name":"z","age":3}'
    local _, value = grown(full, User, "name", "THINKING_MD_JSON", 1)
    assert.same({ name = "z", age = 3 }, value)
  end)
end)

describe("a call in fragments", function()
  --- An event with these fragments of calls, each { index, id, name, arguments }.
  local function fragments(...)
    local calls = {}
    for i, one in ipairs { ... } do
      calls[i] = { index = one.index, id = one.id,
        ["function"] = { name = one.name, arguments = one.arguments } }
    end
    return streaming.chunk { tool_calls = calls }
  end

  local function outcome(...)
    local parts = { ... }
    parts[#parts + 1] = streaming.chunk({}, "tool_calls") .. streaming.DONE
    local stream = streaming.client("http://127.0.0.1:1/v1", nil,
      { transport = streaming.transport(parts) }).create(streaming.ask())
    local seen, value, told = streaming.read(stream)
    return value, told, seen
  end

  local first, second = '{"name":"A",', '"age":1}'
  local A, B = '{"name":"A","age":1}', '{"name":"B","age":2}'

  for what, parts in pairs {
    ["without a number"] = { fragments { id = "c", name = "Response", arguments = first },
      fragments { arguments = second } },
    ["without an id"] = { fragments { index = 0, name = "Response", arguments = first },
      fragments { index = 0, arguments = second } },
    ["with id and name in each"] = {
      fragments { index = 0, id = "c", name = "Response", arguments = first },
      fragments { index = 0, id = "c", name = "Response", arguments = second } },
    ["with an empty id and name behind the first"] = {
      fragments { index = 0, id = "c", name = "Response", arguments = first },
      fragments { index = 0, id = "", name = "", arguments = second } },
    ["with its name behind the first"] = { fragments { index = 0, id = "c", arguments = first },
      fragments { index = 0, name = "Response", arguments = second } },
    ["with another name later, which is not heeded"] = {
      fragments { index = 0, id = "c", name = "Response", arguments = first },
      fragments { index = 0, name = "Other", arguments = second } },
    ["with null where there is nothing"] = {
      fragments { index = cjson.null, id = "c", name = "Response", arguments = cjson.null },
      fragments { index = cjson.null, id = cjson.null, name = cjson.null, arguments = A } },
    ["with a number that is none"] = {
      fragments { index = "0", id = "c", name = "Response", arguments = first },
      fragments { index = "0", arguments = second } },
    ["with its arguments as an object"] = {
      fragments { index = 0, id = "c", name = "Response", arguments = cjson.decode(A) } },
    ["among fragments that are none"] = { streaming.chunk { tool_calls = { 1, "x", cjson.null } },
      streaming.chunk { tool_calls = cjson.null }, streaming.chunk { tool_calls = "x" },
      streaming.event { choices = { { index = 0, delta = cjson.null } } },
      streaming.event { choices = { { index = 0 } } }, streaming.event { choices = cjson.null },
      streaming.event "null", streaming.event "[]", streaming.event {},
      fragments { index = 0, id = "c", name = "Response", arguments = A } },
  } do
    it("is put together " .. what, function()
      local value, told, seen = outcome(unpack(parts))
      assert.same({ name = "A", age = 1 }, value, tostring(told))
      assert.same(value, seen[#seen])
    end)
  end

  it("is kept apart from a second one, be it told by number, id or name alone", function()
    for _, parts in ipairs {
      { fragments({ index = 0, id = "c", name = "Response", arguments = A },
        { index = 1, id = "d", name = "Response", arguments = B }) },
      { fragments { index = 0, id = "c", name = "Response", arguments = A },
        fragments { index = 0, id = "d", name = "Response", arguments = B } },
      { fragments { id = "c", name = "Response", arguments = A },
        fragments { id = "d", name = "Response", arguments = B } },
      { fragments { name = "Response", arguments = A },
        fragments { name = "Response", arguments = B } },
    } do
      local value, told = outcome(unpack(parts))
      assert.equal("A", value and value.name, tostring(told))
      local calls = told.completion.choices[1].message.tool_calls
      assert.same({ A, B }, { calls[1]["function"].arguments, calls[2]["function"].arguments })
    end
  end)

  it("of another tool is passed over", function()
    local value = outcome(fragments { index = 0, id = "c", name = "search", arguments = "{}" },
      fragments { index = 1, id = "d", name = "Response", arguments = B })
    assert.equal("B", value.name)
  end)
end)

describe("of two objects in a text", function()
  local A, B, NONE = '{"name":"A","age":1}', '{"name":"B","age":2}', '{"name":"C"}'

  it("the one that fits is taken, and the last where both do, streamed or not", function()
    for text, name in pairs {
      [A .. " or " .. B] = "B",
      [B .. "\n" .. A] = "A",
      [A .. " not " .. NONE] = "A",
      [NONE .. " but " .. A] = "A",
      ["First " .. A .. ", then " .. NONE .. ", then " .. B .. "."] = "B",
    } do
      for _, mode in ipairs(streaming.modes) do
        local user, told = streaming.open(text, nil, { mode = mode, size = 1 }):result()
        assert.equal(name, user and user.name, mode .. ": " .. text .. ": " .. tostring(told))
        local s = server.start { server.completion { content = text } }
        user = streaming.client(s, mode).create { messages = "x", model = "m",
          response_model = User }
        assert.equal(name, user and user.name)
        s:stop()
      end
    end
  end)
end)

describe("server-sent events of every spelling", function()
  after_each(function() server.stop_all() end)

  local function lines(separator, prefix)
    local parts = {}
    for _, event in ipairs(streaming.events("TOOLS", streaming.RIGHT, 9)) do
      parts[#parts + 1] = event:gsub("data: ", prefix or "data: "):gsub("\n", separator)
    end
    return table.concat(parts)
  end

  local spellings = {
    ["no space after the colon"] = lines("\n", "data:"),
    ["CRLF"] = lines "\r\n",
    ["CR"] = lines "\r",
    ["a byte order mark"] = "\239\187\191" .. lines "\n",
    ["comments and other fields"] = ": hello\n\nretry: 5\nid: 1\n" .. lines("\n",
      ": keep-alive\nevent: message\ndata: "),
    ["data in several lines"] = (lines "\n":gsub('"choices"', '\ndata: "choices"')),
    ["data in several lines that end in CRLF"] = (lines "\r\n":gsub('"choices"',
      '\r\ndata: "choices"')),
    ["no final newline"] = (lines "\n":gsub("data: %[DONE%]\n\n", ""):gsub("\n+$", "")),
    ["more after [DONE]"] = lines "\n" .. "data: {oops\n\n"
      .. streaming.chunk(streaming.deltas.TOOLS ",") .. streaming.event { error = "late" },
    ["[DONE] alone to end it"] = (lines "\n":gsub('"finish_reason":"stop"',
      '"finish_reason":null')),
    ["no [DONE]"] = (lines "\n":gsub("data: %[DONE%]\n\n", "")),
  }

  it("tell of an error, however that is spelt and wherever it is cut", function()
    for _, fault in ipairs { 'data:{"error":{"message":"overloaded"}}\n\n',
      'event: error\r\ndata: {"message":\r\ndata:"overloaded"}\r\n\r\n',
      'error:{"message":"overloaded"}', '\239\187\191error: {"message":"overloaded"}\r\r' } do
      for size = 1, #fault do
        local parts = {}
        for i = 1, #fault, size do parts[#parts + 1] = fault:sub(i, i + size - 1) end
        local _, err = streaming.client("http://127.0.0.1:1/v1", nil, { http_retries = 0,
          transport = streaming.transport(parts) }).create(streaming.ask()):result()
        assert.same({ "protocol", "overloaded" }, { err.kind, err.said }, fault)
      end
    end
  end)

  for what, body in pairs(spellings) do
    it("are read with " .. what .. ", wherever they are cut", function()
      for size = 1, 60 do
        local parts = {}
        for i = 1, #body, size do parts[#parts + 1] = body:sub(i, i + size - 1) end
        local stream = streaming.client("http://127.0.0.1:1/v1", nil,
          { transport = streaming.transport(parts) }).create(streaming.ask())
        local user, told = stream:result()
        assert.same({ name = "Jason Liu", age = 30 }, user or tostring(told))
      end
    end)
  end
end)

describe("a stream without an end", function()
  it("is an error, not a short success, wherever it ends", function()
    local body = table.concat(streaming.pieces("TOOLS", streaming.RIGHT, 4))
    for cut = 1, #body, 3 do
      local stream = streaming.client("http://127.0.0.1:1/v1", nil, { http_retries = 0,
        transport = streaming.transport { body:sub(1, cut) } }).create(streaming.ask())
      local user, err = stream:result()
      assert.is_nil(user)
      assert.equal("incomplete", err.kind)
      assert.equal("cut_off", err.reason)
    end
  end)

  it("never ends in silence: truncated, empty, fenced or with thoughts before it", function()
    local _, value, err = grown('{"name":"Jason', User, "name")
    assert.is_nil(value)
    assert.equal("json", err.kind)
    _, value, err = grown("", User, "name")
    assert.is_nil(value)
    assert.equal("no_answer", err.kind)
    _, value = grown("```json\n" .. streaming.RIGHT .. "\n```", User, "name", "MD_JSON", 2)
    assert.equal(30, value.age)
    _, value = grown("<think>so</think>\n```json\n" .. streaming.RIGHT .. "\n```", User, "name",
      "THINKING_MD_JSON", 2)
    assert.equal(30, value.age)
  end)
end)

describe("what a stream shows last", function()
  it("is all of the answer, where that is right", function()
    for text, schema in pairs {
      ['{"a":"x"}'] = z.object { { "a", z.string() }, { "b", z.number():optional() } },
      ['{"at":[1,2]}'] = z.object { at = z.tuple { z.number(), z.number() } },
      ['[{"id":1},{"id":2}]'] = z.array(z.object { id = z.int() }),
    } do
      local _, value, _, seen = grown(text, schema, "a")
      assert.same(cjson.decode(text), value)
      assert.same(value, seen[#seen])
    end
  end)

  it("has every character, controls and signs included", function()
    local name = "tab\t del\127 \194\128 \226\128\168 nul\\ \240\159\152\128 \"q\""
    local list, value = grown(cjson.encode { name = name, age = 1 }, User, "name")
    assert.equal(name, value.name)
    assert.equal(name, list[#list])
  end)

  it("is a list where the root is one", function()
    local _, value, _, seen = grown('{"value":[1,2,3]}', z.array(z.number()), 1)
    assert.same({ 1, 2, 3 }, value)
    assert.equal(3, #seen[#seen])
  end)

  it("is as the model wrote it; the result is what the schema makes of it", function()
    local Tags = z.object { tags = z.string():transform(function(text) return #text end) }
    local _, value, _, seen = grown('{"tags":"a,b"}', Tags, "tags")
    assert.same({ tags = "a,b" }, seen[#seen])
    assert.same({ tags = 3 }, value)
  end)

  it("has nothing added to it", function()
    local _, value, _, seen = grown('{"name":"A","age":1}', User:strict(), "name")
    assert.same({ name = "A", age = 1 }, value)
    for _, part in ipairs(seen) do assert.is_nil(part._meta) end
    assert.is_nil(getmetatable(value))
  end)

  it("shows no field before the model writes it, defaults and nulls included", function()
    local S = z.object { { "a", z.string() }, { "n", z.number():default(3) },
      { "o", z.object { x = z.number() } } }
    local _, _, _, seen = grown('{"a":"x","o":{"x":1}}', S, "a")
    assert.same({}, seen[1])
    for _, part in ipairs(seen) do assert.is_nil(part.n) end
  end)
end)

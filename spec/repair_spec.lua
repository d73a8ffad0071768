-- Broken answers, as small models give them: repaired before the model is asked again, every edit
-- listed, no value changed.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local server = require "spec.support.server"
local z = require "instructor.z"

local User = z.object {
  name = z.string(),
  age = z.number(),
  tags = z.array(z.string()):optional(),
  mood = z.enum { "very_happy", "sad" }:optional(),
}

local function client_of(s, given)
  given = given or {}
  return Instructor {
    client = OpenAI { base_url = s.url, api_key = "sk-fake-for-specs" },
    mode = given.mode or "JSON", repair = given.repair,
  }.chat.completions
end

--- Asks `User` of a server that gives these answers.  Also returns how often it was asked.
local function ask(texts, given)
  given = given or {}
  local steps = {}
  for i, text in ipairs(texts) do steps[i] = server.completion { content = text } end
  local s = server.start(steps)
  local value, told = client_of(s, given).create {
    model = "m", messages = "Jason Liu is 30", response_model = given.schema or User,
    max_retries = #texts - 1, repair = given.here,
  }
  return value, told, #s:requests()
end

local function whats(repairs)
  local names = {}
  for i, one in ipairs(repairs) do names[i] = one.what end
  return names
end

describe("a number beyond what a double holds", function()
  after_each(function() server.stop_all() end)

  it("is told as that, and never taken as a text", function()
    for _, schema in ipairs { User, z.object { name = z.string(), age = z.string() } } do
      local user, err = ask({ '{"name":"Jason Liu","age":1e999}' }, { schema = schema })
      assert.is_nil(user)
      assert.equal("json", err.kind)
      assert.matches("a number is too large", tostring(err), 1, true)
    end
  end)

  it("is asked about in these words", function()
    local user, meta, asked = ask { '{"name":"Jason Liu","age":1e999}',
      '{"name":"Jason Liu","age":30}' }
    assert.equal(30, user.age)
    assert.equal(2, asked)
    assert.matches("a number is too large", meta.attempts[1].message, 1, true)
  end)
end)

describe("a broken answer", function()
  after_each(function() server.stop_all() end)

  local JASON = { name = "Jason Liu", age = 30 }

  for name, case in pairs {
    ["in a fence"] = { '```json\n{"name":"Jason Liu","age":30}\n```', { "fence" } },
    ["in a fence that was cut"] = { '```json\n{"name":"Jason Liu","age":30}', { "fence" } },
    ["in a fence without a language"] = { '```\n{"name":"Jason Liu","age":30}\n```', { "fence" } },
    ["behind prose"] = { 'Here you go: {"name":"Jason Liu","age":30}', { "prose" } },
    ["behind thoughts with braces"] = {
      '<think>{"name":"no","age":1} Zzz</think>{"name":"Jason Liu","age":30}', { "thoughts" } },
    ["behind an example"] = {
      'Like {"name":"A","age":1}: {"name":"Jason Liu","age":30}', { "prose" } },
    ["as Python prints it"] = {
      "{'name': 'Jason Liu', 'age': 30, 'tags': None}", nil },
    ["with a comment and a trailing comma"] = {
      '{"name":"Jason Liu", // the name\n "age":30,}', { "comment", "extra_comma" } },
    ["without quotes"] = { "{name: Jason Liu, age: 30}",
      { "unquoted_key", "unquoted_value", "unquoted_key" } },
    ["without its last brace"] = { '{"age":30,"name":"Jason Liu"', { "missing_closer" } },
    ["inside a string"] = { [["{\"name\":\"Jason Liu\",\"age\":30}"]], { "nested_json" } },
  } do
    it(name .. " is read, and not asked about", function()
      local user, meta, asked = ask { case[1] }
      if case[2] == nil then -- null where none may stand is no repair's to forgive
        assert.is_nil(user)
        assert.equal("validation", meta.kind)
        assert.same({ "tags" }, meta.issues[1].path)
        return
      end
      assert.same(JASON, user)
      assert.equal(1, asked)
      assert.same(case[2], whats(meta.repairs))
      assert.same(meta.repairs, meta.attempts[1].repairs)
    end)
  end

  it("says where each edit was made, in bytes of the attempt's text", function()
    local _, meta = ask { 'So: {name: "Jason Liu", "age": 30,}' }
    assert.same({ { what = "prose", offset = 1 }, { what = "unquoted_key", offset = 6 },
      { what = "extra_comma", offset = 34 } }, meta.repairs)
    assert.equal(",", meta.attempts[1].text:sub(34, 34))
  end)

  it("has an empty list of repairs when nothing had to be done", function()
    local user, meta = ask { '{"name":"Jason Liu","age":30}' }
    assert.same(JASON, user)
    assert.same({}, meta.repairs)
  end)

  it("is asked about with the issues of its repaired value", function()
    local s = server.start {
      server.completion { content = "{name: 'Jason Liu', age: 'thirty'}" },
      server.completion { content = '{"name":"Jason Liu","age":30}' },
    }
    local user, meta = client_of(s).create {
      model = "m", messages = "m", response_model = User, max_retries = 1,
    }
    assert.same(JASON, user)
    assert.same({}, meta.repairs)
    assert.equal("single_quotes", meta.attempts[1].repairs[2].what)
    local messages = s:requests()[2]:json().messages
    assert.matches("age: Invalid input: expected number, received string",
      messages[#messages].content, 1, true)
  end)

  it("is never changed in its values: 3,14 is asked about", function()
    local user, meta, asked = ask {
      '{"name":"Jason Liu","age":3,14}', '{"name":"Jason Liu","age":3.14}',
    }
    assert.equal(3.14, user.age)
    assert.equal(2, asked)
    assert.equal("json", meta.attempts[1].kind)
  end)

  it("that was cut off is incomplete, whatever could be made of it", function()
    local s = server.start {
      server.completion { content = '{"name":"Jason Liu","age":30\n', finish_reason = "length" },
    }
    local user, err = client_of(s).create {
      model = "m", messages = "m", response_model = User, max_retries = 2,
    }
    assert.is_nil(user)
    assert.equal("incomplete", err.kind)
    assert.equal(1, #s:requests())
  end)

  it("runs a refinement once, and never on a candidate that is dropped", function()
    local seen = {}
    local Picky = z.object { name = z.string(), age = z.number() }:refine(function(user)
      seen[#seen + 1] = user.name
      return true
    end)
    local user = ask({ '{"name":"A","age":1} or {"name":"B"} or {name: "C", age: 3}' },
      { schema = Picky })
    assert.equal("C", user.name)
    assert.same({ "C" }, seen)
  end)
end)

-- Where the ancestor errs the vectors compare the first request alone (spec/vectors/scope.lua).
describe("what the ancestor gets wrong", function()
  after_each(function() server.stop_all() end)

  for _, mode in ipairs { "TOOLS", "FUNCTIONS", "JSON", "JSON_SCHEMA", "MD_JSON",
    "THINKING_MD_JSON" } do
    it("is right in " .. mode .. ": a bare fence, prose before a bare object", function()
      for _, text in ipairs { '```\n{"name":"Ada","age":36}\n```',
        'Here you go: {"name":"Ada","age":36}' } do
        local user, _, asked = ask({ text }, { mode = mode })
        assert.same({ name = "Ada", age = 36 }, user)
        assert.equal(1, asked)
      end
    end)
  end

  it("is right: backticks inside a string do not end the block", function()
    local Code = z.object { code = z.string() }
    for _, text in ipairs { '{"code":"```py\\nx\\n```"}',
      '```json\n{"code":"```py\\nx\\n```"}\n```',
      '```json\n{"code":"```py\nx\n```"}\n```' } do
      local value = ask({ text }, { schema = Code, mode = "MD_JSON" })
      assert.same({ code = "```py\nx\n```" }, value)
    end
  end)

  it("is right: a z in the thoughts does not end them", function()
    local thoughts = 'Zoe? {"name":"Zoe","age":1} z'
    local text = "<think>" .. thoughts .. '</think>{"name":"Ada","age":36}'
    local user, meta = ask({ text }, { mode = "THINKING_MD_JSON" })
    assert.same({ name = "Ada", age = 36 }, user)
    assert.equal(thoughts, meta.reasoning)
    assert.same({}, meta.repairs)
  end)

  it("is right: an answer that is no object is not spread into one", function()
    for _, text in ipairs { '["Ada",36]', '"Ada"', "36", "null" } do
      for _, level in ipairs { false, true, "coerce" } do
        local user, err = ask({ text }, { repair = level })
        assert.is_nil(user)
        assert.equal("validation", err.kind)
        assert.same({}, err.issues[1].path)
      end
    end
  end)
end)

describe("repair", function()
  after_each(function() server.stop_all() end)

  it("= false takes strict JSON alone, but for the fence of MD_JSON", function()
    local fenced = '```json\n{"name":"Jason Liu","age":30}\n```'
    local user, err = ask({ fenced }, { here = false })
    assert.is_nil(user)
    assert.equal("json", err.kind)
    assert.is_nil((ask({ "{name: 'Jason Liu', age: 30}" }, { repair = false })))
    local meta
    user, meta = ask({ fenced }, { repair = false, mode = "MD_JSON" })
    assert.equal(30, user.age)
    assert.same({}, meta.repairs)
  end)

  it('= "coerce" takes values that say the same, and lists each', function()
    local text = '{"name":"Jason Liu","age":"30","tags":"x","mood":"Very happy"}'
    assert.is_nil((ask { text }))
    local user, meta = ask({ text }, { repair = "coerce" })
    assert.same({ name = "Jason Liu", age = 30, tags = { "x" }, mood = "very_happy" }, user)
    local by_path = {}
    for _, one in ipairs(meta.repairs) do by_path[one.path[1]] = one.what end
    assert.same({ age = "number_from_string", tags = "list_of_one", mood = "enum_spelling" },
      by_path)
    assert.is_nil(meta.repairs[1].offset)
  end)

  it("in create wins over the client's", function()
    assert.is_nil((ask({ "{name: 'J', age: 3}" }, { repair = "coerce", here = false })))
    assert.equal(3, (ask({ "{name: 'J', age: '3'}" }, { repair = false, here = "coerce" })).age)
  end)

  it("raises for a level there is not", function()
    local s = server.start { server.completion { content = "{}" } }
    assert.has_error(function() client_of(s, { repair = "yes" }) end)
    local ok, message = pcall(client_of(s).create,
      { messages = "m", response_model = User, repair = 1 })
    assert.is_false(ok)
    assert.matches('repair takes true, false or "coerce"', message, 1, true)
    ok, message = pcall(client_of(s).create, { messages = "m", repair = true })
    assert.is_false(ok)
    assert.matches("repair needs a response_model", message, 1, true)
  end)

  it("is off for texts parsed alone, and an option there", function()
    local text = "{name: 'Jason Liu', age: 30}"
    local user, err = User:try_json(text)
    assert.is_nil(user)
    assert.equal("json", err.kind)
    local repairs
    user, err, repairs = User:try_json(text, { repair = true })
    assert.same({ name = "Jason Liu", age = 30 }, user)
    assert.is_nil(err)
    assert.same({ "unquoted_key", "single_quotes", "unquoted_key" }, whats(repairs))
    assert.equal(30, User:parse_json('{"name":"J","age":"30"}', { repair = "coerce" }).age)
    assert.same({}, User:safe_parse_json('{"name":"J","age":30}', { repair = true }).repairs)
    assert.has_error(function() User:try({ name = "J", age = 3 }, { repair = true }) end)
  end)

  describe("guided by the schema", function()
    --- What `text` comes to under the key "v", and what was done, with the path.
    local function read(schema, text, level)
      local value, _, repairs = z.object { v = schema }:try_json('{"v":' .. text .. "}",
        { repair = level or true })
      local done = {}
      for i, one in ipairs(repairs or {}) do
        done[i] = one.what .. " " .. table.concat(one.path, ".")
      end
      if value == nil then return nil end
      return value.v, table.concat(done, ", ")
    end

    local Point = z.object { x = z.number() }
    local Shape = z.discriminated_union("is", {
      z.object { is = z.literal "dot", x = z.number() }, z.object { is = z.literal "line" },
    })

    for name, case in pairs {
      ["an object"] = { Point, [["{\"x\":1}"]], { x = 1 } },
      ["a nullable object"] = { Point:nullable(), [["{\"x\":1}"]], { x = 1 } },
      ["a record"] = { z.record(z.string(), z.number()), [["{\"x\":1}"]], { x = 1 } },
      ["a list"] = { z.array(z.number()), [["[1,2]"]], { 1, 2 } },
      ["a tuple"] = { z.tuple { z.number(), z.string() }, [["[1,\"a\"]"]], { 1, "a" } },
      ["a union of objects"] = { z.union { z.object { y = z.string() }, Point },
        [["{\"x\":1}"]], { x = 1 } },
      ["a union of an object and a number"] = { z.union { Point, z.number() },
        [["{\"x\":1}"]], { x = 1 } },
      ["a union with a discriminator"] = { Shape, [["{\"is\":\"dot\",\"x\":1}"]],
        { is = "dot", x = 1 } },
    } do
      it("reads JSON in a string where " .. name .. " is wanted", function()
        local value, done = read(case[1], case[2])
        assert.same(case[3], value)
        assert.equal("nested_json v", done)
      end)
    end

    it("leaves a string alone where a string is wanted", function()
      for _, schema in ipairs { z.string(), z.any(), z.union { Point, z.string() } } do
        local value, done = read(schema, [["{\"x\":1}"]], "coerce")
        assert.equal('{"x":1}', value)
        assert.equal("", done)
      end
    end)

    it("coerces what helps an option of a union, where one reading alone does", function()
      local value, done = read(z.union { z.number(), z.boolean() }, '"30"', "coerce")
      assert.equal(30, value)
      assert.equal("number_from_string v", done)
      assert.equal(30, (read(z.union { z.int(), z.number() }, '"30"', "coerce")))
      assert.is_nil((read(z.union { z.enum { "a b" }, z.literal "a-b" }, '"A B"', "coerce")))
      assert.is_nil((read(z.union { z.array(z.number()), z.boolean() }, "5", "coerce")))
      assert.is_nil((read(z.union { z.number(), z.boolean() }, '"30"')))
    end)

    it("coerces a discriminator as it does an enum", function()
      local value, done = read(Shape, [[{"is":"Dot.","x":"1"}]], "coerce")
      assert.same({ is = "dot", x = 1 }, value)
      assert.equal("enum_spelling v.is, number_from_string v.x", done)
      assert.is_nil((read(Shape, [[{"is":"Dot","x":1}]])))
      assert.is_nil((read(Shape, [[{"is":"dots","x":1}]], "coerce")))
    end)

    it("takes no sign for punctuation", function()
      for _, case in ipairs { { "-1", "1" }, { "c++", "C" }, { "c#", "C" }, { "<18", ">18" },
        { "5%", "5" }, { "under 5", "under -5" } } do
        assert.is_nil((read(z.enum { case[1], "else" }, '"' .. case[2] .. '"', "coerce")))
      end
      for _, case in ipairs { { "c++", "**C++**" }, { "covid-19", "COVID 19" },
        { "-1", "(-1)" } } do
        assert.equal(case[1], (read(z.enum { case[1], "else" }, '"' .. case[2] .. '"', "coerce")))
      end
    end)
  end)

  describe("of a streamed answer", function()
    local function event(delta, finish)
      return "data: " .. cjson.encode { id = "c1", model = "m-1",
        choices = { { index = 0, delta = delta, finish_reason = finish } } } .. "\n\n"
    end

    --- Streams `text` in pieces of three bytes.
    local function stream(text, given, schema)
      local events = {}
      for i = 1, #text, 3 do events[#events + 1] = event { content = text:sub(i, i + 2) } end
      events[#events + 1] = event({}, "stop") .. "data: [DONE]\n\n"
      local s = server.start { server.answer {
        headers = { ["Content-Type"] = "text/event-stream" }, body = table.concat(events),
      } }
      return client_of(s, given).create {
        model = "m", messages = "m", response_model = schema or User, stream = true,
      }
    end

    it("comes at its end", function()
      local user, meta = stream("{name: 'Jason Liu', age: 30}"):result()
      assert.same({ name = "Jason Liu", age = 30 }, user)
      assert.same({ "unquoted_key", "single_quotes", "unquoted_key" }, whats(meta.repairs))
    end)

    it("is not forestalled: what might yet be made to fit does not stop it early", function()
      local text = '{"age":"30","name":"Jason Liu"}'
      local user, meta = stream(text, { repair = "coerce" }):result()
      assert.same({ name = "Jason Liu", age = 30 }, user)
      assert.same({ "number_from_string" }, whats(meta.repairs))
      user, meta = stream(text):result()
      assert.is_nil(user)
      assert.equal("validation", meta.kind)
      assert.same({}, meta.attempts[1].repairs)
    end)

    it("is not forestalled in a union either", function()
      local a, b = z.object { is = z.literal "a", n = z.number() }, z.object { is = z.literal "b" }
      for _, union in ipairs { z.union { a, b }, z.discriminated_union("is", { a, b }),
        z.union { a:extend { is = z.string() }, z.number() } } do
        local schema = z.object { v = union, w = z.number() }
        local value, meta = stream('{"v":{"is":"a","n":"1"},"w":2}', { repair = "coerce" },
          schema):result()
        assert.same({ v = { is = "a", n = 1 }, w = 2 }, value)
        assert.equal("number_from_string", meta.repairs[1].what)
      end
      local text = [[{"v":"{\"is\":\"b\"}","w":2}]]
      assert.equal("b", stream(text, nil, z.object { v = z.union { a, b }, w = z.number() })
        :result().v.is)
    end)
  end)

  it("leaves a list with an item that cannot be read to the model", function()
    local List = z.object { items = z.array(z.number()) }
    for _, text in ipairs { '{"items":[1,two,3]}', '{"items":[1,2,...]}', '{"items":[1,2' } do
      assert.is_nil((List:try_json(text, { repair = "coerce" })))
    end
  end)
end)

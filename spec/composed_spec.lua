-- create with what is made of several schemas: unions, recursive schemas, records, tuples. What
-- goes out, what comes back, and what the model is told when it is wrong.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local server = require "spec.support.server"
local z = require "instructor.z"

-- How each mode hands over an answer.
local answers = {
  JSON_SCHEMA = function(text) return server.completion { content = text } end,
  TOOLS = function(text) return server.completion { tool = { "Response", text } } end,
  FUNCTIONS = function(text)
    return server.completion { function_call = { "Response", text } }
  end,
  MD_JSON = function(text)
    return server.completion { content = "```json\n" .. text .. "\n```" }
  end,
}

-- Where each mode puts the schema.
local schema_of = {
  JSON_SCHEMA = function(body) return body.response_format.json_schema.schema end,
  TOOLS = function(body) return body.tools[1]["function"].parameters end,
  FUNCTIONS = function(body) return body.functions[1].parameters end,
  MD_JSON = function(body)
    return cjson.decode((body.messages[1].content:match "\n\n({.*})$"))
  end,
}

local function each_mode(fn)
  for _, mode in ipairs { "JSON_SCHEMA", "TOOLS", "FUNCTIONS", "MD_JSON" } do
    it("in " .. mode, function() fn(mode) end)
  end
end

--- Asks for `model` in `mode`; the server gives these texts in turn.  Returns what create does, and
--- the bodies the server got.
local function ask(mode, model, ...)
  local steps = {}
  for i = 1, select("#", ...) do steps[i] = answers[mode]((select(i, ...))) end
  local s = server.start(steps)
  local client = Instructor {
    client = OpenAI { base_url = s.url, api_key = "sk-fake-for-specs", backoff = false },
    mode = mode,
  }
  local value, meta = client.chat.completions.create {
    model = "m", messages = "a text", response_model = model, max_retries = #steps - 1,
  }
  local bodies = {}
  for i, request in ipairs(s:requests()) do bodies[i] = cjson.decode(request.body) end
  return value, meta, bodies
end

--- The last message of a body, as the model reads it.
local function last_words(body) return body.messages[#body.messages].content end

describe("create with a union", function()
  after_each(function() server.stop_all() end)

  local Mail = z.object({ { "kind", z.literal "mail" }, { "address", z.email() } })
    :meta { title = "Mail" }
  local Call = z.object({ { "kind", z.literal "call" }, { "number", z.e164() } })
    :meta { title = "Call" }
  local Task = z.object { { "contact", z.discriminated_union("kind", { Mail, Call }) } }

  describe("asks for one of its options, and hands out the one that came", function()
    each_mode(function(mode)
      local value, _, bodies = ask(mode, Task,
        '{"contact":{"kind":"call","number":"+4915112345678"}}')
      assert.same({ contact = { kind = "call", number = "+4915112345678" } }, value)
      local options = schema_of[mode](bodies[1]).properties.contact.anyOf
      assert.equal("Mail", options[1].title)
      assert.same({ "kind", "number" }, options[2].required)
    end)
  end)

  describe("tells the model what is wrong with the option it meant, and no other", function()
    each_mode(function(mode)
      local value, meta, bodies = ask(mode, Task,
        '{"contact":{"kind":"mail","address":"zoe at home"}}',
        '{"contact":{"kind":"mail","address":"zoe@example.org"}}')
      assert.equal("zoe@example.org", value.contact.address)
      local words = last_words(bodies[2])
      assert.truthy(words:find("contact.address: Invalid email address", 1, true), words)
      assert.falsy(words:find("number", 1, true))
      assert.same({ "contact", "address" }, meta.attempts[1].issues[1].path)
    end)
  end)

  it("without a field that tells them apart, tells what the nearest option lacks", function()
    local Loose = z.object { thing = z.union {
      z.object({ { "wheels", z.int() }, { "doors", z.int() } }):meta { title = "Car" },
      z.object({ { "name", z.string() }, { "lives", z.int() } }):meta { title = "Cat" },
    } }
    local value, meta, bodies = ask("TOOLS", Loose, '{"thing":{"name":"Tom","lives":"nine"}}',
      '{"thing":{"name":"Tom","lives":9}}')
    assert.same({ thing = { name = "Tom", lives = 9 } }, value)
    local words = last_words(bodies[2])
    assert.truthy(words:find("Cat", 1, true), words)
    assert.truthy(words:find("thing.lives", 1, true), words)
    assert.falsy(words:find("wheels", 1, true), words)
    assert.equal("Cat", meta.attempts[1].issues[1].nearest_name)
  end)

  it("as the root wraps it, and hands it out bare", function()
    local value, _, bodies = ask("TOOLS", z.union { z.int(), z.string() }, '{"value":7}')
    assert.equal(7, value)
    assert.same({ "value" }, schema_of.TOOLS(bodies[1]).required)
  end)
end)

describe("create with a recursive schema", function()
  after_each(function() server.stop_all() end)

  local Node
  Node = z.object {
    { "name", z.string() },
    { "children", z.array(z.lazy(function() return Node end)) },
  }

  --- What `schema` stands for in the document `root`.
  local function resolved(root, schema)
    local at = root
    if schema["$ref"] == nil then return schema end
    for step in schema["$ref"]:gmatch "/([^/]+)" do at = at[step] end
    return at
  end

  describe("asks for it with references that lead somewhere", function()
    each_mode(function(mode)
      local text = '{"name":"a","children":[{"name":"b","children":[]}]}'
      local value, _, bodies = ask(mode, Node, text)
      assert.same({ name = "a", children = { { name = "b", children = {} } } }, value)
      local root = schema_of[mode](bodies[1])
      local again = resolved(root, resolved(root, root).properties.children.items)
      assert.same({ "name", "children" }, again.required)
    end)
  end)

  it("tells the model the place of what is wrong", function()
    local value, _, bodies = ask("TOOLS", Node,
      '{"name":"a","children":[{"name":"b","children":[{"name":5,"children":[]}]}]}',
      '{"name":"a","children":[]}')
    assert.equal("a", value.name)
    assert.truthy(last_words(bodies[2]):find("children[0].children[0].name: ", 1, true))
  end)
end)

describe("create with records and tuples", function()
  after_each(function() server.stop_all() end)

  local Scores = z.object {
    { "scores", z.record(z.number()) },
    { "at", z.tuple { z.int(), z.int() } },
  }

  for _, mode in ipairs { "TOOLS", "FUNCTIONS", "MD_JSON" } do
    it("asks for them in " .. mode, function()
      local value, _, bodies = ask(mode, Scores, '{"scores":{"art":2.5},"at":[1,2]}')
      assert.same({ scores = { art = 2.5 }, at = { 1, 2 } }, value)
      local properties = schema_of[mode](bodies[1]).properties
      assert.equal("number", properties.scores.additionalProperties.type)
      assert.equal(2, properties.at.minItems)
    end)
  end

  it("refuses to ask a strict provider for a record, before anything is sent", function()
    local client = Instructor {
      client = OpenAI { provider = "openai", base_url = "http://127.0.0.1:9", api_key = "sk-fake" },
      mode = "JSON_SCHEMA",
    }
    local ok, message = pcall(client.chat.completions.create, {
      model = "m", messages = "a text", response_model = Scores,
    })
    assert.is_false(ok)
    assert.truthy(message:find("a strict schema cannot express the record at scores, and openai "
      .. "takes no other: take the mode TOOLS", 1, true), message)
  end)

  it("asks a server whose rules nobody knows without strict ones", function()
    local value, _, bodies = ask("JSON_SCHEMA", Scores, '{"scores":{"art":2.5},"at":[1,2]}')
    assert.same({ scores = { art = 2.5 }, at = { 1, 2 } }, value)
    assert.is_nil(bodies[1].response_format.json_schema.strict)
  end)
end)

describe("create with what does not come from the model", function()
  after_each(function() server.stop_all() end)

  it("asks for what is converted, and catches what is wrong instead of asking again", function()
    local Form = z.object {
      { "size", z.coerce.number() },
      { "level", z.int():min(1):max(5):catch(3) },
      { "tags", z.preprocess(function(v)
        if type(v) == "string" then return { v } end
        return v
      end, z.array(z.string())) },
    }
    local value, meta, bodies = ask("TOOLS", Form, '{"size":"12","level":"high","tags":"new"}')
    assert.same({ size = 12, level = 3, tags = { "new" } }, value)
    assert.equal(1, #meta.attempts)
    assert.equal("array", schema_of.TOOLS(bodies[1]).properties.tags.type)
  end)
end)

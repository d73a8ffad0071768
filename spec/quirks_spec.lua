-- Where the ancestor errs: for each tag of the recorded cases what instructor-js does, and what is
-- done here instead.  (What it does to streams is not in this list.)

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local scope = require "spec.vectors.scope"
local server = require "spec.support.server"
local z = require "instructor.z"

local User = z.object { { "name", z.string() }, { "age", z.number() } }
local RIGHT, WRONG = '{"name":"Ada","age":36}', '{"name":"Ada","age":"old"}'
local ADA = { name = "Ada", age = 36 }

local function says(text) return server.completion { content = text } end
local function calls(text) return server.completion { tool = { "Response", text } } end

--- Asks in `mode`; the server gives these steps in turn.  Returns what create does, and the bodies
--- the server got.
local function ask(mode, steps, params)
  local s = server.start(steps)
  local client = Instructor { mode = mode, client = OpenAI {
    base_url = s.url, api_key = "sk-fake-for-specs", backoff = false,
  } }
  local all = { model = "m", messages = "Ada is 36 years old", response_model = User,
    max_retries = #steps - 1 }
  for name, value in pairs(params or {}) do all[name] = value end
  local value, meta = client.chat.completions.create(all)
  local bodies = {}
  for i, request in ipairs(s:requests()) do bodies[i] = request.body end
  s:stop()
  return value, meta, bodies
end

local function last_words(body)
  local messages = cjson.decode(body).messages
  return messages[#messages].content
end

--- Asks for `schema` with an answer in each mode, which must come back as `wanted`.
local function comes_back(schema, text, wanted)
  for _, mode in ipairs { "TOOLS", "JSON", "MD_JSON", "JSON_SCHEMA" } do
    local step = mode == "TOOLS" and calls(text) or says(text)
    local value, meta = ask(mode, { step }, { response_model = schema })
    assert.same(wanted, value, mode .. ": " .. tostring(meta))
  end
end

--- Every text of a request that stands behind `"$ref":`.
local function refs_of(body)
  local list = {}
  for ref in body:gmatch '\\?"%$ref\\?":\\?"([^"\\]*)' do list[#list + 1] = ref end
  return list
end

local quirks = {
  dangling_ref = {
    theirs = "a recursive schema is sent with references that lead nowhere",
    ours = "every reference leads to a definition of the same document",
    check = function()
      local Node
      Node = z.object { { "name", z.string() },
        { "children", z.array(z.lazy(function() return Node end)) } }
      local text = '{"name":"a","children":[]}'
      for _, mode in ipairs { "TOOLS", "JSON_SCHEMA", "MD_JSON" } do
        local step = mode == "TOOLS" and calls(text) or says(text)
        local _, _, bodies = ask(mode, { step }, { response_model = Node })
        local refs = refs_of(bodies[1])
        assert.is_true(#refs > 0, bodies[1])
        for _, ref in ipairs(refs) do
          local name = ref:match "^#/%$defs/(.+)$"
          assert(ref == "#" or bodies[1]:find('"%$defs\\?":{\\?"' .. name), bodies[1])
        end
      end
    end,
  },
  null_literal_schema = {
    theirs = "the literal null is asked for as an object",
    ours = "it is asked for as null",
    check = function()
      local schema = z.object { gone = z.literal(Instructor.null) }
      local value, _, bodies = ask("TOOLS", { calls '{"gone":null}' }, { response_model = schema,
        nulls = "keep" })
      assert.same({ gone = Instructor.null }, value)
      local field = cjson.decode(bodies[1]).tools[1]["function"].parameters.properties.gone
      assert.equal("null", field.type)
    end,
  },
  meta_injected_before_validation = {
    theirs = "_meta is put into the answer before it is validated: strict objects, records and "
      .. "catchalls at the root always fail",
    ours = "the answer is validated as it came, and _meta is nowhere in it",
    check = function()
      comes_back(z.strict_object { a = z.string() }, '{"a":"x"}', { a = "x" })
      comes_back(z.object({ a = z.string() }):catchall(z.int()), '{"a":"x","b":1}',
        { a = "x", b = 1 })
      comes_back(z.record(z.string(), z.int()), '{"a":1}', { a = 1 })
      comes_back(z.loose_object {}, '{"_meta":1}', { _meta = 1 })
    end,
  },
  non_object_answer_spread_into_object = {
    theirs = "a list, a text or a number at the root becomes an object with numbered keys",
    ours = "a root of any kind comes back as it is, wrapped by the model or not",
    check = function()
      comes_back(z.array(z.int()), "[1,2]", { 1, 2 })
      comes_back(z.array(z.int()), '{"value":[1,2]}', { 1, 2 })
      comes_back(z.string(), '{"value":"yes"}', "yes")
      comes_back(z.number(), "7", 7)
      comes_back(z.boolean(), '{"value":false}', false)
    end,
  },
  meta_in_reask = {
    theirs = "the answer is sent back with _meta in it, token counts and thoughts included",
    ours = "it is sent back as it came",
    check = function()
      for mode, step in pairs { TOOLS = calls(WRONG), JSON = says(WRONG) } do
        local right = mode == "TOOLS" and calls(RIGHT) or says(RIGHT)
        local value, _, bodies = ask(mode, { step, right })
        assert.same(ADA, value)
        assert.is_nil(bodies[2]:find("_meta", 1, true))
        local messages = cjson.decode(bodies[2]).messages
        local turn = messages[#messages - 1]
        local call = type(turn.tool_calls) == "table" and turn.tool_calls[1]
        assert.equal(WRONG, call and call["function"].arguments or turn.content)
      end
    end,
  },
  broken_json_not_retried = {
    theirs = "an answer that is no JSON ends the call, whatever max_retries says",
    ours = "it is asked for again",
    check = function()
      for mode, how in pairs { TOOLS = calls, JSON = says, MD_JSON = says } do
        local value, meta = ask(mode, { how '{"name":}', how(RIGHT) })
        assert.same(ADA, value)
        assert.equal("json", meta.attempts[1].kind)
      end
    end,
  },
  broken_json_no_feedback = {
    theirs = "where it is asked again (retryAllErrors), the same request is sent, without a word",
    ours = "the model is told that it was no JSON, and where it broke",
    check = function()
      local _, _, bodies = ask("JSON", { says '{"name":}', says(RIGHT) })
      assert.not_equal(bodies[1], bodies[2])
      assert.matches("not JSON: unexpected '}'", last_words(bodies[2]))
    end,
  },
  stale_feedback_resent = {
    theirs = "after a broken answer or a 500 the complaint about an older answer is sent again",
    ours = "the last complaint is about the last answer; a failed request is sent as it was",
    check = function()
      local value, _, bodies = ask("JSON", { says(WRONG), server.error(500), says '{"name":}',
        says(RIGHT) })
      assert.same(ADA, value)
      assert.equal(4, #bodies)
      assert.equal(bodies[2], bodies[3])
      assert.matches("age: ", last_words(bodies[2]))
      assert.is_nil(last_words(bodies[4]):find("age: ", 1, true))
      assert.matches("not JSON", last_words(bodies[4]))
    end,
  },
  strict_fence_only = {
    theirs = "only ```json, a line break, the text, a line break and ``` is a block",
    ours = "a block may be spelled as models spell it, in every mode",
    check = function()
      for _, text in ipairs {
        "```\n" .. RIGHT .. "\n```", "```JSON\n" .. RIGHT .. "\n```", "```json\n" .. RIGHT,
        "```json\r\n" .. RIGHT .. "\r\n```", "  ```json\n" .. RIGHT .. "\n  ```",
        "Here you go:\n```json\n" .. RIGHT .. "\n```\nBye!",
      } do
        for _, mode in ipairs { "JSON", "MD_JSON", "JSON_SCHEMA", "TOOLS" } do
          local value, err = ask(mode, { says(text) })
          assert.same(ADA, value, mode .. ": " .. text .. ": " .. tostring(err))
        end
      end
      assert.same(ADA, (ask("TOOLS", { calls("```json\n" .. RIGHT .. "\n```") })))
    end,
  },
  backticks_end_block = {
    theirs = "three backticks within a text of the answer end the block",
    ours = "they are part of the text",
    check = function()
      local Note = z.object { note = z.string() }
      local text = '{"note":"use ```json\\n{}\\n``` for code"}'
      local wanted = { note = "use ```json\n{}\n``` for code" }
      for _, mode in ipairs { "MD_JSON", "THINKING_MD_JSON" } do
        local value, err = ask(mode, { says("```json\n" .. text .. "\n```") },
          { response_model = Note })
        assert.same(wanted, value, tostring(err))
      end
    end,
  },
  letter_z_ends_thinking = {
    theirs = "thoughts that are never closed end at the first letter z",
    ours = "they end where the block begins, or nowhere",
    check = function()
      local text = "<think>a puzzle\nsolved.\n```json\n" .. RIGHT .. "\n```"
      assert.same(ADA, (ask("THINKING_MD_JSON", { says(text) })))
      local none, err = ask("THINKING_MD_JSON", { says "<think>a puzzle, and no end" })
      assert.is_nil(none)
      assert.truthy(err.kind == "json" or err.kind == "no_answer", tostring(err))
    end,
  },
  parameter_leaks = {
    theirs = "options of the library are sent to the provider",
    ours = "none is; without a response_model they raise",
    check = function()
      local _, _, bodies = ask("TOOLS", { calls(RIGHT) }, { max_retries = 1, backoff = 0,
        deadline = 9, nulls = "keep", extra_body = { seed = 7 } })
      local names = {}
      for name in pairs(cjson.decode(bodies[1])) do names[#names + 1] = name end
      table.sort(names)
      assert.same({ "messages", "model", "seed", "stream", "tool_choice", "tools" }, names)
      local oai = OpenAI { base_url = "http://127.0.0.1:9" }
      for name, value in pairs { max_retries = 1, backoff = 0, deadline = 9, nulls = "keep" } do
        assert.has_error(function()
          oai.chat.completions.create { messages = "x", [name] = value }
        end)
      end
    end,
  },
  user_tool_fields_dropped = {
    theirs = "of the caller's own tools only name, description and parameters are sent",
    ours = "they are sent as they are",
    check = function()
      local tool = { type = "function", ["function"] = { name = "search", strict = true,
        parameters = { type = "object", properties = { q = { type = "string" } } } } }
      local _, _, bodies = ask("TOOLS", { calls(RIGHT) }, { tools = { tool } })
      local sent = cjson.decode(bodies[1]).tools
      assert.equal(2, #sent)
      assert.same(tool, sent[2])
      assert.is_true(tool["function"].strict)
    end,
  },
  request_cannot_be_serialised = {
    theirs = "a bound of a bigint breaks the request",
    ours = "there is no bigint, for Lua's integers are exact: bounds of an integer are sent",
    check = function()
      local ok, message = pcall(function() return z.bigint() end)
      assert.is_false(ok)
      assert.matches("use z.int%(%)", message)
      local _, _, bodies = ask("TOOLS", { calls '{"n":5}' },
        { response_model = z.object { n = z.int():min(-3):max(9007199254740991) } })
      assert.truthy(bodies[1]:find('"minimum":-3,"maximum":9007199254740991', 1, true), bodies[1])
    end,
  },
}

local function tags(of)
  local list = {}
  for tag in pairs(of) do list[#list + 1] = tag end
  table.sort(list)
  return list
end

describe("other than instructor-js", function()
  after_each(server.stop_all)

  for _, tag in ipairs(tags(quirks)) do
    it(("%s: %s"):format(tag, quirks[tag].ours), quirks[tag].check)
  end

  it("is every tag that the recorded cases are compared by", function()
    assert.same(tags(scope.quirks), tags(quirks))
    for _, row in pairs(quirks) do assert.equal("string", type(row.theirs)) end
  end)
end)

-- The founding promise, over real sockets: a schema goes out, a validated table comes back, and
-- what goes wrong on the way is tried again.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local server = require "spec.support.server"
local z = require "instructor.z"

local User = z.object {
  age = z.number(),
  name = z.string(),
}

local RIGHT, WRONG = '{"age":30,"name":"Jason Liu"}', '{"age":"thirty","name":"Jason Liu"}'

-- How each mode hands over an answer.
local answers = {
  JSON_SCHEMA = function(text) return server.completion { content = text } end,
  FUNCTIONS = function(text)
    return server.completion { function_call = { "Response", text } }
  end,
  TOOLS = function(text) return server.completion { tool = { "Response", text } } end,
  JSON = function(text) return server.completion { content = text } end,
  MD_JSON = function(text)
    return server.completion { content = "Sure:\n```json\n" .. text .. "\n```" }
  end,
  THINKING_MD_JSON = function(text)
    return server.completion { content = "<think>30 {</think>\n```json\n" .. text .. "\n```" }
  end,
}

local function client_of(s, given)
  given = given or {}
  local oai = OpenAI { base_url = s.url, api_key = "sk-fake-for-specs", provider = given.provider }
  return Instructor { client = oai, mode = given.mode or "JSON_SCHEMA" }
end

local function ask(client, changes)
  local params = {
    model = "mistralai/Mixtral-8x7B-Instruct-v0.1",
    messages = { { role = "user", content = "Jason Liu is 30 years old" } },
    response_model = User,
    max_retries = 3,
  }
  for name, value in pairs(changes or {}) do
    params[name] = value ~= cjson.null and value or nil
  end
  return client.chat.completions.create(params)
end

local function body_of(request) return cjson.decode(request.body) end

describe("create", function()
  after_each(function() server.stop_all() end)

  describe("keeps its promise", function()
    for _, mode in ipairs { "JSON_SCHEMA", "FUNCTIONS", "TOOLS", "JSON", "MD_JSON",
      "THINKING_MD_JSON" } do
      it("in " .. mode .. ": after 503, 503 and an age in words, max_retries = 3 gives the table",
        function()
          local s = server.start {
            server.error(503), server.error(503), answers[mode](WRONG), answers[mode](RIGHT),
          }
          local user, meta = ask(client_of(s, { mode = mode }))
          assert.same({ age = 30, name = "Jason Liu" }, user)
          local requests = s:requests()
          assert.equal(4, #requests)
          assert.equal(requests[1].body, requests[2].body)
          assert.equal(requests[2].body, requests[3].body)
          assert.not_equal(requests[3].body, requests[4].body)
          assert.is_true(meta.attempts[3].waited > meta.attempts[2].waited)
          assert.is_true(requests[2].time - requests[1].time >= 0.37)
          assert.same({ 15, 15, 30, 10 }, { meta.attempts[3].usage.total_tokens,
            meta.attempts[4].usage.total_tokens, meta.usage.total_tokens,
            meta.usage.output_tokens })
        end)
    end

    it("never asks the model again, and never waits, when the first answer is right", function()
      local s = server.start { answers.JSON_SCHEMA(RIGHT) }
      local user, meta = ask(client_of(s))
      assert.equal(30, user.age)
      assert.equal(1, #s:requests())
      assert.equal(0, meta.attempts[1].waited)
    end)

    it("gives one error, of the last cause, when the retries are used up", function()
      local s = server.start { answers.JSON_SCHEMA(WRONG), repeat_last = true }
      local user, err = ask(client_of(s), { max_retries = 1 })
      assert.is_nil(user)
      assert.is_true(Instructor.is_error(err))
      assert.equal("validation", err.kind)
      assert.same({ "age" }, err.issues[1].path)
      assert.equal(2, #err.attempts)
      assert.equal(30, err.usage.total_tokens)
      assert.equal(2, #s:requests())
      assert.matches("^validation: .*age: .*expected number, received string", tostring(err))
    end)

    it("asks 1, 2 and 4 times at the most for max_retries 0, 1 and 3", function()
      for retries, asked in pairs { [0] = 1, [1] = 2, [3] = 4 } do
        local s = server.start { answers.TOOLS(WRONG), repeat_last = true }
        ask(client_of(s, { mode = "TOOLS" }), { max_retries = retries })
        assert.equal(asked, #s:requests())
      end
    end)
  end)

  describe("asks again in the protocol's own terms", function()
    local function second_ask(mode, step)
      local s = server.start { step, answers[mode](RIGHT) }
      assert(ask(client_of(s, { mode = mode })))
      return body_of(s:requests()[2]).messages
    end

    it("answers every tool call with a tool message that carries the issues", function()
      local messages = second_ask("TOOLS", server.completion {
        tools = { { "Other", "{}" }, { "Response", WRONG } },
      })
      assert.equal("assistant", messages[2].role)
      assert.equal(2, #messages[2].tool_calls)
      for i = 1, 2 do
        assert.equal("tool", messages[2 + i].role)
        assert.equal(messages[2].tool_calls[i].id, messages[2 + i].tool_call_id)
        assert.matches("age: .*expected number, received string %(got \"thirty\"%)",
          messages[2 + i].content)
      end
      assert.equal(4, #messages)
    end)

    it("answers a function call with a function message", function()
      local messages = second_ask("FUNCTIONS", answers.FUNCTIONS(WRONG))
      assert.equal(WRONG, messages[2].function_call.arguments)
      assert.equal("function", messages[3].role)
      assert.equal("Response", messages[3].name)
    end)

    it("answers a text with a user message", function()
      local messages = second_ask("JSON_SCHEMA", answers.JSON_SCHEMA(WRONG))
      assert.same({ "system", "user", "assistant", "user" }, { messages[1].role,
        messages[2].role, messages[3].role, messages[4].role })
      assert.equal(WRONG, messages[3].content)
    end)

    it("says so when the answer is no JSON", function()
      local messages = second_ask("JSON_SCHEMA", server.completion { content = "He is thirty." })
      assert.matches("not JSON", messages[4].content)
    end)

    it("asks again when there was no answer at all, and differently", function()
      local messages = second_ask("TOOLS", server.completion { content = "" })
      assert.equal("user", messages[2].role)
      assert.matches("no answer", messages[2].content)
    end)

    it("counts lists from 0 for the model and from 1 for Lua", function()
      local Team = z.object { members = z.array(User) }
      local s = server.start {
        server.completion { content = '{"members":[{"age":1,"name":"a"},{"age":"x","name":"b"}]}' },
      }
      local _, err = ask(client_of(s), { response_model = Team, max_retries = 0 })
      assert.same({ "members", 2, "age" }, err.issues[1].path)
      s = server.start {
        server.completion { content = '{"members":[{"age":"x","name":"b"}]}' },
        server.completion { content = '{"members":[]}' },
      }
      assert(ask(client_of(s), { response_model = Team }))
      assert.matches("members%[0%]%.age", s:requests()[2].body)
    end)
  end)

  describe("reads answers generously where that is safe", function()
    it("takes a text that fits although a tool was asked for", function()
      local s = server.start { server.completion { content = RIGHT } }
      assert.equal(30, ask(client_of(s, { mode = "TOOLS" }), { max_retries = 0 }).age)
    end)

    it("finds the tool call by its name", function()
      local s = server.start { server.completion {
        tools = { { "Other", '{"age":1,"name":"x"}' }, { "Response", RIGHT } },
      } }
      assert.equal(30, ask(client_of(s, { mode = "TOOLS" })).age)
    end)

    it("takes a call in the other spelling", function()
      local s = server.start { answers.FUNCTIONS(RIGHT) }
      assert.equal(30, ask(client_of(s, { mode = "TOOLS" })).age)
    end)

    it("takes arguments that came as an object", function()
      local s = server.start { server.json(200, '{"choices":[{"message":{"tool_calls":[{"id":"1",'
        .. '"type":"function","function":{"name":"Response","arguments":' .. RIGHT .. '}}]}}]}') }
      assert.equal(30, ask(client_of(s, { mode = "TOOLS" })).age)
    end)
  end)

  describe("tells how an answer failed", function()
    local function kind_of(step)
      local s = server.start { step, repeat_last = true }
      local _, err = ask(client_of(s))
      return err.kind, err.reason, #s:requests()
    end

    it("a refusal is not asked again", function()
      assert.same({ "refusal", nil, 1 }, { kind_of(server.completion { refusal = "I will not." }) })
    end)

    it("an answer cut off at the token limit is not paid for twice", function()
      assert.same({ "incomplete", "length", 1 }, { kind_of(server.completion {
        content = '{"age":', finish_reason = "length",
      }) })
    end)

    it("a content filter is not asked again", function()
      assert.same({ "content_filter", nil, 1 }, { kind_of(server.completion {
        content = "", finish_reason = "content_filter",
      }) })
    end)

    it("an empty answer is asked again until the retries are used up", function()
      assert.same({ "no_answer", nil, 4 }, { kind_of(server.completion { content = "" }) })
    end)

    it("prose is asked again until the retries are used up", function()
      assert.same({ "json", nil, 4 }, { kind_of(server.completion { content = "Thirty!" }) })
    end)
  end)

  describe("sends what it was given", function()
    it("with the model's parameters untouched and our options taken out", function()
      local s = server.start { answers.JSON_SCHEMA(RIGHT) }
      ask(client_of(s), { temperature = 0.2, stop = {}, logit_bias = { ["50256"] = -100 },
        extra_body = { max_retrys = 1 } })
      local body = body_of(s:requests()[1])
      assert.equal(0.2, body.temperature)
      assert.equal(-100, body.logit_bias["50256"])
      assert.equal(1, body.max_retrys)
      assert.matches('"stop":%[%]', s:requests()[1].body)
      assert.is_nil(body.max_retries)
      assert.is_nil(body.response_model)
    end)

    it("as the same bytes for equal calls, whatever the order of the tables", function()
      local s = server.start { answers.JSON_SCHEMA(RIGHT), repeat_last = true }
      local client = client_of(s)
      for _ = 1, 2 do ask(client, { user = "u", seed = 7, temperature = 1, top_p = 1 }) end
      assert.equal(s:requests()[1].body, s:requests()[2].body)
    end)

    it("without changing the caller's tables", function()
      local s = server.start { answers.JSON_SCHEMA(WRONG), answers.JSON_SCHEMA(RIGHT) }
      local messages = { { role = "user", content = "Jason Liu is 30 years old" } }
      ask(client_of(s), { messages = messages })
      assert.same({ { role = "user", content = "Jason Liu is 30 years old" } }, messages)
    end)

    it("a text as messages is one user's message", function()
      local s = server.start { answers.TOOLS(RIGHT) }
      ask(client_of(s, { mode = "TOOLS" }), { messages = "Jason Liu is 30" })
      assert.same({ { role = "user", content = "Jason Liu is 30" } },
        body_of(s:requests()[1]).messages)
    end)

    it("a name and a description with the response model", function()
      local s = server.start { server.completion { tool = { "User", RIGHT } } }
      local model = { schema = User, name = "User", description = "One person" }
      assert(ask(client_of(s, { mode = "TOOLS" }), { response_model = model }))
      local tool = body_of(s:requests()[1]).tools[1]["function"]
      assert.same({ "User", "One person" }, { tool.name, tool.description })
    end)

    it("the key as a bearer token and the user's own headers", function()
      local s = server.start { answers.JSON_SCHEMA(RIGHT) }
      local oai = OpenAI { base_url = s.url, api_key = "sk-fake", organization = "org-1",
        headers = { ["X-Team"] = "a" } }
      local client = Instructor { client = oai, mode = "json_schema" }
      client.chat.completions.create({ messages = "x", response_model = User },
        { headers = { ["X-Call"] = "b" }, query = { v = "1 2" } })
      local request = s:requests()[1]
      assert.equal("Bearer sk-fake", request.headers.authorization)
      assert.equal("org-1", request.headers["openai-organization"])
      assert.same({ "a", "b" }, { request.headers["x-team"], request.headers["x-call"] })
      assert.equal("/v1/chat/completions?v=1%202", request.path)
    end)
  end)

  describe("shows what it would send", function()
    it("with dry_run: the exact request, the key hidden, nothing sent", function()
      local s = server.start { answers.JSON_SCHEMA(RIGHT) }
      local client = client_of(s)
      local request = ask(client, { dry_run = true })
      assert.equal("POST", request.method)
      assert.equal(s.url .. "/chat/completions", request.url)
      assert.equal("***", request.headers.Authorization)
      assert.same({}, request.field_order)
      assert.equal(0, #s:requests())
      ask(client)
      assert.equal(s:requests()[1].body, request.body)
    end)

    it("and which fields have an order that nobody stated", function()
      local Shared = z.string()
      local s = server.start { answers.JSON_SCHEMA(RIGHT) }
      local request = ask(client_of(s), { dry_run = true,
        response_model = z.object { b = Shared, a = z.number() } })
      assert.matches("b reuses", request.field_order[1])
    end)
  end)

  describe("speaks to each provider in its own way", function()
    local function format_of(provider)
      local s = server.start { answers.JSON_SCHEMA(RIGHT) }
      assert(ask(client_of(s, { provider = provider })))
      return body_of(s:requests()[1]).response_format
    end

    it("Anyscale reads a json_object with a schema", function()
      local format = format_of "anyscale"
      assert.equal("json_object", format.type)
      assert.same({ "age", "name" }, format.schema.required)
    end)

    it("OpenAI reads a strict json_schema", function()
      local format = format_of "openai"
      assert.equal("json_schema", format.type)
      assert.is_true(format.json_schema.strict)
      assert.equal("Response", format.json_schema.name)
    end)

    it("a strict provider must fill every field; its null for an optional one is absent", function()
      local Note = z.object { text = z.string(), by = z.string():optional() }
      local s = server.start { server.completion { content = '{"text":"hi","by":null}' } }
      local note = ask(client_of(s), { response_model = Note, max_retries = 0 })
      assert.same({ text = "hi" }, note)
      local wanted = body_of(s:requests()[1]).response_format.json_schema.schema
      assert.same({ "text", "by" }, wanted.required)
      assert.same({ "string", "null" }, wanted.properties.by.type)
    end)
  end)

  describe("puts the schema where the mode wants it", function()
    local function first_request(mode)
      local s = server.start { answers[mode](RIGHT) }
      local _, meta = ask(client_of(s, { mode = mode }))
      return body_of(s:requests()[1]), meta
    end

    it("JSON: in the prompt, with response_format asking for JSON", function()
      local body = first_request "JSON"
      assert.same({ type = "json_object" }, body.response_format)
      assert.equal("system", body.messages[1].role)
      assert.matches('"required":["age","name"]', body.messages[1].content, 1, true)
    end)

    it("MD_JSON: in the prompt alone", function()
      local body = first_request "MD_JSON"
      assert.is_nil(body.response_format)
      assert.matches("```json", body.messages[1].content, 1, true)
    end)

    it("THINKING_MD_JSON: behind the thoughts, which stand in meta.reasoning", function()
      local body, meta = first_request "THINKING_MD_JSON"
      assert.matches("<think>", body.messages[1].content, 1, true)
      assert.equal("30 {", meta.reasoning)
    end)
  end)

  describe("takes a root of any kind", function()
    it("wrapped as an object for the provider and handed out bare", function()
      local s = server.start { server.completion { content = '{"value":["a","b"]}' },
        server.completion { content = '["c"]' } }
      local client = client_of(s)
      assert.same({ "a", "b" }, ask(client, { response_model = z.array(z.string()) }))
      assert.same({ "c" }, ask(client, { response_model = z.array(z.string()) }))
      local schema = body_of(s:requests()[1]).response_format.json_schema.schema
      assert.equal("array", schema.properties.value.type)
    end)
  end)

  describe("hands out an account", function()
    it("with usage, attempts, the raw answer and the completion", function()
      local step = answers.JSON_SCHEMA(RIGHT)
      local s = server.start { server.completion {
        content = RIGHT, model = "m-1", headers = { ["x-request-id"] = "req_1" },
        message = { reasoning_content = "hm" },
      } }
      assert.truthy(step)
      local _, meta = ask(client_of(s))
      assert.same({ 10, 5, 15 }, { meta.usage.input_tokens, meta.usage.output_tokens,
        meta.usage.total_tokens })
      assert.equal(RIGHT, meta.attempts[1].text)
      assert.equal("chatcmpl-fake", meta.completion.id)
      assert.same({ "m-1", "req_1", "hm" }, { meta.model, meta.request_id, meta.reasoning })
      assert.same({}, meta.repairs)
      assert.equal("{", meta.raw:sub(1, 1))
    end)
  end)

  describe("without a response_model", function()
    it("passes the call through and returns the raw completion", function()
      local s = server.start { server.completion { content = "hello" }, repeat_last = true }
      local client = client_of(s)
      local completion = client.chat.completions.create { model = "m", messages = "hi" }
      assert.equal("hello", completion.choices[1].message.content)
      assert.same({ model = "m", messages = { { role = "user", content = "hi" } } },
        body_of(s:requests()[1]))
    end)

    it("the plain client does the same", function()
      local s = server.start { server.completion { content = "hello" } }
      local oai = OpenAI { base_url = s.url, model = "m-default" }
      local completion = oai.chat.completions:create { messages = "hi" }
      assert.equal("hello", completion.choices[1].message.content)
      assert.equal("m-default", body_of(s:requests()[1]).model)
      assert.is_nil(s:requests()[1].headers.authorization)
    end)
  end)

  describe("takes what the clients were given", function()
    it("Instructor's max_retries, unless the call has its own", function()
      local s = server.start { answers.TOOLS(WRONG), repeat_last = true }
      local client = Instructor { client = OpenAI { base_url = s.url }, max_retries = 1 }
      client.chat.completions.create { messages = "x", response_model = User }
      assert.equal(2, #s:requests())
      client.chat.completions.create { messages = "x", response_model = User, max_retries = 0 }
      assert.equal(3, #s:requests())
    end)

    it("Instructor's nulls", function()
      local Note = z.object { by = z.string():nullable() }
      local s = server.start { server.completion { tool = { "Response", '{"by":null}' } },
        repeat_last = true }
      local keeper = Instructor { client = OpenAI { base_url = s.url }, nulls = "keep" }
      local note = keeper.chat.completions.create { messages = "x", response_model = Note }
      assert.equal(Instructor.null, note.by)
      note = client_of(s, { mode = "TOOLS" }).chat.completions.create { messages = "x",
        response_model = Note }
      assert.is_nil(note.by)
    end)

    it("the client's headers, but the call's win", function()
      local s = server.start { answers.TOOLS(RIGHT) }
      local oai = OpenAI { base_url = s.url, headers = { ["X-A"] = "client", ["X-B"] = "client" } }
      oai.chat.completions.create({ messages = "x" }, { headers = { ["x-b"] = "call" } })
      assert.same({ "client", "call" }, { s:requests()[1].headers["x-a"],
        s:requests()[1].headers["x-b"] })
    end)

    it("and leaves a wrapped client's retries to it", function()
      local asked = 0
      local foreign = { chat = { completions = { create = function()
        asked = asked + 1
        return nil, { message = "busy", retryable = true }
      end } } }
      Instructor { client = foreign }.chat.completions.create { messages = "x",
        response_model = User }
      assert.equal(1, asked)
    end)
  end)

  it("says nil for failure alone: a result that is missing is null", function()
    local s = server.start { server.completion { content = '{"value":null}' } }
    local value, meta = ask(client_of(s), { response_model = z.string():optional() })
    assert.equal(Instructor.null, value)
    assert.equal(1, #meta.attempts)
  end)

  describe("is spelled as one likes", function()
    it("with a dot, with a colon, and raising", function()
      local s = server.start { answers.JSON_SCHEMA(RIGHT), answers.JSON_SCHEMA(RIGHT),
        answers.JSON_SCHEMA(WRONG) }
      local completions = client_of(s).chat.completions
      local params = { messages = "x", response_model = User }
      assert.equal(30, completions.create(params).age)
      assert.equal(30, completions:create(params).age)
      local ok, err = pcall(completions.create_or_raise, params)
      assert.is_false(ok)
      assert.equal("validation", err.kind)
    end)

    it("and works inside assert", function()
      local s = server.start { answers.JSON_SCHEMA(RIGHT) }
      local user = assert(client_of(s).chat.completions.create { messages = "x",
        response_model = User })
      assert.equal("Jason Liu", user.name)
    end)
  end)

  describe("wraps any table with chat.completions.create", function()
    it("and keeps the rest of it reachable", function()
      local seen
      local foreign = { models = { "a" }, chat = { completions = { create = function(params)
        seen = params
        return server.completion_body { tool = { "Response", RIGHT } }
      end } } }
      local client = Instructor { client = foreign, mode = "TOOLS" }
      local user = client.chat.completions.create { messages = "x", response_model = User }
      assert.equal(30, user.age)
      assert.equal("Response", seen.tools[1]["function"].name)
      assert.equal("a", client.models[1])
    end)

    it("and hands on its errors", function()
      local foreign = { chat = { completions = { create = function() return nil, "no luck" end } } }
      local client = Instructor { client = foreign }
      local user, err = client.chat.completions.create { messages = "x", response_model = User }
      assert.is_nil(user)
      assert.matches("no luck", err.message)
    end)
  end)

  describe("runs the user's own code", function()
    local Shout = z.object {
      name = z.string():refine(function(s) return s == s:upper() end, "must be upper case"),
      age = z.number():transform(function(n) return n + 0.5 end),
    }

    it("and tells the model what a refinement said", function()
      local s = server.start {
        server.completion { content = '{"name":"Ada","age":36}' },
        server.completion { content = '{"name":"ADA","age":36}' },
      }
      local user = ask(client_of(s), { response_model = Shout })
      assert.same({ name = "ADA", age = 36.5 }, user)
      assert.matches("name: must be upper case %(got \\\"Ada\\\"%)",
        (s:requests()[2].body:gsub('\\\\', '\\')))
    end)

    it("even code that asks a model itself", function()
      local judge = server.start { server.completion { content = '{"value":true}' } }
      local s = server.start { server.completion { content = '{"name":"Ada"}' } }
      local Judged = z.object { name = z.string():refine(function()
        return ask(client_of(judge), { response_model = z.boolean() }) == true
      end) }
      assert.equal("Ada", ask(client_of(s), { response_model = Judged }).name)
    end)
  end)

  describe("rests between re-asks when told to", function()
    it("by a number, a table or a function", function()
      local function waits(backoff)
        local s = server.start { answers.TOOLS(WRONG), answers.TOOLS(WRONG),
          answers.TOOLS(RIGHT) }
        local _, meta = ask(client_of(s, { mode = "TOOLS" }), { backoff = backoff })
        return { meta.attempts[1].waited, meta.attempts[2].waited, meta.attempts[3].waited }
      end
      assert.same({ 0, 0, 0 }, waits(nil))
      assert.same({ 0, 0.01, 0.01 }, waits(0.01))
      assert.same({ 0, 0.01, 0.02 }, waits { initial = 0.01, factor = 2, max = 1, jitter = 0 })
      assert.same({ 0, 0.01, 0.02 }, waits(function(n) return n / 100 end))
      assert.same({ 0, 0, 0 }, waits(false))
    end)

    it("by the call rather than by its client, whose own ways stay as they are", function()
      local s = server.start { answers.TOOLS(WRONG), answers.TOOLS(RIGHT), answers.TOOLS(WRONG),
        answers.TOOLS(RIGHT), answers.TOOLS(WRONG), answers.TOOLS(RIGHT) }
      local asked = 0
      local client = Instructor { client = OpenAI { base_url = s.url, api_key = "sk-fake-for-specs",
        backoff = function() asked = asked + 1 return 0.02 end }, mode = "TOOLS" }
      local function waits(backoff)
        local _, meta = ask(client, { backoff = backoff })
        return meta.attempts[2].waited
      end
      assert.equal(0.01, waits(0.01))
      assert.equal(0.01, waits { initial = 0.01, factor = 1, max = 1 })
      assert.equal(0, asked)
      assert.equal(0.02, waits(nil))
      assert.equal(1, asked)
    end)
  end)

  it("never waits past its deadline", function()
    local s = server.start { server.retry_after(429, 30), repeat_last = true }
    local _, err = ask(client_of(s), { deadline = 0.5 })
    assert.equal("timeout", err.kind)
    assert.equal(1, #s:requests())
  end)
end)

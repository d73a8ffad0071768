-- Answers as they arrive, over real sockets: partial values that never lie, the whole at the end.

local Instructor = require "instructor"
local cjson = require "cjson"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"
local z = require "instructor.z"

local ask, client_of, RIGHT = streaming.ask, streaming.client, streaming.RIGHT

local wrapped = {
  MD_JSON = "Sure:\n```json\n" .. RIGHT .. "\n```\n",
  THINKING_MD_JSON = "<think>30 {</think>\n```json\n" .. RIGHT .. "\n```",
}

describe("a streamed create", function()
  after_each(function() server.stop_all() end)

  for _, mode in ipairs(streaming.modes) do
    it("in " .. mode .. " hands out one table that grows, and the whole at the end", function()
      local s = server.start { streaming.answer(wrapped[mode] or RIGHT, mode, { pause = 5 }) }
      local names, tables, last = {}, {}, nil
      local stream = client_of(s, mode).create(ask())
      for user in stream do
        tables[user] = true
        last = user
        if user.name ~= names[#names] then names[#names + 1] = user.name end
      end
      assert.equal("Jason Liu", names[#names])
      for i = 2, #names do assert.equal(names[i - 1], names[i]:sub(1, #names[i - 1])) end
      assert.equal(last, (next(tables)))
      assert.is_nil(next(tables, last))
      assert.same({ name = "Jason Liu", age = 30 }, last)
      local user, meta = stream:result()
      assert.same({ name = "Jason Liu", age = 30 }, user)
      assert.not_equal(last, user)
      assert.equal(21, meta.usage.total_tokens)
      assert.equal("m-1", meta.model)
      local body = cjson.decode(s:requests()[1].body)
      assert.is_true(body.stream)
      assert.same({ include_usage = true }, body.stream_options)
    end)
  end

  local stream_of = streaming.open

  for _, mode in ipairs(streaming.modes) do
    it("in " .. mode .. " shows every piece as it comes", function()
      local names = {}
      for user in stream_of(wrapped[mode] or RIGHT, nil, { mode = mode, size = 3 }) do
        if user.name ~= names[#names] then names[#names + 1] = user.name end
      end
      assert.is_true(#names > 2)
      assert.equal("Jason Liu", names[#names])
    end)
  end

  it("is read with next, which returns nil at the end, and nil again", function()
    local stream = stream_of(RIGHT)
    local count = 0
    while stream:next() do count = count + 1 end
    assert.is_true(count > 0)
    assert.is_nil((stream:next()))
    assert.same({ name = "Jason Liu", age = 30 }, (stream:result()))
    assert.is_nil((stream:next()))
  end)

  it("is read with each, which returns the result", function()
    local seen
    local user, meta = stream_of(RIGHT):each(function(part) seen = part end)
    assert.same({ name = "Jason Liu", age = 30 }, user)
    assert.equal(1, #meta.attempts)
    assert.not_equal(seen, user)
  end)

  it("stops where each is told so", function()
    local s = server.start { streaming.step(streaming.pieces("TOOLS", RIGHT),
      { last = server.act.stall() }) }
    local stream = client_of(s).create(ask())
    local user, err = stream:each(function() return false end)
    assert.is_nil(user)
    assert.equal("cancelled", err.kind)
    assert.equal("gone", s:await_end(1).ended)
    assert.equal(err, select(2, stream:next()))
    assert.equal(err, select(2, stream:result()))
  end)

  it("is read by result alone where the parts are of no interest", function()
    assert.same({ name = "Jason Liu", age = 30 }, (stream_of(RIGHT):result()))
  end)

  it("can be looked at in the middle, and read on", function()
    local stream = stream_of(RIGHT)
    repeat local user = stream:next() until user.name == "Jas"
    local taken = stream:snapshot()
    assert.same({ name = "Jas" }, taken)
    assert.same({ name = "Jason Liu", age = 30 }, (stream:result()))
    assert.same({ name = "Jas" }, taken)
  end)

  it("shows a number, a boolean and a word of an enum only when they are complete", function()
    local Reading = z.object { { "t", z.number() }, { "ok", z.boolean() },
      { "unit", z.enum { "c", "celsius" } }, { "lit", z.literal "yes" },
      { "none", z.number():nullable() } }
    local whole = { t = 129.95, ok = true, unit = "celsius", lit = "yes", none = Instructor.null }
    local text = '{"t":129.95,"ok":true,"unit":"celsius","lit":"yes","none":null}'
    local stream, shown = stream_of(text, { response_model = Reading, nulls = "keep" }), 0
    for part in stream do
      shown = shown + 1
      for name, value in pairs(part) do assert.equal(whole[name], value) end
    end
    assert.equal(7, shown) -- the object opens, each of the five, the object closes
  end)

  it("heeds stream_done and stream_required", function()
    local Card = z.object { { "id", z.string():stream_done():stream_required() },
      { "text", z.string() } }
    local seen, cards = streaming.read(stream_of('{"value":[{"id":"a1","text":"hi"}]}',
      { response_model = z.array(Card) }))
    for _, part in ipairs(seen) do
      assert.is_true(part[1] == nil or part[1].id == "a1")
    end
    assert.same({ { id = "a1", text = "hi" } }, cards)
  end)

  it("leaves texts out until they have ended with open_strings = false", function()
    local seen = streaming.read(stream_of(RIGHT, { open_strings = false }))
    for _, part in ipairs(seen) do assert.is_true(part.name == nil or part.name == "Jason Liu") end
    assert.is_true(#seen < 10)
    assert.same({ name = "Jason Liu", age = 30 }, seen[#seen])
  end)

  it("leaves null out, or keeps it, as the result does", function()
    local Row = z.object { { "a", z.string():nullable() }, { "b", z.number() } }
    local seen, row = streaming.read(stream_of('{"a":null,"b":1}', { response_model = Row }))
    assert.same({ b = 1 }, seen[#seen])
    assert.same({ b = 1 }, row)
    seen, row = streaming.read(stream_of('{"a":null,"b":1}',
      { response_model = Row, nulls = "keep" }))
    assert.same({ a = Instructor.null, b = 1 }, seen[#seen])
    assert.same({ a = Instructor.null, b = 1 }, row)
  end)

  it("puts defaults in and runs code once, at the end alone", function()
    local calls = 0
    local Row = z.object {
      { "word", z.string():transform(function(word)
        calls = calls + 1
        return word:upper()
      end) },
      { "n", z.number():default(7) },
    }
    local seen, row = streaming.read(stream_of('{"word":"abc"}', { response_model = Row }))
    assert.same({ word = "abc" }, seen[#seen])
    assert.same({ word = "ABC", n = 7 }, row)
    assert.equal(1, calls)
  end)

  it("is not disturbed by what is done to the table", function()
    local List = z.object { { "tags", z.array(z.string()) }, { "who", streaming.User } }
    local text = '{"tags":["red","green","blue"],"who":' .. RIGHT .. "}"
    local stream = stream_of(text, { response_model = List })
    local deeds = {
      function(part) for key in pairs(part) do part[key] = nil end end,
      function(part) part.tags = "mine" end,
      function(part) part.who = setmetatable({}, { __index = error }) end,
      function(part) if type(part.tags) == "table" then part.tags[1] = part end end,
      function(part) setmetatable(part, { __newindex = function() end }) end,
    }
    local i = 0
    for part in stream do
      i = i + 1
      deeds[i % #deeds + 1](part)
    end
    assert.same({ tags = { "red", "green", "blue" }, who = { name = "Jason Liu", age = 30 } },
      (stream:result()))
  end)

  it("can be looked at whatever was done to the table: circles, and depth without end", function()
    local stream = stream_of(RIGHT)
    local user = stream:next()
    user.self = user
    local inner = user
    for _ = 1, 300000 do
      inner.more = {}
      inner = inner.more
    end
    setmetatable(user, { __index = error, __newindex = error, __pairs = error })
    local taken = stream:snapshot()
    assert.equal(taken, taken.self)
    assert.not_equal(user, taken)
    assert.is_nil(getmetatable(taken))
    assert.same({ name = "Jason Liu", age = 30 }, (stream:result()))
  end)

  it("says where it is, what is complete and what came", function()
    local stream = stream_of('{"name":"Al","age":4}')
    local paths, completed, deltas = {}, {}, {}
    for _, meta in stream do
      assert.equal(1, meta.attempt)
      paths[table.concat(meta.path, ".")] = true
      for _, path in ipairs(meta.completed) do
        completed[#completed + 1] = table.concat(path, ".")
      end
      if meta.delta then deltas[#deltas + 1] = meta.delta end
    end
    assert.is_true(paths.name)
    assert.same({ "name", "age", "" }, completed)
    assert.equal("Al", table.concat(deltas))
  end)

  it("says where it is in a root that is no object", function()
    local paths = {}
    for _, meta in stream_of('{"value":[1,2 ]}', { response_model = z.array(z.number()) }) do
      paths[#paths + 1] = meta.path
    end
    assert.same({ {}, { 1 }, { 2 }, {} }, { paths[1], paths[2], paths[3], paths[#paths] })
  end)

  it("tells the cost as soon as the provider does", function()
    local function at(n)
      return { usage = { prompt_tokens = 9, completion_tokens = n, total_tokens = 9 + n } }
    end
    local deltas = streaming.deltas.TOOLS
    local transport = streaming.transport {
      streaming.chunk(deltas('{"name":"A', true), nil, at(1)),
      streaming.chunk(deltas 'l","age":4', nil, at(2)),
      streaming.chunk(deltas "}", "stop", at(3)), streaming.DONE }
    local costs = {}
    local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = transport }).create(ask())
    for _, meta in stream do costs[#costs + 1] = meta.usage.output_tokens end
    assert.same({ 1, 2, 3 }, costs)
    assert.equal(12, (select(2, stream:result())).usage.total_tokens)
  end)

  it("tells the cost wherever the provider says it", function()
    local deltas = streaming.deltas.TOOLS
    local usage = { prompt_tokens = 9, completion_tokens = 3, total_tokens = 12 }
    for _, extra in ipairs { { usage = usage }, { x_groq = { usage = usage } } } do
      local stream = client_of("http://127.0.0.1:1/v1", nil, { transport = streaming.transport {
        streaming.chunk(deltas(RIGHT, true), "stop", extra), streaming.DONE } }).create(ask())
      assert.equal(12, (select(2, stream:result())).usage.total_tokens)
    end
  end)

  it("says nothing of a piece once the stream has ended", function()
    local stream, last = stream_of(RIGHT), nil
    for _, meta in stream do last = meta end
    assert.is_nil(last.path)
    assert.is_nil(last.usage)
    assert.equal(1, last.attempt)
  end)

  it("hands out a root that is no object as it is", function()
    local seen, value = streaming.read(stream_of('{"value":["a","b"]}',
      { response_model = z.array(z.string()) }))
    assert.same({ "a", "b" }, value)
    assert.same({ "a", "b" }, seen[#seen])
    seen, value = streaming.read(stream_of('["a","b"]', { response_model = z.array(z.string()) }))
    assert.same({ "a", "b" }, value)
    assert.same({ "a", "b" }, seen[#seen])
    value = stream_of('{"value":"some text"}', { response_model = z.string() }):result()
    assert.equal("some text", value)
  end)

  it("raises in the loop what the methods return", function()
    local s = server.start { server.error(400, "no such model", "model_not_found") }
    local stream = client_of(s).create(ask())
    local well, raised = pcall(function()
      for _ in stream do error "there is no part" end
    end)
    assert.is_false(well)
    assert.equal("http", raised.kind)
    assert.equal(raised, select(2, stream:next()))
    assert.equal(raised, select(2, stream:result()))
    assert.equal(raised, select(2, stream:each(function() end)))
  end)

  it("raises mistakes before anything is sent", function()
    local s = server.start { streaming.answer(RIGHT) }
    local create = client_of(s).create
    for words, params in pairs {
      ["stream takes true or false"] = ask { stream = "yes" },
      ["early_stop needs stream = true"] = { model = "m", messages = "x",
        response_model = streaming.User, early_stop = true },
      ["open_strings needs stream = true"] = { model = "m", messages = "x",
        response_model = streaming.User, open_strings = true },
      ["on_invalid is for create_iterable"] = ask { on_invalid = "skip" },
      ["max_retries takes a whole number"] = ask { max_retries = -1 },
    } do
      local well, raised = pcall(create, params)
      assert.is_false(well)
      assert.truthy(tostring(raised):find(words, 1, true), tostring(raised))
    end
    local stream = create(ask())
    assert.has_error(function() stream:each(3) end)
    assert.has_error(function() stream:texts() end)
    for _, name in ipairs { "next", "each", "result", "cancel", "snapshot", "texts" } do
      local well, raised = pcall(stream[name])
      assert.is_false(well)
      assert.truthy(tostring(raised):find("call it with a colon: stream:" .. name, 1, true))
    end
    assert.equal(0, #s:requests())
  end)

  it("shows the request instead with dry_run", function()
    local request = client_of("http://127.0.0.1:1/v1").create(ask { dry_run = true })
    assert.is_true(cjson.decode(request.body).stream)
    request = client_of("http://127.0.0.1:1/v1").create_iterable(ask { dry_run = true })
    local parameters = cjson.decode(request.body).tools[1]["function"].parameters
    assert.equal("array", parameters.properties.value.type)
  end)

  it("sends nothing until it is read", function()
    local s = server.start { streaming.answer(RIGHT) }
    local stream = client_of(s).create(ask())
    assert.equal(0, #s:requests())
    stream:result()
    assert.equal(1, #s:requests())
  end)
end)

describe("the relatives of create", function()
  after_each(function() server.stop_all() end)

  it("create_partial streams without being told so", function()
    local s = server.start { streaming.answer(RIGHT) }
    local completions = client_of(s)
    local last
    for user in completions:create_partial(ask { stream = nil }) do last = user end -- luacheck: ignore
    assert.same({ name = "Jason Liu", age = 30 }, last)
  end)

  it("create_with_completion returns the raw completion beside the value", function()
    local s = server.start { server.completion { tool = { "Response", RIGHT } },
      server.error(400) }
    local completions = client_of(s)
    local params = ask()
    params.stream = nil
    local user, completion, meta = completions.create_with_completion(params)
    assert.equal(30, user.age)
    assert.equal("chatcmpl-fake", completion.id)
    assert.equal(1, #meta.attempts)
    local none, err = completions.create_with_completion(params)
    assert.is_nil(none)
    assert.equal("http", err.kind)
    assert.has_error(function() completions.create_with_completion(ask()) end)
    params.dry_run = true
    assert.equal("POST", completions.create_with_completion(params).method)
  end)

  it("create_or_raise returns a stream that can be looped over", function()
    local s = server.start { streaming.answer(RIGHT) }
    local last
    for user in client_of(s).create_or_raise(ask()) do last = user end
    assert.equal(30, last.age)
  end)
end)

-- Items of a list as they arrive: each judged and handed out as soon as it is whole.

local asking = require "spec.support.asking"
local server = require "spec.support.server"
local streaming = require "spec.support.streaming"
local z = require "instructor.z"

local User = streaming.User

--- Opens a stream of the items of `list`, a JSON text, which arrives a byte at a time (or `size`).
local function open(list, item, extra, mode, size)
  local parts = streaming.events(mode or "TOOLS", list, size or 1)
  local completions = streaming.client("http://127.0.0.1:1/v1", mode,
    { transport = streaming.transport(parts) })
  local params = streaming.ask(extra)
  params.stream = nil
  params.response_model = item or User
  return completions.create_iterable(params)
end

local function wrap(list) return '{"value":' .. list .. "}" end

--- All items of a stream.
local function collect(stream)
  local items = {}
  for item in stream do items[#items + 1] = item end
  return items
end

local TWO = '[{"name":"A","age":1},{"name":"B","age":2}]'

describe("create_iterable", function()
  after_each(function() server.stop_all() end)

  for _, mode in ipairs(streaming.modes) do
    it("in " .. mode .. " hands out each item when it is whole", function()
      local text = mode:find "MD" and "```json\n" .. wrap(TWO) .. "\n```" or wrap(TWO)
      assert.same({ { name = "A", age = 1 }, { name = "B", age = 2 } },
        collect(open(text, nil, nil, mode)))
    end)
  end

  it("takes a list that stands alone as well", function()
    assert.equal(2, #collect(open(TWO)))
  end)

  it("hands an item out while the next has not come", function()
    local parts = streaming.pieces("TOOLS", '{"value":[{"name":"A","age":1},')
    local s = server.start { streaming.step(parts, { last = server.act.stall() }) }
    local stream = streaming.client(s).create_iterable(streaming.ask())
    local user, meta = stream:next()
    assert.same({ name = "A", age = 1 }, user)
    assert.equal(1, meta.index)
    assert.equal(1, meta.attempt)
    stream:cancel()
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("is not confused by braces and quotes in texts", function()
    local Item = z.object { a = z.string() }
    local list = [=[[{"a":"}"},{"a":"{"},{"a":"\\\""},{"a":"],["}]]=]
    for _, mode in ipairs(streaming.modes) do
      assert.same({ { a = "}" }, { a = "{" }, { a = '\\"' }, { a = "],[" } },
        collect(open(wrap(list), Item, nil, mode)))
    end
  end)

  it("takes scalars, unions, lists and nested objects as items", function()
    assert.same({ 1, 2.5, 3 }, collect(open(wrap "[1,2.5,3]", z.number())))
    assert.same({ "a", "b" }, collect(open(wrap '["a","b"]', z.string())))
    assert.same({ true, false, true }, collect(open(wrap "[true,false,true]", z.boolean())))
    assert.same({ "x", 1 }, collect(open(wrap '["x",1]', z.union { z.string(), z.number() })))
    assert.same({ { 1 }, { 2, 3 } }, collect(open(wrap "[[1],[2,3]]", z.array(z.number()))))
    local Team = z.object { { "lead", User }, { "all", z.array(User) } }
    local text = '[{"lead":{"name":"A","age":1},"all":[{"name":"B","age":2}]}]'
    assert.same({ { lead = { name = "A", age = 1 }, all = { { name = "B", age = 2 } } } },
      collect(open(wrap(text), Team)))
    local Shape = z.discriminated_union("kind", {
      z.object { { "kind", z.literal "dot" } },
      z.object { { "kind", z.literal "disc" }, { "r", z.number() } } })
    assert.same({ { kind = "dot" }, { kind = "disc", r = 2 } },
      collect(open(wrap '[{"kind":"dot"},{"kind":"disc","r":2}]', Shape)))
  end)

  it("runs code and puts in defaults item by item", function()
    local Item = z.object { { "n", z.number():transform(function(n) return n * 10 end) },
      { "unit", z.string():default "kg" } }
    assert.same({ { n = 10, unit = "kg" }, { n = 20, unit = "g" } },
      collect(open(wrap '[{"n":1},{"n":2,"unit":"g"}]', Item)))
  end)

  it("returns all items at the end, with the account", function()
    local stream = open(wrap(TWO))
    local users, meta = stream:result()
    assert.equal(2, #users)
    assert.equal(21, meta.usage.total_tokens)
    assert.same({}, meta.skipped)
    assert.is_nil((stream:next()))
  end)

  it("of an empty list hands out nothing and returns an empty list", function()
    local stream = open(wrap "[]")
    assert.is_nil((stream:next()))
    local users, meta = stream:result()
    assert.same({}, users)
    assert.equal(1, #meta.attempts)
  end)

  local BAD = wrap '[{"name":"A","age":1},{"name":"B","age":"two"},{"name":"C","age":3}]'

  it("ends at an item that does not fit, and says which and why", function()
    local stream = open(BAD)
    assert.equal("A", stream:next().name)
    local none, err = stream:next()
    assert.is_nil(none)
    assert.equal("validation", err.kind)
    assert.equal(2, err.index)
    assert.truthy(err.message:find("item 2", 1, true))
    assert.same({ "age" }, err.issues[1].path)
    assert.is_nil(asking.flaw(err))
    assert.equal(err, select(2, stream:result()))
    local well, raised = pcall(collect, open(BAD))
    assert.is_false(well)
    assert.equal("validation", raised.kind)
  end)

  it("hands out nothing behind such an item, nor behind cancel, that had come already", function()
    local stream = open(BAD, nil, nil, nil, 1000)
    assert.equal("A", stream:next().name)
    local _, err = stream:next()
    assert.equal(2, err.index)
    assert.same({ nil, err }, { stream:next() })
    assert.same({ nil, err }, { stream:result() })
    stream = open(wrap(TWO), nil, nil, nil, 1000)
    stream:next()
    stream:cancel()
    local none, told = stream:next()
    assert.is_nil(none)
    assert.equal("cancelled", told.kind)
  end)

  it("leaves such an item out with on_invalid = 'skip', and keeps it in meta", function()
    local stream = open(BAD, nil, { on_invalid = "skip" })
    local names, seen = {}, nil
    for user, meta in stream do
      names[#names + 1] = user.name .. meta.index
      seen = #meta.skipped
    end
    assert.same({ "A1", "C3" }, names)
    assert.equal(1, seen)
    local users, meta = stream:result()
    assert.equal(2, #users)
    assert.equal(1, #meta.skipped)
    assert.equal(2, meta.skipped[1].index)
    assert.same({ name = "B", age = "two" }, meta.skipped[1].value)
    assert.equal("validation", meta.skipped[1].error.kind)
  end)

  it("asks a function what becomes of it", function()
    local stream = open(BAD, nil, { on_invalid = function(err, value, index)
      assert.equal("validation", err.kind)
      assert.equal(2, index)
      return { name = value.name, age = 0 }
    end })
    local users, meta = stream:result()
    assert.same({ name = "B", age = 0 }, users[2])
    assert.same({}, meta.skipped)
    users, meta = open(BAD, nil, { on_invalid = function() return nil end }):result()
    assert.equal(2, #users)
    assert.equal(1, #meta.skipped)
    users = open(BAD, nil, { on_invalid = function() return nil, "of no interest" end }):result()
    assert.equal(2, #users)
    assert.has_error(function()
      open(BAD, nil, { on_invalid = function() error "no" end }):result()
    end)
  end)

  it("asks again for an answer that is no list, and is not content with it", function()
    for _, text in ipairs { '{"value":5}', "5", "null", "{}", '"abc"', '{"name":"A","age":1}',
      '{"value":{"name":"A","age":1}}', '{"value":null}' } do
      local _, err = open(text, nil, { on_invalid = "skip" }):result()
      assert.equal("validation", err.kind, text)
      assert.truthy(err.message:find("expected array", 1, true))
    end
    local s = server.start { streaming.answer '{"value":"none"}', streaming.answer(wrap(TWO)) }
    local stream = streaming.client(s).create_iterable(streaming.ask { max_retries = 1 })
    assert.equal(2, #collect(stream))
  end)

  it("takes one item for a list of one with repair = 'coerce', and runs its code once", function()
    local runs = 0
    local Item = z.object { { "n", z.number():transform(function(n)
      runs = runs + 1
      return n * 10
    end) } }
    local items, meta = open('{"n":1}', Item, { repair = "coerce" }):result()
    assert.same({ { n = 10 } }, items)
    assert.equal("list_of_one", meta.repairs[1].what)
    assert.equal(1, runs)
  end)

  it("repairs an item as it does an answer, and lists the edits beside it", function()
    local list = '[{"name":"A","age":"1"},{"name":"B","age":2},"{\\"name\\":\\"C\\",\\"age\\":3}"]'
    local seen = {}
    for user, meta in open(wrap(list), nil, { repair = "coerce" }) do
      seen[#seen + 1] = { user.name, user.age, meta.repairs[1] and meta.repairs[1].what,
        meta.repairs[1] and meta.repairs[1].path[1] }
    end
    assert.same({ { "A", 1, "number_from_string", "age" }, { "B", 2 }, { "C", 3, "nested_json" } },
      seen)
    for repair, count in pairs { [true] = 2, [false] = 1 } do
      local users = open(wrap(list), nil, { repair = repair, on_invalid = "skip" }):result()
      assert.equal(count, #users)
    end
  end)

  it("runs the code of an item that is repaired once", function()
    local runs = 0
    local Item = z.object { { "n", z.number():refine(function()
      runs = runs + 1
      return true
    end) }, { "tags", z.array(z.string()) } }
    local items = open(wrap '[{"n":"7","tags":[]}]', Item, { repair = "coerce" }):result()
    assert.same({ { n = 7, tags = {} } }, items)
    assert.equal(1, runs)
  end)

  it("takes a snapshot of the items so far", function()
    local stream = open(wrap(TWO))
    local first = stream:next()
    local taken = stream:snapshot()
    assert.same({ { name = "A", age = 1 } }, taken)
    assert.not_equal(first, taken[1])
    assert.equal(2, #(stream:result()))
    assert.equal(1, #taken)
  end)

  it("tells the cost so far beside an item", function()
    local chunk, deltas = streaming.chunk, streaming.deltas.TOOLS
    local usage = { usage = { prompt_tokens = 9, completion_tokens = 4, total_tokens = 13 } }
    local transport = streaming.transport {
      chunk(deltas('{"value":[{"name":"A","age":1},', true), nil, usage) }
    local stream = streaming.client("http://127.0.0.1:1/v1", nil, { transport = transport })
      .create_iterable(streaming.ask())
    local _, meta = stream:next()
    assert.equal(13, meta.usage.total_tokens)
    stream:cancel()
  end)

  it("is not asked again once an item was handed out", function()
    local parts = streaming.pieces("TOOLS", '{"value":[{"name":"A","age":1},')
    local s = server.start { streaming.step(parts), streaming.answer(wrap(TWO)) }
    local stream = streaming.client(s).create_iterable(streaming.ask { max_retries = 2 })
    assert.equal("A", stream:next().name)
    local none, err = stream:next()
    assert.is_nil(none)
    assert.equal("incomplete", err.kind)
    assert.equal(1, #s:requests())
  end)

  it("hands no item out twice where the list comes again", function()
    local items = collect(open('{"value":[1,2],"value":[3,4,5]}', z.number()))
    assert.same({ 1, 2, 5 }, items)
  end)

  it("is not asked anew either, whatever the rest of the answer is", function()
    local text = '{"value":[{"name":"A","age":1},{"na'
    local s = server.start { streaming.answer(text), streaming.answer(wrap(TWO)) }
    local stream = streaming.client(s).create_iterable(streaming.ask { max_retries = 2 })
    assert.equal("A", stream:next().name)
    local none, err = stream:next()
    assert.is_nil(none)
    assert.equal("json", err.kind)
    assert.equal(1, #s:requests())
  end)

  it("is asked again as long as none was", function()
    local s = server.start { streaming.step(streaming.pieces("TOOLS", '{"value":[{"na')),
      streaming.answer(wrap(TWO)) }
    local stream = streaming.client(s).create_iterable(streaming.ask { max_retries = 2 })
    assert.equal(2, #collect(stream))
    assert.equal(2, #s:requests())
  end)

  it("says what is missing and what is not understood", function()
    local create = streaming.client("http://127.0.0.1:1/v1").create_iterable
    for words, params in pairs {
      ["response_model"] = { messages = "x" },
      ["on_invalid"] = { messages = "x", response_model = User, on_invalid = "drop" },
      ["early_stop is not for create_iterable"] = { messages = "x", response_model = User,
        early_stop = true },
      ["open_strings is not for create_iterable"] = { messages = "x", response_model = User,
        open_strings = false },
    } do
      local well, raised = pcall(create, params)
      assert.is_false(well)
      assert.truthy(tostring(raised):find(words, 1, true))
    end
  end)
end)

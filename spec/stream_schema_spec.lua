-- A schema and a text that comes in pieces: what may be seen of a value before it is complete.

local instructor = require "instructor"
local streaming = require "spec.support.streaming"
local z = require "instructor.z"

--- Feeds `text` a byte at a time; returns what was seen, each once, and the end.
local function read(schema, text, options)
  local stream = schema:stream(options)
  local seen, last = {}, nil
  for i = 1, #text do
    stream:feed(text:sub(i, i))
    local now = stream:snapshot()
    if now ~= nil and not pcall(assert.same, last, now) then
      seen[#seen + 1] = now
      last = now
    end
  end
  return seen, stream:finish()
end

describe("schema:stream", function()
  local User = streaming.User

  it("shows one table that grows, and returns another at the end", function()
    local stream = User:stream()
    local first = stream:feed '{"name":"Ja'
    assert.same({ name = "Ja" }, first)
    local again, meta = stream:feed 'son","age":3'
    assert.equal(first, again)
    assert.same({ name = "Jason" }, again)
    assert.same({ { "name" } }, meta.completed)
    stream:feed "0}"
    local user = stream:finish()
    assert.same({ name = "Jason", age = 30 }, user)
    assert.not_equal(first, user)
  end)

  it("takes pieces of any size with the same end", function()
    local text = '{"name":"J\\u00e4son \\ud83d\\ude00 äö","age":1e2}'
    for size = 1, #text do
      local stream = User:stream()
      for i = 1, #text, size do stream:feed(text:sub(i, i + size - 1)) end
      assert.same({ name = "Jäson 😀 äö", age = 100 }, (stream:finish()))
    end
  end)

  it("never shows half a character or half an escape", function()
    for _, part in ipairs((read(User, '{"name":"ä\\n\\u00e4😀"}'))) do
      local name = part.name or ""
      assert.is_true(("ä\nä😀"):sub(1, #name) == name)
      assert.is_nil(name:match "[\192-\255]$")
    end
  end)

  it("tells of the last piece until the next, snapshots or not", function()
    local stream = User:stream()
    local _, meta = stream:feed '{"age":3,"name":"Ja'
    for _ = 1, 2 do
      assert.equal("Ja", meta.delta)
      assert.same({ { "age" } }, meta.completed)
      assert.same({ "name" }, meta.path)
      assert.same({ age = 3, name = "Ja" }, stream:snapshot())
    end
    stream:feed 'son"'
    assert.equal("son", meta.delta)
    assert.same({ { "name" } }, meta.completed)
  end)

  it("shows nothing before the first piece, and all after the end", function()
    local stream = User:stream()
    assert.is_nil(stream:snapshot())
    assert.is_nil((stream:feed ""))
    stream:feed(streaming.RIGHT)
    local user = stream:finish()
    assert.same(user, stream:snapshot())
    assert.same(user, (stream:finish()))
    local none, err = stream:feed "{}"
    assert.is_nil(none)
    assert.equal("json", err.kind)
    none, err = User:stream():finish()
    assert.is_nil(none)
    assert.equal("json", err.kind)
  end)

  it("says where the text is broken, and keeps what was shown", function()
    local stream = User:stream()
    stream:feed '{"name":"Jason",'
    local none, err = stream:feed "oops"
    assert.is_nil(none)
    assert.equal("json", err.kind)
    assert.same({ name = "Jason" }, stream:snapshot())
    local user, at_end = stream:finish()
    assert.is_nil(user)
    assert.equal("json", at_end.kind)
  end)

  it("judges at the end", function()
    local _, user, err = read(User, '{"name":"Jason"}')
    assert.is_nil(user)
    assert.equal("validation", err.kind)
    assert.same({ "age" }, err.issues[1].path)
    _, user, err = read(User, '{"name":"Ja')
    assert.is_nil(user)
    assert.equal("json", err.kind)
  end)

  it("knows its options", function()
    assert.same({ {}, { name = "Al" }, { name = "Al", age = 1 } },
      (read(User, '{"name":"Al","age":1}', { open_strings = false })))
    assert.has_error(function() User:stream { open_string = false } end)
    assert.has_error(function() User:stream { nulls = "drop" } end)
    assert.has_error(function() User:stream():feed(3) end)
    assert.has_error(function() User:stream().feed "{}" end)
    assert.has_error(function() User.stream() end)
  end)

  it("keeps null or leaves it out", function()
    local Row = z.object { a = z.string():nullable() }
    local seen, row = read(Row, '{"a":null}')
    assert.same({ a = instructor.null }, seen[#seen])
    assert.same({ a = instructor.null }, row)
    seen, row = read(Row, '{"a":null}', { nulls = "absent" })
    assert.same({}, seen[#seen])
    assert.same({}, row)
  end)

  it("shows scalars at the root only when they are complete, and texts as they grow", function()
    assert.same({ 129.95 }, (read(z.number(), "129.95 ")))
    assert.same({ true }, (read(z.boolean(), "true")))
    assert.same({ "", "a", "ab" }, (read(z.string(), '"ab"')))
    assert.same({ {}, { 1 }, { 1, 22 } }, (read(z.array(z.number()), "[1,22]")))
  end)
end)

describe("while it streams", function()
  it("a number that this Lua would round is not shown, and is an error at the end", function()
    local seen, value, err = read(z.object { { "n", z.number() }, { "ok", z.boolean() } },
      '{"n":9007199254740993,"ok":true}')
    if math.type then -- luacheck: ignore 143
      assert.equal("9007199254740993", tostring(value.n))
      assert.same(value, seen[#seen])
    else
      assert.same({ {}, { ok = true } }, seen)
      assert.equal("limit", err.kind)
    end
  end)

  it("a number is seen only when it is whole", function()
    local seen = read(z.object { n = z.number() }, '{"n":129.95}')
    assert.same({ {}, { n = 129.95 } }, seen)
  end)

  it("an enum and a literal are seen only when they are whole", function()
    local S = z.object { { "e", z.enum { "on", "only" } }, { "l", z.literal "yes" },
      { "u", z.union { z.literal "a", z.literal "ab" } }, { "o", z.enum { "x" }:optional() } }
    assert.same({ {}, { e = "only" }, { e = "only", l = "yes" },
      { e = "only", l = "yes", u = "ab" }, { e = "only", l = "yes", u = "ab", o = "x" } },
      (read(S, '{"e":"only","l":"yes","u":"ab","o":"x"}')))
  end)

  it("a text with checks, formats or code grows as any other", function()
    local S = z.object { { "t", z.string():min(3):transform(function(s) return s:upper() end) } }
    local seen, value = read(S, '{"t":"abc"}')
    assert.same({ {}, { t = "" }, { t = "a" }, { t = "ab" }, { t = "abc" } }, seen)
    assert.same({ t = "ABC" }, value)
  end)

  it("tuples, records and lists of lists grow item by item", function()
    local S = z.object { { "t", z.tuple { z.string(), z.number() } },
      { "r", z.record(z.string(), z.number()) }, { "l", z.array(z.array(z.boolean())) } }
    local seen, value = read(S, '{"t":["a",2],"r":{"x":1,"y":2},"l":[[true],[false]]}')
    assert.same({ t = { "a", 2 }, r = { x = 1, y = 2 }, l = { { true }, { false } } }, value)
    assert.same(value, seen[#seen])
    local shown = {}
    for _, part in ipairs(seen) do
      if part.r then shown[part.r.x or 0] = true end
    end
    assert.same({ [0] = true, [1] = true }, shown)
  end)

  it("recursive values grow at every depth", function()
    local Node
    Node = z.object { { "v", z.number() }, { "kids", z.array(z.lazy(function() return Node end)) } }
    local seen, value = read(Node, '{"v":1,"kids":[{"v":2,"kids":[]},{"v":3,"kids":[]}]}')
    assert.same(value, seen[#seen])
    local one = 0
    for _, part in ipairs(seen) do
      if part.kids and #part.kids == 1 then one = one + 1 end
    end
    assert.is_true(one > 1)
  end)

  it("a union shows what is common ground, and the end decides", function()
    local S = z.object { u = z.union { z.object { a = z.string() }, z.number(), z.string() } }
    local seen, value = read(S, '{"u":{"a":"xy"}}')
    assert.same({ u = { a = "xy" } }, value)
    assert.same(value, seen[#seen])
    seen, value = read(S, '{"u":"xy"}')
    assert.same({ u = "xy" }, value)
    assert.same(value, seen[#seen])
    seen, value = read(S, '{"u":12}')
    assert.same({ u = 12 }, value)
    assert.same({ {}, { u = 12 } }, seen)
  end)

  it("a key that comes twice ends as the last, in the same table", function()
    local seen, value = read(z.object { a = z.number() }, '{"a":1,"a":2}')
    assert.same({ a = 2 }, value)
    assert.same({ a = 2 }, seen[#seen])
  end)

  it("a key that comes again begins the same table anew", function()
    local stream = z.object { { "a", z.union { z.number(), z.enum { "red" } } },
      { "b", z.boolean() } }:stream()
    local first = stream:feed '{"a":1,"b":true,'
    assert.same({ a = 1, b = true }, first)
    local again = stream:feed '"a":"re'
    assert.equal(first, again)
    assert.same({}, again)
    assert.same({ a = "red", b = true }, (stream:feed 'd"}'))
  end)

  it("keys that come again and again are shown so often and no more; the end is right", function()
    local members = {}
    for i = 1, 40 do members[i] = '"a":' .. i end
    local seen, value = read(z.object { a = z.number() }, "{" .. table.concat(members, ",") .. "}")
    assert.same({ a = 40 }, value)
    assert.same({ a = 17 }, seen[#seen])
  end)
end)

describe("stream_done", function()
  it("shows a text only when it is complete", function()
    local S = z.object { { "id", z.string():stream_done() }, { "text", z.string() } }
    assert.same({ {}, { id = "ab" }, { id = "ab", text = "" }, { id = "ab", text = "c" } },
      (read(S, '{"id":"ab","text":"c"}')))
  end)

  it("shows an object or a list only when all of it is complete", function()
    local S = z.object { { "who", streaming.User:stream_done() },
      { "list", z.array(z.number()):stream_done() } }
    assert.same({ {}, { who = { name = "A", age = 1 } },
      { who = { name = "A", age = 1 }, list = { 1, 2 } } },
      (read(S, '{"who":{"name":"A","age":1},"list":[1,2]}')))
  end)

  it("leaves an item out of its list until it is complete", function()
    local S = z.array(streaming.User:stream_done())
    assert.same({ {}, { { name = "A", age = 1 } },
      { { name = "A", age = 1 }, { name = "B", age = 2 } } },
      (read(S, '[{"name":"A","age":1},{"name":"B","age":2}]')))
  end)

  it("at the root shows nothing before the end", function()
    assert.same({ { name = "A", age = 1 } },
      (read(streaming.User:stream_done(), '{"name":"A","age":1}')))
  end)

  it("holds through wrappers, and inside a union whose option is certain", function()
    for _, inner in ipairs {
      z.string():stream_done():optional(), z.string():optional():stream_done(),
      z.string():stream_done():nullable(), z.string():stream_done():default "x",
      z.string():stream_done():describe "a word", z.string():stream_done():min(1),
      z.string():nullish():stream_done(), z.lazy(function() return z.string():stream_done() end),
    } do
      assert.same({ {}, { t = "ab" } }, (read(z.object { t = inner }, '{"t":"ab"}')))
    end
    local Shape = z.union { z.object { { "t", z.string():stream_done() } }, z.number() }
    assert.same({ {}, { t = "ab" } }, (read(Shape, '{"t":"ab"}')))
  end)

  it("changes nothing of the value at the end, nor of what is asked for", function()
    local S = streaming.User:stream_done()
    assert.same({ name = "A", age = 1 }, S:parse { name = "A", age = 1 })
    local function asked(model)
      return streaming.client("http://127.0.0.1:1/v1").create(streaming.ask { dry_run = true,
        response_model = model }).body
    end
    assert.equal(asked(streaming.User), asked(S))
  end)
end)

describe("stream_required", function()
  local function card(name)
    return z.object { { "title", z.string() }, { "price", name } }
  end

  it("withholds the object until the field is there", function()
    local S = z.object { { "n", z.number() }, { "card", card(z.number():stream_required()) } }
    assert.same({ {}, { n = 1 }, { n = 1, card = { title = "ab", price = 5 } } },
      (read(S, '{"n":1,"card":{"title":"ab","price":5}}')))
  end)

  it("lets a text in as soon as it has begun, or with stream_done when it has ended", function()
    local S = z.array(z.object { { "a", z.number() }, { "t", z.string():stream_required() } })
    assert.same({ {}, { { a = 1, t = "" } }, { { a = 1, t = "x" } } },
      (read(S, '[{"a":1,"t":"x"}]')))
    S = z.array(z.object { { "a", z.number() },
      { "t", z.string():stream_done():stream_required() } })
    assert.same({ {}, { { a = 1, t = "xy" } } }, (read(S, '[{"a":1,"t":"xy"}]')))
  end)

  it("waits for what the field itself waits for", function()
    local S = z.array(z.object { { "c", card(z.number():stream_required()):stream_required() } })
    assert.same({ {}, { { c = { title = "ab", price = 5 } } } },
      (read(S, '[{"c":{"title":"ab","price":5}}]')))
    S = z.array(z.object { { "c", card(z.number()):stream_done():stream_required() } })
    assert.same({ {}, { { c = { title = "ab", price = 5 } } } },
      (read(S, '[{"c":{"title":"ab","price":5}}]')))
    S = z.array(z.object { { "t", z.string():stream_required() } })
    assert.same({ {}, { { t = "ab" } } }, (read(S, '[{"t":"ab"}]', { open_strings = false })))
  end)

  it("at the root shows nothing before", function()
    local S = card(z.number():stream_required())
    assert.same({ { title = "ab", price = 5 } }, (read(S, '{"title":"ab","price":5}')))
  end)

  it("holds through wrappers of the field and of the object", function()
    for _, price in ipairs { z.number():stream_required():optional(),
      z.number():optional():stream_required(), z.number():nullable():stream_required() } do
      local S = z.object { { "card", card(price):optional() } }
      assert.same({ {}, { card = { title = "ab", price = 5 } } },
        (read(S, '{"card":{"title":"ab","price":5}}')))
    end
  end)

  it("does not count null as there, and says nothing of the end", function()
    local S = z.object { { "card", z.object { { "price", z.number():nullable():stream_required() },
      { "title", z.string() } } } }
    local seen, value = read(S, '{"card":{"price":null,"title":"ab"}}')
    assert.same({ card = { title = "ab", price = instructor.null } }, value)
    assert.same({ {}, value }, seen)
    local Loose = z.object { { "card", card(z.number():optional():stream_required()) } }
    seen, value = read(Loose, '{"card":{"title":"ab"}}')
    assert.same({ card = { title = "ab" } }, value)
    for i = 1, #seen - 1 do assert.is_nil(seen[i].card) end
  end)
end)

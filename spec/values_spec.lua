-- Values on their way from Lua to JSON and back.

local cjson = require "cjson"
local core = require "instructor.core"
local asking = require "spec.support.asking"
local instructor = require "instructor"
local process = require "spec.support.process"
local z = require "instructor.z"

local null, array, object = instructor.null, instructor.array, instructor.object
local exact = math.type ~= nil -- are integers numbers of their own here?

--- The JSON of a value as a request holds it.
local function json(value) return core.encode(value) end

--- The complaint about a value that JSON cannot hold.
local function complaint(value)
  local ok, message = pcall(core.encode, value)
  assert.is_false(ok)
  return message
end

--- A list within a list within… `depth` lists in all.
local function nested(depth)
  local value = {}
  for _ = 2, depth do value = { value } end
  return value
end

--- Every table in `value`, with its keys and values as they are now.
local function picture(value, seen)
  seen = seen or {}
  if type(value) ~= "table" or seen[value] then return seen end
  local shot = { metatable = getmetatable(value), content = {} }
  seen[value] = shot
  for k, v in next, value do
    shot.content[k] = v
    picture(v, seen)
  end
  return seen
end

local function same_picture(before, after)
  for tbl, shot in pairs(before) do
    assert.equal(shot.metatable, after[tbl].metatable)
    for k, v in pairs(shot.content) do assert.equal(v, after[tbl].content[k]) end
    for k in pairs(after[tbl].content) do assert.is_not_nil(shot.content[k]) end
  end
end

describe("null", function()
  it("is cjson's, both ways", function()
    assert.equal(cjson.null, null)
    assert.equal('{"a":null}', json { a = cjson.null })
    assert.equal(cjson.null, core.decode('{"a":null}').a)
    assert.equal(cjson.null, z.any():parse_json "null")
  end)
end)

describe("the keys of a plain table", function()
  it("are written sorted by their bytes", function()
    assert.equal('{"":0,"A":1,"a":2,"aa":3,"b":4,"ë":5}',
      json { ["ë"] = 5, b = 4, aa = 3, a = 2, A = 1, [""] = 0 })
  end)

  it("give equal bytes however the table came to be", function()
    local one, other = {}, {}
    for i = 1, 200 do one["key" .. i] = i end
    for i = 200, 1, -1 do
      other["gone" .. i] = i
      other["key" .. i] = i
    end
    for i = 1, 200 do other["gone" .. i] = nil end
    assert.equal(json(one), json(other))
  end)
end)

describe("an empty table", function()
  it("is an object, but a list where a request holds one", function()
    assert.equal('{"messages":[],"metadata":{},"stop":[],"tools":[]}',
      json { messages = {}, metadata = {}, stop = {}, tools = {} })
    assert.equal('{"messages":[{"annotations":[],"content":[],"other":{},"tool_calls":[]}]}',
      json { messages = { { content = {}, tool_calls = {}, annotations = {}, other = {} } } })
    assert.equal("{}", json {})
  end)

  it("is what it is marked as, wherever it stands", function()
    assert.equal('{"a":[],"b":[1],"c":{"x":2},"messages":{}}',
      json { a = array {}, b = array { 1 }, c = object { x = 2 }, messages = object {} })
    assert.equal("[]", json(array()))
    assert.equal("{}", json(object()))
  end)

  it("carries cjson's own marks where cjson has them", function()
    for _, name in ipairs { "empty_array_mt", "array_mt" } do
      if cjson[name] then assert.equal('{"a":[]}', json { a = setmetatable({}, cjson[name]) }) end
    end
    if cjson.empty_array then assert.equal('{"a":[]}', json { a = cjson.empty_array }) end
  end)

  it("carries cjson's own marks, whenever cjson was loaded and under whatever name", function()
    local standing_in = [[
      local made = { array_mt = {}, empty_array_mt = {}, empty_array = io.stdout }
      package.preload["cjson"] = function() return made end
      package.preload["cjson.safe"] = package.preload["cjson"]
    ]]
    local marked = [[
      local core, z = require "instructor.core", require "instructor.z"
      local function mark(name) return setmetatable({}, made[name]) end
      local Kept = z.any():meta { examples = mark "array_mt" }
      print(core.encode { a = mark "array_mt", b = mark "empty_array_mt", c = made.empty_array },
        core.encode { a = setmetatable({}, {}) }, core.encode(Kept:meta()),
        z.object({}):safe_parse(mark "empty_array_mt").success)
    ]]
    local orders = {
      'require "cjson"', 'require "instructor"; require "cjson"', 'require "cjson.safe"',
      'require("instructor.core").encode(setmetatable({}, {})); require "cjson.safe"',
      'require("instructor.core").encode(setmetatable({}, {})); require "cjson"',
    }
    for _, order in ipairs(orders) do
      local script = asking.script(standing_in .. order .. "\n" .. marked)
      local result = process.run { asking.interpreter(), script }
      assert.equal("", result.stderr)
      assert.equal('{"a":[],"b":[],"c":[]}\t{"a":{}}\t{"examples":[]}\tfalse\n', result.stdout,
        order)
    end
  end)

  it("is told by its metatable without our loading cjson", function()
    local script = asking.script [[
      package.preload.cjson = function() return { array_mt = {} } end
      local core = require "instructor.core"
      require "instructor"
      print(core.encode { setmetatable({}, {}) }, package.loaded.cjson)
    ]]
    local result = process.run { asking.interpreter(), script }
    assert.equal("", result.stderr)
    assert.equal("[{}]\tnil\n", result.stdout)
  end)

  it("is a list or an object by its schema, unless it is marked otherwise", function()
    assert.same({}, z.array(z.any()):parse {})
    assert.same({}, z.object({}):parse {})
    assert.is_true(z.array(z.any()):safe_parse(array()).success)
    assert.is_false(z.object({}):safe_parse(array()).success)
    assert.is_false(z.array(z.any()):safe_parse(object()).success)
  end)
end)

describe("a mark", function()
  it("that does not fit its table is refused", function()
    assert.equal("a is marked as a list but has named keys", complaint { a = array { x = 1 } })
    assert.equal("a is marked as an object but has items", complaint { a = object { 1 } })
  end)

  it("goes on tables alone", function()
    local _, message = pcall(function() array "x" end)
    assert.matches("values_spec%.lua:%d+: instructor%.array takes a table, not a string", message)
    _, message = pcall(function() object(5) end)
    assert.matches("values_spec%.lua:%d+: instructor%.object takes a table, not a number", message)
  end)

  it("does not come back in a result", function()
    local result = z.object({ a = z.array(z.any()) }):parse { a = array { array {} } }
    assert.is_nil(getmetatable(result.a))
    assert.is_nil(getmetatable(result.a[1]))
  end)
end)

describe("what JSON cannot hold", function()
  it("is refused by its place", function()
    assert.equal("the value is a function, which JSON cannot hold", complaint(print))
    assert.equal("a.b[2].c is a thread, which JSON cannot hold",
      complaint { a = { b = { 1, { c = coroutine.create(function() end) } } } })
    assert.equal('["two words"][1] is a userdata, which JSON cannot hold',
      complaint { ["two words"] = { io.stdout } })
    assert.equal('[1]["1st"] is not a finite number', complaint { { ["1st"] = 1 / 0 } })
    assert.equal("x is not a finite number", complaint { x = 0 / 0 })
  end)

  it("is refused when its keys are neither names nor 1, 2, 3…", function()
    for message, value in pairs {
      ["a is a list with holes (nil between its items)"] = { a = { [1] = 1, [3] = 3 } },
      ["a has both items and named keys"] = { a = { 1, x = 2 } },
      ["a has a number as a key that is no index (1, 2, 3…)"] = { a = { [0] = 1 } },
      ["b has a number as a key that is no index (1, 2, 3…)"] = { b = { [1.5] = 1 } },
      ["a has a boolean as a key"] = { a = { [true] = 1 } },
      ["a has a table as a key"] = { a = { x = 1, [{}] = 1 } },
    } do
      assert.equal(message, complaint(value))
    end
  end)

  it("is refused when it is no UTF-8: the provider would refuse it", function()
    assert.equal("a is not UTF-8 (byte 4)", complaint { a = "caf\233" })
    assert.equal("a has a key that is not UTF-8", complaint { a = { ["\255"] = 1 } })
    local texts = {
      "\128", "\192\175", "\193\191", "\224\159\191", "\237\160\128", "\237\191\191",
      "\240\143\191\191", "\244\144\128\128", "\245\128\128\128", "\226\130", "\240\159\153",
      "\254",
    }
    for _, text in ipairs(texts) do
      assert.equal("the value is not UTF-8 (byte 1)", complaint(text))
      assert.equal("the value is not UTF-8 (byte 3)", complaint("ok" .. text .. "ok"))
    end
  end)

  it("is all other text: every character of Unicode passes, U+0000 included", function()
    for _, text in ipairs {
      "", "\0", "\127", "\194\128", "\223\191", "\224\160\128", "\237\159\191", "\238\128\128",
      "\239\191\191", "\240\144\128\128", "\244\143\191\191", 'quotes " and \\ and \n',
    } do
      assert.equal(text, core.decode(json { text })[1])
      assert.equal(text, cjson.decode(json { text })[1])
      assert.equal(text, z.string():parse(text))
    end
  end)

  it("is refused when it is too deep, or contains itself", function()
    assert.equal(("["):rep(128) .. ("]"):rep(128), json(array(nested(128))):gsub("{}", "[]"))
    assert.equal(("[1]"):rep(12) .. "… is nested too deeply (or contains itself)",
      complaint(nested(129)))
    local circle = { {} }
    circle[1].up = circle
    assert.matches("^%[1%]%.up%[1%]%.up.*… is nested too deeply", complaint(circle))
    assert.equal(128, select(2, z.any():to_json(nested(128)):gsub("[%[{]", "")))
    local _, err = z.any():try(nested(129))
    assert.equal("limit", err.kind)
  end)

  it("may stand in two places, which is no circle", function()
    local shared = { 1 }
    assert.equal('{"a":[1],"b":[[1],[1]]}', json { a = shared, b = { shared, shared } })
  end)
end)

describe("a number", function()
  it("is written in the fewest digits that give it back", function()
    assert.equal("[0.1,0.3333333333333333,5e-324,1.7976931348623157e+308,-2.5]",
      json { 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -2.5 })
    for _, n in ipairs { 0.1, 1 / 3, 2 ^ -1074, 2 ^ 1023, 123456.789, -1e-7, 4.35, 1e21 } do
      assert.equal(n, core.decode(json { n })[1])
      assert.equal(n, tonumber((json(n))))
    end
  end)

  it("stays an integer to the last digit", function()
    if not exact then return end
    for _, n in ipairs { math.maxinteger, math.mininteger, tonumber "9007199254740993", 0 } do
      local back = core.decode(json { n })[1]
      assert.equal(n, back)
      assert.equal("integer", math.type(back))
      assert.equal(("%d"):format(n), json(n))
    end
    assert.equal("float", math.type(core.decode "[9223372036854775808]"[1]))
    assert.equal("1.0", json(1.0))
  end)

  it("is whole up to 2^53 where Lua has no integers", function()
    if exact then return end
    assert.equal("[9007199254740992,-9007199254740992,1]", json { 2 ^ 53, -2 ^ 53, 1 })
    assert.equal(2 ^ 53, core.decode "[9007199254740992]"[1])
  end)
end)

-- In a state of its own, whose heap is small: at one pace and one size of it or another the
-- collector comes round meanwhile.  It rests while the members are made, which are young when they
-- are let go.
local WEAK = [==[
local z = require "instructor.z"
local Record = z.record(z.string(), z.any())
local some_lost = false
collectgarbage("setpause", 100)
local generations = _VERSION == "Lua 5.4"
if generations then collectgarbage("generational", 1, 100) end
for turn = 1, 120 do
  local pace, size = 100 + turn % 10 * 100, 600 + 7 * turn
  local weak, held = setmetatable({}, { __mode = "v" }), {}
  collectgarbage "stop"
  for i = 1, size do
    held[i] = { i }
    weak["a key long enough to be no short string of Lua: " .. i] = held[i]
  end
  collectgarbage "restart"
  collectgarbage("setstepmul", pace)
  collectgarbage(generations and "step" or "collect")
  held = nil
  local read = 0
  for key, item in pairs(Record:parse(weak)) do
    assert(tostring(item[1]) == key:match "^a key long enough.* (%d+)$")
    read = read + 1
  end
  some_lost = some_lost or read > 0 and read < size
end
assert(some_lost, "the collector never came round")
]==]

describe("the caller's tables", function()
  local value = {
    list = array { 1, { deep = "x" } }, map = object {}, empty = {}, null = null,
    class = setmetatable({ x = 1 }, { __index = { y = 2 } }),
  }

  it("are never changed", function()
    local before = picture(value)
    json(value)
    z.any():parse(value)
    z.any():to_json(value)
    z.object({ list = z.array(z.any()), class = z.object({}) }):parse(value)
    z.any():default(value)
    z.any():meta { examples = { value } }
    z.loose_object({}):transform(function(v) v.list[1] = "changed" return v end):parse(value)
    same_picture(before, picture(value))
  end)

  it("are read as they are, whatever their metatables say", function()
    local strict = setmetatable({ a = 1 }, {
      __index = function() error "read" end, __newindex = function() error "written" end,
      __len = function() return 5 end, __metatable = "locked",
      __pairs = function() error "walked" end,
    })
    assert.equal('{"a":1}', json(strict))
    assert.same({ a = 1 }, z.object({ a = z.int() }):parse(strict))
  end)

  it("may lose members while they are read, where they are weak", function()
    local result = process.run({ asking.interpreter(), "-" }, { stdin = WEAK })
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
  end)

  it("are not in the result, but for what C cannot hold", function()
    local result = z.any():parse(value)
    assert.are_not.equal(value, result)
    assert.are_not.equal(value.list[2], result.list[2])
    assert.equal(value.class, result.class)
  end)
end)

describe("schemas and cjson", function()
  it("read and write the same JSON", function()
    local Reading = z.object {
      at = z.string(), values = z.array(z.number()), ok = z.boolean(), note = z.string():nullable(),
    }
    local reading = { at = "2024-05-01", values = { 1, -2.5, 1e100 }, ok = false, note = null }
    assert.same(reading, cjson.decode(Reading:to_json(reading)))
    assert.same(reading, Reading:parse_json(cjson.encode(reading)))
  end)
end)

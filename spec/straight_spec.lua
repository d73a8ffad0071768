-- Texts that fit a plain schema are read, judged and built at once; all others go the long way, and
-- nobody can tell which way a value came.

local core = require "instructor.core"
local compile = require "instructor.z.compile"
local instructor = require "instructor"
local parse = require "instructor.z.parse"
local drop = require "spec.support.finaliser"
local process = require "spec.support.process"
local z = require "instructor.z"

local null = instructor.null

--- The value of a text that is read straight, or nil.
local function straight(schema, text, drop_nulls)
  local read = core.straight(compile.compiled(schema))
  if read then return read(text, drop_nulls) end
end

local Item = z.object {
  { "id", z.int() }, { "name", z.string():min(2):nullish() }, { "on", z.boolean():default(true) },
  { "kind", z.enum { "a", "b" }:optional() },
  { "more", z.object({ { "x", z.any() } }):passthrough():optional() },
}
local List = z.object {
  { "items", z.array(Item):max(3) }, { "by_name", z.record(z.string(), z.any()) },
}

local PLAIN = {
  '{"items":[],"by_name":{}}',
  '{"items":[{"id":1}],"by_name":{"k":null,"l":[1,2.0,"\\u00fc"],"k":{"z":false}}}',
  '{"by_name":{},"unknown":[{"id":"x"}],"items":[{"name":null,"id":2.0,"on":false,"kind":"b"}]}',
  '{"items":[{"id":-7,"name":"日本","more":{"y":null,"x":null,"y":[{}]}}],"by_name":{"":1}}',
}
local NOT = {
  '{"items":[{"id":1,"id":2}],"by_name":{}}', -- valid, but looked at twice
  '{"items":[{"id":1.5}],"by_name":{}}', '{"items":[{"id":1,"name":"x"}],"by_name":{}}',
  '{"items":[{},{},{},{}],"by_name":{}}', '{"items":[]}', "[]", '{"items":[],"by_name":{}} x', "",
}

--- A value as text, with the types of its numbers.
local function shown(v)
  if v == null then return "null" end
  if type(v) ~= "table" then
    if v == 0 and 1 / v < 0 then return "-0" end
    return (math.type and math.type(v) or type(v)) .. " " .. tostring(v)
  end
  local list = {}
  for k, item in pairs(v) do list[#list + 1] = tostring(k) .. "=" .. shown(item) end
  table.sort(list)
  return "{" .. table.concat(list, ",") .. "}"
end

-- Plain schemas at random, each with a maker of texts that mostly fit it.
local roll

--- A generator of its own: equal on every Lua.
local function seeded(seed)
  return function(n)
    seed = seed * 16807 % 2147483647
    return seed % n + 1
  end
end

local function one_of(list) return list[roll(#list)] end

local NUMBERS = { "0", "-0", "-0.0", "1", "1.0", "-1.5", "1e2", "1E-2", "1e400", "01", "5e-324",
  "9007199254740992", "-9007199254740992", "9007199254740993", "9223372036854775807",
  "9223372036854775808", "0.1", "123456789012345678901" }
local STRINGS = { '"a"', '"é"', '"\\u00e9"', '" AB "', '""', '"abcdef"', '"\\ud83d\\ude00"',
  '"\\n"', '"\\ud800"', '"日本"', '"b' }
local KEYS = { "a", 'q"', "é", "", "long_key", "x/y", "\n", "b" }

local function quoted(key)
  return '"' .. key:gsub('"', '\\"'):gsub("\n", "\\n") .. '"'
end
local function number() return one_of(NUMBERS) end
local function string_text() return one_of(STRINGS) end
local function word() return one_of { "true", "false", "null" } end

local LEAVES = {
  { function() return z.string() end, string_text }, { function() return z.number() end, number },
  { function() return z.int() end, number }, { function() return z.boolean() end, word },
  { function() return z.null() end, word }, { function() return z.any() end, number },
  { function() return z.enum { "a", "é" } end, string_text },
  { function() return z.literal { 1, "a", true } end, number },
  { function() return z.string():min(1):max(3) end, string_text },
  { function() return z.string():trim():lowercase() end, string_text },
  { function() return z.number():min(-1):lt(9007199254740992) end, number },
}

local anything

local function repeated(make, most)
  local list = {}
  for i = 1, roll(most + 1) - 1 do list[i] = make(i) end
  return table.concat(list, roll(2) == 1 and "," or " ,\n")
end

local KINDS = {
  function(inner)
    local item, make = inner()
    return z.array(item):max(2), function() return "[" .. repeated(make, 3) .. "]" end
  end,
  function(inner)
    local a, make_a = inner()
    local b, make_b = inner()
    return z.tuple({ a, b }):rest(a),
      function() return "[" .. make_a() .. "," .. make_b() .. "," .. make_a() .. "]" end
  end,
  function(inner)
    local item, make = inner()
    return z.record(z.string(), item), function()
      return "{" .. repeated(function() return quoted(one_of(KEYS)) .. ":" .. make() end, 3) .. "}"
    end
  end,
  function(inner)
    local fields, makers, count = {}, {}, one_of { 1, 2, 3, 4, 64, 65 }
    for i = 1, count do
      local key = KEYS[i] or "k" .. i
      if i > #KEYS then
        fields[key] = z.any():optional()
      else
        fields[key], makers[key] = inner()
      end
    end
    local object = z.object(fields)
    local kind = roll(4)
    if kind == 1 then object = object:strict()
    elseif kind == 2 then object = object:passthrough()
    elseif kind == 3 then object = object:catchall(z.any()) end
    return object, function()
      local first, last = roll(2), math.min(count, #KEYS) + roll(4) - 2
      return "{" .. repeated(function(i)
        local key = KEYS[(first + i) % #KEYS + 1]
        if roll(30) == 1 then key = "k" .. last end -- twice, or not declared
        return quoted(key) .. " : " .. (makers[key] or number)()
      end, last) .. "}"
    end
  end,
}

local WRAPPERS = { "optional", "nullable", "nullish", "readonly" }

local function make_schema(depth)
  local schema, make
  if depth > 2 or roll(3) == 1 then
    local leaf = one_of(LEAVES)
    schema, make = leaf[1](), leaf[2]
  else
    schema, make = one_of(KINDS)(function() return make_schema(depth + 1) end)
  end
  local wrapper = roll(8)
  if WRAPPERS[wrapper] then schema = schema[WRAPPERS[wrapper]](schema)
  elseif wrapper == 5 then schema = schema:default "x"
  elseif wrapper == 6 then schema = schema:catch(7) end
  return schema, function() return roll(40) == 1 and anything() or make() end
end

function anything()
  return one_of { "null", "[]", "{}", '"a"', "1", "[1,", "[[1]]", "" }
end

describe("a text against a plain schema", function()
  it("comes to the same both ways, whatever schema and text", function()
    local read, all = 0, 0
    for seed = 1, 150 do
      roll = seeded(seed)
      local schema, make = make_schema(0)
      for _ = 1, 20 do
        local json, nulls = make(), one_of { "keep", "absent" }
        local value = straight(schema, json, nulls == "absent")
        local wanted, err = parse.run(schema, { text = json }, { nulls = nulls })
        local got, why = schema:try_json(json, { nulls = nulls })
        assert.equal(shown(wanted), shown(got), json)
        assert.equal(tostring(err), tostring(why), json)
        if value ~= nil then assert.equal(shown(wanted), shown(value), json) end
        read, all = read + (value ~= nil and 1 or 0), all + 1
      end
    end
    assert.is_true(read > all / 5, read .. " of " .. all)
  end)

  it("may be as deep as the reader's limit, and no deeper", function()
    for _, depth in ipairs { 127, 128, 129 } do
      local json = ("["):rep(depth) .. ("]"):rep(depth)
      local value = straight(z.any(), json)
      local wanted, err = parse.run(z.any(), { text = json })
      assert.equal(depth <= 128, value ~= nil)
      assert.equal(depth <= 128, wanted ~= nil)
      assert.equal(shown(wanted), shown(value))
      assert.equal(depth <= 128 and "nil" or "limit", err and err.kind or "nil")
    end
  end)

  it("gives the value that a parse gives", function()
    for _, text in ipairs(PLAIN) do
      for _, nulls in ipairs { "keep", "absent" } do
        local value = straight(List, text, nulls == "absent")
        assert(value ~= nil, text)
        local wanted = assert(parse.run(List, { text = text }, { nulls = nulls }))
        assert.equal(shown(wanted), shown(value))
        assert.equal(shown(wanted), shown(List:parse_json(text, { nulls = nulls })))
      end
    end
  end)

  it("goes the long way where it does not fit, which says why", function()
    for _, text in ipairs(NOT) do
      assert.is_nil(straight(List, text), text)
    end
    assert.equal(2, List:parse_json(NOT[1]).items[1].id)
    for i = 2, #NOT do assert.is_false(List:safe_parse_json(NOT[i]).success) end
  end)

  it("goes the long way where the schema has code", function()
    local calls = 0
    local counted = z.object { n = z.int():refine(function() calls = calls + 1 return true end) }
    assert.is_nil(straight(counted, '{"n":1}'))
    assert.equal(1, counted:parse_json('{"n":1}').n)
    assert.equal(1, calls)
  end)

  it("is a table of its own each time, defaults included", function()
    local schema = z.object { tags = z.array(z.string()):default { "a" } }
    local first, second = schema:parse_json "{}", schema:parse_json "{}"
    first.tags[1] = "changed"
    assert.same({ tags = { "a" } }, second)
  end)

  it("is read once by each way that is left", function()
    local schema = z.object { n = z.int() }
    local read = core.straight(compile.compiled(schema))
    for _, wrong in ipairs { 5, true, {} } do assert.equal(0, select("#", read(wrong))) end
    assert.equal(1, schema:parse_json('{"n":1}').n)
    local calls = {
      function() schema:parse_json(5) end, function() schema.parse_json(nil, "{}") end,
      function() schema.try_json('{"n":1}') end, function() schema:parse_json('{"n":"1"}') end,
      function() schema:try_json() end, function() schema:try_json("{}", { null = "keep" }) end,
    }
    for i, call in ipairs(calls) do assert.is_false(pcall(call), i) end
    local value, err = schema:try_json '{"n":1.5}'
    assert.is_nil(value)
    assert.equal("n", err.issues[1].path[1])
  end)

  it("keeps no schema alive that has been used", function()
    local refs = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do
      local schema
      local function message() return "not by " .. tostring(schema) end
      schema = z.object { n = z.int(message) }
      assert.equal(1, schema:parse_json('{"n":1}').n)
      assert.equal(2, schema:parse_json('{"n":2}').n)
      refs[schema] = true
    end
    for _ = 1, 3 do collectgarbage() end
    local left = 0
    for _ in pairs(refs) do left = left + 1 end
    assert.is_true(left < 3) -- LuaJIT may see the last ones in places it does not use any more
  end)

  it("is refused by a schema that the closing state has taken down", function()
    local script = [[
      local schema
      require "instructor.core" -- Lua 5.1 takes what was loaded later down earlier
      local function last()
        print(pcall(schema.parse_json, schema, '{"n":1}'))
        print(pcall(schema.parse_json, schema, '{"n":"1"}'))
      end
      if newproxy then
        kept = newproxy(true)
        getmetatable(kept).__gc = last
      else
        kept = setmetatable({}, { __gc = last })
      end
      local z = require "instructor.z"
      schema = z.object { n = z.int() }
      schema:parse_json('{"n":1}')
    ]]
    local ended = process.run { os.getenv "LUA" or "lua", process.temp_file(script, ".lua") }
    assert.equal(0, ended.status)
    assert.matches("^%a+\t.-\nfalse\t", ended.stdout)
  end)

  it("may be as deep as a text may be", function()
    local any = z.any()
    for depth = 1, 128 do
      local half = math.floor(depth / 2)
      local inside = depth % 2 == 1 and "[]" or "null"
      local text = ('[{"k":'):rep(half) .. inside .. ("}]"):rep(half)
      local value, steps = straight(any, text), 0
      while type(value) == "table" do value, steps = value[1] or value.k, steps + 1 end
      assert.equal(depth, steps)
      assert.equal(depth % 2 == 0 and null or nil, value)
    end
    assert.is_nil(straight(any, ("["):rep(129) .. ("]"):rep(129)))
  end)

  it("has what a missing field comes to, however it is wrapped", function()
    local text = z.string():default "x"
    for _, field in ipairs { text, text:optional(), text:nullable(), text:optional():readonly(),
      z.string():optional(), z.string():nullish() } do
      local schema = z.object { s = field }
      for _, json in ipairs { "{}", '{"s":"y"}' } do
        local wanted = assert(parse.run(schema, { text = json }))
        assert.equal(shown(wanted), shown(schema:parse_json(json)))
      end
    end
  end)

  it("may be a root without parts", function()
    assert.is_false(z.boolean():parse_json "false")
    assert.equal(null, z.null():parse_json "null")
    assert.equal("x", z.enum { "x" }:parse_json '"x"')
  end)

  it("keeps what it is built from while finalisers parse again and again", function()
    -- In a state of its own, whose small heap is collected often.
    local script = [=[
      local drop = require "spec.support.finaliser"
      local z = require "instructor.z"
      local Pair = z.array(z.object { a = z.string(), b = z.string() })
      local text, runs = {}, 0
      for i = 1, 3000 do text[i] = '{"a":"q\\n' .. i .. '","b":"w\\n' .. i .. '"}' end
      text = "[" .. table.concat(text, ",") .. "]"
      local function finalise()
        runs = runs + 1
        Pair:try_json '[{"a":"Z\\n","b":"Y\\n"}]'
        if runs < 200 then drop(finalise) end
      end
      assert(Pair:try_json "[]")
      drop(finalise)
      for _ = 1, 10 do
        local value = assert(Pair:try_json(text))
        for i = 1, #value do
          assert(value[i].a == "q\n" .. i and value[i].b == "w\n" .. i)
        end
      end
      assert(runs > 0)
      runs = 200
    ]=]
    local ended = process.run({ os.getenv "LUA" or "lua", "-" }, { stdin = script })
    assert.equal("", ended.stderr)
    assert.equal(0, ended.status)
  end)

  it("can be parsed by a finaliser while another one is being built", function()
    local runs, wrong = 0, 0
    local function finalise()
      runs = runs + 1
      if List:parse_json(PLAIN[2]).by_name.k.z ~= false then wrong = wrong + 1 end
    end
    local many = '{"items":[],"by_name":{"l":[' .. ('"text",[1],{},'):rep(300) .. "0]}}"
    for _ = 1, 200 do
      drop(finalise)
      local list = List:parse_json(many).by_name.l
      assert(#list == 901 and list[901] == 0 and list[898] == "text" and list[899][1] == 1)
    end
    collectgarbage()
    assert.is_true(runs > 0)
    assert.equal(0, wrong)
  end)
end)

-- Texts that fit a plain schema are read, judged and built at once; all others go the long way, and
-- nobody can tell which way a value came.

local core = require "instructor.core"
local compile = require "instructor.z.compile"
local instructor = require "instructor"
local parse = require "instructor.z.parse"
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
    return (math.type and math.type(v) or type(v)) .. " " .. tostring(v)
  end
  local list = {}
  for k, item in pairs(v) do list[#list + 1] = tostring(k) .. "=" .. shown(item) end
  table.sort(list)
  return "{" .. table.concat(list, ",") .. "}"
end

describe("a text against a plain schema", function()
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

  it("may be a root without parts", function()
    assert.is_false(z.boolean():parse_json "false")
    assert.equal(null, z.null():parse_json "null")
    assert.equal("x", z.enum { "x" }:parse_json '"x"')
  end)

  it("can be parsed by a finaliser while another one is being built", function()
    local runs, wrong = 0, 0
    local function finalise()
      runs = runs + 1
      if List:parse_json(PLAIN[2]).by_name.k.z ~= false then wrong = wrong + 1 end
    end
    local function drop_one()
      if newproxy then -- Lua 5.1: tables have no finalisers
        getmetatable(newproxy(true)).__gc = finalise
      else
        setmetatable({}, { __gc = finalise })
      end
    end
    local many = '{"items":[],"by_name":{"l":[' .. ('"text",[1],{},'):rep(300) .. "0]}}"
    for _ = 1, 200 do
      drop_one()
      local list = List:parse_json(many).by_name.l
      assert(#list == 901 and list[901] == 0 and list[898] == "text" and list[899][1] == 1)
    end
    collectgarbage()
    assert.is_true(runs > 0)
    assert.equal(0, wrong)
  end)
end)

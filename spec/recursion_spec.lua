-- Schemas that stand in themselves, by way of z.lazy.

local judging = require "spec.support.judging"
local z = require "instructor.z"

local problems = judging.problems

local Node
Node = z.object {
  { "value", z.int() },
  { "children", z.array(z.lazy(function() return Node end)) },
}

describe("a recursive schema", function()
  it("reads what is nested as deep as may be", function()
    local tree = { value = 1, children = { { value = 2, children = {} }, { value = 3, children = {
      { value = 4, children = {} } } } } }
    assert.same(tree, Node:parse(tree))
    local text = ('{"value":1,"children":['):rep(60) .. ("]}"):rep(60)
    assert.equal(1, Node:parse_json(text).children[1].children[1].value)
  end)

  it("says in which place something is wrong", function()
    assert.same({ "invalid_type children.2.children.1.value: "
      .. "Invalid input: expected number, received nil" },
      problems(Node, { value = 1, children = {
        { value = 2, children = {} }, { value = 3, children = { { children = {} } } } } }))
  end)

  it("is written in field order at every level", function()
    assert.equal('{"value":1,"children":[{"value":2,"children":[]}]}',
      Node:to_json { children = { { children = {}, value = 2 } }, value = 1 })
  end)

  it("may lead back by way of another", function()
    local Folder, File
    Folder = z.object { entries = z.array(z.lazy(function() return Folder + File end)) }
    File = z.object { name = z.string(), link = z.lazy(function() return Folder end):optional() }
    local value = { entries = { { entries = {} }, { name = "a", link = { entries = {} } } } }
    assert.same(value, Folder:parse(value))
  end)

  it("may end in null, or where it is missing", function()
    local List
    List = z.object { v = z.int(), next = z.lazy(function() return List end):nullish() }
    assert.same({ v = 1, next = { v = 2 } }, List:parse { v = 1, next = { v = 2 } })
    assert.equal(2, List:parse_json('{"v":1,"next":{"v":2,"next":null}}').next.v)
  end)

  it("is made for any JSON: z.json()", function()
    local text = '{"a":[1,"x",null,{"b":[true]}]}'
    assert.equal(text, z.json():to_json(z.json():parse_json(text)))
    assert.is_false(z.json():safe_parse(print).success)
    assert.is_false(z.json():safe_parse({ { print } }).success)
  end)

  it("is partial all the way down: z.deep_partial", function()
    local Loose = z.deep_partial(Node)
    assert.same({ children = { {}, { children = { { value = 1 } } } } },
      Loose:parse { children = { {}, { children = { { value = 1 } } } } })
    assert.is_false(Node:safe_parse({}).success)
    assert.same({}, Node:deep_partial():parse {})
    assert.same(
      { "invalid_type children.1.value: Invalid input: expected number, received string" },
      problems(Loose, { children = { { value = "1" } } }))
  end)

  it("has its function asked once", function()
    local asked = 0
    local Lazy = z.lazy(function()
      asked = asked + 1
      return z.string()
    end)
    assert.equal(0, asked)
    local Two = z.object { a = Lazy, b = Lazy:optional() }
    assert.same({ a = "x", b = "y" }, Two:parse { a = "x", b = "y" })
    assert.equal("z", Lazy:parse "z")
    assert.equal(1, asked)
  end)
end)

describe("a lazy schema that cannot be honoured", function()
  local function says(schema, ...)
    local ok, message = pcall(schema.parse, schema, 1)
    assert.is_false(ok)
    for _, text in ipairs { ... } do assert.truthy(message:find(text, 1, true), message) end
  end

  it("says what its function raised, and where it was made", function()
    says(z.lazy(function() error("not today", 0) end),
      "the function of the z.lazy of ", "recursion_spec.lua:", "raised: not today")
  end)

  it("says what its function returned instead of a schema", function()
    says(z.lazy(function() return nil end), "returned nil, not a schema (is its variable declared")
    says(z.lazy(function() return { a = z.int() } end), "returned a table, not a schema")
  end)

  it("says so when it is nothing but itself", function()
    local Self
    Self = z.lazy(function() return Self end)
    says(Self, "the schema is nothing but itself")
  end)

  it("says so when it is made anew for ever", function()
    local function again() return z.array(z.lazy(again)) end
    says(again(), "z.lazy leads to ever new schemas")
  end)

  it("takes a function", function()
    assert.has_error(function() z.lazy(Node) end)
    assert.has_error(function() z.lazy() end)
  end)
end)

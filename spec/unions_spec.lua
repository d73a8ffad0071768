-- Unions: the first that fits, exactly one that fits, the one a field names; and intersections,
-- where both must fit.

local judging = require "spec.support.judging"
local z = require "instructor.z"

local problems, issue_of = judging.problems, judging.issue_of
local takes, refuses = judging.takes, judging.refuses

describe("a union", function()
  it("takes what one of its options takes, tried in order", function()
    local Either = z.union { z.string(), z.int(), z.object { a = z.int() } }
    takes { { Either, "x" }, { Either, 5 }, { Either, { a = 1 } } }
    local A, B, C = z.object { a = z.int() }, z.object { b = z.int() }, z.object { c = z.int() }
    takes {
      { z.union { A, B }, { a = 1, b = 2 }, { a = 1 } },
      { z.union { C, B }, { a = 1, b = 2 }, { b = 2 } },
    }
  end)

  it("is written a:or_(b) as well, or a + b", function()
    local Id = z.string() + z.int() + z.null()
    assert.equal(3, #Id.options)
    assert.equal(3, #(z.string():or_(z.int()):or_(z.null()).options))
    assert.equal(7, Id:parse(7))
    assert.equal("x", z.string():or_(z.int()):parse "x")
  end)

  it("says what each option found wrong", function()
    local issue = issue_of(z.union { z.string(), z.array(z.int()) }, { 1, "2" })
    assert.equal("invalid_union", issue.code)
    assert.equal(2, #issue.errors)
    assert.equal("Invalid input: expected string, received array", issue.errors[1][1].message)
    assert.same({ 2 }, issue.errors[2][1].path)
  end)

  it("says only what is wrong with the option that all but fits", function()
    assert.same({ "too_small : Too small: expected string to have >=3 characters" },
      problems(z.union { z.int(), z.string():min(3) }, "ab"))
  end)

  it("names the option that was meant", function()
    local Cat = z.object({ { "name", z.string() }, { "lives", z.int() } }):meta { title = "Cat" }
    local Car = z.object({ { "wheels", z.int() }, { "doors", z.int() } }):meta { title = "Car" }
    local Thing = z.object { { "thing", z.union { Car, Cat } } }
    local _, err = Thing:try { thing = { name = "Tom", lives = "nine" } }
    local issue = err.issues[1]
    assert.equal(2, issue.nearest)
    assert.equal("Cat", issue.nearest_name)
    assert.same({ "lives" }, issue.errors[issue.nearest][1].path)
    assert.truthy(tostring(err):find(
      "\n  as Cat: thing.lives: Invalid input: expected number, received string", 1, true))
  end)

  it("of which nothing was meant shows how each option begins", function()
    local _, err = z.object({ id = z.string() + z.int() }):try { id = true }
    assert.truthy(tostring(err):find("\n  option 1: id: Invalid input: expected string", 1, true))
    assert.truthy(tostring(err):find("\n  option 2: id: Invalid input: expected number", 1, true))
  end)

  it("may be missing or null where an option may", function()
    local Form = z.object { a = z.union { z.string(), z.int():optional() }, b = z.int() + z.null() }
    local value = Form:parse_json '{"b":null}'
    assert.is_nil(value.a)
    assert.equal(require("instructor").null, value.b)
  end)

  it("runs the code of its options", function()
    local Number = z.int() + z.string():regex("^[0-9]+$"):transform(tonumber)
    takes { { Number, 5 }, { Number, "12", 12 } }
    assert.equal("no letters", issue_of(z.int() + z.string():refine(function(s)
      return not s:find "%a"
    end, "no letters"), "a").message)
  end)

  it("has one message of its own", function()
    refuses { { z.union({ z.string(), z.int() }, "a text or a number"), true,
      "a text or a number" } }
  end)
end)

describe("an exclusive union", function()
  local One = z.xor { z.object { a = z.int() }, z.object { b = z.int() } }

  it("takes what exactly one of its options takes", function()
    takes { { One, { a = 1 }, { a = 1 } }, { One, { b = 2 }, { b = 2 } } }
  end)

  it("refuses what several take", function()
    refuses { { One, { a = 1, b = 2 }, "Invalid input: more than one option matched" } }
  end)
end)

describe("a discriminated union", function()
  local Event = z.discriminated_union("type", {
    z.object { { "type", z.literal "click" }, { "x", z.int() }, { "y", z.int() } },
    z.object { { "type", z.literal "key" }, { "code", z.string() } },
    z.object { { "type", z.enum { "open", "close" } } },
  })

  it("reads the option its field names", function()
    takes {
      { Event, { type = "click", x = 1, y = 2 } }, { Event, { type = "key", code = "a" } },
      { Event, { type = "close" } },
    }
  end)

  it("reports the issues of that option alone", function()
    assert.same({
      "invalid_type x: Invalid input: expected number, received string",
      "invalid_type y: Invalid input: expected number, received nil",
    }, problems(Event, { type = "click", x = "1" }))
  end)

  it("tells which names there are", function()
    local issue = issue_of(Event, { type = "klick" })
    assert.same({ "type" }, issue.path)
    assert.equal("Invalid discriminator value. Expected 'click' | 'key' | 'open' | 'close'",
      issue.message)
    refuses { { Event, 5, "Invalid input: expected object, received number" } }
  end)

  it("tries all of them for a name it does not know, if it may", function()
    local Loose = z.discriminated_union("t", {
      z.object { t = z.literal "a" }, z.object { t = z.literal "b" },
    }, { union_fallback = true })
    assert.equal("invalid_union", issue_of(Loose, { t = "c" }).code)
    assert.equal(2, #issue_of(Loose, { t = "c" }).errors)
  end)

  it("may have options that are known later, and is checked then", function()
    local Leaf, Branch
    local Tree = z.discriminated_union("t", {
      z.lazy(function() return Leaf end), z.lazy(function() return Branch end),
    })
    Leaf = z.object { t = z.literal "leaf" }
    Branch = z.object { { "t", z.literal "branch" }, { "twigs", z.array(Tree) } }
    takes { { Tree, { t = "branch", twigs = { { t = "leaf" } } } } }
    assert.same({ "twigs", 1, "t" },
      issue_of(Tree, { t = "branch", twigs = { { t = "twig" } } }).path)
    local Twice = z.discriminated_union("t", { Leaf, z.lazy(function() return Leaf end) })
    local ok, message = pcall(Twice.parse, Twice, { t = "leaf" })
    assert.is_false(ok)
    assert.truthy(message:find("the discriminator t has a value of an earlier option", 1, true))
  end)

  it("may stand in another one", function()
    local Shape = z.discriminated_union("kind", {
      z.object { kind = z.literal "dot" },
      z.discriminated_union("kind", {
        z.object { { "kind", z.literal "disc" }, { "r", z.number() } },
        z.object { { "kind", z.literal "ring" }, { "r", z.number() }, { "hole", z.number() } },
      }),
    })
    takes { { Shape, { kind = "disc", r = 1 } }, { Shape, { kind = "dot" } } }
    assert.same({ "invalid_type hole: Invalid input: expected number, received nil" },
      problems(Shape, { kind = "ring", r = 1 }))
  end)
end)

describe("an intersection", function()
  local Named, Aged = z.object { name = z.string() }, z.object { age = z.int() }

  it("takes what both take, and merges what they make of it", function()
    takes {
      { Named:and_(Aged), { name = "Zoe", age = 41 } },
      { z.intersection(Named, Aged), { name = "Zoe", age = 41 } },
    }
  end)

  it("reports the issues of both, left first", function()
    assert.same({
      "invalid_type name: Invalid input: expected string, received nil",
      "invalid_type age: Invalid input: expected number, received nil",
    }, problems(Named:and_(Aged), {}))
  end)

  it("of strict objects refuses the keys that neither declares", function()
    local Both = Named:strict():and_(Aged:strict())
    takes { { Both, { name = "Zoe", age = 41 } } }
    assert.equal('Unrecognized key: "size"',
      issue_of(Both, { name = "Z", age = 1, size = 2 }).message)
  end)
end)

describe("a union that is a mistake", function()
  local function is_mistake(fn, text)
    local ok, message = pcall(fn)
    assert.is_false(ok)
    assert.truthy(message:find(text, 1, true), message)
    assert.truthy(message:find("unions_spec.lua:", 1, true), message)
  end

  it("is told in the line it stands in", function()
    local rows = {
      { "z.union takes a list of schemas, as in z.union{ z.string(), z.number() }, not one",
        function() z.union(z.string(), z.int()) end },
      { "z.union takes at least one schema", function() z.union {} end },
      { "entry 2 of z.union is a function, not a schema: call it",
        function() z.union { z.string(), z.int } end },
      { "the argument of or_ must be a schema", function() z.string():or_ "x" end },
      { "the argument of or_ must be a schema", function() return z.string() + 1 end },
      { "what stands before + must be a schema", function() return 1 + z.string() end },
      { 'takes the name of a field first', function() z.discriminated_union { z.string() } end },
      { "entry 1 of z.discriminated_union must be an object, not a string",
        function() z.discriminated_union("t", { z.string() }) end },
      { 'entry 1 of z.discriminated_union has no field "t"',
        function() z.discriminated_union("t", { z.object { a = z.int() } }) end },
      { 'its field "t" must be a literal or an enum, not a string',
        function() z.discriminated_union("t", { z.object { t = z.string() } }) end },
      { 'entry 2 of z.discriminated_union: t = "a" stands in another one too',
        function()
          z.discriminated_union("t", {
            z.object { t = z.literal "a" }, z.object { t = z.enum { "b", "a" } },
          })
        end },
    }
    for _, row in ipairs(rows) do is_mistake(row[2], row[1]) end
  end)
end)

-- Schemas alone: what passes, what fails, and what is said about it.

local instructor = require "instructor"
local judging = require "spec.support.judging"
local z = require "instructor.z"

local null = instructor.null
local exact = math.type ~= nil -- are integers numbers of their own here?
local problems, issue_of = judging.problems, judging.issue_of
local takes, refuses = judging.takes, judging.refuses

describe("a kind", function()
  it("takes its own values", function()
    takes {
      { z.string(), "" }, { z.string(), "Zoë" }, { z.number(), -2.5 }, { z.int(), 7 },
      { z.boolean(), false }, { z.null(), null }, { z.any(), { 1, { a = null } } },
      { z.unknown(), "x" }, { z.array(z.int()), { 1, 2 } }, { z.array(z.int()), {} },
      { z.object {}, {} }, { z.enum { "a", "b" }, "b" }, { z.literal(3), 3 },
    }
  end)

  it("refuses all others, naming what it expected and what it got", function()
    refuses {
      { z.string(), 5, "Invalid input: expected string, received number" },
      { z.string(), null, "Invalid input: expected string, received null" },
      { z.string(), { 1 }, "Invalid input: expected string, received array" },
      { z.number(), "5", "Invalid input: expected number, received string" },
      { z.number(), { a = 1 }, "Invalid input: expected number, received object" },
      { z.number(), print, "Invalid input: expected number, received function" },
      { z.boolean(), 0, "Invalid input: expected boolean, received number" },
      { z.null(), false, "Invalid input: expected null, received boolean" },
      { z.array(z.any()), { a = 1 }, "Invalid input: expected array, received object" },
      { z.object {}, { 1, 2 }, "Invalid input: expected object, received array" },
      { z.never(), 1, "Invalid input: expected never, received number" },
    }
  end)

  it("calls a missing value nil", function()
    refuses {
      { z.string(), nil, "Invalid input: expected string, received nil" },
      { z.null(), nil, "Invalid input: expected null, received nil" },
      { z.object { a = z.any() }, {}, "Invalid input: expected nonoptional, received nil" },
      { z.object { a = z.unknown() }, {}, "Invalid input: expected nonoptional, received nil" },
    }
  end)

  it("says in the issue what it expected", function()
    local issue = issue_of(z.string(), 5)
    assert.equal("invalid_type", issue.code)
    assert.equal("string", issue.expected)
    assert.equal("number", issue.received)
    assert.same({}, issue.path)
  end)

  it("takes an empty table as a list or as an object, whichever is wanted", function()
    takes { { z.array(z.string()), {} }, { z.object {}, {} }, { z.any(), {} } }
    assert.equal("[]", z.array(z.any()):to_json {})
    assert.equal("{}", z.object({}):to_json {})
  end)

  it("never takes for text what is not UTF-8", function()
    refuses {
      { z.string(), "caf\233",
        "Invalid input: expected string, received bytes that are not UTF-8" },
    }
    assert.equal("caf\233", z.any():parse "caf\233")
  end)
end)

describe("a number", function()
  it("is finite", function()
    refuses {
      { z.number(), 0 / 0, "Invalid input: expected number, received NaN" },
      { z.number(), math.huge, "Invalid input: expected number, received Infinity" },
    }
  end)

  it("stays what it was written as", function()
    if not exact then return end
    assert.equal("integer", math.type(z.number():parse_json "30"))
    assert.equal("float", math.type(z.number():parse_json "30.0"))
    assert.equal("float", math.type(z.number():parse_json "3e1"))
  end)

  it("becomes an integer under int(), which knows no fractions", function()
    assert.equal("30", tostring(z.int():parse_json "30.0"))
    assert.equal("30", tostring(z.number():int():parse(30.0)))
    local issue = issue_of(z.int(), 1.5)
    assert.equal("Invalid input: expected int, received number", issue.message)
    assert.equal("safeint", issue.format)
    refuses { { z.int(), "x", "Invalid input: expected number, received string" } }
  end)

  it("is exact through number(), while int() keeps to what JavaScript holds", function()
    local most = 2 ^ 53
    refuses {
      { z.int(), most, "Too big: expected int to be <=9007199254740991" },
      { z.int(), -most, "Too small: expected int to be >=-9007199254740991" },
    }
    assert.equal(most - 1, z.int():parse(most - 1))
    if exact then
      assert.equal("9007199254740993", tostring(z.number():parse_json "9007199254740993"))
      assert.equal(math.mininteger, z.number():parse(math.mininteger))
    end
  end)

  it("beyond 2^53 is refused, not rounded, where Lua has no integers", function()
    if exact then return end
    local value, err = z.number():try_json "9007199254740993"
    assert.is_nil(value)
    assert.equal("limit", err.kind)
    assert.equal(2 ^ 53, z.number():parse_json "9007199254740992")
  end)

  it("is checked against bounds, all of which report", function()
    assert.same({
      "too_small : Too small: expected number to be >=5",
      "too_big : Too big: expected number to be <=3",
      "too_small : Too small: expected number to be >5",
      "too_big : Too big: expected number to be <3",
      "not_multiple_of : Invalid number: must be a multiple of 7",
    }, problems(z.number():min(5):max(3):gt(5):lt(3):multiple_of(7), 4))
    takes {
      { z.number():gte(1):lte(1), 1 }, { z.number():positive(), 0.1 },
      { z.number():negative(), -1 },
      { z.number():nonnegative():nonpositive(), 0 }, { z.number():step(0.1), 0.3 },
    }
    refuses {
      { z.number():positive(), 0, "Too small: expected number to be >0" },
      { z.number():negative(), 0, "Too big: expected number to be <0" },
      { z.number():nonnegative(), -1, "Too small: expected number to be >=0" },
      { z.number():nonpositive(), 1, "Too big: expected number to be <=0" },
      { z.number():max(1e21), 1e22, "Too big: expected number to be <=1e+21" },
    }
  end)

  it("gives the bound in the issue", function()
    local issue = issue_of(z.number():gt(5), 5)
    assert.same({ "number", 5, false }, { issue.origin, issue.minimum, issue.inclusive })
  end)
end)

describe("a string", function()
  it("is as long as it has characters", function()
    takes { { z.string():length(4), "Zoë!" }, { z.string():max(1), "\240\159\153\130" } }
    refuses {
      { z.string():min(2), "ë", "Too small: expected string to have >=2 characters" },
      { z.string():nonempty(), "", "Too small: expected string to have >=1 characters" },
      { z.string():max(2), "abc", "Too big: expected string to have <=2 characters" },
      { z.string():length(2), "abc", "Too big: expected string to have exactly 2 characters" },
      { z.string():length(2), "a", "Too small: expected string to have exactly 2 characters" },
    }
  end)

  it("is searched for a regular expression of JavaScript", function()
    takes {
      { z.string():regex "b", "abc" }, { z.string():regex("^B$", "im"), "a\nb" },
      { z.string():regex "^\\p{Lu}\\d+$", "Ä42" },
    }
    local issue = issue_of(z.string():regex("^a$", "i"), "b")
    assert.equal("Invalid string: must match pattern /^a$/i", issue.message)
    assert.same({ "invalid_format", "regex", "/^a$/i" },
      { issue.code, issue.format, issue.pattern })
  end)

  it("is checked for its parts and its case", function()
    takes {
      { z.string():includes "b", "abc" }, { z.string():starts_with "a", "abc" },
      { z.string():ends_with "c", "abc" }, { z.string():lowercase(), "a1ë" },
      { z.string():uppercase(), "A1" },
    }
    refuses {
      { z.string():includes "x", "abc", 'Invalid string: must include "x"' },
      { z.string():starts_with "x", "abc", 'Invalid string: must start with "x"' },
      { z.string():ends_with "x", "abc", 'Invalid string: must end with "x"' },
      { z.string():lowercase(), "aB", "Invalid lowercase" },
      { z.string():uppercase(), "aB", "Invalid uppercase" },
    }
  end)

  it("is rewritten at its place among the checks", function()
    takes {
      { z.string():trim():length(1), "\t\194\160x ", "x" },
      { z.string():length(3):trim(), " x ", "x" },
      { z.string():to_lower(), "ABC", "abc" }, { z.string():to_upper(), "abc", "ABC" },
    }
  end)
end)

describe("a check", function()
  it("does not stop those after it, unless it says abort", function()
    local schema = z.string():min(5):regex "^[0-9]+$"
    assert.equal(2, #problems(schema, "ab"))
    assert.equal(1, #problems(z.string():min(5, { abort = true }):regex "^[0-9]+$", "ab"))
  end)

  it("has Zod's message, its own, its schema's, or what a function returns", function()
    refuses {
      { z.string():min(2, "short"), "a", "short" },
      { z.string():min(2, { message = "short" }), "a", "short" },
      { z.string():min(2, { error = "short" }), "a", "short" },
      { z.string "no name":min(2), "a", "no name" },
      { z.string "no name", 5, "no name" },
      { z.string { message = "no name" }, 5, "no name" },
      { z.object({}, "no object"), 5, "no object" },
      { z.array(z.any(), { error = "no list" }), 5, "no list" },
      { z.strict_object({}, "no key"), { a = 1 }, "no key" },
      { z.string():min(2, function(issue) return "at least " .. issue.minimum end), "a",
        "at least 2" },
      { z.string():min(2, function() return nil end), "a",
        "Too small: expected string to have >=2 characters" },
      { z.int "whole", 1.5, "whole" },
    }
  end)

  it("makes a new schema and leaves the old one alone", function()
    local short = z.string()
    local long = short:min(5)
    assert.equal("a", short:parse "a")
    assert.is_false(long:safe_parse("a").success)
  end)
end)

describe("enum and literal", function()
  it("take one of their values", function()
    takes { { z.literal { 1, "a", true, null }, null }, { z.enum { "a", 1 }, 1 } }
    refuses {
      { z.enum { "a", "b" }, "c", 'Invalid option: expected one of "a"|"b"' },
      { z.enum { "a", "b" }, nil, 'Invalid option: expected one of "a"|"b"' },
      { z.literal "a", "b", 'Invalid input: expected "a"' },
      { z.literal { 1, null, true }, "1", "Invalid option: expected one of 1|null|true" },
    }
  end)

  it("give their values in the issue, each once", function()
    local issue = issue_of(z.enum { "a", "b", "a" }, "c")
    assert.equal("invalid_value", issue.code)
    assert.same({ "a", "b" }, issue.values)
  end)
end)

describe("an object", function()
  local User = z.object {
    name = z.string(),
    tags = z.array(z.object { text = z.string(), weight = z.number():max(1) }),
  }

  it("reports its fields in order, each with a path that leads to the place", function()
    local value = { tags = { { text = "a", weight = 1 }, { text = 5, weight = 2 } } }
    assert.same({
      "invalid_type name: Invalid input: expected string, received nil",
      "invalid_type tags.2.text: Invalid input: expected string, received number",
      "too_big tags.2.weight: Too big: expected number to be <=1",
    }, problems(User, value))
    local _, err = User:try(value)
    local at = value
    for _, step in ipairs(err.issues[2].path) do at = at[step] end
    assert.equal(5, at)
  end)

  it("makes a new table", function()
    local value = { name = "Zoe", tags = {} }
    local result = User:parse(value)
    assert.same(value, result)
    assert.are_not.equal(value, result)
    assert.is_nil(getmetatable(result))
  end)

  it("drops unknown keys, refuses them, or keeps them", function()
    local value = { a = 1, c = { {} }, b = 2 }
    local fields = { a = z.int() }
    assert.same({ a = 1 }, z.object(fields):parse(value))
    assert.same(value, z.loose_object(fields):parse(value))
    assert.same(value, z.object(fields):loose():parse(value))
    assert.same(value, z.object(fields):passthrough():parse(value))
    assert.same({ a = 1 }, z.strict_object(fields):strip():parse(value))
    for _, strict in ipairs { z.strict_object(fields), z.object(fields):strict() } do
      local issue = issue_of(strict, value)
      assert.equal('Unrecognized keys: "b", "c"', issue.message)
      assert.same({ "unrecognized_keys", "b", "c" }, { issue.code, issue.keys[1], issue.keys[2] })
    end
  end)

  it("is extended, picked from, and loosened", function()
    local Base = z.object { a = z.string(), b = z.string(), c = z.string() }
    local Other = Base:extend({ b = z.int(), d = z.boolean() }):omit { "c" }
    assert.same({ a = "x", b = 2, d = true }, Other:parse { a = "x", b = 2, d = true })
    assert.same({ a = "x" }, Base:pick({ "a" }):parse { a = "x", b = "y" })
    assert.same({ a = "x" }, Base:pick({ a = true, b = false }):parse { a = "x", b = "y" })
    assert.same({ b = "x", c = "y" }, Base:omit({ a = true }):parse { b = "x", c = "y" })
    assert.same({}, Base:partial():parse {})
    assert.same({ b = "x", c = "y" }, Base:partial({ "a" }):parse { b = "x", c = "y" })
    assert.same({ "invalid_type b: Invalid input: expected string, received nil" },
      problems(Base:partial { "a" }, { c = "x" }))
    assert.same({ a = "x", b = "y", c = "z" }, Base:parse { a = "x", b = "y", c = "z" })
  end)

  it("keeps policy and checks when extended, and drops the checks when picked from", function()
    local Pair = z.strict_object({ a = z.int(), b = z.int() })
      :refine(function(v) return v.a < v.b end, "wrong order")
    local Wide = Pair:extend { c = z.int() }
    assert.equal("wrong order", issue_of(Wide, { a = 2, b = 1, c = 0 }).message)
    assert.equal('Unrecognized key: "d"', issue_of(Wide, { a = 1, b = 2, c = 0, d = 1 }).message)
    assert.same({ a = 2 }, Pair:pick({ "a" }):parse { a = 2 })
  end)

  it("shows its fields", function()
    local shape = User.shape
    assert.same({ 1 }, { shape.name:safe_parse("x").success and 1 })
    shape.name = nil
    assert.is_truthy(User.shape.name)
  end)
end)

describe("a list", function()
  it("is checked item by item, then for its length", function()
    assert.same({
      "invalid_type 2: Invalid input: expected string, received number",
      "too_small : Too small: expected array to have >=3 items",
    }, problems(z.array(z.string()):min(3), { "a", 5 }))
    takes {
      { z.string():array():nonempty():max(2), { "a" } }, { z.array(z.any()):length(1), { 1 } },
    }
  end)

  it("that is too long is not looked into", function()
    assert.same({ "too_big : Too big: expected array to have <=1 items" },
      problems(z.array(z.string()):max(1), { 1, 2 }))
  end)

  it("has no holes", function()
    refuses {
      { z.array(z.any()), { [1] = 1, [3] = 3 },
        "Invalid input: expected array, received table of mixed keys" },
      { z.object {}, { 1, a = 1 },
        "Invalid input: expected object, received table of mixed keys" },
    }
  end)
end)

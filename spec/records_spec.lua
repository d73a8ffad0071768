-- Tuples and records: lists with a schema for each place, tables with any keys.

local instructor = require "instructor"
local judging = require "spec.support.judging"
local z = require "instructor.z"

local problems, issue_of = judging.problems, judging.issue_of
local takes, refuses = judging.takes, judging.refuses

describe("a tuple", function()
  local Point = z.tuple { z.number(), z.number() }

  it("takes a list with a value for each place", function()
    takes { { Point, { 1, 2.5 } }, { z.tuple {}, {} },
      { z.tuple { z.string(), z.int():optional() }, { "a" } } }
    refuses { { Point, { a = 1 }, "Invalid input: expected tuple, received object" } }
  end)

  it("counts its places from 1", function()
    assert.same({ "invalid_type 2: Invalid input: expected number, received string" },
      problems(Point, { 1, "2" }))
  end)

  it("is too short or too long", function()
    assert.same({ "too_small : Too small: expected array to have >=2 items" },
      problems(Point, { 1 }))
    assert.same({ "too_big : Too big: expected array to have <=2 items" },
      problems(Point, { 1, 2, 3 }))
  end)

  it("takes more of the same behind, if it is said", function()
    local Row = z.tuple({ z.string() }, z.int())
    takes { { Row, { "a" } }, { Row, { "a", 1, 2 } }, { Point:rest(z.null()), { 1, 2 } } }
    assert.same({ "invalid_type 3: Invalid input: expected number, received string" },
      problems(Row, { "a", 1, "b" }))
  end)

  it("fills in what is missing at its end", function()
    takes { { z.tuple { z.string(), z.int():default(7) }, { "a" }, { "a", 7 } } }
  end)
end)

describe("a record", function()
  it("takes any text keys, each with such a value", function()
    takes { { z.record(z.int()), { a = 1, b = 2 } }, { z.record(z.string(), z.int()), {} } }
    refuses { { z.record(z.int()), { 1, 2 }, "Invalid input: expected record, received array" } }
    assert.same({ "invalid_type b: Invalid input: expected number, received string" },
      problems(z.record(z.int()), { a = 1, b = "2" }))
  end)

  it("checks the keys, and says what is wrong with one", function()
    local issue = issue_of(z.record(z.string():min(2), z.int()), { a = 1 })
    assert.equal("invalid_key", issue.code)
    assert.same({ "a" }, issue.path)
    assert.equal("Too small: expected string to have >=2 characters", issue.issues[1].message)
  end)

  it("names its values by what the key's schema makes of it", function()
    takes { { z.record(z.string():to_lower(), z.int()), { A = 1 }, { a = 1 } } }
  end)

  it("whose keys are an enum holds all of them, and no other", function()
    local Votes = z.record(z.enum { "yes", "no" }, z.int())
    takes { { Votes, { yes = 3, no = 4 } } }
    assert.same({ "invalid_type no: Invalid input: expected number, received nil" },
      problems(Votes, { yes = 3 }))
    assert.equal('Unrecognized key: "maybe"',
      issue_of(Votes, { yes = 1, no = 2, maybe = 3 }).message)
  end)

  it("may hold some of them: z.partial_record", function()
    takes { { z.partial_record(z.enum { "yes", "no" }, z.int()), { yes = 3 } } }
  end)

  it("may leave keys that do not fit as they are: z.loose_record", function()
    takes { { z.loose_record(z.string():regex "^n_", z.int()), { n_a = 1, other = "x" } } }
    assert.same({ "invalid_type n_a: Invalid input: expected number, received string" },
      problems(z.loose_record(z.string():regex "^n_", z.int()), { n_a = "1" }))
  end)
end)

describe("an object", function()
  local Base = z.object { { "a", z.string() }, { "b", z.int():optional() } }

  it("checks the keys it does not declare against a schema: catchall", function()
    local Open = Base:catchall(z.int())
    takes { { Open, { a = "x", c = 1 } } }
    assert.same({ "invalid_type c: Invalid input: expected number, received string" },
      problems(Open, { a = "x", c = "1" }))
    assert.same({ a = "x" }, Open:strip():parse { a = "x", c = 1 })
  end)

  it("is merged with another, which wins", function()
    local Both = Base:merge(z.strict_object { a = z.int(), c = z.int() })
    takes { { Both, { a = 1, c = 2 } } }
    assert.equal('Unrecognized key: "d"', issue_of(Both, { a = 1, c = 2, d = 3 }).message)
  end)

  it("demands all fields, or some of them: required", function()
    local Loose = z.object { a = z.string():optional(), b = z.int():nullish() }
    assert.same({ "invalid_type a: Invalid input: expected nonoptional, received nil" },
      problems(Loose:required { "a" }, {}))
    local _, err = Loose:required():try_json "{}"
    assert.equal(2, #err.issues)
    assert.equal(instructor.null, Loose:required():parse_json('{"a":"x","b":null}').b)
    takes { { Loose:required { a = true }, { a = "x" } } }
  end)

  it("gives an enum of its names: keyof", function()
    assert.same({ "a", "b" }, Base:keyof().options)
    assert.equal("a", z.keyof(Base):parse "a")
  end)

  it("that has refinements is not overwritten unawares", function()
    local Checked = Base:refine(function(v) return v.a ~= "" end, "empty")
    assert.same({ a = "x", c = 1 }, Checked:extend({ c = z.int() }):parse { a = "x", c = 1 })
    for _, fn in ipairs {
      function() Checked:extend { a = z.int() } end, function() Checked:merge(Base) end,
    } do
      local ok, message = pcall(fn)
      assert.is_false(ok)
      assert.truthy(message:find("the object has refinements", 1, true), message)
    end
    local Trimmed = Checked:safe_extend { a = z.string():trim() }
    assert.equal("empty", issue_of(Trimmed, { a = " " }).message)
  end)
end)

describe("an enum", function()
  it("may name its values", function()
    local Level = z.enum { LOW = 0, HIGH = 9 }
    takes { { Level, 0 }, { Level, Level.enum.HIGH } }
    assert.same({ 9, 0 }, Level.options)
    assert.equal("x", z.enum({ "x", "y" }).enum.x)
  end)

  it("gives a part of itself", function()
    local All = z.enum { "a", "b", "c" }
    assert.same({ "a", "c" }, All:extract({ "c", "a" }).options)
    assert.same({ "b" }, All:exclude({ "a", "c" }).options)
    local Low = z.enum({ LOW = 0, HIGH = 9 }):extract { "LOW" }
    assert.same({ 0 }, Low.options)
    assert.equal(0, Low.enum.LOW)
    assert.is_nil(Low.enum.HIGH)
    assert.has_error(function() All:extract { "d" } end)
    assert.has_error(function() All:exclude { "a", "b", "c" } end)
  end)
end)

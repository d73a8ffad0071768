-- What a schema makes of a value: absence, defaults, null, the ways of parsing, and JSON again.

local cjson = require "cjson"
local instructor = require "instructor"
local judging = require "spec.support.judging"
local z = require "instructor.z"

local null = instructor.null
local problems, issue_of = judging.problems, judging.issue_of
local takes, refuses = judging.takes, judging.refuses

describe("a value that may be missing", function()
  it("is left out when optional; null is not missing", function()
    takes { { z.object { a = z.string():optional() }, {} } }
    assert.is_nil(z.optional(z.string()):parse(nil))
    refuses {
      { z.object { a = z.string():optional() }, { a = null },
        "Invalid input: expected string, received null" },
    }
  end)

  it("may be null when nullable, and either when nullish", function()
    takes {
      { z.object { a = z.string():nullable() }, { a = null } },
      { z.object { a = z.string():nullish() }, { a = null } },
      { z.object { a = z.nullish(z.string()) }, {} },
      { z.nullable(z.string()), null },
    }
    local result = z.object({ a = z.string():nullable() }):safe_parse_json "{}"
    assert.equal("Invalid input: expected string, received nil", result.error.issues[1].message)
  end)

  it("is filled in by default, unchecked", function()
    takes {
      { z.object { a = z.string():default "x" }, {}, { a = "x" } },
      { z.object { a = z.string():default "x":optional() }, {}, { a = "x" } },
      { z.object { a = z.string():min(5):default(1) }, {}, { a = 1 } },
      { z.object { a = z.any():default(null) }, {}, { a = null } },
      { z.object { a = z.boolean():default(false) }, {}, { a = false } },
    }
    refuses {
      { z.object { a = z.string():default "x" }, { a = null },
        "Invalid input: expected string, received null" },
    }
  end)

  it("gets a copy of the default, which neither result nor giver can change", function()
    local given = { tags = { "a" } }
    local schema = z.object { a = z.any():default(given) }
    given.tags[1] = "changed"
    local result = schema:parse {}
    assert.same({ tags = { "a" } }, result.a)
    result.a.tags[1] = "changed"
    assert.same({ tags = { "a" } }, schema:parse({}).a)
  end)
end)

describe("nulls", function()
  local schema = z.object {
    a = z.string():nullable(),
    list = z.array(z.string():nullable()),
    any = z.any(),
    inner = z.loose_object { b = z.null() },
  }
  local value = { a = null, list = { null }, any = null, inner = { b = null, other = null } }

  it("stay by themselves", function()
    assert.same(value, schema:parse(value))
    assert.same(value, schema:parse(value, { nulls = "keep" }))
  end)

  it("of declared fields are absent when asked for; others stay", function()
    assert.same({ list = { null }, inner = { other = null } },
      schema:parse(value, { nulls = "absent" }))
    assert.equal(null, z.null():parse(null, { nulls = "absent" }))
  end)

  it("go last of all: functions still see them", function()
    local seen
    local watched = z.object({ a = z.null() }):refine(function(v) seen = v.a return true end)
    assert.same({}, watched:parse({ a = null }, { nulls = "absent" }))
    assert.equal(null, seen)
  end)
end)

describe("parsing", function()
  local schema = z.object { a = z.int() }

  it("raises, returns value and error, or returns Zod's table", function()
    assert.same({ a = 1 }, schema:parse { a = 1 })
    local ok, raised = pcall(schema.parse, schema, {})
    assert.is_false(ok)
    assert.is_true(instructor.is_error(raised))
    local value, err = schema:try {}
    assert.is_nil(value)
    assert.equal("a: Invalid input: expected number, received nil", err.message)
    assert.same({ success = true, data = { a = 1 } }, schema:safe_parse { a = 1 })
    assert.is_false(schema:safe_parse({}).success)
  end)

  it("reads JSON text as well", function()
    assert.same({ a = 1 }, schema:parse_json '{"a": 1}')
    assert.same({ a = 1 }, schema:safe_parse_json('{"a": 1}').data)
    local _, err = schema:try_json '{"a": "1"}'
    assert.equal("validation", err.kind)
  end)

  it("tells where a text is no JSON", function()
    local value, err = schema:try_json '{"a": 1'
    assert.is_nil(value)
    assert.equal("json", err.kind)
    assert.equal("invalid_json", err.issues[1].code)
    assert.equal(8, err.issues[1].offset)
    assert.matches("at byte 8", err.message)
    assert.has_error(function() schema:parse_json "nonsense" end)
  end)

  it("of what is too deep, or contains itself, ends in an error", function()
    local circle = {}
    circle.again = circle
    for _, result in ipairs {
      z.any():safe_parse(circle), z.any():safe_parse_json(("["):rep(200) .. ("]"):rep(200)),
    } do
      assert.is_false(result.success)
      assert.equal("limit", result.error.kind)
    end
  end)

  it("names all issues in a text fit for people", function()
    local _, err = z.object({ name = z.string(), ["the end"] = z.string(), ["end"] = z.string() })
      :order({ "name", "the end", "end" }):try {}
    assert.equal(table.concat({
      "validation: name: Invalid input: expected string, received nil (and 2 more)",
      "  name: Invalid input: expected string, received nil",
      '  ["the end"]: Invalid input: expected string, received nil',
      '  ["end"]: Invalid input: expected string, received nil',
    }, "\n"), tostring(err))
  end)

  it("shows twenty issues and counts the rest, and cuts what is long", function()
    local list = {}
    for i = 1, 25 do list[i] = i end
    local _, err = z.array(z.string()):try(list)
    assert.matches("\n  and 5 more$", tostring(err))
    local _, long = z.strict_object({}):try { [("ë"):rep(5000)] = 1 }
    assert.is_true(#tostring(long) < 1000)
  end)
end)

describe("to_json", function()
  it("writes the fields in their order, and the rest behind them", function()
    local schema = z.object { zebra = z.int(), ant = z.int() }
    assert.equal('{"zebra":1,"ant":2,"more":3}', schema:to_json { more = 3, ant = 2, zebra = 1 })
  end)

  it("writes an empty list as [] and an empty object as {}", function()
    local schema = z.object { list = z.array(z.array(z.any())), map = z.object {} }
    assert.equal('{"list":[[]],"map":{}}', schema:to_json { list = { {} }, map = {} })
  end)

  it("writes null for a nullable field that is nil, unless it is optional", function()
    local schema = z.object {
      a = z.string():nullable(), b = z.string():optional(), c = z.string():nullish(),
    }
    assert.equal('{"a":null}', schema:to_json {})
  end)

  it("writes what it is given, without judging it", function()
    assert.equal('"x\\n"', z.int():to_json "x\n")
    local schema = z.object { a = z.any() }
    assert.equal('{"a":[1,{"b":null}]}', schema:to_json { a = { 1, { b = null } } })
  end)

  it("writes what cjson reads", function()
    local schema = z.object { a = z.number(), b = z.string(), c = z.array(z.boolean()) }
    local value = { a = 0.1, b = 'ë"\\/\0', c = { true, false } }
    assert.same(value, cjson.decode(schema:to_json(value)))
  end)
end)

describe("pipe and meta", function()
  it("hand a result on only when it is well", function()
    local schema = z.string():min(2):pipe(z.enum { "ab", "cd" })
    takes { { schema, "ab" } }
    assert.same({ "too_small : Too small: expected string to have >=2 characters" },
      problems(schema, "a"))
    assert.equal("invalid_value", issue_of(schema, "xy").code)
  end)

  it("remember what the model is told", function()
    local schema = z.string():describe "the name":meta { examples = { "Zoe" } }
    assert.same({ description = "the name", examples = { "Zoe" } }, schema:meta())
    schema:meta().examples[1] = "changed"
    assert.same({ "Zoe" }, schema:meta().examples)
    assert.same({}, z.string():meta())
  end)
end)

describe("a nil", function()
  local Note = z.object { text = z.string(), by = z.string():nullable() }

  it("is accepted from Lua where a field is nullable and not optional, as to_json writes it",
    function()
      local note = Note:parse { text = "hi" }
      assert.same({ text = "hi" }, note)
      assert.equal('{"text":"hi","by":null}', Note:to_json(note))
    end)

  it("is not accepted from JSON, which can say null", function()
    local _, err = Note:try_json '{"text":"hi"}'
    assert.same({ "by" }, err.issues[1].path)
  end)

  it("is not null where anything goes", function()
    local _, err = z.object({ a = z.any() }):try {}
    assert.same({ "a" }, err.issues[1].path)
  end)
end)

describe("a parse that was closed", function()
  it("says so to whoever goes on with it", function()
    local core = require "instructor.core"
    local schema = core.schema()
    schema:finish(schema:node "any")
    local parse = core.parse(schema, 1)
    assert.equal("valid", parse:next())
    parse:close()
    parse:close()
    for _, name in ipairs { "next", "value", "issues", "answer", "object" } do
      assert.error_matches(function() parse[name](parse) end, "the parse is closed")
    end
  end)
end)

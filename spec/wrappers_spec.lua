-- What stands around a schema: absence, defaults, catches, coercion, and code that runs first.

local OpenAI = require "instructor.openai"
local instructor = require "instructor"
local judging = require "spec.support.judging"
local z = require "instructor.z"

local problems, issue_of = judging.problems, judging.issue_of
local takes, refuses = judging.takes, judging.refuses
local null = instructor.null

describe("a missing value", function()
  it("is filled in: behind the schema by default, before it by prefault", function()
    local Trimmed = z.string():trim():min(1)
    assert.equal(" x ", Trimmed:default(" x "):parse(nil))
    assert.equal("x", Trimmed:prefault(" x "):parse(nil))
    assert.equal("Too small: expected string to have >=1 characters",
      issue_of(Trimmed:prefault " ", nil).message)
    local count = 0
    local Numbered = z.object { n = z.int():prefault(function()
      count = count + 1
      return count
    end) }
    assert.same({ { n = 1 }, { n = 2 } }, { Numbered:parse {}, Numbered:parse {} })
  end)

  it("must be there after all: nonoptional", function()
    local There = z.object { a = z.string():optional():nonoptional "a is needed" }
    assert.equal("a is needed", issue_of(There, {}).message)
    assert.equal("Invalid input: expected nonoptional, received nil",
      issue_of(z.string():optional():nonoptional(), nil).message)
    takes { { z.string():nullish():nonoptional(), null } }
  end)
end)

describe("a default that a model is shown", function()
  local function shown(provider, schema)
    local client = instructor { mode = "JSON_SCHEMA", client = OpenAI {
      provider = provider, base_url = "https://models.example/v1",
    } }
    return client.chat.completions.create {
      model = "m", messages = "x", response_model = schema, dry_run = true,
    }.body
  end

  it("is a list where lists stand, even when it is empty", function()
    local Tags = z.object { tags = z.array(z.string()):default {} }
    assert.truthy(shown("together", Tags):find('"default":[]', 1, true))
    assert.truthy(shown("openai", Tags):find("The default is [].", 1, true))
    local Inner = z.object { tags = z.array(z.string()) }
    assert.truthy(shown("together", z.object { inner = Inner:default { tags = {} } })
      :find('"default":{"tags":[]}', 1, true))
    assert.truthy(shown("together", z.object { map = z.record(z.int()):default {} })
      :find('"default":{}', 1, true))
  end)

  it("has the fields of an object in their order", function()
    local Pair = z.object { { "zeta", z.int() }, { "alpha", z.int() } }
    assert.truthy(shown("together", z.object { pair = Pair:default { alpha = 1, zeta = 2 } })
      :find('"default":{"zeta":2,"alpha":1}', 1, true))
  end)
end)

describe("a catch", function()
  it("puts a value in the place of what does not fit, or is missing", function()
    takes {
      { z.int():catch(0), 5 }, { z.int():catch(0), "x", 0 }, { z.int():min(3):catch(0), 1, 0 },
      { z.object { a = z.int():catch(7) }, {}, { a = 7 } },
      { z.array(z.int()):catch({}), { 1, "2" }, {} },
    }
  end)

  it("asks a function, which is told what stood there and what was wrong", function()
    local seen
    local Level = z.object { level = z.int():min(1):catch(function(context)
      seen = context
      return tonumber(context.input) or 1
    end) }
    assert.same({ level = 3 }, Level:parse { level = "3" })
    assert.equal("3", seen.input)
    assert.equal("Invalid input: expected number, received string", seen.issues[1].message)
    assert.truthy(tostring(seen.error):find("expected number", 1, true))
    assert.same({ level = 2 }, Level:parse { level = 2 })
  end)

  it("runs its function in plain Lua: what it raises is raised, and it may yield", function()
    local ok, message = pcall(function()
      return (z.int():catch(function() error("too bad", 0) end):parse "x")
    end)
    assert.same({ false, "too bad" }, { ok, message })
    local job = coroutine.wrap(function()
      return (z.int():catch(function(context) return coroutine.yield(context.input) end):parse "x")
    end)
    assert.equal("x", job())
    assert.equal(5, job(5))
  end)

  it("takes back what was built before it failed", function()
    local Form = z.object { a = z.array(z.object { n = z.int() }):catch({}), b = z.int() }
    assert.same({ a = {}, b = 1 }, Form:parse { a = { { n = 1 }, { n = "2" } }, b = 1 })
  end)
end)

describe("a conversion", function()
  it("is JavaScript's: z.coerce", function()
    takes {
      { z.coerce.number(), " 12 ", 12 }, { z.coerce.number(), "1e3", 1000 },
      { z.coerce.number(), true, 1 }, { z.coerce.number(), null, 0 },
      { z.coerce.number():int():min(1), "3", 3 },
      { z.coerce.string(), 1.5, "1.5" }, { z.coerce.string(), null, "null" },
      { z.coerce.string(), { 1, 2 }, "1,2" }, { z.coerce.boolean(), "false", true },
      { z.coerce.boolean(), "", false }, { z.coerce.boolean(), 0, false },
    }
    refuses { { z.coerce.number(), "12px", "Invalid input: expected number, received NaN" } }
  end)

  it("of words to booleans knows the usual ones, or yours: z.stringbool", function()
    takes { { z.stringbool(), "Yes", true }, { z.stringbool(), "off", false } }
    takes { { z.stringbool { truthy = { "ja" }, falsy = { "nein" } }, "JA", true } }
    assert.is_false(z.stringbool { truthy = { "ja" }, case = "sensitive" }:safe_parse("JA").success)
    refuses { { z.stringbool { truthy = { "ja" }, falsy = { "nein" } }, "maybe",
      'Invalid option: expected one of "ja"|"nein"' } }
  end)

  it("of your own runs first, on whatever comes: z.preprocess", function()
    local List = z.preprocess(function(v)
      if type(v) == "string" then return { v } end
      return v
    end, z.array(z.string()))
    takes { { List, "a", { "a" } }, { List, { "a", "b" } } }
    local seen = {}
    local Form = z.object { a = z.preprocess(function(v)
      seen[#seen + 1] = v == nil and "nil" or v
      return v or "none"
    end, z.string()) }
    assert.same({ a = "none" }, Form:parse {})
    assert.same({ "nil" }, seen)
    assert.same({ "invalid_type a: Invalid input: expected string, received number" },
      problems(Form, { a = 5 }))
  end)

  it("may say that it cannot", function()
    local Number = z.preprocess(function(v, context)
      local n = tonumber(v)
      if n == nil then context:add_issue "not a number at all" end
      return n
    end, z.number())
    assert.equal("not a number at all", problems(Number, "x")[1]:match ": (.*)")
  end)
end)

describe("a schema of your own", function()
  it("takes what its function takes: z.custom", function()
    local Even = z.custom(function(v)
      return type(v) == "number" and v % 2 == 0
    end, "an even number")
    takes { { Even, 4 }, { z.custom(), "anything" } }
    refuses { { Even, 3, "an even number" }, { Even, "x", "an even number" } }
  end)

  it("stops after its function, where other checks would go on", function()
    local ran = false
    local Mine = z.custom(function() return false end):refine(function() ran = true end)
    assert.is_false(Mine:safe_parse(1).success)
    assert.is_false(ran)
  end)
end)

describe("a wrapper", function()
  it("gives back what is inside", function()
    local Inner = z.string()
    for _, outer in ipairs { Inner:optional(), Inner:nullable(), Inner:default "", Inner:catch "",
      Inner:readonly(), Inner:array(), Inner:prefault "", z.lazy(function() return Inner end) } do
      assert.equal(Inner, outer:unwrap())
    end
    assert.equal(Inner, Inner:array().element)
    assert.has_error(function() Inner:unwrap() end)
  end)

  it("that only marks a schema changes nothing of a value", function()
    takes { { z.int():brand "Age", 5 }, { z.object { a = z.int() }:readonly(), { a = 1 } } }
  end)
end)

describe("a message", function()
  it("is Zod 3's, one for a missing value and one for another type, if you like", function()
    local Name = z.object { name = z.string { required_error = "a name is needed",
      invalid_type_error = "a name is a text" } }
    assert.equal("a name is needed", issue_of(Name, {}).message)
    assert.equal("a name is a text", issue_of(Name, { name = 5 }).message)
    local Age = z.number { required_error = "an age is needed" }
    assert.equal("Invalid input: expected number, received string", issue_of(Age, "x").message)
  end)

  it("is told for every kind in the same way", function()
    refuses {
      { z.tuple({ z.int() }, "T"), 1, "T" }, { z.tuple({ z.int() }, z.int(), "T"), 1, "T" },
      { z.record(z.int(), "R"), 1, "R" },
      { z.record(z.string(), z.int(), { error = "R" }), 1, "R" },
      { z.union({ z.int(), z.null() }, function() return "U" end), "x", "U" },
      { z.discriminated_union("t", { z.object { t = z.literal(1) } }, "D"), 1, "D" },
      { z.email "E", 5, "E" }, { z.email "E", "x", "E" }, { z.string():email "E", "x", "E" },
      { z.int32 "I", "x", "I" }, { z.coerce.number "N", "x", "N" },
    }
  end)
end)

-- The user's functions in a schema: when they run, how often, and what they may do.

local OpenAI = require "instructor.openai"
local instructor = require "instructor"
local z = require "instructor.z"

local null = instructor.null

-- Lua 5.1 cannot yield where a spec is run; LuaJIT can.
local it_yields = (_VERSION ~= "Lua 5.1" or rawget(_G, "jit")) and it or pending

--- A function that counts its calls and returns what `answer` says, and the count so far.
local function counted(answer)
  local calls = 0
  return function(...)
    calls = calls + 1
    if type(answer) == "function" then return answer(...) end
    return answer
  end, function() return calls end
end

local function messages(schema, value)
  local list, _, err = {}, schema:try(value)
  for i, issue in ipairs(err.issues) do list[i] = issue.message end
  return list
end

local function issues_of(schema, value)
  local _, err = schema:try(value)
  return err.issues
end

describe("refine", function()
  it("passes what is true, and makes one issue of what is not", function()
    local even = z.int():refine(function(v) return v % 2 == 0 end, "not even")
    assert.equal(2, even:parse(2))
    assert.same({ "not even" }, messages(even, 3))
    assert.equal("custom", issues_of(even, 3)[1].code)
    assert.same({ "Invalid input" }, messages(z.any():refine(function() return nil end), 1))
  end)

  it("runs once for each value, in its place among the checks", function()
    local fn, calls = counted(true)
    z.array(z.string():refine(fn)):parse { "a", "b", "c" }
    assert.equal(3, calls())
    local order = {}
    local schema = z.string()
      :refine(function() order[#order + 1] = "first" return true end)
      :overwrite(function(v) order[#order + 1] = "second" return v end)
      :refine(function() order[#order + 1] = "third" return true end)
    schema:parse "x"
    assert.same({ "first", "second", "third" }, order)
  end)

  it("runs after checks that failed, but not after a wrong type", function()
    local fn, calls = counted(false)
    assert.equal(2, #messages(z.string():min(5):refine(fn), "a"))
    assert.equal(1, calls())
    messages(z.string():refine(fn), 5)
    messages(z.object({ a = z.int() }):refine(fn), { a = "x" })
    messages(z.object({ a = z.int() }):refine(fn), {})
    messages(z.int():refine(fn), 1.5)
    assert.equal(1, calls())
  end)

  it("of an object runs when fields failed their checks only, or keys are unknown", function()
    local fn, calls = counted(true)
    messages(z.object({ a = z.int():min(5) }):refine(fn), { a = 1 })
    messages(z.strict_object({ a = z.int() }):refine(fn), { a = 1, b = 2 })
    assert.equal(2, calls())
  end)

  it("does not run after an abort", function()
    local fn, calls = counted(true)
    messages(z.string():min(5, { abort = true }):refine(fn), "a")
    messages(z.string():refine(function() return false end, { abort = true }):refine(fn), "a")
    messages(z.string():refine(function() return false end, { fatal = true }):refine(fn), "a")
    assert.equal(0, calls())
    assert.equal(2, #messages(z.string():refine(function() return false end):min(5), "a"))
  end)

  it("puts its issue at a path below the value, usable on it", function()
    local schema = z.object { form = z.object({ items = z.array(z.any()) })
      :refine(function() return false end, { path = { "items", 2 }, message = "second" }) }
    local issue = issues_of(schema, { form = { items = { 1, 2 } } })[1]
    assert.same({ "form", "items", 2 }, issue.path)
    assert.equal("second", issue.message)
  end)
end)

describe("super_refine", function()
  it("adds as many issues as it likes", function()
    local schema = z.object { a = z.array(z.any()):super_refine(function(list, context)
      context:add_issue "a text"
      context:add_issue { message = "at the first", path = { 1 } }
      context:add_issue { path = { 1, "deep" } }
      if #list > 9 then context:add_issue "never" end
    end) }
    local issues = issues_of(schema, { a = { 1 } })
    assert.equal(3, #issues)
    assert.same({ "a" }, issues[1].path)
    assert.same({ "a", 1 }, issues[2].path)
    assert.same({ "a", 1, "deep" }, issues[3].path)
    assert.same({ "a text", "at the first", "Invalid input" },
      { issues[1].message, issues[2].message, issues[3].message })
  end)

  it("ends the checks with a fatal issue only", function()
    local fn, calls = counted(true)
    local function adding(fatal)
      return z.any():super_refine(function(_, context)
        context:add_issue { message = "x", fatal = fatal }
      end):refine(fn)
    end
    messages(adding(false), 1)
    assert.equal(1, calls())
    messages(adding(true), 1)
    assert.equal(1, calls())
  end)

  it("has a context that is good while it runs", function()
    local kept
    local schema = z.any():super_refine(function(_, context) kept = context end)
    schema:parse(1)
    assert.has_error(function() kept:add_issue "too late" end)
  end)

  it("raises what is no issue, blaming the function", function()
    for wrong, message in pairs {
      [5] = "add_issue takes a table of options, not a number",
      [{ mesage = "x" }] = "add_issue has no option mesage (did you mean message?)",
      [{ path = "x" }] = 'add_issue: path takes a list, as in { "items", 1 }',
      [{ path = { 0 } }] = "add_issue: path takes keys and whole numbers from 1, not 0",
      [{ code = "too_big" }] = 'add_issue: code takes "custom", not "too_big"',
    } do
      local line = debug.getinfo(1, "l").currentline + 1
      local schema = z.any():super_refine(function(_, context) context:add_issue(wrong) end)
      local ok, raised = pcall(schema.parse, schema, 1)
      assert.is_false(ok)
      assert.matches(("functions_spec.lua:%d: "):format(line), raised, 1, true)
      assert.is_truthy(raised:find(message, 1, true), raised)
    end
  end)
end)

describe("transform", function()
  it("makes the result, once for each value that went well", function()
    local fn, calls = counted(function(v) return #v end)
    local schema = z.array(z.string():min(2):transform(fn))
    assert.same({ 2, 3 }, schema:parse { "ab", "abc" })
    messages(schema, { "a" })
    messages(schema, { 5 })
    assert.equal(2, calls())
  end)

  it("may return anything, which the next schema judges", function()
    local schema = z.string():transform(tonumber):pipe(z.number():max(10))
    assert.equal(5, schema:parse "5")
    assert.same({ "Too big: expected number to be <=10" }, messages(schema, "50"))
    assert.same({ "Invalid input: expected number, received nil" }, messages(schema, "x"))
    assert.same({ a = false }, z.object({ a = z.any():transform(function() return false end) })
      :parse { a = 1 })
  end)

  it("that returns nil leaves a field out, and a null in a list", function()
    local gone = z.any():transform(function() return nil end)
    assert.same({ b = 1 }, z.object({ a = gone, b = z.any() }):parse { a = 1, b = 1 })
    assert.same({ null, null }, z.array(gone):parse { 1, 2 })
    assert.is_nil(gone:parse(1))
    assert.is_true(gone:safe_parse(1).success)
  end)

  it("may refuse by an issue, and then what follows is not run", function()
    local fn, calls = counted(1)
    local schema = z.string():transform(function(_, context)
      context:add_issue "no number"
    end):transform(fn)
    assert.same({ "no number" }, messages(schema, "x"))
    assert.equal(0, calls())
  end)

  it("hands on what C cannot hold, as it is", function()
    local Class = { __index = { greet = function(self) return "I am " .. self.name end } }
    local object = setmetatable({ name = "Zoe" }, Class)
    object.itself = object
    for _, made in ipairs {
      object, print, io.stdout, coroutine.create(function() end), "\255\0", math.huge,
      setmetatable({}, { __index = { 1 } }), { 1, nil, 3, a = 4 },
    } do
      local schema = z.object { a = z.array(z.any():transform(function() return made end)) }
      assert.equal(made, schema:parse({ a = { 1 } }).a[1])
    end
    assert.equal("I am Zoe", z.any():transform(function() return object end):parse(1):greet())
  end)

  it("is handed what C cannot hold, as it is", function()
    local seen
    local schema = z.object { a = z.any():transform(function(v) seen = v end) }
    local object = setmetatable({ x = 1 }, { __index = {} })
    for _, given in ipairs { print, io.stdout, object, "\255" } do
      schema:parse { a = given }
      assert.equal(given, seen)
    end
  end)

  it("may look into tables of any class, and be judged by a schema after that", function()
    local object = setmetatable({ x = 1 }, { __index = { y = 2 } })
    local schema = z.any():transform(function() return object end):pipe(z.object { x = z.int() })
    local result = schema:parse(1)
    assert.same({ x = 1 }, result)
    assert.is_nil(getmetatable(result))
  end)

  it("raises when it returns a plain table that contains itself", function()
    local circle = {}
    circle.again = circle
    local schema = z.any():transform(function() return circle end)
    assert.error_matches(function() schema:parse(1) end,
      "what the function returned: again%.again.* is nested too deeply")
  end)

  it("changes its own copy only", function()
    local value = { a = { 1 } }
    local schema = z.any():transform(function(v) v.a[1] = "changed" return v end)
    assert.same({ a = { "changed" } }, schema:parse(value))
    assert.same({ a = { 1 } }, value)
  end)
end)

describe("overwrite", function()
  it("rewrites the value in its place, and what follows sees the new one", function()
    local schema = z.number():overwrite(function(v) return v * 2 end):min(10)
    assert.equal(10, schema:parse(5))
    assert.same({ "Too small: expected number to be >=10" }, messages(schema, 4))
  end)
end)

describe("default", function()
  it("calls its function each time a value is missing, and only then", function()
    local fn, calls = counted(function() return {} end)
    local schema = z.object { a = z.any():default(fn) }
    local one, other = schema:parse {}, schema:parse {}
    assert.equal(2, calls())
    one.a.x = 1
    assert.same({}, other.a)
    schema:parse { a = 1 }
    schema:parse { a = null }
    assert.equal(2, calls())
  end)

  it("may give what C cannot hold", function()
    assert.equal(print, z.any():default(function() return print end):parse(nil))
  end)
end)

describe("a message function", function()
  it("sees the issue and is called once for it", function()
    local seen
    local fn, calls = counted(function(issue)
      seen = issue
      return "at least " .. issue.minimum
    end)
    assert.same({ "at least 3" }, messages(z.object { a = z.string():min(3, fn) }, { a = "x" }))
    assert.equal(1, calls())
    assert.same({ "too_small", "string", "x" }, { seen.code, seen.origin, seen.input })
    z.string():min(3, fn):parse "long enough"
    assert.equal(1, calls())
  end)

  it("may return a text, a table with one, or nothing", function()
    assert.same({ "words" }, messages(z.string(function() return "words" end), 5))
    assert.same({ "words" }, messages(z.string(function() return { message = "words" } end), 5))
    for _, nothing in ipairs { function() end, function() return false end } do
      assert.same({ "Invalid input: expected string, received nil" },
        messages(z.string(nothing), nil))
    end
    assert.has_error(function() z.string(function() return 5 end):parse(1) end,
      "a message function returned a number, not a text")
  end)

  it("of a schema words the issues of its checks too, unless they have their own", function()
    local schema = z.string(function(issue) return "is " .. issue.code end)
    assert.same({ "is too_small", "own" }, messages(schema:min(3):max(0, "own"), "ab"))
  end)
end)

describe("any function", function()
  local places = {
    { "refine", function(fn) return z.any():refine(fn) end },
    { "super_refine", function(fn) return z.any():super_refine(fn) end },
    { "overwrite", function(fn) return z.any():overwrite(fn) end },
    { "transform", function(fn) return z.any():transform(fn) end },
    { "default", function(fn) return z.any():default(fn) end },
    { "message", function(fn) return z.never(fn) end },
  }

  for _, row in ipairs(places) do
    local name, place = row[1], row[2]
    local text = name == "default" and "{}" or '{"a":1}'

    it("may raise, and its error passes through unchanged: " .. name, function()
      local raised = setmetatable({}, {})
      local schema = z.object { a = place(function() error(raised) end) }
      for _, method in ipairs { "parse_json", "try_json", "safe_parse_json" } do
        local ok, err = pcall(schema[method], schema, text)
        assert.is_false(ok)
        assert.equal(raised, err)
      end
    end)

    it("may parse with this schema or another: " .. name, function()
      local depth, schema = 0, nil
      schema = z.object { a = place(function()
        depth = depth + 1
        if depth < 5 then schema:try_json(text) end
        assert.equal("text", z.string():transform(function(v) return v end):parse "text")
        return "fine"
      end) }
      schema:try_json(text)
      assert.equal(5, depth)
    end)

    it_yields("may yield: " .. name, function()
      local schema = z.object { a = place(function() return coroutine.yield "asking" end) }
      local thread = coroutine.create(function() return schema:try_json(text) end)
      assert.same({ true, "asking" }, { coroutine.resume(thread) })
      local _, value, err = coroutine.resume(thread, "answer")
      assert.equal("dead", coroutine.status(thread))
      assert.is_true(value ~= nil or err.issues[1].message == "answer")
    end)
  end

  it("gets its value alone when it is a function of C", function()
    assert.same({ 5, "ABC" }, { z.string():transform(tonumber):parse "5",
      z.string():transform(string.upper):parse "abc" })
  end)

  it_yields("runs in parses that take turns without disturbing each other", function()
    local schema = z.object { a = z.array(z.int():transform(function(v)
      coroutine.yield()
      return v * 10
    end)) }
    local threads, results = {}, {}
    for i = 1, 3 do
      threads[i] = coroutine.create(function() results[i] = schema:parse { a = { i, i + 1 } } end)
    end
    for _ = 1, 3 do
      for i = 1, 3 do assert(coroutine.resume(threads[i])) end
    end
    assert.same({ { a = { 10, 20 } }, { a = { 20, 30 } }, { a = { 30, 40 } } }, results)
  end)
end)

describe("a function in a call", function()
  --- Asks a model that answers {"a":1}, for a value of `schema`.
  local function ask(schema, create)
    local client = instructor {
      mode = "TOOLS",
      client = OpenAI { api_key = "sk-fake", transport = function()
        return { status = 200, body = '{"choices":[{"message":{"content":"{\\"a\\":1}"}}]}' }
      end },
    }
    return client.chat.completions[create or "create"] {
      model = "fake-model", messages = "x", response_model = schema,
    }
  end

  it("makes the result", function()
    local schema = z.object { a = z.int():transform(function(v) return v + 1 end) }
    assert.same({ a = 2 }, (ask(schema)))
    local made = setmetatable({}, { __index = {} })
    assert.equal(made, ask(z.object({ a = z.any() }):transform(function() return made end)))
  end)

  it("may raise, and its error passes through unchanged", function()
    local raised = {}
    local schema = z.object { a = z.int():refine(function() error(raised) end) }
    local ok, err = pcall(ask, schema)
    assert.is_false(ok)
    assert.equal(raised, err)
  end)

  it("may ask again itself", function()
    local inner = z.object { a = z.int() }
    local schema = z.object { a = z.int():transform(function() return ask(inner) end) }
    assert.same({ a = { a = 1 } }, (ask(schema)))
  end)

  it_yields("may yield", function()
    local schema = z.object {
      a = z.int():transform(function() return coroutine.yield "asking" end),
    }
    local thread = coroutine.create(function() return ask(schema) end)
    assert.same({ true, "asking" }, { coroutine.resume(thread) })
    local _, value = coroutine.resume(thread, "answer")
    assert.same({ a = "answer" }, value)
  end)
end)

-- The order of an object's fields: as they were written, or as it was stated, and always the same.

local compile = require "instructor.z.compile"
local process = require "spec.support.process"
local z = require "instructor.z"

local loaded = loadstring or load -- luacheck: ignore 113

--- The fields of `schema` and of all below it, as its JSON Schema has them.
local function order_of(schema)
  local names = {}
  for name in compile.compiled(schema):json_schema(false):gmatch '"(%w+)":{' do
    if name ~= "properties" and name ~= "items" then names[#names + 1] = name end
  end
  return table.concat(names, " ")
end

--- What the Lua in `text` returns, loaded as a file of its own.
local function run(text)
  local chunk = assert(loaded("local z = require 'instructor.z' " .. text, "=chunk"))
  local result = chunk()
  return result
end

local function notes_of(schema)
  return table.concat(compile.field_order(schema) or {}, "\n")
end

--- All these texts make a schema with this order, and nothing about it is left to chance.
local function stand_as_written(rows)
  for _, row in ipairs(rows) do
    local schema = run(row[2])
    assert.equal(row[1], order_of(schema), row[2])
    assert.equal("", notes_of(schema))
  end
end

describe("fields written in place", function()
  it("stand as written, on one line and on many", function()
    stand_as_written {
      { "zeta mid alpha",
        "local s = z.object { zeta = z.string(), mid = z.int(), alpha = z.null() } return s" },
      { "zeta mid alpha", [[
        local s = z.object {
          zeta = z.string(),
          mid = z.int(), alpha
            = z.null(),
        }
        return s]] },
    }
  end)

  it("stand as written whatever is called on them", function()
    stand_as_written { { "h g f e d c b a", [[
      local s = z.object {
        h = z.string():min(1):max(3):describe "the first",
        g = z.array(z.string()):min(2):default { "x", "y" },
        f = z.string():transform(function(v) return v end),
        e = z.string():pipe(z.enum { "a" }),
        d = z.optional(z.nullable(z.string())),
        c = z.enum { "a" }:nullish(),
        b = z.literal(1):refine(function() return true end):meta { title = "b" },
        a = z.int():positive(),
      }
      return s]] } }
  end)

  it("stand as written in objects within objects and lists", function()
    stand_as_written { { "z y x w v u t s", [[
      local s = z.object {
        z = z.object { y = z.string(), x = z.string() },
        w = z.array(z.object { v = z.string(), u = z.string() }:strict()):min(1),
        t = z.string(), s = z.int(),
      }
      return s]] } }
  end)

  it("stand as written beside objects that were changed or listed in place", function()
    stand_as_written { { "z y x w v u t s r q p o n", [[
      local s = z.object {
        z = z.object { y = z.string() }:extend { x = z.string(), w = z.string() },
        v = z.object { u = z.int(), t = z.int() }:partial(),
        s = z.object { r = z.int(), c = z.int() }:omit { "c" }:strict():describe "x",
        q = z.object { { "p", z.int() }, { "o", z.int() } },
        n = z.boolean(),
      }
      return s]] } }
  end)

  it("stand as written behind return, which is a tail call", function()
    stand_as_written {
      { "b c a", "return z.object { b = z.int(), c = z.int(), a = z.int() }" },
      { "b c a", "return z.object {\n b = z.int(),\n c = z.int(),\n a = z.int()\n}" },
      { "b c a", [[
        local function make()
          return z.object {
            b = z.int(),
            c = z.array(z.object {
              a = z.int(),
            }),
          }:describe "x"
        end
        return make()]] },
    }
  end)

  it("stand as written when functions of the user's make them", function()
    stand_as_written {
      { "c b a", [[
        local function text(words) return z.string():describe(words) end
        local s = z.object { c = text "x", b = z.int(), a = text "y" }
        return s]] },
      { "c b a", [[
        local function text(words)
          local schema = z.string()
          schema = schema:describe(words)
          return schema
        end
        local s = z.object {
          c = text "x",
          b = z.int(),
          a = text "y",
        }
        return s]] },
    }
  end)

  it("stand as written in a coroutine, and in a function that builds itself", function()
    stand_as_written {
      { "c b a", [[
        local thread = coroutine.wrap(function()
          return z.object { c = z.int(), b = z.int(), a = z.int() }
        end)
        return (thread())]] },
      { "d c d c d", [[
        local function tree(depth)
          if depth == 0 then return z.object { d = z.int() } end
          return z.object { d = z.int(), c = tree(depth - 1) }
        end
        return (tree(2))]] },
    }
  end)
end)

describe("a field that reuses a schema", function()
  local function comes_last(rows)
    for _, row in ipairs(rows) do
      local schema = run(row[2])
      assert.equal(row[1], order_of(schema), row[2])
      assert.matches(row[3], notes_of(schema), 1, true)
    end
  end

  it("comes after the others, by name, and is reported", function()
    comes_last {
      { "z b a d c e f", [[
        local A = z.object { d = z.int(), c = z.int() }
        local E = z.object { f = z.int() }
        local s = z.object { e = E, z = z.int(), a = A, b = z.int() }
        return s]], "object: a, e reuse a schema made before and come last, by name; "
          .. "state the order with :order{…}" },
      { "b a", "local A = z.int()\nlocal s = z.object { a = A, b = z.int() } return s",
        "object: a reuses a schema made before and comes last, by name" },
      { "a b", "local A, B = z.int(), z.int()\nlocal s = z.object { b = A, a = B } return s",
        "object: a, b reuse" },
    }
  end)

  it("is known when it was made just before, on the same line", function()
    comes_last {
      { "b a", "local A = z.int() local s = z.object { a = A, b = z.int() } return s",
        "object: a reuses" },
      { "b a", "local A = z.int() return z.object { a = A, b = z.int() }", "object: a reuses" },
      { "c a b", "local A = z.int() return z.object { a = A, b = A, c = z.int() }",
        "object: a, b reuse" },
    }
  end)

  it("is known behind return, when a local variable holds it", function()
    comes_last { { "b a", [[
      local A = z.int()
      return z.object {
        a = A,
        b = z.int(),
      }]], "object: a reuses" } }
  end)

  it("is called by its object's title", function()
    local schema = run [[local A = z.int()
      local s = z.object { a = A }:meta { title = "User" } return s]]
    assert.matches("^User: a reuses", notes_of(schema))
  end)

  it("does not count when it is changed in place: that makes a new schema", function()
    stand_as_written { { "a b", [[
      local A = z.int()
      local s = z.object { a = A:describe "changed", b = z.int() }
      return s]] } }
  end)

  it("comes by name when the table was made before the object", function()
    comes_last { { "a b c", [[
      local fields = { c = z.int(), b = z.int(), a = z.int() }
      fields.c = z.int()
      local s =
        z.object(fields)
      return s]], "object: a, b, c reuse" } }
  end)

  it("is reported once, wherever it stands", function()
    local schema = run [[
      local A = z.int()
      local B = z.object { a = A }
      local s = z.object { { "one", B }, { "two", z.array(B) } }
      return s]]
    assert.equal(1, #compile.field_order(schema))
  end)
end)

describe("a stated order", function()
  local A = z.int()

  it("is kept, for shared schemas too", function()
    local listed = z.object { { "c", A }, { "a", A }, { "b", z.string() } }
    assert.equal("c a b", order_of(listed))
    local ordered = z.object({ a = A, b = A, c = z.string() }):order { "c", "a", "b" }
    assert.equal("c a b", order_of(ordered))
    assert.equal("", notes_of(listed) .. notes_of(ordered))
  end)

  it("is kept for many fields", function()
    local list, names = {}, {}
    for i = 1, 120 do
      names[i] = "f" .. (i * 37 % 121)
      list[i] = { names[i], z.int() }
    end
    assert.equal(table.concat(names, " "), order_of(z.object(list)))
  end)
end)

describe("an object made from another", function()
  local Shared = z.string()
  local Base = z.object { c = z.string(), b = z.string(), a = z.string() }

  it("by extend keeps the places, also of fields it overrides; new ones come after", function()
    assert.equal("c b a z y", order_of(Base:extend { z = z.int(), b = z.int(), y = z.int() }))
    assert.equal("c b a z y", order_of(Base:extend { { "z", Shared }, { "b", Shared },
      { "y", Shared } }))
    local Wide = Base:extend { y = z.int(), z = Shared, a = Shared }
    assert.equal("c b a y z", order_of(Wide))
    assert.matches("object: z reuses", notes_of(Wide), 1, true)
  end)

  it("by pick, omit and partial keeps the places of what stays", function()
    assert.equal("c a", order_of(Base:pick { "a", "c" }))
    assert.equal("c a", order_of(Base:omit { b = true }))
    assert.equal("c b a", order_of(Base:partial()))
    assert.equal("c b a", order_of(Base:partial { "a" }))
    assert.equal("c b a", order_of(Base:strict():describe "x"))
  end)

  it("reports only what is still in it", function()
    local Reusing = z.object { b = Shared, a = z.int() }
    assert.equal("", notes_of(Reusing:omit { "b" }))
    assert.matches("b reuses", notes_of(Reusing:pick { "b" }), 1, true)
    assert.equal("", notes_of(Reusing:order { "b", "a" }))
  end)
end)

-- Lua hashes strings by another seed in each process, so its tables come in another order.
describe("the order in another process", function()
  local SCRIPT = [[
    local z = require "instructor.z"
    local compile = require "instructor.z.compile"
    local state = 1
    local function random(n)
      state = (state * 16807) % 2147483647
      return state % n + 1
    end
    local function name()
      local letters = {}
      for i = 1, 3 + random(5) do letters[i] = string.char(96 + random(26)) end
      return table.concat(letters)
    end
    local shared = { z.int(), z.string() }
    for _ = 1, 30 do
      local shape, lines = {}, {}
      for i = 1, 12 do
        local field = name()
        lines[i] = field .. " = " .. (random(4) == 1 and "shared[" .. random(2) .. "]"
          or random(3) == 1 and "z.object { " .. name() .. "x = z.int(), y = z.string() }"
          or "z.string()")
      end
      local text = "local z, shared = ... return z.object { " .. table.concat(lines, ", ") .. " }"
      local schema = assert((loadstring or load)(text))(z, shared)
      print(compile.compiled(schema):json_schema(false))
      for _, note in ipairs(compile.field_order(schema)) do print(note) end
      print(schema:extend({ extra = shared[1], [name()] = shared[2] }):partial():to_json {
        extra = 1, more = { b = 1, a = 2, c = 3 }, other = {},
      })
      local ok, mistake = pcall(z.object, { a = 1, b = 2, c = 3, d = 4 })
      print(mistake)
    end
  ]]

  it("is the same, to the byte", function()
    local first
    for _ = 1, 4 do
      local result = process.run({ os.getenv "LUA" or "lua", "-" }, { stdin = SCRIPT })
      assert.equal(0, result.status, result.stderr)
      first = first or result.stdout
      assert.equal(first, result.stdout)
    end
    assert.is_true(#first > 10000)
  end)
end)

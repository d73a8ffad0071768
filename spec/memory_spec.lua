-- A Lua state whose memory runs out, at each request in turn: an error each time, nothing lost, and
-- all well again when there is memory.

local process = require "spec.support.process"

local lua = os.getenv "LUA" or "lua"

--- Where the module spec/memory/limit.c is, compiled once for this Lua.
local function compiled()
  local folder = process.temp_folder()
  local result = process.run({ "sh", "-c", [[
    flags=${LUA_CFLAGS:-$(.ci/lua "$1" | cut -d ' ' -f 4-)}
    case $(uname -s) in
      Darwin) kind='-bundle -undefined dynamic_lookup' ;;
      *) kind='-shared' ;;
    esac
    exec ${CC:-cc} -std=c11 -O1 -fPIC $kind $flags -o "$2/limit.so" spec/memory/limit.c
  ]], "sh", lua, folder }, { limit = 60 })
  assert(result.status == 0, result.stderr)
  return folder
end

-- Fails each request of `work` in turn.  `work` returns an error of kind "memory", or raises that
-- memory ran out, or ends well.  It is a text, and may use what `before` has made.
local SWEEP = [[
  local limit = require "limit"
  if jit then jit.off() end
  local instructor = require "instructor"
  local OpenAI = require "instructor.openai"
  local z = require "instructor.z"
  %s
  local function work()
    %s
  end

  --- Memory in use that Lua itself does not know of.  (A schema, its key in a weak table, and what
  --- the key stands for go one after the other in Lua 5.1.)
  local function beside_lua()
    for _ = 1, 4 do collectgarbage() end
    local of_lua = collectgarbage "count" * 1024 -- first: the call itself may grow Lua's stack
    return limit.live() - of_lua
  end

  local function is_fair(ok, value, err)
    if not ok then return value == "not enough memory" or value:find "memory ran out$" end
    return value ~= nil or err.kind == "memory"
  end

  local function sweep()
    local tried, failed = 0, 0
    local before = beside_lua()
    for _, once in ipairs { false, true } do
      local n = 0
      repeat
        local refused, ok, value, err = limit.run(n, once, work)
        if not is_fair(ok, value, err) then
          error(("request %%d: %%s %%s"):format(n, tostring(value), tostring(err)))
        end
        local lost = beside_lua() - before
        if lost ~= 0 then error(("request %%d: %%d bytes are lost"):format(n, lost)) end
        n, tried = n + 1, tried + 1
        if not ok or value == nil then failed = failed + 1 end
      until refused == 0
      work()
    end
    print(tried, failed)
  end

  work()
  work()
  local ok, message = pcall(sweep)
  if not ok then io.stderr:write(message, "\n") end
  os.exit(ok and 0 or 1) -- at once: a state that is closed unloads limit before its last block
]]

local folder

local function sweep(before, work)
  folder = folder or compiled()
  local cpath = ("%s/?.so;%s"):format(folder, os.getenv "LUA_CPATH" or ";;")
  local result = process.run({ lua, "-" },
    { stdin = SWEEP:format(before, work), env = { LUA_CPATH = cpath }, limit = 120 })
  assert.equal(0, result.status, ("signal %s: %s"):format(tostring(result.signal), result.stderr))
  local tried, failed = result.stdout:match "(%d+)%s+(%d+)"
  assert.is_true(tonumber(failed) > 20)
  assert.is_true(tonumber(tried) > tonumber(failed))
end

-- What a finaliser meets that makes a call while its Lua state is being closed.
local AT_THE_END = [==[
local client
local function last()
  print(pcall(client.chat.completions.create, { model = "m", messages = "x", dry_run = true }))
end
require "instructor.core" -- Lua 5.1 takes what was loaded later down earlier
if newproxy then
  kept = newproxy(true)
  getmetatable(kept).__gc = last
else
  kept = setmetatable({}, { __gc = last })
end
client = require "instructor.openai" { base_url = "http://127.0.0.1:1/v1", api_key = "sk-fake",
  headers = { ["X-One"] = "1" } }
client.chat.completions.create { model = "m", messages = "x", dry_run = true }
]==]

describe("when a Lua state is closed", function()
  it("a client that is gone refuses a finaliser's call", function()
    local result = process.run({ lua, "-" }, { stdin = AT_THE_END })
    assert.equal(0, result.status)
    assert.matches("^false\t.*being closed", result.stdout)
  end)
end)

-- What a finaliser meets that asks with a schema which goes with it; others of its client were used
-- since.
local WITH_ITS_SCHEMA = [==[
local z = require "instructor.z"
local client = require "instructor" { client = require "instructor.openai" { api_key = "sk-fake",
  transport = function()
    return { status = 200, body = '{"choices":[{"message":{"content":"{}"}}]}' }
  end } }
local function ask(schema)
  return client.chat.completions.create { model = "m", messages = "x", response_model = schema }
end
local runs = 0
local function begin()
  local schema
  local function last()
    runs = runs + 1
    print(pcall(ask, schema))
  end
  local kept = newproxy and newproxy(true)
  if kept then getmetatable(kept).__gc = last else kept = setmetatable({}, { __gc = last }) end
  schema = z.object { a = z.array(z.string()):optional() }
  for _ = 1, 3 do assert(ask(schema)) end
end
begin()
local other = z.object { b = z.string():optional() }
for _ = 1, 3 do assert(ask(other)) end
for _ = 1, 3 do collectgarbage() end
assert(runs == 1)
]==]

describe("a schema that is gone already", function()
  it("is not asked for by a finaliser, and his line is blamed", function()
    local result = process.run({ lua, "-" }, { stdin = WITH_ITS_SCHEMA })
    assert.equal("", result.stderr)
    assert.equal(0, result.status)
    assert.matches("^false\tstdin:%d+: create: the schema is gone", result.stdout)
  end)
end)

describe("when memory runs out", function()
  it("while a schema is made and compiled", function()
    sweep("", [[
      local s = z.object {
        a = z.string():min(1):regex("^[a-z]+(x|y)$", "i"):describe "text",
        b = z.array(z.enum { "one", "two" }):default { "one" },
        c = z.object { { "d", z.literal { 1, instructor.null } }, { "e", z.any() } }:optional(),
        f = z.string():refine(function() return true end, { path = { "a", 1 }, message = "m" }),
      }
      return require("instructor.z.compile").compiled(s):json_schema(true)
    ]])
  end)

  it("while a value is parsed, well or not", function()
    sweep([[
      local S = z.strict_object {
        a = z.string():min(2):regex "^a",
        b = z.array(z.object { c = z.number(), d = z.string():nullish() }),
        e = z.int():default(5),
      }
      local good = '{"a":"abc","b":[{"c":1.5},{"c":2,"d":null}]}'
      local bad = '{"a":"b","b":[{"c":"x"},{"d":"y"}],"z":1}'
    ]], [[
      local value, err = S:try_json(good, { nulls = "absent" })
      if value == nil then return nil, err end
      local result = S:safe_parse(value)
      if not result.success then return nil, result.error end
      local _, wrong = S:try_json(bad)
      if wrong.kind ~= "validation" then return nil, wrong end
      return S:to_json(value) .. tostring(wrong)
    ]])
  end)

  it("while unions, records, tuples and what leads back to itself are made and parsed", function()
    sweep("", [[
      local Node
      Node = z.object {
        { "id", z.string():min(3) + z.int() },
        { "on", z.discriminated_union("t", {
          z.object { t = z.literal "a", at = z.iso.datetime { offset = true } },
          z.object { t = z.literal "b", to = z.email() },
        }):optional() },
        { "notes", z.record(z.string():min(2), z.coerce.number()):catch({}) },
        { "pair", z.tuple({ z.int() }, z.boolean()):and_(z.array(z.any())) },
        { "next", z.lazy(function() return Node end):nullish() },
      }
      require("instructor.z.compile").compiled(Node):json_schema(false)
      local value, err = Node:try_json('{"id":1,"on":{"t":"b","to":"a@b.cd"},"notes":{"x":1},'
        .. '"pair":[1,true],"next":{"id":"abc","notes":{"ab":"2"},"pair":[2]}}')
      if value == nil then return nil, err end
      local _, wrong = Node:try { id = true, on = { t = "a", at = "x" }, notes = { ab = {} },
        pair = { "x" }, next = { id = "a", notes = {}, pair = {} } }
      if wrong.kind ~= "validation" then return nil, wrong end
      return Node:to_json(value) .. tostring(wrong)
    ]])
  end)

  it("while functions of the user's run", function()
    sweep([[
      local S = z.object {
        a = z.any():transform(function(v) return { v, print, setmetatable({ v }, {}) } end),
        b = z.any():default(function() return { 1 } end),
        c = z.string(function(issue) return "got " .. issue.received end),
        d = z.array(z.any()):super_refine(function(_, context)
          context:add_issue { path = { 1, "x" }, message = "no" }
        end),
      }
    ]], [[
      local _, err = S:try { a = { { x = "y" } }, c = 5, d = { 1 } }
      if err.kind ~= "validation" then return nil, err end
      return tostring(err)
    ]])
  end)

  it("while a model is asked, and asked again", function()
    sweep([[
      local S = z.object { age = z.int(), name = z.string() }
      local answers = {
        '{"choices":[{"message":{"content":"{\\"age\\":\\"x\\",\\"name\\":\\"Zoe\\"}"}}]}',
        '{"choices":[{"message":{"content":"{\\"age\\":41,\\"name\\":\\"Zoe\\"}"}}],"id":"1"}',
      }
      local count
      local client = instructor { mode = "TOOLS", client = OpenAI {
        api_key = "sk-fake", http_retries = 0,
        transport = function()
          count = count + 1
          return { status = 200, body = answers[count] }
        end,
      } }
    ]], [[
      count = 0
      local user, meta = client.chat.completions.create {
        model = "fake-model", messages = "Zoe is 41", response_model = S, max_retries = 1,
        backoff = false,
      }
      if user == nil then return nil, meta end
      return user.name .. meta.raw .. #meta.attempts
    ]])
  end)

  it("while calls that are over leave what they had to others of their client", function()
    sweep([[
      local S = z.object { name = z.string() }
      local answer = [=[{"choices":[{"message":{"content":"{\"name\":\"%s\"}"}}]}]=]
      local client
      local function ask(name)
        return client.chat.completions.create { model = "m", messages = name, response_model = S }
      end
      -- The transport asks, too: several calls are under way.
      local function transport(request)
        local name = request.body:match '"content":"(a*)"'
        if #name < 5 then
          local inner, err = ask(name .. "a")
          if inner == nil then return nil, err end
        end
        return { status = 200, body = answer:format(name) }
      end
      local function run()
        client = instructor { mode = "TOOLS", client = OpenAI { api_key = "sk-fake",
          http_retries = 0, transport = transport } }
        local well, user, err = pcall(ask, "a")
        local again, failed = ask "aa" -- whatever became of the first
        if not well then error(user, 0) end
        if user == nil then return nil, err end
        return again and user.name, failed
      end
    ]], [[
      client = nil
      local well, value, err = pcall(run)
      client = nil
      if not well then error(value, 0) end
      return value, err
    ]])
  end)

  it("while an answer arrives, is stopped, asked for again and looked at", function()
    sweep([[
      local S = z.object { { "name", z.string():max(4) }, { "tags", z.array(z.string()) } }
      local function event(text)
        return ('data: {"choices":[{"index":0,"delta":{"content":%q}}]}\n\n'):format(text)
      end
      local END = 'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
      local answers = {
        { event '{\"name\":\"Zoe Park\",', event '\"tags\":[' },
        { event '{\"name\":\"Z', event 'oe\",\"tags\":[\"a', event '\",\"b\"]}', END },
        { event '{\"value\":[{\"name\":\"Zoe\",\"tags\":[]},', event '{\"name\":1}]}', END },
      }
      local count
      local function transport()
        count = count + 1
        local parts, at = answers[count], 0
        return { status = 200, body = function()
          at = at + 1
          return parts[at]
        end }
      end
      local completions = instructor { mode = "JSON", client = OpenAI { api_key = "sk-fake",
        http_retries = 0, transport = transport } }.chat.completions
      local function ask(model)
        return { model = "fake-model", messages = "Zoe", response_model = model, max_retries = 1,
          backoff = false, stream = true, on_invalid = nil }
      end
    ]], [[
      count = 0
      local stream, shown = completions.create(ask(S)), 0
      while true do
        local part, told = stream:next()
        if part == nil then
          if told then return nil, told end
          break
        end
        shown = shown + #told.path + #told.completed + #(told.delta or "")
        if stream:snapshot().name ~= part.name then error "another" end
      end
      local user, meta = stream:result()
      if user == nil then return nil, meta end
      local params = ask(S)
      params.on_invalid = "skip"
      local items, account = completions.create_iterable(params):result()
      if items == nil then return nil, account end
      return user.name .. #meta.attempts .. meta.stopped .. #items .. #account.skipped
    ]])
  end)

  it("while exchanges are logged, recorded and replayed", function()
    sweep(([[
      local S = z.object { age = z.int(), name = z.string() }
      local body = '{"choices":[{"message":{"content":"{\\"age\\":41,\\"name\\":\\"Zoe\\"}"}}]}'
      local path, lines = %q, 0
      local function ask(given)
        given.api_key, given.http_retries = "sk-fake-key-1", 0
        return instructor({ client = OpenAI(given) }).chat.completions.create {
          model = "fake-model", messages = "Zoe is 41", response_model = S,
        }
      end
      local function answer()
        return { status = 200, body = body, headers = { ["X-Request-Id"] = "1" } }
      end
      assert(ask { transport = answer, record = path })
    ]]):format(process.temp_path ".jsonl"), [[
      local user, err = ask {
        transport = answer, record = "/dev/null", debug = true,
        logger = function(_, message) lines = lines + #message end,
      }
      if user == nil then return nil, err end
      user, err = ask { replay = path }
      if user == nil then return nil, err end
      return user.name
    ]])
  end)

  it("while a provider is read and made", function()
    sweep([[
      local core = require "instructor.core"
    ]], [[
      local row = core.provider "openrouter"
      row.name, row.base_url, row.ignores = "acme", "https://acme.example/v1", { "a", "b" }
      row.key_header, row.limits = "X-Pass", { levels = 3 }
      return core.provider_new(row).name .. #instructor.providers.get("openai").modes
    ]])
  end)
end)

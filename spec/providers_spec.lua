-- Providers as rows: how they are read and added, whose key goes where, what a row changes in a
-- request, and which schemas and parameters are refused before anything is sent.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local process = require "spec.support.process"
local z = require "instructor.z"

local providers = Instructor.providers
local LUA = os.getenv "LUA" or "lua5.4"
local KEY = "sk-fake-for-specs"

local User = z.object { { "age", z.number() }, { "name", z.string() } }

local number = 0
local function new_name()
  number = number + 1
  return "acme" .. number
end

-- Adds a row under a name of its own; returns the name.
local function add(row)
  row.name = row.name or new_name()
  providers.add(row)
  return row.name
end

local function dry(given, mode, params)
  given.api_key = given.api_key or KEY
  local all = { model = "m", messages = "Jason Liu is 30", response_model = User, dry_run = true }
  for name, value in pairs(params or {}) do all[name] = value end
  local request = Instructor { client = OpenAI(given), mode = mode }.chat.completions.create(all)
  return request, cjson.decode(request.body)
end

local function raised(fn, ...)
  local well, message = pcall(fn, ...)
  assert.is_false(well, "nothing was raised")
  return message
end

describe("instructor.providers", function()
  it("lists the rows by name", function()
    local names = providers.list()
    assert.equal("openai", names[1])
    for _, name in ipairs(names) do assert.equal(name, providers.get(name).name) end
  end)

  it("gives a row to read, in any letter case", function()
    local row = providers.get "Anyscale"
    assert.equal("https://api.endpoints.anyscale.com/v1", row.base_url)
    assert.equal("ANYSCALE_API_KEY", row.key_env)
    assert.equal("json_object", row.envelope)
    assert.equal("TOOLS", row.default_mode)
    assert.same({ "TOOLS", "FUNCTIONS", "JSON_SCHEMA", "JSON", "MD_JSON" }, row.modes)
    assert.same({ provider = { require_parameters = true } },
      providers.get "openrouter".extra_body)
    assert.equal(5000, providers.get "openai".limits.properties)
    assert.is_nil(providers.get "nobody")
  end)

  it("gives a copy: what is done to it changes nothing", function()
    providers.get "openai".modes[1] = "MD_JSON"
    providers.get "openai".limits.levels = 1
    assert.equal("TOOLS", providers.get "openai".modes[1])
    assert.equal(10, providers.get "openai".limits.levels)
  end)

  it("takes what it gave, under another name", function()
    for _, name in ipairs { "openai", "openrouter", "vllm", "azure", "mistral" } do
      local row = providers.get(name)
      row.name, row.base_url, row.other_host, row.key_env = new_name(), nil, nil, nil
      local wanted = providers.get(name)
      providers.add(row)
      local got = providers.get(row.name)
      wanted.name, wanted.base_url, wanted.other_host, wanted.key_env = row.name, nil, nil, nil
      assert.same(wanted, got)
    end
  end)

  describe("adds a row that", function()
    it("is chosen by its name, in any letter case", function()
      local name = add { base_url = "http://127.0.0.1:9999/v1" }
      assert.equal("http://127.0.0.1:9999/v1/chat/completions",
        dry({ provider = name:upper() }, "TOOLS").url)
      local names = providers.list()
      assert.equal(name, names[#names])
    end)

    it("is chosen by the exact host of its base_url, or its other host", function()
      add { base_url = "https://llm.host.example/v1", other_host = "eu.host.example",
        envelope = "json_object" }
      local function format(url)
        return select(2, dry({ base_url = url }, "JSON_SCHEMA")).response_format.type
      end
      assert.equal("json_object", format "https://llm.host.example/v2")
      assert.equal("json_object", format "https://EU.host.example:8443")
      assert.equal("json_schema", format "https://host.example/v1")
      assert.equal("json_schema", format "https://llm.host.example.evil.example/v1")
    end)

    it("never owns a loopback host: any server may stand there", function()
      add { base_url = "http://127.0.0.1:7777/v1", envelope = "json_object" }
      add { base_url = "http://localhost:7777/v1", envelope = "json_object" }
      add { base_url = "http://[::1]:7777/v1", envelope = "json_object" }
      for _, host in ipairs { "127.0.0.1", "localhost", "[::1]", "127.1.2.3" } do
        local _, body = dry({ base_url = "http://" .. host .. ":7777/v1" }, "JSON_SCHEMA")
        assert.equal("json_schema", body.response_format.type)
      end
    end)

    it("is not taken for another address in brackets", function()
      add { base_url = "https://[2001:db8::1]/v1", envelope = "json_object" }
      local _, same = dry({ base_url = "https://[2001:db8::1]:8443/v1" }, "JSON_SCHEMA")
      local _, other = dry({ base_url = "https://[2001:db8::2]/v1" }, "JSON_SCHEMA")
      assert.equal("json_object", same.response_format.type)
      assert.equal("json_schema", other.response_format.type)
    end)

    it("is like another one but for what it says itself", function()
      local row = providers.get(add { like = "perplexity", strict = "always" })
      assert.equal("bare_schema", row.envelope)
      assert.equal("always", row.strict)
      assert.same(providers.get "perplexity".modes, row.modes)
      assert.is_nil(row.base_url)
      assert.is_nil(row.key_env)
    end)

    it("is like any compatible server otherwise", function()
      local row, compatible = providers.get(add {}), providers.get "compatible"
      compatible.name = row.name
      assert.same(compatible, row)
    end)

    it("takes some modes only, the first of them by default", function()
      local name = add { base_url = "https://few.example/v1", modes = { "md_json", "JSON" } }
      local oai = OpenAI { provider = name, api_key = KEY }
      assert.equal("MD_JSON", Instructor { client = oai }.mode:upper())
      assert.matches("does not take the mode tools; it takes JSON, MD_JSON",
        raised(Instructor, { client = oai, mode = "tools" }))
    end)

    it("takes its key in a header of its own, which no dry run shows", function()
      local name = add { base_url = "https://own.example/v1", key_header = "X-Gateway-Pass" }
      local request = dry({ provider = name }, "TOOLS")
      assert.equal("***", request.headers["X-Gateway-Pass"])
      assert.is_nil(request.headers.Authorization)
    end)

    it("adds members to the body, beneath the user's, where a mode asks for something", function()
      local name = add { base_url = "https://extra.example/v1",
        extra_body = { route = { strict = true, order = "price" }, seed = 1 } }
      local function body(mode, params)
        return (select(2, dry({ provider = name }, mode, params)))
      end
      assert.same({ strict = true, order = "price" }, body "TOOLS".route)
      local own = body("TOOLS", { route = { order = "speed" }, seed = 2 })
      assert.same({ strict = true, order = "speed" }, own.route)
      assert.equal(2, own.seed)
      assert.is_nil(body "MD_JSON".route)
    end)

    it("adds members to what a mode puts into the body, too", function()
      local name = add { base_url = "https://members.example/v1", envelope = "json_schema",
        modes = { "TOOLS", "FUNCTIONS", "JSON_SCHEMA", "JSON" }, default_mode = "TOOLS",
        extra_body = { response_format = { cache = true, type = "text" },
          tool_choice = { only = true }, function_call = { only = true } } }
      local function body(mode, own) return (select(2, dry({ provider = name }, mode, own))) end
      for _ = 1, 2 do
        assert.is_true(body "TOOLS".tool_choice.only)
        assert.equal("function", body "TOOLS".tool_choice.type)
        assert.is_true(body "FUNCTIONS".function_call.only)
        assert.is_string(body "FUNCTIONS".function_call.name)
        assert.same({ type = "json_object", cache = true }, body "JSON".response_format)
        local format = body "JSON_SCHEMA".response_format
        assert.equal("json_schema", format.type)
        assert.is_table(format.json_schema.schema)
        assert.is_true(format.cache)
      end
    end)
  end)

  describe("keeps a key of the environment", function()
    local function key_sent(script)
      local path = process.temp_file([[
        local Instructor = require "instructor"
        local OpenAI = require "instructor.openai"
        Instructor.providers.add { name = "acme", base_url = "https://llm.acme.example/v1",
          key_env = "ACME_FAKE_KEY" }
        local function ask(given)
          given.transport = function(request)
            for _, header in ipairs(request.headers) do
              if header[1] == "Authorization" then print(header[2]) end
            end
            print(request.url)
            return nil, "no network here"
          end
          given.http_retries = 0
          OpenAI(given).chat.completions.create { model = "m", messages = "x" }
        end
      ]] .. script, ".lua")
      return process.run({ LUA, path }, { env = { ACME_FAKE_KEY = "sk-fake-acme" } })
    end

    it("for the row's own host", function()
      local result = key_sent [[ask { provider = "acme" }
        ask { base_url = "https://llm.acme.example/v2" }]]
      assert.equal("", result.stderr)
      assert.equal(2, select(2, result.stdout:gsub("Bearer sk%-fake%-acme", "")))
    end)

    it("and sends it nowhere else, nor in the clear", function()
      local result = key_sent [[ask { provider = "acme", base_url = "https://evil.example/v1" }
        ask { provider = "acme", base_url = "http://llm.acme.example/v1" }
        ask { base_url = "https://acme.example/v1" }]]
      assert.equal("", result.stderr)
      assert.is_nil(result.stdout:find "sk%-fake")
      assert.equal(3, select(2, result.stdout:gsub("chat/completions", "")))
    end)

    it("and says which variable is missing", function()
      add { name = "keyless", base_url = "https://keyless.example/v1", key_env = "NO_SUCH_KEY" }
      assert.matches("no API key for keyless: set NO_SUCH_KEY",
        raised(OpenAI, { provider = "keyless" }))
    end)
  end)

  describe("refuses, in the user's own line,", function()
    local cases = {
      { "no table", "acme", "takes a table of options, not a string" },
      { "a row without a name", {}, "needs a name" },
      { "a name that is taken", { name = "OpenAI" }, "is taken: there is a provider OpenAI" },
      { "a name that is no word", { name = "my row" }, 'takes a word such as "acme"' },
      { "the host of another row", { base_url = "https://api.openai.com/proxy" },
        "base_url has the host of the provider openai" },
      { "the same as other host", { other_host = "api.together.ai" },
        "other_host has the host of the provider together" },
      { "an unknown option", { base_uri = "x" }, "no option base_uri %(did you mean base_url%?%)" },
      { "an unknown mode", { modes = { "TOOLZ" } }, 'not "TOOLZ"' },
      { "an empty list of modes", { modes = {} }, "modes takes a list" },
      { "a default that is not among the modes", { modes = { "JSON" }, default_mode = "TOOLS" },
        "its default mode is not among its modes" },
      { "an unknown envelope", { envelope = "yaml" },
        '"json_schema", "bare_schema", "json_object"' },
      { "an unknown strictness", { strict = true }, '"always", "if_possible", "never"' },
      { "an unknown tool choice", { tool_choice = "some" }, '"named", "any", "required"' },
      { "a row that is like none", { like = "opnai" }, 'knows no "opnai"' },
      { "a URL that is none", { base_url = "acme.example" }, "takes a URL" },
      { "a host that is a URL", { other_host = "https://x.example" }, "takes a host" },
      { "a key in the clear", { base_url = "http://plain.example/v1", key_env = "K" },
        "a base_url that begins with https://" },
      { "a key without a host", { key_env = "K" }, "a key_env needs a base_url" },
      { "a variable that is no name", { key_env = "a b" }, "the name of an environment variable" },
      { "a header that is none", { key_header = "a: b" }, "the name of a header" },
      { "an unknown limit", { limits = { depth = 3 } }, "no option depth" },
      { "a limit that is no count", { limits = { levels = -1 } }, "whole number" },
      { "members that are no table", { extra_body = "x" }, "takes a table" },
      { "members that are a list", { extra_body = { 1 } }, "extra_body is no JSON object" },
      { "ignored parameters that are no list", { ignores = "seed" }, "takes a list" },
    }
    for _, case in ipairs(cases) do
      it(case[1], function()
        local row = case[2]
        if type(row) == "table" and row.name == nil and case[3] ~= "needs a name" then
          row.name = new_name()
        end
        local before = #providers.list()
        local message = raised(function() providers.add(row) end)
        assert.matches(case[3], message)
        assert.matches("providers_spec.lua:%d+: providers.add", message)
        assert.equal(before, #providers.list())
      end)
    end
  end)

  it("belong to one Lua state: another one does not know them", function()
    add { name = "mine", base_url = "https://mine.example/v1" }
    local path = process.temp_file([[
      local Instructor = require "instructor"
      print(Instructor.providers.get "mine", #Instructor.providers.list())
    ]], ".lua")
    assert.matches("^nil\t", process.run({ LUA, path }).stdout)
  end)

  it("live as long as a client of theirs, whatever is collected meanwhile", function()
    local name = add { base_url = "https://long.example/v1", key_header = "X-Pass",
      ignores = { "guided_thing" } }
    local client = Instructor { client = OpenAI { provider = name, api_key = KEY } }
    for _ = 1, 5 do
      collectgarbage()
      local request = client.chat.completions.create { model = "m", messages = "x",
        response_model = User, dry_run = true }
      assert.equal("***", request.headers["X-Pass"])
    end
  end)
end)

describe("a provider's row", function()
  it("names our tool, or says it in the word that the provider knows", function()
    local function choice(name)
      return select(2, dry({ provider = name }, "TOOLS")).tool_choice
    end
    assert.same({ type = "function", ["function"] = { name = "Response" } }, choice "openai")
    assert.equal("any", choice "mistral")
    assert.equal("required", choice "llamacpp")
    assert.equal("required", choice "lmstudio")
  end)

  local search = { { type = "function", ["function"] = { name = "search" } } }

  it("names our tool where the user has more, or refuses what it cannot say", function()
    local _, body = dry({ provider = "mistral" }, "TOOLS", { tools = search })
    assert.equal("Response", body.tool_choice["function"].name)
    assert.matches("llamacpp cannot be made to call one tool among several",
      raised(dry, { provider = "llamacpp" }, "TOOLS", { tools = search }))
  end)

  it("shows the schema in the prompt where the model would not see it", function()
    local function prompt(name)
      return select(2, dry({ provider = name }, "JSON_SCHEMA")).messages[1].content
    end
    assert.is_nil(prompt "openai":find('"properties"', 1, true))
    for _, name in ipairs { "anyscale", "fireworks", "ollama", "vllm", "llamacpp", "lmstudio" } do
      assert.truthy(prompt(name):find('"properties"', 1, true), name)
    end
  end)

  it("refuses a parameter that it is known to ignore in silence", function()
    local message = raised(dry, { provider = "vllm" }, "JSON_SCHEMA", { guided_json = {} })
    assert.matches("vllm ignores the parameter guided_json in silence", message)
    local plain = OpenAI { provider = "vllm" }.chat.completions.create { model = "m",
      messages = "x", guided_json = {}, dry_run = true }
    assert.truthy(plain.body:find("guided_json", 1, true)) -- what is passed through is the user's
  end)

  it("asks OpenRouter for a server that heeds every parameter, unless the user says no", function()
    local function provider(mode, params)
      return select(2, dry({ provider = "openrouter" }, mode, params)).provider
    end
    for _, mode in ipairs { "TOOLS", "JSON_SCHEMA", "JSON" } do
      assert.is_true(provider(mode).require_parameters)
    end
    assert.is_nil(provider "MD_JSON")
    assert.same({ require_parameters = false, sort = "price" },
      provider("TOOLS", { provider = { require_parameters = false, sort = "price" } }))
  end)

  it("puts Azure's key in api-key, and the query behind the path", function()
    local request = dry({ provider = "azure", base_url =
      "https://res.openai.azure.com/openai/deployments/d?api-version=2024-10-21" }, "TOOLS")
    assert.equal("***", request.headers["api-key"])
    assert.is_nil(request.headers.Authorization)
    assert.equal("https://res.openai.azure.com/openai/deployments/d/chat/completions"
      .. "?api-version=2024-10-21", request.url)
  end)
end)

describe("a strict provider", function()
  local function refusal(schema, provider, mode)
    return raised(dry, { provider = provider or "openai" }, mode or "JSON_SCHEMA",
      { response_model = schema })
  end

  it("refuses what its rules cannot say, by name and place, and says what to do", function()
    local any = z.object { { "name", z.string() }, { "meta", z.any() } }
    local message = refusal(any)
    assert.matches("openai does not take a value of any type at meta under its strict rules",
      message)
    assert.matches("say which types it may have, or take the mode TOOLS", message)
    assert.matches("at lines%[%].extra under",
      refusal(z.object { lines = z.array(z.object { extra = z.unknown() }) }))
    assert.matches("at the root under", refusal(z.any()))
    assert.matches("at %[%] under", refusal(z.array(z.any())))
  end)

  it("takes the same in another mode", function()
    for _, mode in ipairs { "TOOLS", "JSON", "MD_JSON" } do
      assert.truthy(dry({ provider = "openai" }, mode, { response_model = z.any() }))
    end
  end)

  it("is one of many: where schemas are taken as they are, so are these", function()
    for _, name in ipairs { "together", "vllm", "llamacpp", "perplexity", "fireworks" } do
      assert.truthy(dry({ provider = name }, "JSON_SCHEMA", { response_model = z.any() }))
    end
  end)

  it("that nobody knows is asked strictly where that can be, and plainly where not", function()
    local function format(schema)
      local _, body = dry({ base_url = "http://127.0.0.1:1/v1" }, "JSON_SCHEMA",
        { response_model = schema })
      return body.response_format.json_schema
    end
    assert.is_true(format(User).strict)
    local plain = format(z.object { any = z.any(), maybe = z.string():optional() })
    assert.is_nil(plain.strict)
    assert.same({}, plain.schema.properties.any)
    assert.equal("string", plain.schema.properties.maybe.type) -- optional, not nullable
  end)

  local function nested(levels)
    local schema = z.object { leaf = z.string() }
    for _ = 2, levels do schema = z.object { inner = schema } end
    return schema
  end

  it("refuses a schema that is too deep or too large", function()
    assert.truthy(dry({ provider = "openai" }, "JSON_SCHEMA", { response_model = nested(10) }))
    assert.matches("openai takes a schema of at most 10 levels of objects, not of 11",
      refusal(nested(11)))
    local words = {}
    for i = 1, 1001 do words[i] = "w" .. i end
    assert.matches("at most 1000 enum values, not of 1001", refusal(z.object { e = z.enum(words) }))
    for i = 1, 300 do words[i] = ("w%059d"):format(i) end
    for i = #words, 301, -1 do words[i] = nil end
    assert.matches("at most 15000 bytes in one enum, not of 18000",
      refusal(z.object { e = z.enum(words) }))
  end)

  it("of the user's own has the limits its row states, strict or not", function()
    for _, strict in ipairs { "always", "if_possible", "never" } do
      local name = add { strict = strict, limits = { properties = 2, text = 12 } }
      local function ask(schema)
        return dry({ provider = name, base_url = "https://small.example/v1" }, "JSON_SCHEMA",
          { response_model = schema })
      end
      assert.truthy(ask(User))
      assert.matches("at most 2 properties, not of 3",
        raised(ask, z.object { a = z.string(), b = z.string(), c = z.string() }))
      assert.matches("at most 12 bytes of names",
        raised(ask, z.object { a_longer_name = z.string() }))
    end
  end)
end)

-- ---- the README ---------------------------------------------------------------------------------

describe("the README's table of providers", function()
  local function modes_of(row)
    local modes, takes = { row.default_mode }, {}
    for _, mode in ipairs(row.modes) do
      takes[mode] = true
      if mode ~= row.default_mode then modes[#modes + 1] = mode end
    end
    return table.concat(modes, " "), takes
  end

  -- How JSON_SCHEMA is asked for; nothing where it is not.
  local function schema_of(row, takes)
    if not takes.JSON_SCHEMA then return "" end
    if row.envelope == "json_object" then return "`json_object`" end
    local strict = row.envelope == "json_schema" and row.strict ~= "never"
    return "`json_schema`" .. (strict and ", strict" or "")
  end

  local function line_of(row)
    local modes, takes = modes_of(row)
    return ("| `%s` | %s | %s | %s | %s |"):format(row.name,
      row.base_url and "`" .. row.base_url .. "`" or "yours",
      row.key_env and "`" .. row.key_env .. "`" or "", modes, schema_of(row, takes))
  end

  it("has the line of each row", function()
    local file = assert(io.open "README.md")
    local readme = file:read "*a"
    file:close()
    for _, name in ipairs(require "instructor.core".providers()) do
      local line = line_of(providers.get(name))
      assert(readme:find("\n" .. line .. "\n", 1, true), "the README lacks\n" .. line)
    end
  end)
end)

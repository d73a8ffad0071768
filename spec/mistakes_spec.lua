-- Mistakes of the programmer: raised at once, at the programmer's own line, with what was expected.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local core = require "instructor.core"
local z = require "instructor.z"

--- Raises unless `fn` raises, at one of its own lines, a message that begins with `message`.
local function is_mistake(fn, message)
  local ok, raised = pcall(fn)
  assert(not ok, "nothing was raised, where this was expected: " .. message)
  assert.equal("string", type(raised))
  local line, words = raised:match "mistakes_spec%.lua:(%d+): (.*)$"
  assert(line, "no line of this file is blamed: " .. raised)
  local info = debug.getinfo(fn, "S")
  local blames_us = tonumber(line) >= info.linedefined and tonumber(line) <= info.lastlinedefined
  assert(blames_us, "another line is blamed: " .. raised)
  assert.equal(message, words:sub(1, #message))
end

--- Rows of { message, function }.
local function are_mistakes(rows)
  for _, row in ipairs(rows) do is_mistake(row[2], row[1]) end
end

describe("a constructor", function()
  it("is called with a dot", function()
    are_mistakes {
      { "call it with a dot: z.string(…)", function() z:string() end },
      { "call it with a dot: z.object(…)", function() z:object { a = z.string() } end },
    }
  end)
end)

describe("a name that does not exist", function()
  it("in z is told the right one", function()
    are_mistakes {
      { "there is no z.strictObject (it is spelled strict_object)",
        function() z.strictObject {} end },
      { "there is no z.strng (did you mean string?)", function() z.strng() end },
      { "there is no z.bool: use z.boolean()", function() z.bool() end },
      { "there is no z.integer: use z.int()", function() z.integer() end },
      { "there is no z.date: JSON has no dates", function() z.date() end },
      { "there is no z.bigint: Lua's integers are exact", function() z.bigint() end },
      { "there is no z.map: JSON has no maps: use z.record()", function() z.map() end },
      { "there is no z.undefined: a missing value is nil: use :optional()",
        function() z.undefined() end },
      { "there is no z.function: JSON has no functions", function() z["function"]() end },
      { "there is no z.nil: a missing value is nil", function() z["nil"]() end },
      { "there is no z.true: use z.literal(true)", function() z["true"]() end },
      { "there is no z.nonsense", function() z.nonsense() end },
    }
  end)

  it("among methods is told the right one", function()
    are_mistakes {
      { "a string schema has no method safeParse (it is spelled safe_parse)",
        function() z.string():safeParse "x" end },
      { "a string schema has no method minLength (it is spelled min)",
        function() z.string():minLength(2) end },
      { "a string schema has no method toLowerCase (it is spelled to_lower)",
        function() z.string():toLowerCase() end },
      { "an object schema has no method optinal (did you mean optional?)",
        function() z.object({}):optinal() end },
      { "an array schema has no method nonsense", function() z.array(z.any()):nonsense() end },
    }
  end)

  it("among options is told the nearest one", function()
    are_mistakes {
      { "OpenAI has no option api_kye (did you mean api_key?)",
        function() OpenAI { api_kye = "sk-fake" } end },
      { "OpenAI has no option baseURL (it is spelled base_url)",
        function() OpenAI { baseURL = "https://host" } end },
      { "Instructor has no option clinet (did you mean client?)",
        function() Instructor { clinet = {} } end },
      { "min has no option mesage (did you mean message?)",
        function() z.string():min(1, { mesage = "x" }) end },
      { "refine has no option nonsense",
        function() z.string():refine(print, { nonsense = 1 }) end },
      { "parse has no option null (did you mean nulls?)",
        function() z.string():parse("x", { null = "keep" }) end },
      { "z.string has no option massage (did you mean message?)",
        function() z.string { massage = "x" } end },
    }
  end)
end)

describe("an option", function()
  it("of other libraries is told what it is here", function()
    are_mistakes {
      { "OpenAI has no option maxRetries (http_retries here; max_retries stands in Instructor{ … }",
        function() OpenAI { api_key = "sk-fake", maxRetries = 2 } end },
      { "OpenAI has no option defaultHeaders (headers here)",
        function() OpenAI { defaultHeaders = {} } end },
      { "OpenAI has no option default_query (query, in the second argument of create)",
        function() OpenAI { default_query = {} } end },
      { "OpenAI has no option fetch (transport here)", function() OpenAI { fetch = print } end },
      { "Instructor has no option retryAllErrors (a refused key or a bad request is never",
        function() Instructor { retryAllErrors = true } end },
      { "request_options has no option signal (deadline in create bounds the whole call)",
        function() Instructor { client = OpenAI { base_url = "http://127.0.0.1:9" } }
          .chat.completions.create({}, { signal = {} }) end },
    }
  end)

  it("that names a proxy names one that can be", function()
    are_mistakes {
      { 'OpenAI: proxy takes a URL such as "http://host:3128" or "socks5://host", not "sock5://x"',
        function() OpenAI { api_key = "sk-fake", proxy = "sock5://x" } end },
      { "OpenAI: proxy takes a text, not a number",
        function() OpenAI { api_key = "sk-fake", proxy = 3128 } end },
      { 'OpenAI: proxy takes a URL such as "http://host:3128" or "socks5://host", '
          .. 'not "sock5://***@x"',
        function() OpenAI { api_key = "sk-fake", proxy = "sock5://me:fake-pass@x" } end },
      { 'OpenAI: base_url takes a URL such as "https://host/v1", not "htps://h/v1?***"',
        function() OpenAI { base_url = "htps://h/v1?key=sk-fake" } end },
    }
  end)

  it("in the wrong table is told the right one", function()
    are_mistakes {
      { "OpenAI has no option mode (it stands in Instructor{ … })",
        function() OpenAI { mode = "JSON" } end },
      { "Instructor has no option model (it stands in OpenAI{ … })",
        function() Instructor { model = "m" } end },
      { "Instructor has no option timeout (it stands in OpenAI{ … })",
        function() Instructor { timeout = 5 } end },
      { "Instructor takes named options: Instructor{ client = … }",
        function() Instructor { OpenAI { base_url = "http://127.0.0.1:9" } } end },
    }
  end)
end)

describe("what stands in create's first argument", function()
  local sent = 0
  local function transport()
    sent = sent + 1
    return { status = 200, body = '{"choices":[{"message":{"content":"{\\"a\\":1}"}}]}' }
  end
  local oai = OpenAI { base_url = "http://127.0.0.1:9", model = "m", transport = transport }
  local A = z.object { a = z.number() }
  local create = Instructor { client = oai, mode = "JSON" }.chat.completions.create

  it("and belongs into the second is told so", function()
    are_mistakes {
      { "create: timeout stands in create's second argument: create(params, { timeout = … }); "
          .. "extra_body = { timeout = … } sends it to the provider",
        function() create { messages = "x", response_model = A, timeout = 3 } end },
      { "create: http_retries stands in create's second argument",
        function() create { messages = "x", response_model = A, http_retries = 0 } end },
      { "create: headers stands in create's second argument: create(params, { headers = … })",
        function() create { messages = "x", headers = {} } end },
      { "create: extra_headers stands in create's second argument: create(params, { headers = … })",
        function() oai.chat.completions.create { messages = "x", extra_headers = {} } end },
      { "create: query stands in create's second argument",
        function() create(setmetatable({}, { __index = { query = {} } })) end },
      { "create: extra_query stands in create's second argument: create(params, { query = … })",
        function() create { messages = "x", extra_query = {} } end },
    }
    local method = setmetatable({ messages = "x" }, { __index = { query = function() end } })
    assert(create(method), "a method of the user's is nobody's parameter")
  end)

  it("and belongs to the client is told so", function()
    are_mistakes {
      { "create: mode stands in Instructor{ mode = … }",
        function() create { messages = "x", response_model = A, mode = "JSON" } end },
      { "create: apiKey stands in OpenAI{ api_key = … }",
        function() oai.chat.completions.create { messages = "x", apiKey = "sk-fake" } end },
      { "create: logger stands in OpenAI{ logger = … }",
        function() create { messages = "x", logger = print } end },
    }
  end)

  it("and is a schema, which no provider reads, is told where that stands", function()
    local before = sent
    are_mistakes {
      { "create: response_format is a schema, which response_model takes",
        function() oai.chat.completions.create { messages = "x", response_format = A } end },
      { "create: schema is a schema, which response_model takes",
        function() create { messages = "x", response_model = A, schema = A } end },
      { "create: extra_body.response_format.schema is a schema, which JSON cannot hold",
        function()
          create { messages = "x", extra_body = { response_format = { schema = A } } }
        end },
      { "default: the value is a schema, which JSON cannot hold",
        function() z.any():default(A) end },
    }
    assert(create { messages = "x", response_model = A, response_format = Instructor.null })
    is_mistake(function() create { messages = "x", response_model = A, response_format = A } end,
      "create: response_format is a schema, which JSON cannot hold")
    assert.equal(before + 1, sent)
  end)

  it("and is a short word that comes near to one of ours goes to the provider", function()
    for _, word in ipairs { "urls", "full", "rules" } do
      local request = assert(create { messages = "x", [word] = 1, dry_run = true })
      assert.equal(1, core.decode(request.body)[word])
    end
  end)

  it("is so in a call like one before, too, and not in its extra_body", function()
    local before = sent
    for _ = 1, 3 do
      assert(create { messages = "x", response_model = A })
      is_mistake(function() create { messages = "x", response_model = A, timeout = 3 } end,
        "create: timeout stands in create's second argument")
    end
    assert(create { messages = "x", response_model = A, extra_body = { timeout = 3, mode = "m" } })
    assert.equal(before + 4, sent)
  end)

  it("and needs an Instructor around the client is told so", function()
    local plain = oai.chat.completions
    are_mistakes {
      { "create: response_model needs Instructor{ client = … } around this client",
        function() plain.create { messages = "x", response_model = A, max_retries = 2 } end },
      { "create: deadline needs Instructor{ client = … } around this client "
          .. "(timeout = { total = … } bounds a plain call)",
        function() plain.create { messages = "x", deadline = 5 } end },
      { "create: max_retries needs Instructor{ client = … } around this client "
          .. "(http_retries counts the retries of a plain call)",
        function() plain.create { messages = "x", max_retries = 5 } end },
      { "create: repair needs Instructor{ client = … } around this client",
        function() plain.create { messages = "x", repair = false } end },
      { "create: early_stop needs Instructor{ client = … } around this client",
        function() plain.create_partial { messages = "x", early_stop = false } end },
    }
  end)
end)

describe("a call with the wrong mark", function()
  it("is told to use a colon", function()
    are_mistakes {
      { "call it with a colon: schema:parse(…)", function() z.string().parse "x" end },
      { "call it with a colon: schema:safe_parse(…)", function() z.object({}).safe_parse {} end },
      { "call it with a colon: schema:try_json(…)", function() z.object({}).try_json "{}" end },
      { "call it with a colon: schema:to_json(…)", function() z.object({}).to_json {} end },
      { "call it with a colon: schema:optional(…)", function() z.string().optional() end },
      { "call it with a colon: schema:min(…)", function() z.string().min(2) end },
      { "call it with a colon: schema:strict(…)", function() z.object({}).strict() end },
    }
  end)
end)

describe("an object", function()
  it("takes named schemas, and names the field that is none", function()
    are_mistakes {
      { 'the field "name" is a function, not a schema: call it, as in z.string()',
        function() z.object { age = z.int(), name = z.string } end },
      { 'the field "name" must be a schema, as z.string() is, not a string',
        function() z.object { name = "string" } end },
      { 'the field "inner" must be a schema, as z.string() is, not a table',
        function() z.object { inner = { a = z.string() } } end },
      { "the key 1 of an object is a number, not a text", function() z.object { z.string() } end },
      { "the key of a field: the value is not UTF-8",
        function() z.object { ["\255"] = z.any() } end },
      { "z.object takes a table of fields, as in { name = z.string() }, not nil",
        function() z.object() end },
      { "z.strict_object takes a table of fields, as in { name = z.string() }, not a schema",
        function() z.strict_object(z.string()) end },
      { "a schema cannot be changed", function() z.object({}).name = z.string() end },
    }
  end)

  it("tells where its field stands, on many lines too", function()
    is_mistake(function()
      z.object {
        age = z.int(),
        name = z.string,
      }
    end, 'the field "name" is a function')
  end)

  it("as a list takes pairs, each name once", function()
    are_mistakes {
      { "entry 2 of the list form is not { name, schema }",
        function() z.object { { "a", z.any() }, { "b" } } end },
      { "entry 2 of the list form is not { name, schema }",
        function() z.object { { "a", z.any() }, z.any() } end },
      { 'the field "a" stands twice',
        function() z.object { { "a", z.any() }, { "a", z.any() } } end },
      { "the field b stands beside a list of fields",
        function() z.object { { "a", z.any() }, b = z.any() } end },
    }
  end)

  it("is asked for fields it has", function()
    local User = z.object { name = z.string(), age = z.int() }
    are_mistakes {
      { 'pick: there is no field "nam" (did you mean name?)', function() User:pick { "nam" } end },
      { 'omit: there is no field "Name" (it is spelled name)',
        function() User:omit { Name = true } end },
      { 'partial: there is no field "x"', function() User:partial { "x" } end },
      { "pick takes a list of names, not a string", function() User:pick "name" end },
      { 'order: the field "age" is not named', function() User:order { "name" } end },
      { 'order: the field "age" stands twice', function() User:order { "age", "age" } end },
      { 'order: there is no field "agee" (did you mean age?)',
        function() User:order { "name", "agee" } end },
      { "order takes a list of names, not nil", function() User:order() end },
      { "extend takes a table of fields", function() User:extend(User) end },
      { "a string schema has no pick", function() z.string():pick { "a" } end },
      { "a string schema has no shape", function() return { z.string().shape } end },
    }
  end)
end)

describe("an argument", function()
  it("that should be a schema", function()
    are_mistakes {
      { "the element of z.array must be a schema, as z.string() is, not nil",
        function() z.array() end },
      { "the element of z.array is a function, not a schema: call it",
        function() z.array(z.string) end },
      { "the first argument of z.optional is a function", function() z.optional(z.string) end },
      { "the argument of pipe must be a schema", function() z.string():pipe "x" end },
    }
  end)

  it("that should be a function", function()
    are_mistakes {
      { "refine takes a function, not a string", function() z.any():refine "x" end },
      { "super_refine takes a function, not nil", function() z.any():super_refine() end },
      { "transform takes a function, not a table", function() z.any():transform(z.any()) end },
      { "overwrite takes a function, not nil", function() z.any():overwrite() end },
    }
  end)

  it("that should be a number or a text of some sort", function()
    are_mistakes {
      { "min takes a number, not a string", function() z.string():min "2" end },
      { "max takes a number, not nil", function() z.number():max() end },
      { "length of a string schema takes a whole number of at least 0, not 1.5",
        function() z.string():length(1.5) end },
      { "max of an array schema takes a whole number of at least 0, not -1",
        function() z.array(z.any()):max(-1) end },
      { "gt of a number schema takes a finite number, not nan",
        function() z.number():gt(0 / 0) end },
      { "multiple_of takes a number that is not 0", function() z.number():multiple_of(0) end },
      { "includes takes a text, not a number", function() z.string():includes(5) end },
      { "starts_with: the value is not UTF-8", function() z.string():starts_with "\255" end },
      { "describe takes a text, not nil", function() z.string():describe() end },
      { "meta takes a table", function() z.string():meta "x" end },
      { "meta: the key 1 is no text", function() z.string():meta { "x" } end },
      { "meta: examples[2] is a function, which JSON cannot hold",
        function() z.string():meta { examples = { "a", print } } end },
      { "z.string takes a message or a table of options, not a number",
        function() z.string(5) end },
      { "refine: path takes a list", function() z.any():refine(print, { path = "a" }) end },
      { "refine: path takes keys and whole numbers from 1, not 0",
        function() z.any():refine(print, { path = { "a", 0 } }) end },
      { "refine: abort takes a boolean, not a string",
        function() z.any():refine(print, { abort = "yes" }) end },
    }
  end)

  it("that should be a list of values", function()
    are_mistakes {
      { 'z.enum takes a list of values, as in z.enum{ "a", "b" }', function() z.enum {} end },
      { "z.enum takes a list of values", function() z.enum("a", "b") end },
      { "z.enum takes a list of values", function() z.enum { a = "a", [true] = "b" } end },
      { 'z.enum takes a list without holes, which has no key "b"',
        function() z.enum { "a", b = "b" } end },
      { "z.enum: value 2 is a table", function() z.enum { "a", {} } end },
      { "z.enum: value 1 is a boolean", function() z.enum { true } end },
      { "z.literal takes a list of values", function() z.literal() end },
      { "z.literal: value 1 is a function", function() z.literal(print) end },
      { "z.literal: value 1: the value is not a finite number", function() z.literal(0 / 0) end },
    }
  end)

  it("that should be a default", function()
    are_mistakes {
      { "default takes a value or a function, not nil", function() z.any():default() end },
      { "default: the value is not a finite number", function() z.any():default(0 / 0) end },
      { "default: a.b is a function, which JSON cannot hold",
        function() z.any():default { a = { b = print } } end },
    }
  end)

  it("that should be a text of JSON, or a value to write", function()
    are_mistakes {
      { "parse_json takes a text, not a table", function() z.any():parse_json {} end },
      { "safe_parse_json takes a text, not nil", function() z.any():safe_parse_json() end },
      { 'try: nulls takes "keep" or "absent", not "drop"',
        function() z.any():try(1, { nulls = "drop" }) end },
      { "to_json: nil is no JSON value; null is instructor.null",
        function() z.any():to_json() end },
      { "to_json: list[2] is not a finite number",
        function() z.any():to_json { list = { 1, math.huge } } end },
    }
  end)

  it("of a check that another kind has", function()
    are_mistakes {
      { "a boolean schema has no check min", function() z.boolean():min(1) end },
      { "a string schema has no check gt", function() z.string():gt(1) end },
      { "an optional schema has no check min: put it before :optional",
        function() z.string():optional():min(1) end },
    }
  end)
end)

describe("a regular expression that cannot be honoured", function()
  it("is refused by name where it is written", function()
    are_mistakes {
      { 'regex "(a": "(" at 0 is never closed', function() z.string():regex "(a" end },
      { 'regex "(?<=a+)b": lookbehind of unbounded length',
        function() z.string():regex "(?<=a+)b" end },
      { 'regex flag "y" cannot be honoured', function() z.string():regex("a", "y") end },
      { "regex takes a pattern, not nil", function() z.string():regex() end },
      { "regex: the value is not UTF-8 (byte 2)", function() z.string():regex "a\255" end },
    }
  end)
end)

describe("a message function or a context", function()
  it("is checked when it is used", function()
    is_mistake(function()
      z.any():super_refine(function(_, context) context.add_issue "x" end):parse(1)
    end, "call it with a colon: context:add_issue(…)")
  end)
end)

describe("a client", function()
  local function answer() return { status = 200, body = '{"choices":[]}' } end

  it("has options of the right types", function()
    are_mistakes {
      { "OpenAI takes a table of options, not a string", function() OpenAI "sk-fake" end },
      { "OpenAI: model takes a string, not a number", function() OpenAI { model = 5 } end },
      { "OpenAI: transport takes a function or { send =, sleep = }, not a string",
        function() OpenAI { transport = "curl" } end },
      { "OpenAI: transport needs a function send(request)",
        function() OpenAI { transport = {} } end },
      { "OpenAI: ca_file is libcurl's; a transport of your own must see to it",
        function() OpenAI { transport = print, ca_file = "authorities.pem" } end },
      { "OpenAI: transport takes a function sleep(seconds), not a number",
        function() OpenAI { transport = { send = print, sleep = 1 } } end },
      { 'OpenAI: base_url takes a URL such as "https://host/v1", not "localhost"',
        function() OpenAI { base_url = "localhost" } end },
      { 'OpenAI: provider knows no "opnai"; there are: openai, anyscale',
        function() OpenAI { provider = "opnai" } end },
      { "OpenAI takes named options, and no list", function() OpenAI { "sk-fake" } end },
      { "OpenAI: base_url ends before /chat/completions, which create adds",
        function() OpenAI { base_url = "http://127.0.0.1:9/v1/chat/completions?a=1" } end },
      { "OpenAI: the provider compatible needs a base_url",
        function() OpenAI { provider = "compatible" } end },
      { 'OpenAI: http_retries takes a whole number of at least 0, not "2"',
        function() OpenAI { http_retries = "2" } end },
      { "OpenAI: timeout takes a number of seconds", function() OpenAI { timeout = "5" } end },
      { "timeout has no option conect (did you mean connect?)",
        function() OpenAI { timeout = { conect = 5 } } end },
      { "timeout: connect takes a number of seconds above 0, not 0",
        function() OpenAI { timeout = { connect = 0 } } end },
    }
  end)

  it("without a key is told which variable to set", function()
    are_mistakes {
      { "OpenAI: no API key for openai: set OPENAI_API_KEY in the environment or give api_key",
        function() OpenAI {} end },
      { "OpenAI: no API key for anyscale: set ANYSCALE_API_KEY",
        function() OpenAI { base_url = "https://api.endpoints.anyscale.com/v1" } end },
    }
  end)

  describe("with keys in the environment", function()
    local getenv = os.getenv
    local sent

    setup(function()
      local keys = { OPENAI_API_KEY = "sk-fake-openai", ANYSCALE_API_KEY = "sk-fake-anyscale" }
      os.getenv = function(name) return keys[name] or getenv(name) end -- luacheck: ignore 122
    end)

    teardown(function() os.getenv = getenv end) -- luacheck: ignore 122

    local function key_sent_to(options)
      options.transport = function(request) sent = request return answer() end
      OpenAI(options).chat.completions.create { model = "fake-model", messages = "x" }
      for _, header in ipairs(sent.headers) do
        if header[1]:lower() == "authorization" then return header[2] end
      end
      return "none"
    end

    it("sends each to its own host and to no other", function()
      local anyscale = "https://api.endpoints.anyscale.com/v1"
      for _, row in ipairs {
        { "Bearer sk-fake-openai", {} },
        { "Bearer sk-fake-openai", { base_url = "https://api.openai.com/v1" } },
        { "Bearer sk-fake-anyscale", { base_url = anyscale } },
        { "none", { base_url = "http://127.0.0.1:9" } },
        { "none", { base_url = "https://api.openai.com.evil.example/v1" } },
        { "none", { base_url = "https://evil.example/https://api.openai.com/v1" } },
        { "none", { provider = "openai", base_url = "https://evil.example/v1" } },
        { "none", { provider = "openai", base_url = anyscale } },
        { "Bearer sk-fake-given", { api_key = "sk-fake-given", base_url = "http://127.0.0.1:9" } },
      } do
        assert.equal(row[1], key_sent_to(row[2]), row[2].base_url)
      end
    end)
  end)

  it("is patched when it is one, in a mode its provider takes", function()
    local client = OpenAI { api_key = "sk-fake", transport = answer }
    are_mistakes {
      { "Instructor needs a client", function() Instructor {} end },
      { "Instructor takes a table of options, not nil", function() Instructor() end },
      { "Instructor: client takes a client with chat.completions.create",
        function() Instructor { client = {} } end },
      { "Instructor: openai does not take the mode JSON_SCHEMA_ (did you mean json_schema?); "
        .. "it takes TOOLS, FUNCTIONS, JSON_SCHEMA",
        function() Instructor { client = client, mode = "JSON_SCHEMA_" } end },
      { 'Instructor: openai does not take the mode ""; it takes TOOLS, FUNCTIONS, JSON_SCHEMA',
        function() Instructor { client = client, mode = "" } end },
      { "Instructor: mode takes a string, not a boolean",
        function() Instructor { client = client, mode = true } end },
      { "Instructor: max_retries takes a whole number of at least 0, not -1",
        function() Instructor { client = client, max_retries = -1 } end },
    }
    assert.equal("JSON_SCHEMA", Instructor({ client = client, mode = "json_schema" }).mode)
  end)
end)

describe("create", function()
  local User = z.object { name = z.string() }
  local client = Instructor { client = OpenAI { api_key = "sk-fake", transport = function()
    error "nothing may be sent"
  end } }

  --- Asks with `given` added to what is needed.
  local function create(given, request_options)
    local params = { model = "fake-model", messages = "x", response_model = User }
    for name, value in pairs(given) do params[name] = value end
    local value, meta = client.chat.completions.create(params, request_options)
    return value, meta
  end

  it("raises for what is almost one of our options", function()
    are_mistakes {
      { "create: max_retrys is no option (did you mean max_retries?)",
        function() client.chat.completions.create { max_retrys = 3 } end },
      { "create: respone_model is no option (did you mean response_model?)",
        function() client.chat.completions.create { respone_model = User } end },
      { "create: responseModel is no option (did you mean response_model?)",
        function() client.chat.completions.create { responseModel = User } end },
      { "create: steam is no option (did you mean stream?)",
        function() client.chat.completions.create { steam = true } end },
      { "create: mesages is no option (did you mean messages?)",
        function() client.chat.completions.create { response_model = User, mesages = "x" } end },
    }
  end)

  it("raises for our options when there is no response_model", function()
    is_mistake(function()
      client.chat.completions.create { messages = "x", response_model = nil, max_retries = 3 }
    end, "create: max_retries needs a response_model, which is nil (a misspelt variable?)")
    is_mistake(function() client.chat.completions.create "x" end, "create takes a table")
    for _, one in ipairs { client, OpenAI { base_url = "http://127.0.0.1:9" } } do
      is_mistake(function() one.chat.completions.create(User) end,
        "create takes a table, as in create{ messages = …, response_model = User }")
    end
  end)

  -- Behind a helper of the test's own, whose line is blamed; so the words alone are looked at.
  local function refuses(message, given, request_options)
    local ok, raised = pcall(create, given, request_options)
    assert.is_false(ok)
    assert.matches("mistakes_spec%.lua:%d+: ", raised)
    assert.equal(message, raised:match "mistakes_spec%.lua:%d+: (.*)$":sub(1, #message))
  end

  it("raises for options behind the metatable of the parameters as well", function()
    local function behind(given)
      local ok, raised = pcall(function()
        local params = { messages = "x", response_model = User }
        return (client.chat.completions.create(setmetatable(params, { __index = given })))
      end)
      assert.is_false(ok)
      return raised:match "mistakes_spec%.lua:%d+: (.*)$"
    end
    for _ = 1, 2 do
      assert.equal("create: deadline takes a number of seconds above 0, not \"x\"",
        behind { deadline = "x" })
      assert.equal("create: max_retries takes a whole number of at least 0, not -1",
        behind { max_retries = -1 })
      assert.equal('create: nulls takes "absent" or "keep"', behind { nulls = "kep" })
      assert.equal("create: repair takes", behind({ repair = 7 }):sub(1, 20))
      assert.equal('create: stream takes true or false, not "yes"', behind { stream = "yes" })
      assert.equal("create: early_stop needs stream = true", behind { early_stop = true })
    end
  end)

  it("raises for options of the wrong type", function()
    for _, wrong in ipairs { { "2", '"2"' }, { 1.5, "1.5" }, { -1, "-1" }, { 0 / 0, "nan" } } do
      refuses("create: max_retries takes a whole number of at least 0, not " .. wrong[2],
        { max_retries = wrong[1] })
    end
    refuses("create: deadline takes a number of seconds above 0, not 0", { deadline = 0 })
    refuses("create: backoff takes a number of seconds, a table, a function or false",
      { backoff = "x" })
    refuses("backoff has no option intial (did you mean initial?)", { backoff = { intial = 1 } })
    refuses("create: extra_body takes a table, not a number", { extra_body = 5 })
    refuses("create: response_model is a function: call it", { response_model = z.string })
    refuses("create: response_model needs a schema", { response_model = { name = "User" } })
    refuses("create: response_model needs a schema", { response_model = {} })
    refuses("response_model has no option shema (did you mean schema?)",
      { response_model = { shema = User, name = "User" } })
    for _, fields in ipairs { { User }, { scheme = User, host = User },
      { name = "x", age = User } } do
      refuses("create: response_model takes a schema: wrap the fields", { response_model = fields })
    end
    refuses("create: response_model takes a schema, as z.object{ … } is, or { schema = User }",
      { response_model = { age = "number" } })
    refuses("request_options has no option timout (did you mean timeout?)", {}, { timout = 5 })
    refuses("request_options takes a table of options, not a boolean", {}, false)
    refuses("request_options has no option deadline (it stands among create's parameters;",
      {}, { deadline = 5 })
    refuses("create: max_retries takes a whole number", { max_retries = User })
    refuses("create: nulls takes", { nulls = User })
    refuses("create: steam is no option", { steam = User })
  end)

  it("raises for messages that are none", function()
    local wrong = "create: messages must be a list of objects with role and content, or a text"
    refuses(wrong, { messages = { "hello" } })
    refuses(wrong, { messages = { { role = "user", content = "x" }, 5 } })
    refuses(wrong, { messages = { role = "user", content = "x" } })
  end)

  it("names the place of a parameter that JSON cannot hold", function()
    local circle = {}
    circle.again = circle
    refuses("create: messages[1].content is a function, which JSON cannot hold",
      { messages = { { role = "user", content = print } } })
    refuses('create: metadata["two words"][2] is a userdata, which JSON cannot hold',
      { metadata = { ["two words"] = { 1, io.stdout } } })
    refuses("create: temperature is not a finite number", { temperature = 0 / 0 })
    refuses("create: messages is not UTF-8 (byte 4)", { messages = "caf\233" })
    refuses("create: messages has both items and named keys",
      { messages = { { role = "user", content = "x" }, extra = 1 } })
    refuses("create: stop is a list with holes", { stop = { [1] = "a", [3] = "c" } })
    refuses("create: metadata.again.again", { metadata = circle })
    refuses("create: extra_body.f is a function, which JSON cannot hold",
      { extra_body = { f = print } })
    refuses("create: extra_body.a.b[1] is not a finite number",
      { extra_body = { a = { b = { 0 / 0 } } } })
    refuses("create: extra_body has a key that is no text", { extra_body = { "x" } })
    refuses("create: extra_body has a key that is not UTF-8", { extra_body = { ["\255"] = 1 } })
  end)
end)

describe("a mistake behind a tail call", function()
  it("is laid to the caller of the function that is gone", function()
    local function make() return z.enum {} end
    is_mistake(function()
      local made = make()
      return made
    end, "z.enum takes a list of values")
  end)

  it("is laid to the function of the job that is gone", function()
    local client = Instructor { client = OpenAI { base_url = "http://127.0.0.1:9" } }
    local function ask(item)
      return client.chat.completions.create { messages = item, timeout = 3 }
    end
    for _, value, err in Instructor.map({ "x" }, ask) do
      assert.is_nil(value)
      local line = err:match "mistakes_spec%.lua:(%d+): create: timeout stands in"
      assert.equal(debug.getinfo(ask, "S").linedefined, tonumber(line))
    end
  end)
end)

--[[
The schema notation of the vectors, as `instructor.z` writes it.  In: a node of the notation.  Out:
a schema, or the name of what the notation asks for and we do not have.  To take in another kind or
check, add it to `kinds` or `checks`.
]]

local code = require "spec.vectors.code"
local z = require "instructor.z"

local schema = {}

-- ---- messages --------------------------------------------------------------------------------

-- The custom message a check ends with: a text, or { message = }.
local function message_of(given)
  if type(given) == "table" then return given.message end
  return given
end

-- The custom messages of a scalar, for a missing value and for one of another type.
local function scalar_options(node)
  if not node.required_error and not node.invalid_type_error then return nil end
  return { required_error = node.required_error, invalid_type_error = node.invalid_type_error }
end

-- ---- kinds -----------------------------------------------------------------------------------

local function scalar(kind)
  return function(node)
    local room = node.coerce and z.coerce or z
    return room[kind](scalar_options(node))
  end
end

local function bare(kind)
  return function() return z[kind]() end
end

local function wrapper(method)
  return function(node, build)
    local inner = build(node.inner)
    return inner[method](inner)
  end
end

local function of_two(method)
  return function(node, build)
    local left = build(node.left)
    return left[method](left, build(node.right))
  end
end

local function build_list(nodes, build)
  local list = {}
  for i, node in ipairs(nodes) do list[i] = build(node) end
  return list
end

local policies = { strict = "strict", passthrough = "passthrough", strip = "strip" }

local function object(node, build)
  local shape = {}
  for i, field in ipairs(node.fields) do shape[i] = { field[1], build(field[2]) } end
  local made = z.object(shape)
  if node.catchall then return made:catchall(build(node.catchall)) end
  local policy = policies[node.unknownKeys or "strip"]
  return made[policy](made)
end

local function native_enum(node)
  local values = {}
  for i, entry in ipairs(node.entries) do values[i] = entry[2] end
  return z.enum(values)
end

-- In Zod 3 no key of a record has to be there, whatever its keys are.
local function record(node, build)
  local value = build(node.value)
  if node.key == nil then return z.record(value) end
  return z.partial_record(build(node.key), value)
end

-- A builder gets the node, the builder of inner nodes, and the schemas that have a name.
local kinds = {
  string = scalar "string", number = scalar "number", boolean = scalar "boolean",
  null = bare "null", any = bare "any", unknown = bare "unknown", never = bare "never",
  literal = function(node) return z.literal(node.value) end,
  enum = function(node) return z.enum(node.values) end,
  nativeEnum = native_enum,
  object = object, record = record,
  array = function(node, build) return z.array(build(node.items)) end,
  tuple = function(node, build)
    return z.tuple(build_list(node.items, build), node.rest and build(node.rest))
  end,
  union = function(node, build) return z.union(build_list(node.options, build)) end,
  discriminatedUnion = function(node, build)
    return z.discriminated_union(node.discriminator, build_list(node.options, build))
  end,
  intersection = of_two "and_", merge = of_two "merge", pipe = of_two "pipe",
  optional = wrapper "optional", nullable = wrapper "nullable", nullish = wrapper "nullish",
  partial = wrapper "partial", readonly = wrapper "readonly", brand = wrapper "brand",
  default = function(node, build) return build(node.inner):default(node.value) end,
  catch = function(node, build) return build(node.inner):catch(node.value) end,
  preprocess = function(node, build)
    return z.preprocess(code.transforms[node.fn], build(node.inner))
  end,
  pick = function(node, build) return build(node.inner):pick(node.keys) end,
  omit = function(node, build) return build(node.inner):omit(node.keys) end,
  def = function(node, build, named)
    named[node.id] = build(node.schema)
    return named[node.id]
  end,
  use = function(node, _, named) return named[node.id] end,
  lazy = function(node, _, named) return z.lazy(function() return named[node.id] end) end,
}

local no_lua_value = { date = true, bigint = true, map = true, set = true }

-- ---- checks ----------------------------------------------------------------------------------

-- A check of the notation is { name, argument?, message? }: `at` is where its message stands.

-- { "min", 2, "too short" }
local function with_argument(method)
  return { at = 3, apply = function(s, check)
    return s[method](s, check[2], message_of(check[3]))
  end }
end

-- { "int", "whole numbers only" }
local function without_argument(method)
  return { at = 2, apply = function(s, check) return s[method](s, message_of(check[2])) end }
end

-- { "datetime", { offset = true, message = "not a time" } }
local function format(method)
  return { at = 2, apply = function(s, check) return s[method](s, check[2]) end }
end

-- Zod 3's safe takes fractions, which ours, as Zod 4's, does not.
local function safe(s, check)
  local message = message_of(check[2])
  return s:gte(-9007199254740991, message):lte(9007199254740991, message)
end

-- { "includes", "x", { position = 2, message = "no x" } }
local function includes(s, check)
  local given = check[3]
  if type(given) ~= "table" then return s:includes(check[2], given) end
  return s:includes(check[2], { position = given.position, message = given.message })
end

-- The path of an issue, as Lua counts.
local function lua_path(path)
  if path == nil then return nil end
  local out = {}
  for i, step in ipairs(path) do out[i] = type(step) == "number" and step + 1 or step end
  return out
end

local function regex(s, check)
  return s:regex(check[2], { message = message_of(check[3]) })
end

local function refine(s, check)
  local given = check[3]
  return s:refine(code.predicates[check[2]], {
    message = message_of(given), path = type(given) == "table" and lua_path(given.path) or nil,
  })
end

local function transform(s, check) return s:transform(code.transforms[check[2]]) end

local checks = {
  email = format "email", url = format "url", uuid = format "uuid", cuid = format "cuid",
  ulid = format "ulid", nanoid = format "nanoid", emoji = format "emoji",
  base64 = format "base64", cidr = format "cidr", ip = format "ip", date = format "date",
  time = format "time", datetime = format "datetime", duration = format "duration",
  min = with_argument "min", max = with_argument "max", length = with_argument "length",
  gt = with_argument "gt", gte = with_argument "gte", lt = with_argument "lt",
  lte = with_argument "lte", multipleOf = with_argument "multiple_of", step = with_argument "step",
  startsWith = with_argument "starts_with", endsWith = with_argument "ends_with",
  includes = { at = 3, apply = includes }, safe = { at = 2, apply = safe },
  nonempty = without_argument "nonempty", finite = without_argument "finite",
  int = without_argument "int",
  positive = without_argument "positive", negative = without_argument "negative",
  nonnegative = without_argument "nonnegative", nonpositive = without_argument "nonpositive",
  trim = without_argument "trim", toLowerCase = without_argument "to_lower",
  toUpperCase = without_argument "to_upper",
  regex = { at = 3, apply = regex },
  refine = { at = 3, apply = refine },
  transform = { at = 3, apply = transform },
}

-- ---- what is missing -------------------------------------------------------------------------

local named_code = { refine = code.predicates, transform = code.transforms }

local function missing_check(check)
  local name = check[1]
  if not checks[name] then return "check not there yet: " .. tostring(name) end
  local codes = named_code[name]
  if codes and not codes[check[2]] then return "code not there yet: " .. tostring(check[2]) end
end

local function missing_here(node)
  if no_lua_value[node.type] then return "design: no Lua value: " .. node.type end
  if not kinds[node.type] then return "kind not there yet: " .. tostring(node.type) end
  if node.type == "preprocess" and not code.transforms[node.fn] then
    return "code not there yet: " .. tostring(node.fn)
  end
  for _, check in ipairs(node.checks or {}) do
    local missing = missing_check(check)
    if missing then return missing end
  end
end

-- Where a node holds others: a node, or a list of them.
local holds = { "inner", "schema", "items", "rest", "key", "options", "left", "right", "catchall" }

-- The nodes inside a node.
local function inner_nodes(node)
  local list = {}
  local function add(inner)
    if inner.type then
      list[#list + 1] = inner
    else
      for _, one in ipairs(inner) do list[#list + 1] = one end
    end
  end
  for _, name in ipairs(holds) do
    if node[name] then add(node[name]) end
  end
  if node.type == "record" or node.type == "map" then add(node.value) end
  for _, field in ipairs(node.fields or {}) do add(field[2]) end
  return list
end

--- The first thing of a notation that we do not have, as a reason; nil when we have it all.
---@param node table
---@return string?
function schema.missing(node)
  local missing = missing_here(node)
  if missing then return missing end
  for _, inner in ipairs(inner_nodes(node)) do
    missing = schema.missing(inner)
    if missing then return missing end
  end
end

-- ---- building --------------------------------------------------------------------------------

--- Does `look` hold for a node of the notation?
---@param node table
---@param look fun(node: table): any
---@return boolean
function schema.any(node, look)
  if look(node) then return true end
  for _, inner in ipairs(inner_nodes(node)) do
    if schema.any(inner, look) then return true end
  end
  return false
end

--- The schema of a notation in which nothing is missing.
---@param node table
---@return instructor.Schema
function schema.build(node)
  local named = {}
  local function build(inner)
    local made = kinds[inner.type](inner, build, named)
    for _, check in ipairs(inner.checks or {}) do
      made = checks[check[1]].apply(made, check)
    end
    if inner.description then made = made:describe(inner.description) end
    return made
  end
  return build(node)
end

--- Every custom message of a notation, as a set.
---@param node table
---@param set? table<string, boolean>
---@return table<string, boolean>
function schema.messages(node, set)
  set = set or {}
  local function add(message)
    if type(message) == "string" then set[message] = true end
  end
  add(node.required_error)
  add(node.invalid_type_error)
  for _, check in ipairs(node.checks or {}) do add(message_of(check[checks[check[1]].at])) end
  for _, inner in ipairs(inner_nodes(node)) do schema.messages(inner, set) end
  return set
end

return schema

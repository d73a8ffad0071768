--[[
The schema notation of the golden vectors of Zod, as `instructor.z` writes it.  In: a node and the
definitions beside it.  Out: a schema; or, by zod.missing, the name of what it asks for and we do
not have.  To take in another kind or check, add it to `kinds` or `checks`.
]]

local code = require "spec.vectors.zod_code"
local instructor = require "instructor"
local z = require "instructor.z"

local zod = {}

-- ---- messages --------------------------------------------------------------------------------

-- What a constructor or a check is given beside its argument; nil for nothing.
local function given_of(node)
  local message = node.error or (node.error_fn and code.error(node.error_fn))
  if message == nil and node.abort == nil then return nil end
  return { error = message, abort = node.abort }
end

local function lua_path(path)
  if path == nil then return nil end
  local out = {}
  for i, step in ipairs(path) do out[i] = type(step) == "number" and step + 1 or step end
  return out
end

-- ---- formats ---------------------------------------------------------------------------------

local format_options = { "pattern", "version", "protocol", "hostname", "length", "offset", "local",
  "precision", "delimiter", "alg", "enc" }

local function with_format_options(node)
  local given, any = given_of(node) or {}, false
  for _, name in ipairs(format_options) do
    if node[name] ~= nil then given[name] = node[name] end
  end
  for _ in pairs(given) do any = true end
  return any and given or nil
end

local iso = { datetime = true, date = true, time = true, duration = true }

local function format_schema(node)
  local name, given = node.format, with_format_options(node)
  if iso[name] then return z.iso[name](given) end
  if name == "custom" then
    local rest = given_of(node)
    return z.string_format(node.name, node.pattern, rest)
  elseif name == "hash" then
    local rest = with_format_options(node)
    rest.alg = nil
    return z.hash(node.alg, next(rest) and rest or nil)
  end
  return z[name](given)
end

-- ---- kinds -----------------------------------------------------------------------------------

local function bare(kind)
  return function(node) return z[kind](given_of(node)) end
end

local function coercible(kind)
  return function(node)
    local room = node.coerce and z.coerce or z
    return room[kind](given_of(node))
  end
end

local function wrapper(method)
  return function(node, build)
    local inner = build(node.inner)
    return inner[method](inner, given_of(node))
  end
end

local function valued(method)
  return function(node, build)
    local inner = build(node.inner)
    return inner[method](inner, node.value)
  end
end

local function derived(method, argument)
  return function(node, build)
    local base = build(node.base)
    return base[method](base, argument and node[argument])
  end
end

local function build_list(nodes, build)
  local list = {}
  for i, node in ipairs(nodes) do list[i] = build(node) end
  return list
end

local function build_fields(fields, build)
  local shape = {}
  for i, field in ipairs(fields) do shape[i] = { field[1], build(field[2]) } end
  return shape
end

local makers = { strict = "strict_object", loose = "loose_object" }

local function object(node, build)
  local make = z[makers[node.mode] or "object"]
  local made = make(build_fields(node.fields, build), given_of(node))
  return node.catchall and made:catchall(build(node.catchall)) or made
end

local record_makers = { partial = "partial_record", loose = "loose_record" }

local function record(node, build)
  local make = z[record_makers[node.mode] or "record"]
  return make(build(node.key), build(node.value), given_of(node))
end

local function enum(node)
  local values = {}
  for i, entry in ipairs(node.entries or {}) do values[i] = entry[2] end
  return z.enum(node.values or values, given_of(node))
end

local kinds = {
  string = function(node)
    if node.format then return format_schema(node) end
    return coercible "string"(node)
  end,
  number = coercible "number", boolean = coercible "boolean",
  int = bare "int", int32 = bare "int32", uint32 = bare "uint32", float32 = bare "float32",
  float64 = bare "float64", null = bare "null", any = bare "any", unknown = bare "unknown",
  never = bare "never", json = bare "json",
  literal = function(node) return z.literal(node.values, given_of(node)) end,
  enum = enum,
  extract = derived("extract", "values"), exclude = derived("exclude", "values"),
  array = function(node, build) return z.array(build(node.element), given_of(node)) end,
  tuple = function(node, build)
    local rest = node.rest and build(node.rest)
    if rest then return z.tuple(build_list(node.items, build), rest, given_of(node)) end
    return z.tuple(build_list(node.items, build), given_of(node))
  end,
  object = object, record = record,
  union = function(node, build)
    return z.union(build_list(node.options, build), given_of(node))
  end,
  xor = function(node, build) return z.xor(build_list(node.options, build), given_of(node)) end,
  discriminated_union = function(node, build)
    local given = given_of(node) or {}
    given.union_fallback = node.union_fallback
    return z.discriminated_union(node.key, build_list(node.options, build), given)
  end,
  intersection = function(node, build)
    return z.intersection(build(node.left), build(node.right))
  end,
  optional = wrapper "optional", exact_optional = wrapper "optional",
  nullable = wrapper "nullable", nullish = wrapper "nullish",
  nonoptional = wrapper "nonoptional", readonly = wrapper "readonly", brand = wrapper "brand",
  default = valued "default", prefault = valued "prefault", catch = valued "catch",
  transform = function(node, build)
    return build(node.inner):transform(code.transform(node.fn, node.args))
  end,
  pipe = function(node, build) return build(node["in"]):pipe(build(node.out)) end,
  preprocess = function(node, build)
    return z.preprocess(code.transform(node.fn, node.args), build(node.inner))
  end,
  stringbool = function(node)
    return z.stringbool { truthy = node.truthy, falsy = node.falsy, case = node.case }
  end,
  custom = function(node) return z.custom(code.predicate(node.fn, node.args), given_of(node)) end,
  extend = function(node, build)
    return build(node.base):extend(build_fields(node.fields, build))
  end,
  safe_extend = function(node, build)
    return build(node.base):safe_extend(build_fields(node.fields, build))
  end,
  merge = function(node, build) return build(node.base):merge(build(node.other)) end,
  pick = derived("pick", "keys"), omit = derived("omit", "keys"),
  partial = derived("partial", "keys"), required = derived("required", "keys"),
  deep_partial = derived "deep_partial", strict = derived "strict", loose = derived "loose",
  strip = derived "strip", keyof = derived "keyof", unwrap = derived "unwrap",
  catchall = function(node, build) return build(node.base):catchall(build(node.schema)) end,
  field = function(node, build) return build(node.base).shape[node.key] end,
  element = function(node, build) return build(node.base).element end,
  with = function(node, build) return build(node.base) end,
  ref = function(node, _, named) return named(node.name) end,
}

-- ---- checks ----------------------------------------------------------------------------------

local function with_value(method)
  return function(s, check) return s[method](s, check.value, given_of(check)) end
end

local function without_value(method)
  return function(s, check) return s[method](s, given_of(check)) end
end

local function format_check(s, check)
  return s[check.format](s, with_format_options(check))
end

local function refine(s, check)
  local given = given_of(check) or {}
  given.path = lua_path(check.path)
  return s:refine(code.predicate(check.fn, check.args), given)
end

local function super_refine(s, check)
  return s:super_refine(function(v, context)
    for _, entry in ipairs(check.issues) do
      local unless = entry.unless and code.predicate(entry.unless.fn, entry.unless.args)
      local issue = entry.issue
      if not (unless and unless(v)) then
        context:add_issue(type(issue) == "string" and issue or {
          code = issue.code, message = issue.message, path = lua_path(issue.path),
          fatal = issue.fatal,
        })
      end
    end
  end)
end

local checks = {
  min_length = with_value "min", max_length = with_value "max", length = with_value "length",
  nonempty = without_value "nonempty",
  regex = function(s, check) return s:regex(check.pattern, check.flags, given_of(check)) end,
  includes = function(s, check)
    local given = given_of(check) or {}
    given.position = check.position
    return s:includes(check.value, next(given) and given or nil)
  end,
  starts_with = with_value "starts_with", ends_with = with_value "ends_with",
  lowercase = without_value "lowercase", uppercase = without_value "uppercase",
  format = format_check, trim = without_value "trim", to_lower = without_value "to_lower",
  to_upper = without_value "to_upper",
  gt = with_value "gt", gte = with_value "gte", lt = with_value "lt", lte = with_value "lte",
  multiple_of = with_value "multiple_of", int = without_value "int",
  positive = without_value "positive", negative = without_value "negative",
  nonnegative = without_value "nonnegative", nonpositive = without_value "nonpositive",
  finite = without_value "finite",
  refine = refine, super_refine = super_refine,
  overwrite = function(s, check) return s:overwrite(code.transform(check.fn, check.args)) end,
}

-- ---- what is missing -------------------------------------------------------------------------

local no_lua_value = { undefined = "nil stands for it" }

local function missing_check(check)
  if not checks[check.check] then return "check not there yet: " .. check.check end
  if check.when then return "check not there yet: refine's when" end
  for _, entry in ipairs(check.issues or {}) do
    local kind = type(entry.issue) == "table" and entry.issue.code or "custom"
    if kind ~= "custom" then return "check not there yet: super_refine's other codes" end
  end
end

local function missing_format(node)
  for _, name in ipairs { "variant", "normalize" } do
    if node[name] then return ("format not there yet: %s's %s"):format(node.format, name) end
  end
  if node.format == "custom" or node.format == "hash" then return nil end
  if iso[node.format] or pcall(function() return z[node.format] end) then return nil end
  return "format not there yet: " .. node.format
end

local function missing_here(node)
  if node.check then
    return missing_check(node) or (node.format and missing_format(node))
  end
  if node.type and no_lua_value[node.type] then
    return "design: no Lua value: " .. node.type
  end
  if node.type and not kinds[node.type] then return "kind not there yet: " .. node.type end
  return node.format and missing_format(node) or nil
end

--- The first thing of a notation that we do not have, as a reason; nil when we have it all.
---@param node any
---@return string?
function zod.missing(node)
  if type(node) ~= "table" or node == instructor.null then return nil end
  local is_node = type(node.type) == "string" or type(node.check) == "string"
  local missing = is_node and missing_here(node)
  if missing then return missing end
  for key, inner in pairs(node) do
    local data = key == "values" or key == "args" or key == "meta" or key == "entries"
      or (key == "value" and node.type ~= "record") or key == "issues"
    if not data then
      missing = zod.missing(inner)
      if missing then return missing end
    end
  end
end

-- ---- building --------------------------------------------------------------------------------

--- The schema of a vector in which nothing is missing.
---@param vector table
---@return instructor.Schema
function zod.build(vector)
  local defs, build = {}, nil
  local function definition(name)
    defs[name] = defs[name] or build(vector.defs[name])
    return defs[name]
  end
  local function named(name)
    return z.lazy(function() return definition(name) end)
  end
  function build(node)
    local made = kinds[node.type](node, build, named)
    for _, check in ipairs(node.checks or {}) do made = checks[check.check](made, check) end
    if node.meta then made = made:meta(node.meta) end
    if node.describe then made = made:describe(node.describe) end
    return made
  end
  if vector.schema.type == "ref" then return definition(vector.schema.name) end
  return build(vector.schema)
end

return zod

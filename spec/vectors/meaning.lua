--[[
What a JSON Schema means, one level at a time.  In: a place (a schema, and the document it stands
in).  Out: the alternatives a value may take there, each of one type, and the notes (description,
default).
Equal spellings of draft 7 and 2020-12 give equal meanings:

  type = [A, B]            anyOf of A and B, nested anyOf, {"not": {}} among them
  const                    enum of one; enum with or without its type
  items = [..]             prefixItems; additionalItems: items
  exclusiveMinimum = true  the number itself (and so for maximum); the tighter of two bounds
  allOf                    all its keywords at one place; several patterns are a list
  required = []            none; additionalProperties = true or {}: none
  minLength = 0            none; description = "": none
  \- in a pattern          -, where both mean the character

errorMessage is an annotation of one library and counts for nothing.
]]

local json = require "spec.vectors.json"

local meaning = {}

--- @class spec.vectors.place
--- @field schema any           as read from JSON
--- @field root table           the document, for its $refs
--- @field nullable? boolean    may it also be null, whatever the schema says?

--- @class spec.vectors.alternative
--- @field type string          "string", "number", …, "value" (one of an enum), "*" (any type)
--- @field value? any           of "value"
--- @field keys table<string, any> keywords; inner schemas are places
--- @field notes table

--- @class spec.vectors.meaning
--- @field alternatives spec.vectors.alternative[] none: nothing fits
--- @field notes table<string, any>

local annotations = { "description", "default", "title", "examples", "deprecated" }
local ignored = {
  ["$schema"] = true, ["$id"] = true, definitions = true, ["$defs"] = true, errorMessage = true,
  type = true, enum = true, const = true, anyOf = true, allOf = true, ["$ref"] = true,
}
for _, name in ipairs(annotations) do ignored[name] = true end

-- ---- $ref ------------------------------------------------------------------------------------

local function step_into(value, step)
  if type(value) ~= "table" then return nil end
  step = step:gsub("~1", "/"):gsub("~0", "~")
  if json.kind(value) == "list" then return value[(tonumber(step) or -1) + 1] end
  return value[step]
end

-- Where a reference leads.  The recorded ones name a table of definitions that was never sent: the
-- first of its names is the schema itself.
local function resolve(root, ref)
  local at = root
  if not root.definitions then ref = ref:gsub("^#/definitions/[^/]+", "#") end
  for step in ref:gsub("^#", ""):gmatch("/([^/]*)") do at = step_into(at, step) end
  if at == nil then error("the $ref " .. ref .. " leads nowhere", 0) end
  return at
end

-- ---- keywords --------------------------------------------------------------------------------

-- Characters that mean themselves with or without a backslash before them.
local function plain_pattern(pattern)
  local class = false
  return (pattern:gsub("(\\?)(.)", function(slash, char)
    if slash == "" then
      class = char == "[" or (class and char ~= "]")
    elseif char == "/" or (not class and char:find "[^%w_%^%$%.|%?%*%+%(%)%[%]{}\\]") then
      return char
    end
  end))
end

-- The bound that counts: the tighter one, an exclusive one where both are equal.
local function settle_bounds(keys, plain, exclusive, tighter)
  if keys[exclusive] == true then keys[exclusive], keys[plain] = keys[plain], nil end
  if keys[exclusive] == false then keys[exclusive] = nil end
  local a, b = keys[plain], keys[exclusive]
  if a == nil or b == nil then return end
  keys[tighter(a, b) and exclusive or plain] = nil
end

local function settle(keys)
  settle_bounds(keys, "minimum", "exclusiveMinimum", function(a, b) return a > b end)
  settle_bounds(keys, "maximum", "exclusiveMaximum", function(a, b) return a < b end)
  for _, name in ipairs { "minLength", "minItems", "minProperties" } do
    if keys[name] == 0 then keys[name] = nil end
  end
  if keys.multipleOf == 1 then keys.integer, keys.multipleOf = true, nil end
  if keys.prefixItems and keys.maxItems == #keys.prefixItems then keys.items = nil end
  return keys
end

local function place(schema, root) return { schema = schema, root = root } end

local function places(list, root)
  local out = {}
  for key, schema in pairs(list) do out[key] = place(schema, root) end
  return out
end

-- Keywords that are read otherwise than as they stand.
local readers = {
  pattern = function(keys, value) keys.patterns = { plain_pattern(value) } end,
  properties = function(keys, value, root) keys.properties = places(value, root) end,
  required = function(keys, value)
    keys.required = {}
    for _, name in ipairs(value) do keys.required[name] = true end
  end,
  additionalProperties = function(keys, value, root)
    if value ~= true and not json.equal(value, {}) then
      keys.additionalProperties = place(value, root)
    end
  end,
  propertyNames = function(keys, value, root)
    keys.propertyNames = place({ allOf = { { type = "string" }, value } }, root)
  end,
  items = function(keys, value, root)
    if json.kind(value) == "list" then
      keys.prefixItems = places(value, root)
    else
      keys.items = place(value, root)
    end
  end,
  prefixItems = function(keys, value, root) keys.prefixItems = places(value, root) end,
  additionalItems = function(keys, value, root) keys.items = place(value, root) end,
}

local function keywords(schema, root)
  local keys = {}
  for name, value in pairs(schema) do
    if readers[name] then
      readers[name](keys, value, root)
    elseif not ignored[name] and not (name == "not" and json.equal(value, {})) then
      keys[name] = value
    end
  end
  return settle(keys)
end

-- ---- joining ---------------------------------------------------------------------------------

-- The first to say something is heard.
local function add_notes(notes, more)
  for name, value in pairs(more) do
    if notes[name] == nil then notes[name] = value end
  end
  return notes
end

local joined = {
  patterns = function(a, b)
    local out = {}
    for _, list in ipairs { a, b } do
      for _, pattern in ipairs(list) do out[#out + 1] = pattern end
    end
    return out
  end,
  required = function(a, b)
    local out = {}
    for _, set in ipairs { a, b } do
      for name in pairs(set) do out[name] = true end
    end
    return out
  end,
  properties = function(a, b)
    local out = {}
    for name, at in pairs(a) do out[name] = at end
    for name, at in pairs(b) do
      out[name] = out[name] and place({ allOf = { out[name].schema, at.schema } }, at.root) or at
    end
    return out
  end,
}
for _, name in ipairs { "minimum", "exclusiveMinimum", "minLength", "minItems" } do
  joined[name] = math.max
end
for _, name in ipairs { "maximum", "exclusiveMaximum", "maxLength", "maxItems" } do
  joined[name] = math.min
end

-- What both demand; nil where nothing can.
local function join(a, b)
  local kind = a.type == "*" and b.type or a.type
  if b.type ~= "*" and b.type ~= kind then return nil end
  if kind == "value" and a.type == b.type and not json.equal(a.value, b.value) then return nil end
  local keys = {}
  for name, value in pairs(a.keys) do keys[name] = value end
  for name, value in pairs(b.keys) do
    if keys[name] == nil or keys[name] == value then
      keys[name] = value
    elseif joined[name] then
      keys[name] = joined[name](keys[name], value)
    else
      keys["allOf " .. name] = { keys[name], value } -- equal only to the same two
    end
  end
  local value = a.value
  if value == nil then value = b.value end
  local notes = add_notes(add_notes({}, a.notes), b.notes)
  return { type = kind, value = value, keys = settle(keys), notes = notes }
end

local function join_all(list, others)
  local out = {}
  for _, a in ipairs(list) do
    for _, b in ipairs(others) do out[#out + 1] = join(a, b) end
  end
  return out
end

-- ---- alternatives ----------------------------------------------------------------------------

local function types_of(schema)
  if schema.type == nil then return { "*" } end
  return type(schema.type) == "table" and schema.type or { schema.type }
end

local function alternative(kind, keys)
  if kind == "integer" then
    keys.integer = true
    kind = "number"
  end
  return { type = kind, keys = keys, notes = {} }
end

local function fits(value, types)
  local kind = json.kind(value)
  if kind == "empty" then return true end
  local names = { list = "array" }
  for _, name in ipairs(types) do
    local wanted = name == "integer" and "number" or name
    if wanted == "*" or wanted == (names[kind] or kind) then return true end
  end
  return false
end

-- The alternatives of type, enum, const and the keywords beside them.
local function own(schema, root)
  local list, types = {}, types_of(schema)
  local values = schema.enum or (schema.const ~= nil and { schema.const })
  if values then
    for _, value in ipairs(values) do
      local null = value == json.null
      if fits(value, types) then
        local one = alternative(null and "null" or "value", keywords(schema, root))
        if not null then one.value = value end
        list[#list + 1] = one
      end
    end
    return list
  end
  for _, kind in ipairs(types) do list[#list + 1] = alternative(kind, keywords(schema, root)) end
  return list
end

local function add_unless_there(list, one)
  local bare = next(one.keys) == nil and (one.type == "null" or one.type == "value")
  for _, other in ipairs(list) do
    local same = bare and other.type == one.type and json.equal(other.value, one.value)
    if same and next(other.keys) == nil then return end
  end
  list[#list + 1] = one
end

local function is_live(list)
  for _, one in ipairs(list) do
    if one.type ~= "null" then return true end
  end
  return false
end

local read

-- What one member of an anyOf says about itself belongs to it, unless it is the only one.
local function read_any_of(members, root)
  local list, notes, live = {}, {}, 0
  for _, member in ipairs(members) do
    local inner = read(member, root)
    if is_live(inner.alternatives) then
      live = live + 1
      notes = inner.notes
    end
    for _, one in ipairs(inner.alternatives) do
      if next(inner.notes) ~= nil then one.notes = inner.notes end
      add_unless_there(list, one)
    end
  end
  if live ~= 1 then return list, {} end
  for _, one in ipairs(list) do one.notes = {} end
  return list, notes
end

local function own_notes(schema)
  local notes = {}
  for _, name in ipairs(annotations) do notes[name] = schema[name] end
  if notes.description == "" then notes.description = nil end
  return notes
end

--- A schema as alternatives; references are followed until something stands there.
function read(schema, root)
  if schema == true then return { alternatives = { alternative("*", {}) }, notes = {} } end
  if schema == false or (schema["not"] and json.equal(schema["not"], {})) then
    return { alternatives = {}, notes = {} }
  end
  local list, notes = own(schema, root), own_notes(schema)
  local function take(inner_list, inner_notes)
    list = join_all(list, inner_list)
    add_notes(notes, inner_notes)
  end
  if schema.anyOf then take(read_any_of(schema.anyOf, root)) end
  local members = {}
  for i, member in ipairs(schema.allOf or {}) do members[i] = member end
  if schema["$ref"] then members[#members + 1] = resolve(root, schema["$ref"]) end
  for _, member in ipairs(members) do
    local inner = read(member, root)
    take(inner.alternatives, inner.notes)
  end
  return { alternatives = list, notes = notes }
end

local function is_anything(one) return one.type == "*" and next(one.keys) == nil end

--- What stands at a place.
---@param at spec.vectors.place
---@return spec.vectors.meaning
function meaning.of(at)
  local found = read(at.schema, at.root)
  if at.nullable then add_unless_there(found.alternatives, alternative("null", {})) end
  for _, one in ipairs(found.alternatives) do
    if is_anything(one) then found.alternatives = { one } end
  end
  return found
end

return meaning

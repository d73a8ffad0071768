--[[
Do two JSON Schemas mean the same?  In: the schema that was recorded, ours, and the profile ours was
written in.  Out: a list of differences, each with its place.  Where a profile of ours means
something else on purpose, that stands in `profiles` with its reason; nothing else may differ.
]]

local json = require "spec.vectors.json"
local meaning = require "spec.vectors.meaning"

local alike = {}

-- ---- what we mean otherwise ------------------------------------------------------------------

local function each_object(found, change)
  for _, one in ipairs(found.alternatives) do
    if one.keys.properties then change(one.keys) end
  end
end

-- Is a recorded schema one that may be missing: "not anything", or something?
local function may_miss(at)
  for _, member in ipairs(type(at.schema) == "table" and at.schema.anyOf or {}) do
    if type(member) == "table" and member["not"] and next(member["not"]) == nil then return true end
  end
  return false
end

-- The same without "not anything", which stands for what may be missing.
local function without_nothing(schema)
  local left = {}
  for _, member in ipairs(schema.anyOf or {}) do
    if not (member["not"] and next(member["not"]) == nil) then left[#left + 1] = member end
  end
  return #left == 1 and left[1] or schema
end

local function holds(list, wanted)
  for _, one in ipairs(list) do
    if json.equal(one, wanted) then return true end
  end
  return false
end

local function each_tuple(found, change)
  for _, one in ipairs(found.alternatives) do
    if one.keys.prefixItems then change(one.keys) end
  end
end

local optional_tail = {
  why = "a tuple may end before items that may be missing",
  change = function(found)
    each_tuple(found, function(keys)
      local count = #keys.prefixItems
      while count > 0 and may_miss(keys.prefixItems[count]) do count = count - 1 end
      if keys.minItems and keys.minItems > count then
        keys.minItems = count > 0 and count or nil
      end
    end)
  end,
}

-- The two formats that zod-to-json-schema makes of ip().
local function is_either_ip(found)
  local a, b = found.alternatives[1], found.alternatives[2]
  return #found.alternatives == 2 and a.keys.format == "ipv4" and b.keys.format == "ipv6"
end

--- @class spec.vectors.profile
--- @field changes { why: string, change: function }[] make our meaning of theirs
--- @field spoken table<string, string> keywords that may be said in the description instead; why

--- @field words? table<string, string> how a value is said, where not as it is written

---@type table<string, spec.vectors.profile>
local profiles = {
  plain = { changes = { optional_tail }, spoken = {} },
  strict = {
    changes = {
      optional_tail,
      {
        why = "strict has no prefixItems: each item is like one of them, and their order is said",
        change = function(found)
          each_tuple(found, function(keys)
            local kinds, order, root = {}, {}, nil
            for i, at in ipairs(keys.prefixItems) do
              order[i], root = without_nothing(at.schema), at.root
              if not holds(kinds, order[i]) then kinds[#kinds + 1] = order[i] end
            end
            keys.prefixItems, keys.items = nil, { schema = { anyOf = kinds }, root = root }
            keys.order = #kinds > 1 and order or nil
          end)
        end,
      },
      {
        why = "strict has no format for either version of IP: it is said",
        change = function(found)
          if not is_either_ip(found) then return end
          table.remove(found.alternatives)
          found.alternatives[1].keys.format = "ip"
        end,
      },
      {
        why = "strict demands every field: one that may be missing is required and may be null",
        change = function(found)
          each_object(found, function(keys)
            local required, properties = keys.required or {}, {}
            keys.required = {}
            for name, at in pairs(keys.properties) do
              keys.required[name] = true
              properties[name] = { schema = at.schema, root = at.root,
                nullable = not required[name] }
            end
            keys.properties = properties
          end)
        end,
      },
      {
        why = "strict demands closed objects: keys that are let through are not asked for",
        change = function(found)
          each_object(found, function(keys)
            keys.additionalProperties = { schema = false, root = {} }
          end)
        end,
      },
      {
        why = "strict has no word for what never fits: null is nearest",
        change = function(found, at)
          if #found.alternatives > 0 or at.schema == false then return end
          found.alternatives = { { type = "null", keys = {}, notes = {} } }
        end,
      },
    },
    spoken = {
      minLength = "strict takes no lengths of texts",
      maxLength = "strict takes no lengths of texts",
      patterns = "strict has no allOf, which a second pattern needs",
      default = "strict has no default: what is missing is filled in by the validator",
      format = "strict knows a few formats alone",
      order = "strict has no prefixItems",
    },
    words = { uri = "URL", ip = "IP" },
  },
}

-- What the recorded schema at a place means to a profile of ours.
local function in_profile(at, profile)
  local found = meaning.of(at)
  for _, difference in ipairs(profile.changes) do difference.change(found, at) end
  return found
end

-- ---- comparing -------------------------------------------------------------------------------

local compare -- of two places

local function add(walk, path, expected, got)
  walk.list[#walk.list + 1] = { where = path, expected = expected or "nothing",
    got = got or "nothing" }
end

local function shown(found)
  local parts = {}
  for i, one in ipairs(found) do
    local value = one.type == "value" and " " .. json.encode(one.value) or ""
    local names = {}
    for name in pairs(one.keys) do names[#names + 1] = name end
    table.sort(names)
    parts[i] = one.type .. value .. (#names > 0 and " with " .. table.concat(names, " ") or "")
  end
  return #parts == 0 and "nothing" or table.concat(parts, ", or ")
end

local function all_names(a, b)
  local set, names = {}, {}
  for _, map in ipairs { a, b } do
    for name in pairs(map) do set[name] = true end
  end
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function compare_maps(walk, path, expected, got)
  for _, name in ipairs(all_names(expected, got)) do
    local here = path .. "." .. name
    if expected[name] and got[name] then
      compare(walk, here, expected[name], got[name])
    else
      add(walk, here, expected[name] and "a schema", got[name] and "a schema")
    end
  end
end

local function set_of(list)
  local set = {}
  for name, value in pairs(list or {}) do set[value == true and name or value] = true end
  return set
end

local function compare_sets(walk, path, expected, got)
  expected, got = set_of(expected), set_of(got)
  for _, name in ipairs(all_names(expected, got)) do
    if not (expected[name] and got[name]) then
      add(walk, path, expected[name] and name, got[name] and name)
    end
  end
end

-- Patterns are a set; those that ours lacks may have to be said.
local function compare_patterns(walk, path, expected, got)
  local ours = set_of(got)
  local may = walk.profile.spoken.patterns and next(ours) ~= nil
  local theirs = {}
  for _, pattern in ipairs(expected or {}) do
    if may and not ours[pattern] then
      table.insert(walk.to_say, pattern)
    else
      theirs[#theirs + 1] = pattern
    end
  end
  compare_sets(walk, path, theirs, got)
end

local function is_place(value) return type(value) == "table" and value.root ~= nil end

-- How keywords are compared that are no plain values and no schemas.
local comparers = {
  properties = function(walk, path, expected, got)
    compare_maps(walk, path, expected or {}, got or {})
  end,
  required = compare_sets,
  patterns = compare_patterns,
}
comparers.prefixItems = comparers.properties

local function compare_keyword(walk, path, name, expected, got)
  if comparers[name] then
    comparers[name](walk, path, expected, got)
  elseif is_place(expected) and is_place(got) then
    compare(walk, path, expected, got)
  elseif is_place(expected) or is_place(got) then
    add(walk, path, is_place(expected) and json.show(expected.schema) or json.show(expected),
      is_place(got) and json.show(got.schema) or json.show(got))
  elseif got == nil and walk.profile.spoken[name] then
    local words = walk.profile.words or {}
    table.insert(walk.to_say, type(expected) == "string" and words[expected] or expected)
  elseif not json.equal(expected, got) then
    add(walk, path, json.show(expected), json.show(got))
  end
end

-- Does a text say a value: a number by itself, anything else as JSON writes it?
local function says(text, value)
  if type(value) == "number" then
    return text:find("%f[%w]" .. json.encode(value):gsub("%p", "%%%0") .. "%f[%W]") ~= nil
  end
  return text:find(type(value) == "string" and value or json.encode(value), 1, true) ~= nil
end

-- Notes are equal; but where something had to be said, it stands behind the description.
local function compare_notes(walk, path, expected, got)
  for _, name in ipairs(all_names(expected, got)) do
    if name ~= "description" then
      compare_keyword(walk, path .. "." .. name, name, expected[name], got[name])
    end
  end
  local theirs, ours = expected.description, got.description
  local where = path .. ".description"
  if #walk.to_say == 0 and theirs ~= ours then add(walk, where, theirs, ours) end
  for _, value in ipairs(walk.to_say) do
    local well = type(ours) == "string" and ours:sub(1, #(theirs or "")) == (theirs or "")
    if not (well and says(ours, value)) then
      add(walk, where, ("%s and words about %s"):format(json.show(theirs), json.show(value)), ours)
    end
  end
  walk.to_say = {}
end

-- What an alternative has to say is said in its own description, if it has one.
local function compare_alternative(walk, path, expected, got)
  if expected.type ~= got.type or not json.equal(expected.value, got.value) then
    return add(walk, path, shown { expected }, shown { got })
  end
  local before = walk.to_say
  walk.to_say = {}
  for _, name in ipairs(all_names(expected.keys, got.keys)) do
    compare_keyword(walk, path .. "." .. name, name, expected.keys[name], got.keys[name])
  end
  if next(expected.notes) or next(got.notes) then
    compare_notes(walk, path, expected.notes, got.notes)
  end
  for _, value in ipairs(walk.to_say) do before[#before + 1] = value end
  walk.to_say = before
end

-- A walk that leaves no trace.
local function trial_of(walk)
  return { profile = walk.profile, list = {}, to_say = {},
    seen = setmetatable({}, { __index = walk.seen }) }
end

local function take_alike(walk, path, expected, candidates)
  for i, one in ipairs(candidates) do
    local trial = trial_of(walk)
    compare_alternative(trial, "", expected, one)
    if #trial.list == 0 then
      compare_alternative(walk, path, expected, table.remove(candidates, i))
      return true
    end
  end
  return false
end

-- Alternatives have no order: pairs that are alike go first, the rest is shown.
local function compare_alternatives(walk, path, expected, got)
  local left, rest = {}, {}
  for i, one in ipairs(got) do rest[i] = one end
  for _, one in ipairs(expected) do
    if not take_alike(walk, path, one, rest) then left[#left + 1] = one end
  end
  if #left == 1 and #rest == 1 then
    compare_alternative(walk, path, left[1], rest[1])
  elseif #left + #rest > 0 then
    add(walk, path, shown(left), shown(rest))
  end
end

function compare(walk, path, expected, got)
  local pair = tostring(expected.nullable) .. tostring(expected.schema) .. tostring(got.schema)
  local tables = type(expected.schema) == "table" and type(got.schema) == "table"
  if tables and walk.seen[pair] then return end -- recursive: alike if nothing else differs
  walk.seen[pair] = true
  local before = walk.to_say
  walk.to_say = {}
  local a, b = in_profile(expected, walk.profile), meaning.of(got)
  compare_alternatives(walk, path, a.alternatives, b.alternatives)
  compare_notes(walk, path, a.notes, b.notes)
  walk.to_say = before
end

--- The differences between two schemas.
---@param expected any the recorded schema, as read
---@param got any ours
---@param profile "plain"|"strict"
---@return { where: string, expected: string?, got: string? }[]
function alike.differences(expected, got, profile)
  local walk = { profile = profiles[profile], seen = {}, list = {}, to_say = {} }
  compare(walk, "schema", { schema = expected, root = expected }, { schema = got, root = got })
  return walk.list
end

return alike

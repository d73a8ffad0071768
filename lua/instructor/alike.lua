-- Compares a recorded JSON value with a live one, by meaning: members in any order, numbers by
-- value, and any text where a secret was masked.
-- In: two decoded values.  Out: how far they differ, and where first.
-- Values come out of the core's reader, which bounds their depth.

local core = require "instructor.core"
local errors = require "instructor.errors"
local scrub = require "instructor.scrub"
local values = require "instructor.values"

local alike = {}

local COUNT_MAX = 100 -- how far is counted; further is as good as this
local SHOWN_MAX = 60  -- bytes of a value in a message
local BEFORE = 15     -- of these, what two texts share before they differ

--- The texts between the masks.
local function pieces_of(recorded)
  local pieces, from = {}, 1
  while true do
    local at, last = recorded:find(scrub.MASK, from, true)
    pieces[#pieces + 1] = recorded:sub(from, (at or 0) - 1)
    if at == nil then return pieces end
    from = last + 1
  end
end

--- Does `text` fit `recorded`, in which each mask stands for anything?
local function fits_mask(recorded, text)
  local pieces = pieces_of(recorded)
  local first, last = pieces[1], pieces[#pieces]
  if #pieces == 1 or #text < #first + #last or text:sub(1, #first) ~= first then return false end
  local from, till = #first + 1, #text - #last
  if text:sub(till + 1) ~= last then return false end
  for i = 2, #pieces - 1 do
    local at, stop = text:find(pieces[i], from, true)
    if at == nil then return false end
    from = stop + 1
  end
  return from <= till + 1
end

local function names_of(a, b)
  local seen, names = {}, {}
  for _, value in ipairs { a, b } do
    for name in pairs(value) do
      if not seen[name] then names[#names + 1] = name end
      seen[name] = true
    end
  end
  table.sort(names, function(x, y)
    if type(x) == type(y) then return x < y end
    return type(x) == "number"
  end)
  return names
end

local function is_same(recorded, asked)
  return recorded == asked
    or (type(recorded) == "string" and type(asked) == "string" and fits_mask(recorded, asked))
end

--- Where two texts begin to differ.
local function divide(a, b)
  for i = 1, math.min(#a, #b) do
    if a:byte(i) ~= b:byte(i) then return i end
  end
  return math.min(#a, #b) + 1
end

--- What a difference counts: a text counts more the earlier it differs, and more than a value that
--- is missing, so that of two requests the one with the same prompt is the nearer.
local function weight(recorded, asked)
  if type(recorded) ~= "string" or type(asked) ~= "string" then return 1 end
  return 2 - (divide(recorded, asked) - 1) / math.max(#recorded, #asked)
end

local compare

local function compare_tables(found, recorded, asked)
  for _, name in ipairs(names_of(recorded, asked)) do
    if found.count >= COUNT_MAX then return end
    found.path[#found.path + 1] = name
    compare(found, recorded[name], asked[name])
    found.path[#found.path] = nil
  end
end

function compare(found, recorded, asked)
  if type(recorded) == "table" and type(asked) == "table" then
    return compare_tables(found, recorded, asked)
  end
  if is_same(recorded, asked) then return end
  found.count = found.count + weight(recorded, asked)
  if found.first then return end
  local path = {}
  for i, step in ipairs(found.path) do path[i] = step end
  found.first = { path = path, recorded = recorded, asked = asked }
end

--- @class instructor.Difference
--- @field path (string|integer)[]
--- @field recorded any
--- @field asked any

--- How far two values differ (0: not at all), and where first.
--- @param recorded any
--- @param asked any
--- @return number, instructor.Difference?
function alike.differences(recorded, asked)
  local found = { count = 0, path = {} }
  compare(found, recorded, asked)
  return found.count, found.first
end

-- ---- showing ------------------------------------------------------------------------------------

--- A part of `text` from byte `from`, cut between characters.
local function cut(text, from)
  local head, tail = from > 1 and "…" or "", ""
  while from > 1 and text:sub(from, from):find "[\128-\191]" do from = from - 1 end
  text = text:sub(from)
  if #text > SHOWN_MAX then
    text, tail = text:sub(1, SHOWN_MAX):gsub("[\192-\247]?[\128-\191]*$", ""), "…"
  end
  return head .. text .. tail
end

local function text_of(value)
  return core.encode(type(value) == "string" and values.utf8(value) or value)
end

local function shown(value, from)
  if value == nil then return "nothing" end
  return cut(text_of(value), from)
end

--- A difference in words: the place, what was recorded, what is asked; both cut to what differs.
--- @param difference instructor.Difference
--- @return string
function alike.words(difference)
  local recorded, asked = difference.recorded, difference.asked
  local from = 1
  if recorded ~= nil and asked ~= nil then
    from = math.max(1, divide(text_of(recorded), text_of(asked)) - BEFORE)
  end
  local path = errors.path(difference.path)
  local place = path ~= "" and "at " .. cut(path, 1) or "as a whole"
  return ("it differs %s: recorded %s, asked %s"):format(place, shown(recorded, from),
    shown(asked, from))
end

return alike

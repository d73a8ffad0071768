-- The order of an object's fields.  A Lua table forgets the order it was written in, and a model
-- answers in the order it is asked; so each schema remembers its number and where it was made.
-- Fields made inside the braces of z.object{…} stand in source order; a field that reuses a
-- schema made before stands after them, by name, and is noted.
-- What is inside the braces: what was made last, without a gap in the numbers, on the lines from
-- z.object on, and was not put into a local variable before the next schema was made.

local order = {}

local here = debug.getinfo(1, "S").source
local home = here:match("^(.*)z[/\\]order%.lua$") or here

local MOST_CALLS = 8  -- how many of the user's functions, one calling the next, are looked at
local MOST_RECENT = 8 -- how many schemas made before may turn out to be in local variables

local recent = setmetatable({}, { __mode = "v" }) -- the data of the schemas made last
local last = 0

local function is_users(info)
  return info.what ~= "C" and info.what ~= "tail" and info.source:sub(1, #home) ~= home
end

--- Where in the user's code we are: source, function and line, from the inside out.  A function
--- that has made room by a tail call is not there any more; those around it still are.
--- @return { source: string, linedefined: integer, line: integer }[] places
--- @return integer? level of the innermost, as seen from here
local function places_here()
  local places, innermost, level = {}, nil, 3
  local info = debug.getinfo(level, "Sl")
  while info and #places < MOST_CALLS do
    if is_users(info) then
      innermost = innermost or level
      places[#places + 1] = {
        source = info.source, linedefined = info.linedefined, line = info.currentline,
      }
    end
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  return places, innermost
end

--- Is a schema with the data `def` in a local variable of the function at `level`?
local function is_held(def, level)
  for i = 1, math.huge do
    local name, value = debug.getlocal(level, i)
    if name == nil then return false end
    local is_named = name:sub(1, 1) ~= "("
    if is_named and type(value) == "table" and rawget(value, "def") == def then return true end
  end
end

--- Numbers `def`, the data of a new schema, and notes where it is made.
--- @param def table
function order.number(def)
  local places, level = places_here()
  for i = 0, MOST_RECENT - 1 do
    local before = recent[(last - i) % MOST_RECENT]
    if before == nil or level == nil then break end
    before.held = before.held or is_held(before, level)
    if not before.held then break end
  end
  last = last + 1
  def.number, def.places, def.held = last, places, nil
  recent[last % MOST_RECENT] = def
end

--- The first number of what was made for the expression that made `def`: that of `parts` and of
--- what was made for them, where no number is missing in between.
--- @param def table
--- @param parts instructor.Schema[] in the order they were made
--- @return integer
function order.first(def, parts)
  local first = def.number
  for i = #parts, 1, -1 do
    local part = parts[i].def
    if part.number == first - 1 then first = part.first end
  end
  return first
end

--- Was `field` made on a line from `made`'s on, in the function that made it or in one called
--- from there?
local function is_below(field, made)
  local place = made.places[1]
  if place == nil then return true end
  for _, its in ipairs(field.places) do
    local same = its.source == place.source and its.linedefined == place.linedefined
    if same and its.line >= place.line then return true end
  end
  return false
end

local function by_name(a, b) return a[1] < b[1] end

local function latest_first(a, b)
  local x, y = a[2].def.number, b[2].def.number
  if x ~= y then return x > y end
  return a[1] < b[1]
end

--- How often each schema stands among `fields`.
local function count_uses(fields)
  local uses = {}
  for _, field in ipairs(fields) do uses[field[2]] = (uses[field[2]] or 0) + 1 end
  return uses
end

--- Sorts `fields`, a list of {key, schema}: inline ones by source order, then reused ones by name.
--- @param fields { [1]: string, [2]: instructor.Schema }[]
--- @param made table the data of the object being made
--- @return string[] reused names of the fields whose place was not stated
--- @return integer first the number of the first schema inside the braces
function order.sort(fields, made)
  local first, inline, reused, names = made.number, {}, {}, {}
  local uses = count_uses(fields)
  table.sort(fields, latest_first)
  for i, field in ipairs(fields) do
    local def = field[2].def
    local next_before = def.number == first - 1 and not def.held and uses[field[2]] == 1
    local to = next_before and is_below(def, made) and inline or reused
    if to == inline then first = def.first end
    to[#to + 1], fields[i] = field, nil
  end
  table.sort(reused, by_name)
  for i = #inline, 1, -1 do fields[#fields + 1] = inline[i] end
  for i, field in ipairs(reused) do fields[#fields + 1], names[i] = field, field[1] end
  return names, first
end

return order

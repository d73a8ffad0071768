-- The order of an object's fields.  A Lua table forgets the order it was written in, and a model
-- answers in the order it is asked; so each schema remembers its number and where it was made.
-- Fields written inside the braces of z.object{…} stand in source order; a field that reuses a schema
-- made before stands after them, by name, and is noted.
-- A tail call wipes out where it was made from, so no room of z ends in one: `return (f())` keeps it.

local order = {}

local here = debug.getinfo(1, "S").source
local home = here:match("^(.*)z[/\\]order%.lua$") or here

local last = 0

--- The next number, and where in the user's code we are: source and line, or nil where a tail call
--- has wiped it out.
--- @return integer number, string? source, integer? line
function order.next()
  last = last + 1
  local level = 3
  local info = debug.getinfo(level, "Slt")
  while info and (info.what == "C" or info.source:sub(1, #home) == home) do
    if info.istailcall then return last end
    level = level + 1
    info = debug.getinfo(level, "Slt")
  end
  -- Lua 5.1 shows a tail call as a level of its own.
  if info == nil or info.what == "tail" then return last end
  return last, info.source, info.currentline
end

--- Was `field` made inside the braces that belong to the schema made at `number`, `source`, `line`,
--- given that everything from `first` on is?
local function is_inline(field, first, source, line)
  if field.number ~= first - 1 then return false end
  if source == nil or field.source == nil then return true end
  return field.source == source and field.line >= line
end

--- Sorts `fields`, a list of {key, schema}: inline ones by source order, then reused ones by name.
--- @param fields { [1]: string, [2]: table }[]
--- @param made { number: integer, source: string?, line: integer? } the object being made
--- @return string[] reused names of the fields whose place was not stated
--- @return integer first the number of the first schema inside the braces
function order.sort(fields, made)
  table.sort(fields, function(a, b)
    local x, y = a[2].def.number, b[2].def.number
    if x ~= y then return x > y end
    return a[1] < b[1]
  end)
  local first, inline, reused = made.number, {}, {}
  for _, field in ipairs(fields) do
    local def = field[2].def
    if is_inline(def, first, made.source, made.line) then
      inline[#inline + 1] = field
      first = def.first
    else
      reused[#reused + 1] = field
    end
  end
  table.sort(reused, function(a, b) return a[1] < b[1] end)
  local names = {}
  for i = 1, #fields do fields[i] = nil end
  for i = #inline, 1, -1 do fields[#fields + 1] = inline[i] end
  for _, field in ipairs(reused) do
    fields[#fields + 1] = field
    names[#names + 1] = field[1]
  end
  return names, first
end

return order

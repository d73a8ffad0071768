-- Names that come near: what was probably meant by one that is not known.  Loaded when a mistake is
-- made.

local hints = {}

--- How many letters must be added, dropped, changed or swapped to make `a` of `b`.
--- @param a string
--- @param b string
--- @return integer
local function distance(a, b)
  local before, row = {}, {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local last = row
    row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      local swapped = i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j)
      if swapped then row[j] = math.min(row[j], before[j - 2] + 1) end
    end
    before = last
  end
  return row[#b]
end

--- The name of `names` nearest to `name`, and how far it is; ties go to the first in the alphabet.
--- @param name string
--- @param names table<string, any>
--- @return string?, integer
function hints.nearest(name, names)
  local best, least = nil, math.huge
  for candidate in pairs(names) do
    local d = distance(name:lower(), candidate)
    if d < least or (d == least and candidate < best) then best, least = candidate, d end
  end
  return best, least
end

--- `name` as we would spell it: snake_case for camelCase.
--- @param name string
--- @return string
function hints.snake_case(name)
  return (name:gsub("(%l)(%u)", "%1_%2"):lower())
end

--- " (did you mean x?)", when something is near enough to be meant: a third of the letters, one at
--- least, may differ.
--- @param name string
--- @param names table<string, any>
--- @return string
function hints.hint(name, names)
  local snake = hints.snake_case(name)
  if rawget(names, snake) ~= nil then return " (it is spelled " .. snake .. ")" end
  local nearest, far = hints.nearest(snake, names)
  if nearest and far <= math.max(1, math.floor(#name / 3)) then
    return " (did you mean " .. nearest .. "?)"
  end
  return ""
end

return hints

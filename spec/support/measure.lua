-- Ratios of medians, taken in one run: cases in turn, a short batch each, many rounds.

local measure = {}

local ROUNDS, BATCH = 9, 0.02 -- seconds a batch

local function batch(fn)
  local count, from = 0, os.clock()
  repeat
    for _ = 1, 10 do fn() end
    count = count + 10
  until os.clock() - from >= BATCH
  return (os.clock() - from) / count
end

--- The median of a list of numbers.
--- @param list number[]
--- @return number
function measure.median(list)
  table.sort(list)
  return list[math.floor(#list / 2) + 1]
end

--- CPU seconds of one call of each case: medians over the rounds, and over those of the ratios to
--- the first case.
--- @param cases { [1]: string, [2]: function }[]
--- @return table<string, number> seconds, table<string, number> ratios
function measure.run(cases)
  local times, ratios = {}, {}
  for _, case in ipairs(cases) do times[case[1]], ratios[case[1]] = {}, {} end
  for _ = 1, ROUNDS do
    local first
    for _, case in ipairs(cases) do
      local seconds = batch(case[2])
      first = first or seconds
      table.insert(times[case[1]], seconds)
      table.insert(ratios[case[1]], seconds / first)
    end
  end
  local seconds, relative = {}, {}
  for name, list in pairs(times) do seconds[name] = measure.median(list) end
  for name, list in pairs(ratios) do relative[name] = measure.median(list) end
  return seconds, relative
end

--- Prints a row a case.
--- @param title string
--- @param cases { [1]: string, [2]: function }[]
function measure.print(title, cases)
  local seconds, ratios = measure.run(cases)
  print(title)
  for _, case in ipairs(cases) do
    print(("  %-40s %9.2f us  %6.2fx"):format(case[1], seconds[case[1]] * 1e6, ratios[case[1]]))
  end
end

return measure

--[[
What a case's logger was told.  In: a case and its record.  Out: differences.
The records are ours, in level, number and words: theirs tell three debug records where ours tell a
request and its answer, and warn of a mode that we refuse or that needs no warning.  What they tell
of a call must be told by ours too: every completion that came, every question asked again and why,
and a failure.  Ours must hold neither prompt nor answer nor key, which theirs do.
]]

local json = require "spec.vectors.json"

local logs = {}

local function add(list, where, expected, got)
  list[#list + 1] = { where = "log: " .. where, expected = json.show(expected),
    got = json.show(got) }
end

-- How many of their records have this level and these words in their first argument.
local function count_theirs(case, level, words)
  local count = 0
  for _, record in ipairs(case.logs) do
    local said = record[1] == level
    if said and words then
      said = false
      for _, argument in ipairs(record[2]) do
        said = said or (type(argument) == "string" and argument:find(words, 1, true) ~= nil)
      end
    end
    count = count + (said and 1 or 0)
  end
  return count
end

local function count_ours(record, level, message, fits)
  local count = 0
  for _, one in ipairs(record.logs) do
    local same = one.level == level and one.message == message
    if same and (not fits or fits(one.fields)) then count = count + 1 end
  end
  return count
end

local function is_success(fields)
  return fields.status ~= nil and fields.status >= 200 and fields.status < 300
end

local function is_unfit(fields) return fields.kind == "validation" end

local function compare_count(list, what, theirs, ours)
  if theirs ~= ours then add(list, what, theirs, ours) end
end

-- All texts of a case that are the user's or the model's.
local function private_texts(case, texts)
  for _, message in ipairs(type(case.params.messages) == "table" and case.params.messages or {}) do
    if type(message.content) == "string" then texts[#texts + 1] = message.content end
  end
  texts[#texts + 1] = "sk-dummy"
  return texts
end

local function holds(value, text)
  if type(value) == "string" then return value:find(text, 1, true) ~= nil end
  if type(value) ~= "table" then return false end
  for k, v in pairs(value) do
    if holds(k, text) or holds(v, text) then return true end
  end
  return false
end

--- Compares what was logged.
---@param case table
---@param record spec.vectors.record
---@return spec.vectors.differences
function logs.differences(case, record)
  local list = {}
  compare_count(list, "completions",
    count_theirs(case, "debug", "raw standard completion response"),
    count_ours(record, "debug", "answer", is_success))
  compare_count(list, "asked again", count_theirs(case, "warn", "Validation issues"),
    count_ours(record, "warn", "asking again", is_unfit))
  compare_count(list, "failed", count_theirs(case, "error") > 0 and 1 or 0,
    count_ours(record, "error", "failed"))
  compare_count(list, "requests", #record.requests, count_ours(record, "debug", "request"))
  for _, text in ipairs(private_texts(case, {})) do
    if holds(record.logs, text) then add(list, "privacy", "not to hold this text", text) end
  end
  return list
end

return logs

--[[
The golden vectors of Zod: a schema, and what Zod 4 made of many values.  In: a file's vectors.
Out: cases for the suite, and the differences of each: verdict, data, issues with code, path,
message and fields.  Theirs count places from 0 and say undefined for what is missing.

Keys nobody declared and keys of records come in an order of their own where a Lua table has been in
between: keys of unrecognized_keys, and issues whose paths differ in such a key, are compared as
sets. json_schema is Zod's own profile, which is not ours; the requests compare the provider's.
]]

local json = require "spec.vectors.json"
local zod = require "spec.vectors.zod"

local golden = {}

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

-- ---- issues ----------------------------------------------------------------------------------

-- What issues of ours have beside Zod's fields.  (What was received stands in the message too.)
local ours_alone = { received = true, nearest = true, nearest_name = true, note = true }

local in_our_words

-- The keys nobody declared as a set; a message that is not the schema's lists them too.
local function sort_keys(issue)
  if issue.keys == nil then return end
  local keys = {}
  for i, key in ipairs(issue.keys) do keys[i] = key end
  table.sort(keys)
  issue.keys = keys
  if issue.message:find "^Unrecognized keys?: " then issue.message = "Unrecognized" end
end

-- What Zod's issues say otherwise, or beside what ours say.
local changes = {
  {
    why = "the message says it too, and refine's params are not there yet",
    change = function(issue) issue.params, issue.received, issue.fatal = nil, nil, nil end,
  },
  {
    why = "a note is a sentence of Zod's",
    change = function(issue) issue.note = nil end,
  },
  {
    why = "a format of ours is no pattern, and always says where it comes from",
    change = function(issue)
      if issue.code ~= "invalid_format" then return end
      issue.origin = "string"
      if issue.format ~= "regex" then issue.pattern = nil end
    end,
  },
  {
    why = "JavaScript writes a slash in a pattern as \\/",
    change = function(issue)
      if issue.pattern then issue.pattern = issue.pattern:gsub("\\/", "/") end
      issue.message = issue.message:gsub("\\/", "/")
    end,
  },
  {
    why = "int32 and uint32 are int with a range",
    change = function(issue)
      if issue.expected == "int" then issue.format = "safeint" end
    end,
  },
  {
    why = "stringbool is an enum of its words",
    change = function(issue)
      if issue.expected == "stringbool" then issue.expected = nil end
    end,
  },
}

-- Zod's issue as we would say it.
local function issue_in_our_words(issue)
  local out = json.without(issue)
  for _, one in ipairs(changes) do one.change(out) end
  out.path = {}
  for i, step in ipairs(issue.path) do
    out.path[i] = type(step) == "number" and step + 1 or step
  end
  out.message = out.message:gsub("received undefined", "received nil")
  if issue.errors then
    out.errors = {}
    for i, list in ipairs(issue.errors) do out.errors[i] = in_our_words(list) end
  end
  if issue.issues then out.issues = in_our_words(issue.issues) end
  if issue.matches then
    out.matches = {}
    for i, option in ipairs(issue.matches) do out.matches[i] = option + 1 end
  end
  sort_keys(out)
  return out
end

local function plain_issue(issue)
  local out = {}
  for name, value in pairs(issue) do
    if not ours_alone[name] then out[name] = value end
  end
  if issue.code == "invalid_format" and issue.format ~= "regex" then out.pattern = nil end
  if issue.errors then
    out.errors = {}
    for i, list in ipairs(issue.errors) do
      out.errors[i] = {}
      for k, inner in ipairs(list) do out.errors[i][k] = plain_issue(inner) end
    end
  end
  if issue.issues then
    out.issues = {}
    for k, inner in ipairs(issue.issues) do out.issues[k] = plain_issue(inner) end
  end
  sort_keys(out)
  return out
end

function in_our_words(issues)
  local out = {}
  for i, issue in ipairs(issues) do out[i] = issue_in_our_words(issue) end
  return out
end

-- Takes out of `list` an issue equal to `wanted`.
local function take(list, wanted)
  for i, issue in ipairs(list) do
    if json.equal(wanted, issue) then return table.remove(list, i) end
  end
end

local function compare_issues(list, expected, got, ordered)
  local theirs, ours, left = in_our_words(expected), {}, {}
  for i, issue in ipairs(got) do ours[i] = plain_issue(issue) end
  if #theirs ~= #ours then return add(list, "issues", theirs, ours) end
  for i, issue in ipairs(theirs) do
    if ordered then
      if not json.equal(issue, ours[i]) then add(list, "issue " .. i, issue, ours[i]) end
    elseif not take(ours, issue) then
      left[#left + 1] = issue
    end
  end
  for i, issue in ipairs(left) do add(list, "an issue", issue, ours[i]) end
end

-- ---- a case ----------------------------------------------------------------------------------

-- Text tells nothing of nil, which an absent field would be in a Lua table.
local function parsed(schema, case)
  if case.absent then return schema:try(nil) end
  return schema:try_json(case.input_text or json.encode(case.input))
end

-- Does the order of issues depend on that of keys in the input?
local function has_free_keys(vector)
  for _, feature in ipairs(vector.features) do
    if feature == "record" or feature:find "^record:" or feature == "json" then return true end
  end
  return json.encode(vector.schema):find('"catchall"', 1, true) ~= nil
end

local function compare(vector, case)
  local list = {}
  local value, err = parsed(vector.built, case)
  if (err == nil) ~= case.ok then
    add(list, "verdict", case.ok and "it fits" or case.issues or case.throws,
      err and (err.issues or tostring(err)) or value)
  elseif case.ok then
    local expected = nil
    if not case.data_absent then expected = case.data end
    if not json.equal(expected, value) then add(list, "data", expected, value) end
  elseif case.issues then
    compare_issues(list, case.issues, err.issues or {}, not has_free_keys(vector))
  end
  return list
end

-- ---- what is not compared --------------------------------------------------------------------

local notes = {
  js_double = "design: integers are exact (a double rounds)",
  lone_surrogate = "design: texts are UTF-8",
}

-- Does the text hold a number that no double holds?
local function overflows(case)
  if not case.input_text then return false end
  return json.encode(case.issues or {}):find "received %-?Infinity" ~= nil
end

-- Does an empty list or object, or nil as an item, pass through code in Lua?
local function is_ambiguous(vector, case)
  local coded = false
  for _, feature in ipairs(vector.features) do
    coded = coded or feature == "preprocess" or feature == "transform"
  end
  local text = case.input_text or json.encode(case.input)
  local wraps = json.encode(vector.schema):find('"to_array"', 1, true)
  return coded and (text:find("%[%s*%]") or text:find("{%s*}") or wraps)
end

local function skipped(vector, case)
  if overflows(case) then return "design: the reader refuses a number that is too large" end
  if case.op == "encode" then return "kind not there yet: codec" end
  if vector.parse_opts then return "option not there yet: parse's error and report_input" end
  return vector.missing or notes[case.note]
end

--- The cases of a file.
---@param read table the file
---@return table[]
function golden.cases(read)
  local cases = {}
  for _, vector in ipairs(read.vectors) do
    vector.missing = zod.missing(vector.schema) or zod.missing(vector.defs)
    for i, case in ipairs(vector.cases) do
      cases[#cases + 1] = { name = ("%s #%d"):format(vector.name, i), vector = vector, case = case }
    end
  end
  return cases
end

--- Runs one case.
---@param entry table
---@return spec.vectors.differences
---@return string? reason why not all of it counts
function golden.run(entry)
  local vector = entry.vector
  local reason = skipped(vector, entry.case)
  if reason then return {}, reason end
  vector.built = vector.built or zod.build(vector)
  local list = compare(vector, entry.case)
  if #list > 0 and is_ambiguous(vector, entry.case) then
    return {}, "design: an empty Lua table is a list or an object, and a list holds no nil"
  end
  return list
end

return golden

-- Tables of named options, checked at once: an unknown name raises, and the message tells the
-- nearest known one.  Mistakes of the programmer are raised where the programmer made them: at the
-- first level of the stack that is not ours.

local options = {}

local here = debug.getinfo(1, "S").source
local home = here:match("^(.*)options%.lua$") or here

-- ---- rooms that are loaded later ----------------------------------------------------------------

local path, cpath = package.path, package.cpath -- where ours are found

--- Lua 5.1 and LuaJIT take a module whose loading failed for one that is being loaded, for ever:
--- their mark stands in its place.
local function forget(name)
  local mark = package.loaded[name]
  if mark == nil then return end
  for other, value in pairs(package.loaded) do
    if value == mark then package.loaded[other] = nil end
  end
end

--- The module `name` of ours, which is loaded now if it was not yet: from where ours are found,
--- whatever the script has made of its paths meanwhile.
--- @param name string
--- @return any
function options.room(name)
  local room = package.loaded[name]
  if type(room) == "table" then return room end
  local its_path, its_cpath = package.path, package.cpath
  package.path, package.cpath = path, cpath
  local loaded, made = pcall(require, name)
  package.path, package.cpath = its_path, its_cpath
  if loaded then return made end
  forget(name)
  error(made, 0)
end

-- ---- mistakes -----------------------------------------------------------------------------------

local function is_ours(info)
  return info.what == "C" or info.what == "tail" or info.source:sub(1, #home) == home
end

--- The stack level (seen from the caller) of the first function that is not the library's.  Where
--- the user's function has made room by a tail call, its caller answers for it; a job that did so
--- has none (0).
--- @return integer
local function user_level()
  local level = 3
  while true do
    local info = debug.getinfo(level, "S")
    if info == nil then return 0 end
    if not is_ours(info) then return level - 1 end
    level = level + 1
  end
end

--- The function that a job runs, where we are in one; set by who has jobs.
--- @type fun(): function?
function options.job_function() end

--- Where the function of the job begins, for one that has made room; "": nobody is blamed.
local function place_of_job()
  local fn = options.job_function()
  local info = fn and debug.getinfo(fn, "S")
  if info == nil or is_ours(info) then return "" end
  return ("%s:%d: "):format(info.short_src, info.linedefined)
end

--- Raises `message`, blaming the user's line.
--- @param message string
function options.raise(message)
  local level = user_level()
  error(level == 0 and place_of_job() .. message or message, level)
end

--- Is it what Lua or the core says when there is no more memory?  That is nobody's mistake.
local function is_about_memory(message)
  return message == "not enough memory" or message:find("memory ran out", 1, true) ~= nil
end

--- Raises what a function of the core raised as the user's mistake, behind `prefix`.
--- @param prefix string
--- @param message any
function options.complain(prefix, message)
  if type(message) ~= "string" or is_about_memory(message) then error(message, 0) end
  options.raise(prefix .. message)
end

local function pass(prefix, ok, ...)
  if ok then return ... end
  options.complain(prefix, (...))
end

--- Returns what `fn(…)` does.  What it complains of is raised as the user's mistake, behind
--- `prefix`.
--- @param prefix string
--- @param fn function
--- @param ... any
--- @return any
function options.blame(prefix, fn, ...)
  return pass(prefix, pcall(fn, ...))
end

-- ---- words --------------------------------------------------------------------------------------

--- "a string", "an enum": the word with its article; nil stands alone.
--- @param word string
--- @return string
function options.article(word)
  if word == "nil" then return word end
  return (word:match "^[aeiou]" and "an " or "a ") .. word
end

--- What a value of the wrong type is called: "a number", "nil".
--- @param value any
--- @return string
function options.type_of(value)
  return options.article(type(value))
end

--- A value as a message shows it: a text quoted (and cut), a table by its type alone.
--- @param value any
--- @return string
function options.shown(value)
  local kind = type(value)
  if kind == "string" then
    return ("%q"):format(#value > 40 and value:sub(1, 40) .. "..." or value)
  elseif value ~= value then
    return "nan" -- which some Luas print as -nan
  elseif kind == "number" or kind == "boolean" or kind == "nil" then
    return tostring(value)
  end
  return options.type_of(value)
end

--- " (did you mean x?)", when one of `names` comes near enough to `name` to be meant.
--- @param name string
--- @param names table<string, any>
--- @return string
function options.hint(name, names)
  return (options.room("instructor.hints").hint(name, names))
end

-- ---- rules --------------------------------------------------------------------------------------

local function names_of(given)
  local names = {}
  for name in pairs(given) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  return names
end

--- What is wrong with `value` under `rule`, or nil.
local function complaint(rule, value)
  if type(rule) == "function" then return (rule(value)) end
  if type(value) == rule then return nil end
  if ("|" .. rule .. "|"):find("|" .. type(value) .. "|", 1, true) then return nil end
  return "takes a " .. rule:gsub("|", " or a ") .. ", not " .. options.type_of(value)
end

--- Raises unless `value` is what `rule` takes.
--- @param who string
--- @param name string
--- @param value any
--- @param rule string|fun(value: any): string?
function options.check_one(who, name, value, rule)
  local wrong = complaint(rule, value)
  if wrong then options.raise(who .. ": " .. name .. " " .. wrong) end
end

--- What to write instead of `name`, in brackets; "" where nothing comes near.
local function hint_for(name, known, elsewhere)
  local instead = elsewhere[options.room("instructor.hints").snake_case(name)]
  return instead and (" (%s)"):format(instead) or options.hint(name, known)
end

--- Raises unless every key of `given` is one of `known` and every value of its type.
--- `known` maps a name to a Lua type, to several joined by "|", or to a function that returns what
--- is wrong with a value, or nil.
--- @param who string what the message calls the table, as in "OpenAI"
--- @param given table
--- @param known table<string, string|fun(value: any): string?>
--- @param elsewhere? table<string, string> names that others use, and what to write instead
function options.check(who, given, known, elsewhere)
  if type(given) ~= "table" then
    options.raise(who .. " takes a table of options, not " .. options.type_of(given))
  end
  for _, name in ipairs(names_of(given)) do
    if type(name) == "number" then options.raise(who .. " takes named options, and no list") end
    if known[name] == nil then
      local hint = type(name) == "string" and hint_for(name, known, elsewhere or {}) or ""
      options.raise(who .. " has no option " .. tostring(name) .. hint)
    end
    options.check_one(who, name, given[name], known[name])
  end
end

--- Raises for a key of `list` that is none of its first `count` places: it has holes, or names.
--- @param who string
--- @param list table
--- @param count integer
function options.check_places(who, list, count)
  for key in pairs(list) do
    if type(key) ~= "number" or key < 1 or key > count then
      options.raise(("%s takes a list without holes, which has no key %s")
        :format(who, options.shown(key)))
    end
  end
end

--- A rule for options.check: a whole number of at least 0.
function options.count(value)
  local whole = type(value) == "number" and value >= 0 and value % 1 == 0 and value < math.huge
  if not whole then return "takes a whole number of at least 0, not " .. options.shown(value) end
end

--- A rule for options.check: a number of seconds above 0.
function options.seconds(value)
  if type(value) ~= "number" or not (value > 0) then
    return "takes a number of seconds above 0, not " .. options.shown(value)
  end
end

return options

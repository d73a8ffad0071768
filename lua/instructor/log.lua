-- Log records: a level, a message from a short fixed list, and fields.
-- In: a user's logger of any kind.  Out: one function that is told of a record.

local core = require "instructor.core"
local options = require "instructor.options"
local values = require "instructor.values"

local log = {}

--- @alias instructor.LogLevel
--- | "debug" # "request", "answer"
--- | "info"  # "done"
--- | "warn"  # "asking again", "sending again", "not recorded"
--- | "error" # "failed"

--- What a record tells, as far as it applies; seconds and bytes.
--- @class instructor.LogFields
--- @field call integer         tells the calls of this Lua state apart
--- @field attempt? integer     which request of the call
--- @field method? string
--- @field url? string          secrets masked
--- @field provider? string
--- @field mode? string
--- @field model? string
--- @field bytes? integer       of the request's body
--- @field status? integer
--- @field kind? instructor.Kind what an attempt or the call failed of
--- @field code? string         the provider's own
--- @field reason? string       of "incomplete"
--- @field issues? integer      how many
--- @field message? string      of the error; without debug only where it quotes nobody
--- @field seconds? number      of the attempt, or of the whole call
--- @field first_byte? number
--- @field waited? number       of the whole call
--- @field wait? number         until the next attempt
--- @field attempts? integer
--- @field usage? instructor.Usage
--- @field request_id? string
--- @field headers? { [1]: string, [2]: string }[] with debug: of the request, secrets masked
--- @field body? string         with debug: of the request or the answer, keys masked

--- A function, or a table with the methods debug, info, warn and error, each of which takes one
--- line of text (what LuaLogging makes, for instance).
--- @alias instructor.Logger
--- | fun(level: instructor.LogLevel, message: string, fields: instructor.LogFields)
--- | { debug: function, info: function, warn: function, error: function }

local METHODS = { "debug", "info", "warn", "error" }

--- A rule for options.check: a logger.
function log.check(value)
  if type(value) == "function" then return end
  if type(value) ~= "table" then
    return "takes a function(level, message, fields), or a table with the methods debug, info, "
      .. "warn and error; not " .. options.type_of(value)
  end
  for _, name in ipairs(METHODS) do
    if type(value[name]) ~= "function" then return "is a table without the method " .. name end
  end
end

-- ---- lines --------------------------------------------------------------------------------------

local function written(value)
  if type(value) == "number" and value % 1 ~= 0 then return ("%.3f"):format(value) end
  if type(value) == "string" and value:find "^[%w%-%._:/?&=%*]+$" then return value end
  if type(value) == "string" then value = values.utf8(value) end
  local well, text = pcall(core.encode, value)
  return well and text or "?" -- a header in some old encoding
end

--- Which fields stand first in a line; the others follow by name.
local rank = { call = 1, attempt = 2, kind = 3, status = 4, body = 99 }

local function before(a, b)
  local rank_a, rank_b = rank[a] or 50, rank[b] or 50
  if rank_a ~= rank_b then return rank_a < rank_b end
  return a < b
end

--- "instructor: done call=1 attempts=1 seconds=0.412": a record as one line.
--- @param message string
--- @param fields instructor.LogFields
--- @return string
function log.line(message, fields)
  local names, parts = {}, { "instructor: " .. message }
  for name in pairs(fields) do names[#names + 1] = name end
  table.sort(names, before)
  for _, name in ipairs(names) do parts[#parts + 1] = name .. "=" .. written(fields[name]) end
  return table.concat(parts, " ")
end

local function to_stderr(level, message, fields)
  io.stderr:write("[", level, "] ", log.line(message, fields), "\n")
end

--- Every kind of logger as a function.
local function function_of(logger)
  if logger == nil then return to_stderr end
  if type(logger) == "function" then return logger end
  return function(level, message, fields) logger[level](logger, log.line(message, fields)) end
end

-- ---- telling ------------------------------------------------------------------------------------

--- @class instructor.Log
--- @field debug boolean may prompts and answers be told?
--- @field write fun(level: instructor.LogLevel, message: string, fields: instructor.LogFields)

--- The log of a client: nil where there is none.  With `debug` alone it is stderr.
--- @param logger? instructor.Logger
--- @param debug? boolean
--- @return instructor.Log?
function log.new(logger, debug)
  if logger == nil and not debug then return nil end
  return { debug = debug == true, write = function_of(logger) }
end

return log

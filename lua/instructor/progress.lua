-- A line on a terminal that tells how far a map is, drawn again in place.
-- It stands there only while its owner waits: whoever prints meanwhile finds a clean line.  Where
-- stderr is no terminal there is no bar at all.  This room knows no job and no call.

local core = require "instructor.core"

local progress = {}

local EVERY = 0.01 -- seconds between two drawings at least
local BAR_MAX = 30 -- columns of the bar itself
local BAR_MIN = 8  -- below that there is none

--- @class instructor.Progress
--- @field total integer
--- @field done integer
--- @field failed integer
--- @field tokens integer
--- @field label string
local Progress = {}
Progress.__index = Progress

-- ---- words --------------------------------------------------------------------------------------

--- Columns a text takes, as far as code points tell.
local function width_of(text) return select(2, text:gsub("[^\128-\191]", "")) end

--- The first `columns` code points of `text`.
local function cut(text, columns)
  local at, seen = 1, 0
  while at <= #text do
    if not text:sub(at, at):find "[\128-\191]" then seen = seen + 1 end
    if seen > columns then return text:sub(1, at - 1) end
    at = at + 1
  end
  return text
end

--- 4 as 0:04, 3723 as 1:02:03.
local function clock_of(seconds)
  local whole = math.floor(seconds + 0.5)
  local hours, minutes = math.floor(whole / 3600), math.floor(whole / 60) % 60
  if hours > 0 then return ("%d:%02d:%02d"):format(hours, minutes, whole % 60) end
  return ("%d:%02d"):format(minutes, whole % 60)
end

--- Everything but the bar: what stands before it and what behind.
function Progress:words(now)
  local elapsed = math.max(now - self.start, 0)
  local behind = {}
  if self.done > 0 and elapsed > 0 then
    behind[#behind + 1] = ("%.1f/s"):format(self.done / elapsed)
  end
  behind[#behind + 1] = clock_of(elapsed)
  if self.done > 0 and self.done < self.total then
    local left = elapsed / self.done * (self.total - self.done)
    behind[#behind] = behind[#behind] .. " (" .. clock_of(left) .. " left)"
  end
  if self.failed > 0 then behind[#behind + 1] = ("%d failed"):format(self.failed) end
  if self.tokens > 0 then behind[#behind + 1] = ("%.0f tokens"):format(self.tokens) end
  local label = self.label ~= "" and self.label .. " " or ""
  return label .. ("%d/%d"):format(self.done, self.total), table.concat(behind, "  ")
end

local function bar_of(share, columns)
  local full = math.floor(share * columns)
  return "[" .. ("#"):rep(full) .. ("-"):rep(columns - full) .. "]"
end

--- The whole line, no wider than the terminal: at its last column some begin a new line.
function Progress:line(now)
  local before, behind = self:words(now)
  local room = self.columns - 1 - width_of(before) - #behind - 5
  local bar = math.min(room, BAR_MAX)
  local middle = bar >= BAR_MIN and " " .. bar_of(self.done / self.total, bar) .. " " or "  "
  return cut(before .. middle .. behind, self.columns - 1)
end

-- ---- drawing ------------------------------------------------------------------------------------

--- Draws, unless it was drawn a moment ago.
function Progress:show()
  local now = self.clock()
  if now - self.drawn < EVERY then return end
  local line = self:line(now)
  self.drawn, self.width = now, width_of(line)
  self.write("\r" .. line)
end

--- Leaves a clean line.
function Progress:hide()
  if self.width == 0 then return end
  self.write("\r" .. (" "):rep(self.width) .. "\r")
  self.width = 0
end

--- Counts one that has ended: with a value, or nil and what went wrong.
function Progress:tell(value, second)
  self.done = self.done + 1
  if value == nil and second ~= nil then self.failed = self.failed + 1 end
  local usage = type(second) == "table" and rawget(second, "usage")
  local tokens = type(usage) == "table" and rawget(usage, "total_tokens")
  if type(tokens) == "number" then self.tokens = self.tokens + tokens end
end

--- Draws for the last time and goes to the next line.  May be called again.
function Progress:close()
  if self.closed then return end
  self.closed = true
  self:hide()
  self.write(self:line(self.clock()) .. "\n")
end

-- ---- a bar --------------------------------------------------------------------------------------

local function to_stderr(text)
  io.stderr:write(text)
  io.stderr:flush()
end

--- A bar for `total` things, or nil where nobody would see it.
--- @param total integer
--- @param label? string stands before it
--- @param given? { columns: integer?, write: function?, clock: function? } instead of the terminal
--- @return instructor.Progress?
function progress.new(total, label, given)
  given = given or {}
  local columns = given.columns or (os.getenv "TERM" ~= "dumb" and core.columns())
  if not columns or total == 0 then return nil end
  local clock = given.clock or core.clock
  label = (label or ""):gsub("%c+", " ")
  return setmetatable({ total = total, done = 0, failed = 0, tokens = 0, label = label,
    columns = columns, write = given.write or to_stderr, clock = clock, start = clock(),
    drawn = -math.huge, width = 0 }, Progress)
end

return progress

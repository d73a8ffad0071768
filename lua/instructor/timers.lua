-- Times that somebody waits for: the earliest is at hand however many there are (a binary heap).

local timers = {}

--- @class instructor.Timers
--- @field package what any[]             a heap: none is earlier than the one at half its place
--- @field package time table<any, number>
--- @field package place table<any, integer>
local Timers = {}
Timers.__index = Timers

--- @return instructor.Timers
function timers.new()
  return setmetatable({ what = {}, time = {}, place = {} }, Timers)
end

local function put(self, what, place)
  self.what[place], self.place[what] = what, place
end

--- Moves `what`, which stands at `place`, up to where it belongs.
local function rise(self, what, place)
  local time = self.time
  while place > 1 do
    local above = (place - place % 2) / 2
    if time[self.what[above]] <= time[what] then break end
    put(self, self.what[above], place)
    place = above
  end
  put(self, what, place)
end

--- The same, downwards.
local function sink(self, what, place)
  local time, list = self.time, self.what
  while true do
    local below = place * 2
    if list[below] == nil then break end
    if list[below + 1] ~= nil and time[list[below + 1]] < time[list[below]] then
      below = below + 1
    end
    if time[what] <= time[list[below]] then break end
    put(self, list[below], place)
    place = below
  end
  put(self, what, place)
end

--- `what` waits until `time`; any time it had is forgotten.
function Timers:set(what, time)
  local place, before = self.place[what], self.time[what]
  self.time[what] = time
  if place == nil then return rise(self, what, #self.what + 1) end
  if time < before then rise(self, what, place) else sink(self, what, place) end
end

--- `what` waits no more.
function Timers:remove(what)
  local place, last = self.place[what], #self.what
  if place == nil then return end
  local mover, before = self.what[last], self.time[what]
  self.what[last], self.place[what], self.time[what] = nil, nil, nil
  if mover == what then return end
  if self.time[mover] < before then rise(self, mover, place) else sink(self, mover, place) end
end

--- The earliest and its time; nothing when nobody waits.
function Timers:first()
  local what = self.what[1]
  return what, self.time[what or 0]
end

return timers

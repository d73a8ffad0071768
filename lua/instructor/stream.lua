-- A streamed answer: the value as far as it is certain, piece after piece, and the whole at the
-- end.
--
--   for user, meta in client.chat.completions.create { …, stream = true } do show(user) end
--
-- One table an attempt, filled in place.  What it shows has come; what it is worth, result() says.

local account = require "instructor.account"
local core = require "instructor.core"
local errors = require "instructor.errors"
local jobs = require "instructor.jobs"
local options = require "instructor.options"
local values = require "instructor.values"

local stream = {}

--- What the last piece did.  It describes one piece: read it before the next.
--- @class instructor.StreamMeta
--- @field attempt integer                 whose value this is; each has its own table
--- @field path (string|integer)[]         of the value that is arriving
--- @field completed (string|integer)[][]  the paths of what the last piece completed
--- @field delta? string                   what it added to the text that is open
--- @field usage? instructor.Usage         over all attempts, as far as the provider has told

--- What a stream needs to know of its call.
--- @class instructor.Streaming
--- @field call userdata
--- @field run fun(): "partial"|"done"|"failed"  drives the call until there is something to see
--- @field conclude fun(outcome: string): any, any value, meta; or nil, err
--- @field drop_nulls boolean
--- @field next_part? fun(self: instructor.Stream): any, any  what next() hands out for a partial

--- A streamed answer.  It can be looped over, once:
---     for value, meta in stream do … end
--- which raises an instructor.Error; the methods return nil and one.
--- @class instructor.Stream
--- @overload fun(): any, instructor.StreamMeta
--- @field package how instructor.Streaming
--- @field package meta instructor.StreamMeta
--- @field package live any
--- @field package shown boolean           has anything been handed out?
--- @field package over boolean
--- @field package waiting table[]         items that have come and are not handed out yet
--- @field package fresh boolean           has something come that was not looked at?
--- @field package reader? thread|"main"   who waits for the next piece
--- @field package value any               the result, when over…
--- @field package told any                …with its meta, or the error in its place
local Stream = {}

local meta = { __index = Stream, __name = "instructor.Stream" }

local function check_self(self, name)
  if getmetatable(self) == meta then return end
  options.raise(("call it with a colon: stream:%s(…)"):format(name))
end

local read = {}

function read.attempt(call) return (select(2, call:look(false))) end
function read.path(call) return call:path() end
function read.completed(call) return call:completed() end
function read.delta(call) return call:delta() end
function read.usage(call) return account.usage(call) end

local function new_meta(call)
  return setmetatable({}, { __index = function(_, name)
    if read[name] then return read[name](call) end
  end })
end

--- @param how instructor.Streaming
--- @return instructor.Stream
function stream.new(how)
  return setmetatable({ how = how, meta = new_meta(how.call), shown = false, over = false,
    fresh = false, waiting = {} }, meta)
end

--- A partial value; nil where nothing new of it may be seen yet.
local function look(self)
  local live, attempt, changed = self.how.call:look(self.how.drop_nulls)
  self.live = live
  rawset(self.meta, "attempt", attempt)
  if changed and live ~= nil then return live, self.meta end
end

--- The next event of an answer that has no schema.
local function take_event(self)
  local data = self.how.call:event()
  if data == nil then return nil end
  return (core.decode(data)), self.meta
end

--- Somebody else may have cancelled it while this coroutine waited.
local function end_with(self, outcome)
  if self.over then return end
  self.over = true
  setmetatable(self.meta, nil)
  self.value, self.told = self.how.conclude(outcome)
end

--- What next() hands out last.  An answer that came in one piece was never seen in parts.
local function last(self)
  if self.value == nil then return nil, self.told end
  if self.shown then return nil end
  self.shown = true
  return self.value, self.told
end

--- Will it not go on: has it ended meanwhile, or been dropped with the map it was a job of?
local function is_over(reader)
  return reader ~= "main" and (coroutine.status(reader) == "dead" or jobs.has_dropped(reader))
end

--- Raises while another coroutine waits for the next piece: code of the user's, of which each may
--- run some, would be run twice.
local function check_reader(self)
  local current = coroutine.running() or "main"
  local reader = self.reader
  if reader and reader ~= current and not is_over(reader) then
    options.raise("the stream is being read by another coroutine")
  end
  return current
end

-- Plain Lua 5.1 cannot wait inside a pcall.
local PCALL_YIELDS = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

--- What raises in there, as code of the user's may, is not waited for any more.
local function run(self)
  if not PCALL_YIELDS then return self.how.run() end
  local well, outcome = pcall(self.how.run)
  if well then return outcome end
  self.reader = nil
  error(outcome, 0)
end

--- Drives the call until there is something to see.
local function advance(self)
  self.reader = check_reader(self)
  local outcome = run(self)
  self.reader = nil
  self.fresh = outcome == "partial"
  if not self.fresh then end_with(self, outcome) end
end

--- The value as far as it is certain, and what the last piece did.  nil at the end; nil and an
--- error where there will be no value.
--- @return any value, instructor.StreamMeta|instructor.Error? told
function Stream:next()
  check_self(self, "next")
  while not self.over or self.waiting[1] do
    local part, told = self.how.next_part(self)
    if part ~= nil then
      self.shown = true
      return part, told
    end
    if told ~= nil then return nil, told end
    if not self.over then advance(self) end
  end
  return last(self)
end

--- The whole answer, judged, with defaults and transforms, in a table of its own; reads what has
--- not come yet.
--- @return any value, instructor.Meta|instructor.Error told
function Stream:result()
  check_self(self, "result")
  local part
  repeat part = self:next() until part == nil and self.over -- one that no Lua can hold ends nothing
  return self.value, self.told
end

--- Calls `fn(value, meta)` for every partial value; false stops the stream.  Returns the result.
--- @param fn fun(value: any, meta: instructor.StreamMeta): boolean?
--- @return any value, instructor.Meta|instructor.Error told
function Stream:each(fn)
  check_self(self, "each")
  if type(fn) ~= "function" then
    options.raise("each takes a function, not " .. options.type_of(fn))
  end
  while true do
    local value, told = self:next()
    if value == nil then return self.value, self.told or told end
    if fn(value, told) == false then
      self:cancel()
      return self.value, self.told
    end
  end
end

--- Ends the stream: nothing more is read, and the connection is let go.
function Stream:cancel()
  check_self(self, "cancel")
  self.waiting = {}
  if self.over then return end
  self.how.call:cancel()
  local outcome
  repeat outcome = self.how.run() until outcome ~= "partial"
  end_with(self, outcome)
end

--- What has come so far, in a table of its own.
--- @return any
function Stream:snapshot()
  check_self(self, "snapshot")
  return values.copy(self.live)
end

local LOOPS_YIELD = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

function meta.__call(self)
  if not LOOPS_YIELD and jobs.current() then
    options.raise("Lua 5.1 cannot wait inside a loop's iterator: in a job, read the stream with "
      .. "each(fn), next() or result()")
  end
  local value, told = self:next()
  if value == nil and errors.is_error(told) then error(told, 0) end
  return value, told
end

function meta.__close(self) self:cancel() end

-- ---- kinds of streams ---------------------------------------------------------------------------

--- Partial values: one for each piece that changed something.
local function partials(self)
  if not self.fresh then return nil end
  self.fresh = false
  return look(self)
end

--- What `for` needs: the stream, and the stream again, to be closed when the loop is left.
local function loop(made)
  return made, nil, nil, made
end

--- A stream of partial values.
--- @param how instructor.Streaming
function stream.partials(how)
  how.next_part = partials
  return loop(stream.new(how))
end

--- A stream of the provider's own events, decoded.
--- @param how instructor.Streaming
function stream.events(how)
  how.next_part = take_event
  return loop(stream.new(how))
end

--- Where a server that is asked for several answers mixes them, this is one of the first.
local function first_choice(event)
  local choice = type(event) == "table" and type(event.choices) == "table" and event.choices[1]
  if type(choice) ~= "table" then return nil end
  return (type(choice.index) ~= "number" or choice.index == 0) and choice or nil
end

--- The text of an event's first choice; "" where it has none.
local function text_of(event)
  local choice = first_choice(event)
  local part = choice and (choice.delta or choice.message)
  local content = type(part) == "table" and part.content
  if type(content) == "string" then return content end
  local pieces = {}
  for i, piece in ipairs(type(content) == "table" and content or {}) do
    pieces[i] = type(piece) == "table" and type(piece.text) == "string" and piece.text or ""
  end
  return table.concat(pieces)
end

--- Of a call without a response_model: its text, piece by piece, for a loop, which raises as the
--- stream itself does:
---     for text in stream:texts() do io.write(text) end
--- @return fun(): string?, nil, nil, instructor.Stream
function Stream:texts()
  check_self(self, "texts")
  if self.how.next_part ~= take_event then
    options.raise("texts() is for streams without a response_model")
  end
  return function()
    local event
    repeat event = self() until event == nil or text_of(event) ~= ""
    return event and text_of(event)
  end, nil, nil, self
end

-- ---- items --------------------------------------------------------------------------------------

--- @class instructor.ItemMeta
--- @field index integer               its place in the answer's list
--- @field attempt integer
--- @field skipped { index: integer, value: any, error: instructor.Error }[] left out so far
--- @field repairs instructor.Repair[] what was done to the item to make it fit
--- @field usage? instructor.Usage     over all attempts, as far as the provider has told

--- The items that are whole and have not been looked at.
local function gather(self)
  local live, attempt = self.how.call:look(false)
  if attempt ~= self.attempt then
    self.attempt, self.at, self.skipped, self.waiting = attempt, 0, {}, {}
  end
  for _, path in ipairs(self.how.call:completed()) do
    local index = path[1]
    if #path == 1 and type(index) == "number" and index > self.at then
      self.at = index
      self.waiting[#self.waiting + 1] = { index = index, value = live[index] }
    elseif #path == 0 and type(live) == "table" then
      for i = self.at + 1, #live do
        self.waiting[#self.waiting + 1] = { index = i, value = live[i] }
      end
      self.at = #live
    end
  end
end

--- An item that does not fit: skipped, replaced, or the end.
local function on_invalid(self, item, err)
  local policy = self.how.on_invalid
  if type(policy) == "function" then return (policy(err, item.value, item.index)) end
  if policy == "skip" then return nil end
  self:cancel()
  for _, name in ipairs { "attempts", "usage", "seconds", "waited", "model", "request_id" } do
    err[name] = self.told[name]
  end
  err.index = item.index
  err.message = ("item %d does not fit: %s"):format(item.index, err.message)
  self.value, self.told = nil, err
  return nil, err
end

--- The first waiting item that fits.
local function take_item(self)
  while #self.waiting > 0 do
    local item = table.remove(self.waiting, 1)
    local value, err, repairs = self.how.judge(item.value)
    if value == nil and err ~= nil then
      local told = { index = item.index, value = item.value, error = err }
      self.skipped[#self.skipped + 1] = told
      value, err = on_invalid(self, item, err)
      if err ~= nil then return nil, err end
      if value ~= nil then self.skipped[#self.skipped] = nil end
    end
    if value ~= nil then
      self.items[#self.items + 1] = value
      if not self.over then self.how.call:commit() end -- it cannot be taken back
      return value, setmetatable({ index = item.index, attempt = self.attempt,
        skipped = self.skipped, repairs = repairs or {} }, self.item_meta)
    end
  end
end

local function items(self)
  if self.fresh then gather(self) end
  self.fresh = false
  return take_item(self)
end

--- A stream of list items, each handed out, judged, as soon as it is whole.
--- @param how instructor.Streaming
function stream.items(how)
  local conclude = how.conclude
  local made
  how.next_part = items
  function how.conclude(outcome)
    local value, told = conclude(outcome)
    if value == nil then return nil, told end
    for i = made.at + 1, #value do -- of an answer that came in one piece
      made.waiting[#made.waiting + 1] = { index = i, value = value[i] }
    end
    told.skipped = made.skipped
    return made.items, told
  end
  made = stream.new(how)
  made.items, made.skipped, made.at, made.shown = {}, {}, 0, true
  made.live, made.item_meta = made.items, { __index = made.meta }
  return loop(made)
end

return stream

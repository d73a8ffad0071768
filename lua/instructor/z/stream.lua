-- A schema and a text that arrives in pieces, from anywhere: what is certain shows at once, in one
-- table that grows; what it is worth is said at the end.
--
--   local stream = User:stream()
--   for piece in pieces do print(stream:feed(piece)) end
--   local user, err = stream:finish()

local compile = require "instructor.z.compile"
local core = require "instructor.core"
local options = require "instructor.options"
local parse = require "instructor.z.parse"
local schema = require "instructor.z.schema"
local values = require "instructor.values"

--- What the last piece did.  It describes one piece: read it before the next.
--- @class instructor.PartialMeta
--- @field path (string|integer)[]         of the value that is arriving
--- @field completed (string|integer)[][]  the paths of what this piece completed
--- @field delta? string                   what it added to the text that is open

--- @class instructor.SchemaStream
--- @field package box userdata
--- @field package take function  of the box, found once
--- @field package schema instructor.Schema
--- @field package given instructor.ParseOptions
--- @field package meta instructor.PartialMeta
local Stream = {}
Stream.__index = Stream

local function check_self(self, name)
  if getmetatable(self) == Stream then return end
  options.raise(("call it with a colon: stream:%s(…)"):format(name))
end

local told = {}

function told.path(box) return box:path() end
function told.completed(box) return box:completed() end
function told.delta(box) return box:delta() end

local function new_meta(box)
  return setmetatable({}, { __index = function(_, name)
    if told[name] then return told[name](box) end
  end })
end

local known = {
  open_strings = "boolean",
  nulls = function(v)
    if v ~= "keep" and v ~= "absent" then
      return 'takes "keep" or "absent", not ' .. options.shown(v)
    end
  end,
}

--- Takes a piece of the text.  Returns the value as far as it is certain (nil: nothing is yet) and
--- what this piece did; or nil and an error where the text is broken.  The table is the same one
--- every time, and grows in place.
--- @param text string
--- @return any value, instructor.PartialMeta|instructor.Error
function Stream:feed(text)
  if text == nil then check_self(self, "feed") end -- a dot for the colon leaves it out
  local well, live, offset, kind = self.take(self.box, text)
  if well then return live, self.meta end
  if live == nil then options.raise("feed takes a text, not " .. options.type_of(text)) end
  return nil, parse.not_json(live, offset, kind)
end

--- What has come so far, in a table of its own.
--- @return any
function Stream:snapshot()
  check_self(self, "snapshot")
  return values.copy(self.box:live())
end

--- No more will come: the whole value, judged, with defaults and transforms; or nil and an error.
--- @return any value, instructor.Error? err
function Stream:finish()
  check_self(self, "finish")
  return parse.run(self.schema, { stream = self.box }, self.given)
end

--- A text that arrives in pieces, against this schema.
--- @param given? { open_strings: boolean?, nulls: ("keep"|"absent")? } open_strings = false leaves
---   texts out until they have ended
--- @return instructor.SchemaStream
function schema.Schema:stream(given)
  schema.expect_self(self, "stream")
  given = given or {}
  options.check("stream", given, known)
  local box = core.stream(compile.compiled(self), {
    open_strings = given.open_strings ~= false, drop_nulls = given.nulls == "absent",
  })
  return setmetatable({
    box = box, take = box.take, schema = self, given = { nulls = given.nulls },
    meta = new_meta(box),
  }, Stream)
end

--- `self` with one more trait.
local function with_trait(self, trait)
  local traits = {}
  for i, before in ipairs(self.def.traits or {}) do traits[i] = before end
  traits[#traits + 1] = trait
  return (schema.derive(self, { traits = traits }))
end

--- While it streams, the value is shown only when it is complete.
--- @return instructor.Schema
function schema.Schema:stream_done()
  schema.expect_self(self, "stream_done")
  return (with_trait(self, "when_whole"))
end

--- While it streams, the object this field stands in is shown only when the field is there.
--- @return instructor.Schema
function schema.Schema:stream_required()
  schema.expect_self(self, "stream_required")
  return (with_trait(self, "withhold"))
end

return Stream

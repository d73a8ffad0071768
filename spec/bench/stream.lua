-- A partial value after every four bytes, beside feeding the same pieces and building once.

local compile = require "instructor.z.compile"
local core = require "instructor.core"
local measure = require "spec.support.measure"
local z = require "instructor.z"

local Row = z.object {
  id = z.int(), name = z.string():min(1), email = z.string(), score = z.number(),
  active = z.boolean(), tags = z.array(z.string()), role = z.enum { "admin", "user" },
}
local Table = z.object { rows = z.array(Row) }
local Note = z.object { text = z.string() }

local function rows(bytes)
  local parts, size = {}, 0
  while size < bytes do
    local i = #parts + 1
    parts[i] = ('{"id":%d,"name":"Name %d","email":"n%d@example.com","score":%d.5,"active":true,'
      .. '"tags":["a","b"],"role":"user"}'):format(i, i, i, i)
    size = size + #parts[i] + 1
  end
  return '{"rows":[' .. table.concat(parts, ",") .. "]}"
end

local function cut(text)
  local pieces = {}
  for i = 1, #text, 4 do pieces[#pieces + 1] = text:sub(i, i + 3) end
  return pieces
end

local function feed_and_build(schema, pieces)
  local box = core.stream(compile.compiled(schema), { open_strings = true })
  for i = 1, #pieces do box:feed(pieces[i]) end
  local value = box:look()
  box:close()
  return value
end

local function look_each_time(schema, pieces, given)
  local stream = schema:stream(given)
  local value
  for i = 1, #pieces do value = stream:feed(pieces[i]) end
  stream.box:close()
  return value
end

local function compare(title, schema, text, given)
  local pieces = cut(text)
  local cases = {
    { "feed, one build", function() return feed_and_build(schema, pieces) end },
    { "a partial after every 4 bytes", function()
      return look_each_time(schema, pieces, given)
    end },
    { "one parse of the whole", function() return schema:parse_json(text) end },
  }
  measure.print(("%s, %d bytes"):format(title, #text), cases)
  return (measure.run(cases))[cases[2][1]]
end

local times = {}
for _, kilobytes in ipairs { 4, 16, 64, 256 } do
  times[kilobytes] = compare("rows", Table, rows(kilobytes * 1024))
end
print(("growth: 4 to 64 KB %.1fx, 16 to 256 KB %.1fx the time for 16x the bytes")
  :format(times[64] / times[4], times[256] / times[16]))
local note = '{"text":"' .. ("lorem ipsum "):rep(17 * 85) .. '"}'
compare("one text, shown when it has ended", Note, note, { open_strings = false })
compare("one text, shown as it grows", Note, note)

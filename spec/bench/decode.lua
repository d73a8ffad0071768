-- Reading, validating and building a value, beside lua-cjson, which only reads and builds.

local cjson = require "cjson"
local measure = require "spec.support.measure"
local z = require "instructor.z"

local User = z.object { age = z.number(), name = z.string() }
local Row = z.object {
  id = z.int(), name = z.string():min(1), email = z.string(), score = z.number(),
  active = z.boolean(), tags = z.array(z.string()), role = z.enum { "admin", "user" },
}
local Table = z.object { rows = z.array(Row) }

local function rows(n)
  local parts = {}
  for i = 1, n do
    parts[i] = ('{"id":%d,"name":"Name %d","email":"n%d@example.com","score":%d.5,"active":true,'
      .. '"tags":["a","b"],"role":"user"}'):format(i, i, i, i)
  end
  return '{"rows":[' .. table.concat(parts, ",") .. "]}"
end

local function compare(title, schema, text)
  measure.print(("%s, %d bytes"):format(title, #text), {
    { "cjson.decode", function() return cjson.decode(text) end },
    { "schema:parse_json", function() return schema:parse_json(text) end },
  })
end

compare("small", User, '{"age":30,"name":"Jason Liu"}')
compare("medium", Table, rows(40))
compare("large", Table, rows(2000))

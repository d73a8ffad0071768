-- Four shapes of answers with their schemas: a person; an extraction of about 4 KB; 5,000 records;
-- long texts with escapes.  The same bytes on every machine and under every Lua.

local z = require "instructor.z"

local seed = 7

--- A whole number from 0 up to n - 1.  (The product stays below 2^53.)
local function random(n)
  seed = seed * 16807 % 2147483647
  return seed % n
end

local function one_of(list) return list[random(#list) + 1] end

local WORDS = {
  "answer", "harbor", "lantern", "figure", "orchard", "copper", "meadow", "signal", "ticket",
  "velvet", "canyon", "pencil", "market", "thunder", "basket", "river", "a", "of", "in", "and",
}
local NAMES = { "Jason Liu", "Zoe Park", "Ada Nwosu", "Ilse Brandt", "Omar Haddad", "Mei Tanaka" }
local CITIES = { "Porto", "Osaka", "Accra", "Quito", "Turku" }
local KINDS = { "person", "organization", "place", "product" }
local STATES = { "active", "pending", "closed" }

local function some_words(n)
  local list = {}
  for i = 1, n do list[i] = one_of(WORDS) end
  return table.concat(list, " ")
end

local function digits(n)
  local list = {}
  for i = 1, n do list[i] = ("%x"):format(random(16)) end
  return table.concat(list)
end

local function uuid()
  return table.concat({ digits(8), digits(4), digits(4), digits(4), digits(12) }, "-")
end

-- ---- small --------------------------------------------------------------------------------------

local Person = z.object {
  { "name", z.string():min(1) }, { "age", z.int():min(0):max(150) }, { "email", z.string():min(3) },
  { "is_active", z.boolean() }, { "role", z.enum { "admin", "user", "guest" } },
  { "score", z.number():min(0):max(1) }, { "tags", z.array(z.string()) },
}

local person = '{"name":"Jason Liu","age":30,"email":"jason.liu@example.com","is_active":true,'
  .. '"role":"admin","score":0.93,"tags":["a","bc"]}'

-- ---- medium -------------------------------------------------------------------------------------

local Mention = z.object {
  { "start", z.int():min(0) }, { "stop", z.int():min(0) }, { "text", z.string() },
}
local Place = z.object {
  { "city", z.string() }, { "lat", z.number():min(-90):max(90) },
  { "lon", z.number():min(-180):max(180) },
}
local Entity = z.object {
  { "id", z.int():min(1) }, { "name", z.string():min(1) }, { "type", z.enum(KINDS) },
  { "salience", z.number():min(0):max(1) }, { "mentions", z.array(Mention) },
  { "aliases", z.array(z.string()):optional() }, { "location", Place:optional() },
}
local Extraction = z.object {
  { "document_id", z.string():length(36) }, { "title", z.string():min(1) },
  { "language", z.enum { "en", "de", "fr", "ja" } }, { "published", z.string():nullable() },
  { "confidence", z.number():min(0):max(1) }, { "needs_review", z.boolean() },
  { "summary", z.string() }, { "entities", z.array(Entity):min(1) },
  { "topics", z.array(z.string()) },
  { "source", z.object { { "url", z.string():min(1) }, { "bytes", z.int():min(0) } } },
}

local function mention()
  local start = random(4000)
  return ('{"start":%d,"stop":%d,"text":"%s"}'):format(start, start + 9, some_words(2))
end

local function entity(id)
  local mentions, more = {}, ""
  for i = 1, 1 + random(3) do mentions[i] = mention() end
  if random(2) == 0 then more = ',"aliases":["' .. one_of(NAMES) .. '"]' end
  if random(3) == 0 then
    more = more .. (',"location":{"city":"%s","lat":%d.%04d,"lon":-%d.%04d}')
      :format(one_of(CITIES), random(80), random(10000), random(170), random(10000))
  end
  return ('{"id":%d,"name":"%s","type":"%s","salience":0.%03d,"mentions":[%s]%s}')
    :format(id, one_of(NAMES), one_of(KINDS), random(1000), table.concat(mentions, ","), more)
end

local function extraction()
  local entities = {}
  for i = 1, 17 do entities[i] = entity(i) end
  return ('{"document_id":"%s","title":"%s","language":"en","published":null,"confidence":0.%02d,'
    .. '"needs_review":false,"summary":"%s","entities":[%s],"topics":["%s","%s"],'
    .. '"source":{"url":"https://example.com/%s","bytes":%d}}')
    :format(uuid(), some_words(7), random(100), some_words(60), table.concat(entities, ","),
      one_of(WORDS), one_of(WORDS), digits(12), random(20000))
end

-- ---- large --------------------------------------------------------------------------------------

local Record = z.object {
  { "id", z.int():min(1) }, { "uuid", z.string():length(36) }, { "name", z.string():min(1) },
  { "age", z.int():min(0):max(150) }, { "balance", z.number() }, { "active", z.boolean() },
  { "status", z.enum(STATES) }, { "tags", z.array(z.string()) },
  { "address", z.object {
    { "street", z.string() }, { "city", z.string() }, { "zip", z.string():length(5) } } },
}

local function record(id)
  return ('{"id":%d,"uuid":"%s","name":"%s","age":%d,"balance":%d.%02d,"active":%s,"status":"%s",'
    .. '"tags":["%s","%s"],"address":{"street":"%d %s street","city":"%s","zip":"%05d"}}')
    :format(id, uuid(), one_of(NAMES), 18 + random(70), random(1000), random(100),
      random(2) == 0 and "true" or "false", one_of(STATES), one_of(WORDS), one_of(WORDS),
      random(999), one_of(WORDS), one_of(CITIES), random(100000))
end

local function records(n)
  local list = {}
  for i = 1, n do list[i] = record(i) end
  return '{"items":[' .. table.concat(list, ",") .. "]}"
end

-- ---- text ---------------------------------------------------------------------------------------

local Document = z.object { { "title", z.string() }, { "body", z.string():min(1) } }

local PIECES = {
  "\\n", "\\n\\n", '\\"', "\\\\", "\\t", "\\u00e9", "\\u4f60\\u597d", "\\ud83d\\ude00", "\\u2014",
  "ü", "日本", "🚀",
}

local function document()
  local parts, size = {}, 0
  while size < 10000 do
    parts[#parts + 1] = some_words(1 + random(6)) .. " " .. one_of(PIECES)
    size = size + #parts[#parts]
  end
  return ('{"title":"%s","body":"%s"}'):format(some_words(4), table.concat(parts))
end

local function documents(n)
  local list = {}
  for i = 1, n do list[i] = document() end
  return '{"docs":[' .. table.concat(list, ",") .. "]}"
end

local shapes = {
  { name = "small", schema = Person, make = function() return person end },
  { name = "medium", schema = Extraction, make = extraction },
  { name = "large", schema = z.object { items = z.array(Record) },
    make = function() return records(5000) end },
  { name = "text", schema = z.object { docs = z.array(Document) },
    make = function() return documents(20) end },
}

--- The text of a shape, which is long in the making.
--- @param shape table
--- @return string
local function text_of(shape)
  seed = 7
  return shape.make()
end

return { shapes = shapes, text_of = text_of }

-- Reading, validating and building a value, beside lua-cjson, which only reads and builds: four
-- shapes of answers, each against its schema and against z.any(), which judges nothing.
--   decode.lua                  prints ratios
--   decode.lua SHAPE WHO N      decodes N times and prints nothing, for those who count
--                               instructions; WHO is cjson, schema or any

local cjson = require "cjson"
local measure = require "spec.support.measure"
local payloads = require "spec.bench.decode.payloads"
local z = require "instructor.z"

local any = z.any()

--- What decodes a shape.
local function decoders(shape, text)
  local schema = shape.schema
  return {
    cjson = function() return cjson.decode(text) end,
    schema = function() return schema:parse_json(text) end,
    any = function() return any:parse_json(text) end,
  }
end

local function print_all()
  for _, shape in ipairs(payloads.shapes) do
    local text = payloads.text_of(shape)
    local by = decoders(shape, text)
    measure.print(("%s, %d bytes"):format(shape.name, #text), {
      { "cjson.decode", by.cjson },
      { "schema:parse_json", by.schema },
      { "z.any():parse_json", by.any },
    })
  end
end

local function run_one(name, who, count)
  for _, shape in ipairs(payloads.shapes) do
    if shape.name == name then
      local decode = decoders(shape, payloads.text_of(shape))[who]
      for _ = 1, count do decode() end
      return
    end
  end
  error("there is no shape " .. name)
end

if arg[1] then run_one(arg[1], arg[2], tonumber(arg[3])) else print_all() end

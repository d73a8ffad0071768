--[[
The first request of each mode of a provider, as it goes out.  In: a row's name.  Out: a text, kept
in spec/golden/<name>.txt, so that a change of what is sent is seen where changes are read.
]]

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local golden = {}

-- One of everything that envelopes and profiles treat in their own way.
local Ticket = z.object {
  { "title", z.string():min(3):describe "what it is about" },
  { "priority", z.enum { "low", "high" } },
  { "hours", z.number():int():min(0):optional() },
  { "labels", z.array(z.object { { "name", z.string() } }):max(5) },
  { "closed", z.boolean():default(false) },
}

local function head_of(request)
  local lines = { request.method .. " " .. request.url }
  for name, value in pairs(request.headers) do lines[#lines + 1] = name .. ": " .. value end
  table.sort(lines, function(a, b) -- the line of the request is the first
    return (a:find "^%u+ " and 0 or 1) .. a < (b:find "^%u+ " and 0 or 1) .. b
  end)
  return table.concat(lines, "\n")
end

local function request_of(row, mode)
  local oai = OpenAI { provider = row.name, api_key = "sk-fake",
    base_url = not row.base_url and "https://compatible.example/v1" or nil }
  return Instructor { client = oai, mode = mode }.chat.completions.create {
    model = "some-model", messages = "The printer on floor 3 is on fire.", temperature = 0,
    response_model = { schema = Ticket, name = "Ticket",
      description = "a ticket of the help desk" },
    dry_run = true,
  }
end

--- Every request of a row, mode by mode.
---@param name string
---@return string
function golden.text(name)
  local row, parts = Instructor.providers.get(name), {}
  for i, mode in ipairs(row.modes) do
    local request = request_of(row, mode)
    parts[i] = ("== %s\n%s\n\n%s\n"):format(mode, head_of(request), request.body)
  end
  return table.concat(parts, "\n")
end

--- Where the text of a row is kept.
---@param name string
---@return string
function golden.path(name) return "spec/golden/" .. name .. ".txt" end

return golden

-- A rule that JSON Schema cannot say, in plain Lua.  When it fails, the model is told why and asked
-- again; what was asked and what was wrong stands in meta.attempts.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local Person = z.object {
  name = z.string():refine(function(name)
    return name:find " " ~= nil
  end, "must hold a first and a last name"),
  age = z.int():min(0):max(150),
}

local client = Instructor {
  client = OpenAI { base_url = os.getenv "BASE_URL", model = os.getenv "MODEL" or "gpt-4o-mini" },
}

local person, meta = client.chat.completions.create {
  messages = arg[1] or "Zoe Park is 41 years old",
  response_model = Person,
  max_retries = 3,
}

if person == nil then
  io.stderr:write(tostring(meta), "\n")
  os.exit(1)
end

for i, attempt in ipairs(meta.attempts) do
  print(("attempt %d: %s"):format(i, attempt.message or "well"))
end
print(("%s, %d, for %d tokens"):format(person.name, person.age, meta.usage.total_tokens))

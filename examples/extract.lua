-- The founding example.  BASE_URL names the server (make sandbox prints one that needs no key).

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local User = z.object {
  age = z.number(),
  name = z.string(),
}

local client = Instructor {
  client = OpenAI { base_url = os.getenv "BASE_URL", model = os.getenv "MODEL" or "gpt-4o-mini" },
}

local user, err = client.chat.completions.create {
  messages = { { role = "user", content = arg[1] or "Jason Liu is 30 years old" } },
  response_model = User,
  max_retries = 3,
}

if user == nil then
  io.stderr:write(tostring(err), "\n")
  os.exit(1)
end

print(("%s is %d"):format(user.name, user.age))

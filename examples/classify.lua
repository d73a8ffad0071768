-- One word out of a list, a root that is no object: the model chooses, the schema holds it to the
-- list.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local Topic = z.enum { "billing", "delivery", "praise" }
  :describe "What the customer's message is about"

local client = Instructor {
  client = OpenAI { base_url = os.getenv "BASE_URL", model = os.getenv "MODEL" or "gpt-4o-mini" },
}

local topic, err = client.chat.completions.create {
  messages = arg[1] or "Where is my parcel? The delivery is two weeks late.",
  response_model = { schema = Topic, name = "Topic" },
  max_retries = 1,
}

print(topic or tostring(err))

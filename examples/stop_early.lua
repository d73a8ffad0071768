-- A wrong answer is given up as soon as it can no longer be right, and asked for again: the rest of
-- it is not waited for and not paid.  (make sandbox SLOPPY=1 PACE=20 errs first, taking its time.)

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local Person = z.object { { "name", z.string() }, { "age", z.int() }, { "city", z.string() } }

local client = Instructor {
  client = OpenAI { base_url = os.getenv "BASE_URL", model = os.getenv "MODEL" or "gpt-4o-mini" },
}

local stream = client.chat.completions.create {
  messages = arg[1] or "Jason Liu is 30 years old and lives in Oslo. "
    .. "Zoe Park is 41 years old and lives in Lima. Ada Byron is 36 years old and lives in London. "
    .. "Otto Klein is 58 years old and lives in Bern. Mia Rossi is 27 years old and lives in Rome.",
  response_model = z.array(Person),
  max_retries = 2,
  stream = true,
}

local people, meta = stream:result()
if people == nil then
  io.stderr:write(tostring(meta), "\n")
  os.exit(1)
end

local whole = #meta.attempts[#meta.attempts].text
for i, attempt in ipairs(meta.attempts) do
  local came = #(attempt.text or "")
  print(("attempt %d: %s"):format(i, attempt.message or "well"))
  if attempt.stopped then
    print(("  stopped after %d bytes; about %d more were saved"):format(came, whole - came))
  end
end
print(("%d people; %d of %d answers stopped early"):format(#people, meta.stopped or 0,
  #meta.attempts))

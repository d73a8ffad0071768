-- A table that fills up while the answer arrives.  On a terminal it is drawn anew with every piece;
-- elsewhere each new state is a line.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local Person = z.object { { "name", z.string() }, { "age", z.int() }, { "city", z.string() } }

local client = Instructor {
  client = OpenAI { base_url = os.getenv "BASE_URL", model = os.getenv "MODEL" or "gpt-4o-mini" },
}

local on_terminal = os.execute "test -t 1"
on_terminal = on_terminal == true or on_terminal == 0 -- as Lua 5.1 says it
local ROW, drawn = "%-20s %4s  %s", 0

--- The people so far, one a row; what has not come yet is blank.
local function rows_of(people)
  local rows = { ROW:format("name", "age", "city") }
  for i, person in ipairs(people) do
    rows[i + 1] = ROW:format(person.name or "", person.age or "", person.city or "")
  end
  return rows
end

local function show(people)
  local rows = rows_of(people)
  if not on_terminal then return print(table.concat(rows, " | ", 2)) end
  io.write(drawn > 0 and ("\27[%dA\27[J"):format(drawn) or "", table.concat(rows, "\n"), "\n")
  io.flush()
  drawn = #rows
end

local stream = client.chat.completions.create {
  messages = arg[1] or "Jason Liu is 30 years old and lives in Oslo. "
    .. "Zoe Park is 41 years old and lives in Lima.",
  response_model = z.array(Person),
  stream = true,
}

for people in stream do show(people) end

local people, meta = stream:result() -- checked as a whole, in a table of its own
print(("%d people, %d tokens"):format(#people, meta.usage and meta.usage.total_tokens or 0))

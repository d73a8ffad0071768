-- POST a sentence to /extract and get a table: what the locations of nginx.conf do.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local z = require "instructor.z"

local ngx = ngx

local extract = {}

local User = z.object {
  { "name", z.string():min(1) },
  { "age",  z.int():min(0) },
}

-- One client serves all requests of a worker: it keeps but the rest that its server asked for.
local client = Instructor {
  client = OpenAI {
    base_url = os.getenv "BASE_URL",
    transport = require "transport",
    timeout = { connect = 5, first_byte = 60, idle = 20, total = 120 },
  },
}

local statuses = { timeout = 504, validation = 422, refusal = 422 } -- all others: 502

local function answer(status, text)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.say(text)
end

--- The table in the request's body; or, as an error, its kind and what may be shown of it.
function extract.run()
  ngx.req.read_body()
  local text = ngx.req.get_body_data()
  if text == nil then return answer(400, '{"error":"empty"}') end
  local user, err = client.chat.completions.create {
    model = os.getenv "MODEL" or "gpt-4o-mini",
    messages = text,
    response_model = User,
    max_retries = 2,
    deadline = tonumber(ngx.var.arg_deadline),
  }
  if user then return answer(200, User:to_json(user)) end
  ngx.log(ngx.WARN, tostring(err))
  answer(statuses[err.kind] or 502, ('{"error":%q}'):format(err.kind))
end

return extract

-- One question for clients over real sockets, asked by many at once.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local cjson = require "cjson"
local core = require "instructor.core"
local server = require "spec.support.server"
local z = require "instructor.z"

local at_once = {}

at_once.User = z.object { name = z.string() }

--- A client of the server `s`, with more options of OpenAI's.
function at_once.client_of(s, given)
  local settings = { base_url = s.url, api_key = "sk-fake-for-specs" }
  for name, value in pairs(given or {}) do settings[name] = value end
  return Instructor { client = OpenAI(settings), mode = "TOOLS" }
end

--- A step that answers with a name, after so many milliseconds.
function at_once.named(name, ms)
  local step = server.completion { tool = { "Response", cjson.encode { name = name } } }
  return ms and server.slow_head(ms, step) or step
end

--- The numbers from 1 to n.
function at_once.many(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

--- A function that asks `client` for a name.
function at_once.asker(client)
  return function(item)
    return client.chat.completions.create { messages = item, response_model = at_once.User }
  end
end

--- The engines that clients make from now on, a list; and what ends that.
function at_once.engines_made()
  local make, made = core.engine, {}
  core.engine = function(...)
    made[#made + 1] = make(...)
    return made[#made]
  end
  return made, function() core.engine = make end
end

return at_once

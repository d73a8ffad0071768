-- What the specs of packaging share: commands that must succeed, and our modules loaded from
-- wherever a package was put.
local process = require "spec.support.process"
local server = require "spec.support.server"

local packaging = {}

local LIMIT = 300 -- seconds; a package is compiled from nothing

packaging.version = _VERSION:match "%d%.%d"

-- Runs a shell's command line, formatted with the words given; returns what it printed, raises
-- when it failed.
function packaging.run(line, ...)
  line = line:format(...)
  local result = process.run({ "sh", "-c", "exec 2>&1; " .. line }, { limit = LIMIT })
  if result.status == 0 then return result.stdout end
  error(("%s\nended with status %s:\n%s"):format(line, tostring(result.status), result.stdout), 2)
end

function packaging.have(program)
  return (pcall(packaging.run, "command -v %s", program))
end

-- The files under 'folders' whose name has the shell pattern 'name', sorted.
function packaging.find(folders, name)
  local files = {}
  for file in packaging.run("find %s -name '%s' | LC_ALL=C sort", folders, name):gmatch "[^\n]+" do
    files[#files + 1] = file
  end
  return files
end

local FOUNDING_EXAMPLE = [[
local Instructor = require "instructor"
local OpenAI     = require "instructor.openai"
local z          = require "instructor.z"

local client = Instructor {
  client = OpenAI { base_url = os.getenv "SPEC_URL", api_key = "sk-fake" },
  mode = "JSON_SCHEMA",
}
local user, err = client.chat.completions.create {
  model          = "fake-model",
  messages       = { { role = "user", content = "Jason Liu is 30 years old" } },
  response_model = z.object { age = z.number(), name = z.string() },
  max_retries    = 3,
}
if not user then error(tostring(err)) end
io.write(user.name, " ", user.age)
]]

-- The founding example, in a new interpreter that finds our modules under 'tree' only and stands
-- in an empty folder, where the relative paths by which this suite finds the modules lead nowhere.
-- Its first answer is wrong.  Returns what it prints.
function packaging.founding_example(tree)
  local share = tree .. "/share/lua/" .. packaging.version
  local lib = tree .. "/lib/lua/" .. packaging.version
  local model = server.start {
    server.completion { content = '{"age":"thirty","name":"Jason Liu"}' },
    server.completion { content = '{"age":30,"name":"Jason Liu"}' },
  }
  local result = process.run({ os.getenv "LUA" or "lua", "-" }, {
    stdin = FOUNDING_EXAMPLE,
    cwd = process.temp_folder(),
    env = {
      SPEC_URL = model.url,
      LUA_PATH = ("%s/?.lua;%s/?/init.lua"):format(share, share),
      LUA_CPATH = ("%s/?.so;%s"):format(lib, os.getenv "LUA_CPATH" or ";"),
    },
  })
  model:stop()
  if result.status == 0 then return result.stdout end
  error(result.stderr, 2)
end

return packaging

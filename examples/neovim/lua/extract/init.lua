-- A plugin that reads people out of the buffer:
--
--   require("extract").setup { base_url = "http://127.0.0.1:8080/v1", model = "my-model" }
--   :Extract            from the whole buffer; :'<,'>Extract from the lines selected
--   :ExtractCancel
--
-- In the repository's folder:
--
--   eval "$(make -s env LUA=luajit)"
--   nvim --cmd "set runtimepath^=$PWD/examples/neovim"

local task = require "extract.task"

local extract = {}

local client, schema, running

-- Nothing of instructor is loaded before it is used: the editor starts no later for it.
local function make(options)
  local OpenAI = require "instructor.openai"
  local z = require "instructor.z"
  local given = { transport = require "extract.transport", model = "gpt-4o-mini" }
  for name, value in pairs(options) do given[name] = value end
  schema = z.object {
    { "name", z.string():min(1):describe "full name" },
    { "age",  z.int():min(0):optional() },
  }
  client = require "instructor" { client = OpenAI(given) }
end

local settings = {}

--- Sets how the model is reached; see instructor.OpenAIOptions.
--- @param options instructor.OpenAIOptions
function extract.setup(options)
  settings, client = options or {}, nil
end

--- Asks for the person in `text`; the editor goes on meanwhile.
--- @param text string
--- @param done fun(value: table?, err: any) called in Neovim's main loop
--- @return extract.Task
function extract.ask(text, done)
  if client == nil then make(settings) end
  return task.run(function()
    return client.chat.completions.create {
      messages = text, response_model = schema, max_retries = 2,
    }
  end, done)
end

--- The command :Extract. The answer is put below the lines it was read from.
--- @param first integer lines, from 1
--- @param last integer
function extract.command(first, last)
  local buffer = vim.api.nvim_get_current_buf()
  local lines = vim.api.nvim_buf_get_lines(buffer, first - 1, last, false)
  running = extract.ask(table.concat(lines, "\n"), function(value, err)
    running = nil
    if value == nil then return vim.notify(tostring(err), vim.log.levels.ERROR) end
    if not vim.api.nvim_buf_is_valid(buffer) then return end
    vim.api.nvim_buf_set_lines(buffer, last, last, false, { schema:to_json(value) })
  end)
end

--- The command :ExtractCancel.
function extract.cancel()
  if running then running.cancel() end
end

return extract

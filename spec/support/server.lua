--[[
The server for misbehaviour, from a spec's side.  In: a list of steps, one for each request.  Out: a
server on loopback, and what it was asked.  The program itself is spec/server.

A step is a plain table; builders make it, and builders that take a step return a changed copy:

  local s = server.start {
    server.retry_after(429, 1),
    server.slow_head(200, server.completion { tool = { "Response", '{"age":30}' } }),
    server.completion { content = "hello" },
    repeat_last = true,
  }
  ... s.url ... s:requests()[1].headers["content-type"] ...
  s:stop()
]]

local cjson = require "cjson"
local process = require "spec.support.process"

local server = {}

local START_LIMIT = 10 -- seconds until the port must be there
local READY = "^(%d+)\n(%d+)\n" -- pid and port, what a server prints when all is well

-- ---- actions ---------------------------------------------------------------------------------

local function action(word)
  return function(...) return { word, ... } end
end

--- What a step may do, for server.raw and server.step.
server.act = {
  send = action "send",   -- (text)
  sleep = action "sleep", -- (milliseconds)
  drip = action "drip",   -- (microseconds, text): one byte at a time
  fill = action "fill",   -- (bytes, text): the text over and over
  deaf = action "deaf",   -- (): read nothing more
  stall = action "stall", -- (): nothing more until the peer goes away
  close = action "close", -- (): FIN; what still comes is read and dropped
  drop = action "drop",   -- (): close at once; what still comes is answered by RST
  reset = action "reset", -- (): RST
}
local act = server.act

---@class spec.server.step
---@field on? "request"|"head"|"accept" when it begins; "request": when all of it was read
---@field head? string the answer's head, if it is an HTTP answer
---@field body? string the answer's body as sent, if it has one
---@field actions table[]

--- A step from actions.
---@param actions table[] made by server.act
---@param on? "request"|"head"|"accept"
---@return spec.server.step
function server.step(actions, on)
  return { on = on, actions = actions }
end

--- A step that sends texts as they are; a number rests so many milliseconds, a table is an action.
---@param ... string|number|table
---@return spec.server.step
function server.raw(...)
  local actions = {}
  for i, part in ipairs { ... } do
    local kind = type(part)
    actions[i] = kind == "string" and act.send(part) or kind == "number" and act.sleep(part)
      or part
  end
  return server.step(actions)
end

-- ---- answers ---------------------------------------------------------------------------------

local reasons = {
  [200] = "OK", [201] = "Created", [204] = "No Content", [301] = "Moved Permanently",
  [302] = "Found", [303] = "See Other", [307] = "Temporary Redirect",
  [308] = "Permanent Redirect", [400] = "Bad Request", [401] = "Unauthorized",
  [403] = "Forbidden", [404] = "Not Found", [408] = "Request Timeout", [409] = "Conflict",
  [413] = "Content Too Large", [422] = "Unprocessable Content", [429] = "Too Many Requests",
  [500] = "Internal Server Error", [502] = "Bad Gateway", [503] = "Service Unavailable",
  [504] = "Gateway Timeout", [529] = "Site Is Overloaded",
}

-- Headers as a list of pairs: a list stays as it is, a map is sorted.
local function header_list(headers)
  if not headers then return {} end
  if headers[1] then return headers end
  local list = {}
  for name, value in pairs(headers) do list[#list + 1] = { name, value } end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

local function has_header(list, name)
  for _, header in ipairs(list) do
    if header[1]:lower() == name then return true end
  end
  return false
end

local function chunks_of(body, size)
  local parts = {}
  for at = 1, #body, size do
    local chunk = body:sub(at, at + size - 1)
    parts[#parts + 1] = ("%x\r\n%s\r\n"):format(#chunk, chunk)
  end
  return table.concat(parts) .. "0\r\n\r\n"
end

---@class spec.server.answer
---@field status? integer 200
---@field reason? string
---@field headers? table map, or list of pairs { name, value }
---@field body? string
---@field length? integer|false Content-Length: another than the right one, or none
---@field chunked? integer bytes a chunk
---@field close? boolean say "Connection: close", and do it

local function head_of(answer, headers)
  local status = answer.status or 200
  local lines = { ("HTTP/1.1 %d %s"):format(status, answer.reason or reasons[status] or "Status") }
  for _, header in ipairs(headers) do lines[#lines + 1] = header[1] .. ": " .. header[2] end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

--- A full HTTP answer.
---@param answer spec.server.answer
---@return spec.server.step
function server.answer(answer)
  local body = answer.body or ""
  local headers = {}
  local function add(name, value)
    if not has_header(headers, name:lower()) then headers[#headers + 1] = { name, value } end
  end
  for i, header in ipairs(header_list(answer.headers)) do headers[i] = header end
  if body ~= "" then add("Content-Type", "application/json") end
  if answer.chunked then
    add("Transfer-Encoding", "chunked")
    body = chunks_of(body, answer.chunked)
  elseif answer.length ~= false then
    add("Content-Length", ("%d"):format(answer.length or #body))
  end
  if answer.close then add("Connection", "close") end
  local head = head_of(answer, headers)
  local actions = { act.send(head .. body) }
  if answer.close then actions[2] = act.close() end
  return { head = head, body = body, actions = actions }
end

--- An answer with a JSON body: a table to encode, or the text itself.
---@param status integer
---@param body table|string
---@param headers? table
---@return spec.server.step
function server.json(status, body, headers)
  local text = type(body) == "string" and body or cjson.encode(body)
  return server.answer { status = status, body = text, headers = headers }
end

--- An error in the words of OpenAI's interface.
---@param status integer
---@param message? string
---@param code? string
---@param headers? table
---@return spec.server.step
function server.error(status, message, code, headers)
  local fault = { message = message or "made up for a spec", type = "spec_error", code = code }
  return server.json(status, { error = fault }, headers)
end

--- An error that says when to come again.
---@param status integer
---@param when number|string seconds, or a date as HTTP writes it
---@param headers? table more headers, as a map
---@return spec.server.step
function server.retry_after(status, when, headers)
  local all = { ["Retry-After"] = tostring(when) }
  for name, value in pairs(headers or {}) do all[name] = value end
  return server.error(status, "come again later", "rate_limit_exceeded", all)
end

---@param status integer 301, 302, 303, 307, 308
---@param location string
---@return spec.server.step
function server.redirect(status, location)
  return server.answer { status = status, headers = { Location = location } }
end

-- ---- chat completions ------------------------------------------------------------------------

local function arguments_text(arguments)
  return type(arguments) == "table" and cjson.encode(arguments) or arguments
end

local function tool_calls(tools)
  local calls = {}
  for i, tool in ipairs(tools) do
    calls[i] = {
      id = tool.id or ("call_fake_%d"):format(i),
      type = "function",
      ["function"] = { name = tool[1], arguments = arguments_text(tool[2]) },
    }
  end
  return calls
end

---@class spec.server.completion
---@field tool? table { name, arguments (text or table), id = }: one tool call
---@field tools? table[] several of them
---@field function_call? table { name, arguments }: the older spelling
---@field content? string
---@field refusal? string
---@field finish_reason? string|false what fits, without; false: left out
---@field usage? table|false 10 + 5 tokens, without; false: left out
---@field model? string
---@field id? string
---@field choices? table[] instead of all about the message
---@field message? table members to add to the message
---@field extra? table members to add to the body
---@field status? integer 200
---@field headers? table

local function message_of(options)
  local tools = options.tools or options.tool and { options.tool }
  local call = options.function_call
  local message = {
    role = "assistant",
    content = options.content or cjson.null,
    refusal = options.refusal,
    tool_calls = tools and tool_calls(tools),
    function_call = call and { name = call[1], arguments = arguments_text(call[2]) },
  }
  for name, value in pairs(options.message or {}) do message[name] = value end
  return message
end

local function reason_of(options)
  if options.finish_reason ~= nil then return options.finish_reason or nil end
  if options.tool or options.tools then return "tool_calls" end
  return options.function_call and "function_call" or "stop"
end

--- The body of a chat completion, as a table.
---@param options spec.server.completion
---@return table
function server.completion_body(options)
  local usage = options.usage
  if usage == nil then
    usage = { prompt_tokens = 10, completion_tokens = 5, total_tokens = 15 }
  end
  local choice = { index = 0, message = message_of(options), finish_reason = reason_of(options) }
  local body = {
    id = options.id or "chatcmpl-fake",
    object = "chat.completion",
    created = 1700000000,
    model = options.model or "fake-model",
    choices = options.choices or { choice },
    usage = usage or nil,
  }
  for name, value in pairs(options.extra or {}) do body[name] = value end
  return body
end

--- A full chat completion.
---@param options spec.server.completion
---@return spec.server.step
function server.completion(options)
  return server.json(options.status or 200, server.completion_body(options), options.headers)
end

-- What a step that needs an answer to spoil takes when it is given none.
local function answer_of(step)
  step = step or server.completion { content = "{}" }
  if not step.head then error("this needs a step that is an HTTP answer", 3) end
  return step
end

-- ---- misbehaviour ----------------------------------------------------------------------------

local function changed(step, actions, on)
  return { on = on or step.on, head = step.head, body = step.body, actions = actions }
end

-- The step's actions with others before and behind.
local function around(step, before, behind)
  local actions = {}
  for _, list in ipairs { before, step.actions, behind or {} } do
    for _, one in ipairs(list) do actions[#actions + 1] = one end
  end
  return changed(step, actions)
end

--- Begins to answer after so many milliseconds.
---@param ms integer
---@param step? spec.server.step
---@return spec.server.step
function server.slow_head(ms, step)
  return around(step or answer_of(), { act.sleep(ms) })
end

--- Sends an interim answer before the real one.
---@param status integer 100, 102, 103
---@param step? spec.server.step
---@return spec.server.step
function server.interim(status, step)
  return around(step or answer_of(), { act.send(("HTTP/1.1 %d Interim\r\n\r\n"):format(status)) })
end

-- The head, the first 'n' bytes of the body, then 'last'.
local function cut(n, step, last)
  step = answer_of(step)
  return changed(step, { act.send(step.head .. step.body:sub(1, n)), last })
end

--- Ends the connection after 'n' bytes of the body, whatever the head has promised.
---@param n integer
---@param step? spec.server.step
---@return spec.server.step
function server.cut_body(n, step) return cut(n, step, act.close()) end

--- The same, with RST.
---@param n integer
---@param step? spec.server.step
---@return spec.server.step
function server.reset_body(n, step) return cut(n, step, act.reset()) end

--- Falls silent for ever after 'n' bytes of the body.
---@param n integer
---@param step? spec.server.step
---@return spec.server.step
function server.stall_body(n, step) return cut(n, step, act.stall()) end

--- Ends the connection after 'n' bytes of the answer, head included.
---@param n integer
---@param step? spec.server.step
---@return spec.server.step
function server.cut_head(n, step)
  step = answer_of(step)
  return changed(step, { act.send((step.head .. step.body):sub(1, n)), act.close() })
end

--- Rests so many milliseconds after 'n' bytes of the body.
---@param n integer
---@param ms integer
---@param step? spec.server.step
---@return spec.server.step
function server.pause_body(n, ms, step)
  step = answer_of(step)
  return changed(step, { act.send(step.head .. step.body:sub(1, n)), act.sleep(ms),
    act.send(step.body:sub(n + 1)) })
end

--- Sends the whole answer one byte at a time.
---@param us integer microseconds between two bytes
---@param step? spec.server.step
---@return spec.server.step
function server.drip(us, step)
  step = answer_of(step)
  return changed(step, { act.drip(us, step.head .. step.body) })
end

--- Answers as soon as the request's head is there, before its body is read.
---@param step? spec.server.step
---@return spec.server.step
function server.early(step)
  step = step or answer_of()
  return changed(step, step.actions, "head")
end

--- Answers, then ends the idle connection after so many milliseconds.
---@param ms integer
---@param step? spec.server.step
---@return spec.server.step
function server.close_after(ms, step)
  return around(step or answer_of(), {}, { act.sleep(ms), act.close() })
end

--- So many bytes of rubbish as a body.
---@param bytes integer
---@param options? { status?: integer, headers?: table, length?: boolean, text?: string }
---@return spec.server.step
function server.rubbish(bytes, options)
  options = options or {}
  local answer = server.answer {
    status = options.status, headers = options.headers, length = options.length and bytes or false,
  }
  return changed(answer, { act.send(answer.head), act.fill(bytes, options.text or "rubbish "),
    act.close() })
end

--- So many bytes of headers, and no end of them.
---@param bytes integer
---@param line? string
---@return spec.server.step
function server.rubbish_head(bytes, line)
  return server.raw("HTTP/1.1 200 OK\r\n", act.fill(bytes, line or "X-Rubbish: yes\r\n"),
    act.close())
end

--- Reads the request and never answers.
---@return spec.server.step
function server.stall() return server.raw(act.stall()) end

--- Reads the request and ends the connection.
---@return spec.server.step
function server.close() return server.raw(act.close()) end

--- Reads the request and resets the connection.
---@return spec.server.step
function server.reset() return server.raw(act.reset()) end

--- Accepts the connection and reads nothing, ever.  With server.start{ receive_buffer = 4096 } a
--- big request does not even fit into the kernel.
---@return spec.server.step
function server.never_read() return server.step({ act.deaf(), act.stall() }, "accept") end

--- Ends the connection before reading anything.
---@return spec.server.step
function server.close_first() return server.step({ act.close() }, "accept") end

--- Resets the connection before reading anything.
---@return spec.server.step
function server.reset_first() return server.step({ act.reset() }, "accept") end

-- ---- the script ------------------------------------------------------------------------------

local function escape(text)
  return (text:gsub("[%c\\]", function(c) return ("\\%02x"):format(c:byte()) end))
end

local function action_line(one)
  local words = {}
  for i, word in ipairs(one) do
    if i == 1 then
      words[i] = word
    elseif type(word) == "number" then
      words[i] = ("%d"):format(word)
    else
      words[i] = escape(word)
    end
  end
  return table.concat(words, " ")
end

--- The script the program reads.
---@param steps spec.server.step[] with repeat_last
---@return string
function server.script(steps)
  local lines = {}
  for i, step in ipairs(steps) do
    if type(step) == "string" then step = server.raw(step) end
    lines[#lines + 1] = (i == #steps and steps.repeat_last) and "step repeat" or "step"
    if step.on then lines[#lines + 1] = "on " .. step.on end
    for _, one in ipairs(step.actions) do lines[#lines + 1] = action_line(one) end
  end
  return table.concat(lines, "\n") .. "\n"
end

-- ---- the journal -----------------------------------------------------------------------------

---@class spec.server.request
---@field index integer which step it took, from 1
---@field connection integer from 1
---@field time number seconds since the server's start
---@field method string
---@field path string
---@field headers table<string, string> names in lower case; several of a name are joined by ", "
---@field header_list string[][] { name, value } as they came
---@field head string the bytes of the head
---@field body string
---@field whole boolean was all of it there when its step began?
---@field over boolean did it come after the script's end?
---@field ended? "done"|"gone" how its step ended: all actions done, or the peer went away first
---@field ended_at? number seconds since the server's start
---@field sent? integer bytes sent on its connection until then
local request = {}
request.__index = request

--- The body, decoded.
---@return any
function request:json() return cjson.decode(self.body) end

local function header_map(list)
  local map = {}
  for _, header in ipairs(list) do
    local name = header[1]:lower()
    map[name] = map[name] and map[name] .. ", " .. header[2] or header[2]
  end
  return map
end

--- The events of a journal, in order.
---@param text string
---@return table[]
function server.read_events(text)
  local events = {}
  for line in text:gmatch("([^\n]+)\n") do events[#events + 1] = cjson.decode(line) end
  return events
end

--- The requests among events, in the order they took their steps.
---@param events table[]
---@return spec.server.request[]
function server.requests_of(events)
  local list, by_index = {}, {}
  for _, event in ipairs(events) do
    local known = by_index[event.index]
    if event.event == "request" then
      event.header_list, event.headers = event.headers, header_map(event.headers)
      event.event = nil
      list[#list + 1] = setmetatable(event, request)
      by_index[event.index] = event
    elseif known then
      known.ended, known.ended_at, known.sent = event.event, event.time, event.sent
    end
  end
  table.sort(list, function(a, b) return a.index < b.index end)
  return list
end

-- ---- a server --------------------------------------------------------------------------------

---@class spec.server
---@field port integer
---@field pid integer
---@field root string "http://127.0.0.1:PORT"
---@field url string "http://127.0.0.1:PORT/v1"
local running = {}
running.__index = running

local all_running = {}

-- Returns all the program has printed so far: its pid and its port, or what went wrong.
local function launch(self, steps)
  local words = { process.program(), "--until-eof", "--script", self.files.script,
    "--journal", self.files.journal }
  if steps.receive_buffer then
    words[#words + 1] = "--receive-buffer"
    words[#words + 1] = steps.receive_buffer
  end
  -- The shell says its pid and becomes the server; closing the pipe ends it.
  local command = "{ echo $$; exec %s; } >%s 2>&1"
  local output = process.quote(self.files.output)
  self.pipe = assert(io.popen(command:format(process.command_line(words), output), "w"))
  return process.await_lines(self.files.output, 2, START_LIMIT)
end

--- Starts a server that takes these steps, one for each request.
---@param steps spec.server.step[] also: repeat_last (boolean): the last step serves all that
---  follow; receive_buffer (integer): bytes the kernel takes in for the server
---@return spec.server
function server.start(steps)
  local base = process.temp_path()
  local files = { script = base .. ".script", journal = base .. ".journal",
    output = base .. ".output" }
  local self = setmetatable({ files = files }, running)
  process.write(files.script, server.script(steps))
  local output = launch(self, steps)
  local pid, port = output:match(READY)
  if not port then
    self.pipe:close()
    error("the server did not start: " .. output, 2)
  end
  self.pid, self.port = tonumber(pid), tonumber(port)
  self.root = ("http://127.0.0.1:%d"):format(self.port)
  self.url = self.root .. "/v1"
  all_running[self] = true
  return self
end

--- Everything that happened, in order; see spec/server/journal.h.
---@return table[]
function running:events()
  return server.read_events(self.journal or process.read(self.files.journal) or "")
end

--- The requests whose steps have begun.
---@return spec.server.request[]
function running:requests() return server.requests_of(self:events()) end

--- How many connections were accepted.
---@return integer
function running:connections()
  local count = 0
  for _, event in ipairs(self:events()) do
    if event.event == "accept" then count = count + 1 end
  end
  return count
end

--- Waits until there were so many requests; returns those that there are.
---@param count integer
---@param limit? number seconds; 5 without
---@return spec.server.request[]
function running:await(count, limit)
  process.await(function() return #self:requests() >= count end, limit)
  return self:requests()
end

--- Waits until a request's step has ended; returns the request.
---@param index integer
---@param limit? number seconds; 5 without
---@return spec.server.request?
function running:await_end(index, limit)
  process.await(function()
    local one = self:requests()[index]
    return one and one.ended
  end, limit)
  return self:requests()[index]
end

--- Ends the server and waits for it.  What it saw can still be asked.  May be called again.
function running:stop()
  if self.journal then return end
  self.pipe:close()
  all_running[self] = nil
  self.journal = process.read(self.files.journal) or ""
  local errors = (process.read(self.files.output) or ""):gsub(READY, "")
  for _, path in pairs(self.files) do os.remove(path) end
  if errors ~= "" then error("the server said: " .. errors, 2) end
end

--- Ends all servers that run: for after_each.
function server.stop_all()
  local list = {}
  for one in pairs(all_running) do list[#list + 1] = one end
  for _, one in ipairs(list) do one:stop() end
end

return server

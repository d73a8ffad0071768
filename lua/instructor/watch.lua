-- What happens in a call, told to its client's log and recording.
-- In: the notes of a call, and its end.  Out: log records, recorded lines, and warnings: what went
-- wrong with these two, which never spoils the call.
-- Rule: prompts and answers reach a log only with debug; keys never.

local account = require "instructor.account"
local errors = require "instructor.errors"
local scrub = require "instructor.scrub"

local watch = {}

local WARNING_MAX = 300 -- bytes

--- @class instructor.Watch
--- @field log? instructor.Log
--- @field record? function
--- @field number integer   of the call
--- @field attempt integer  of the call's
--- @field warnings string[]
local Watch = {}
Watch.__index = Watch

local calls = 0 -- that were watched in this Lua state

--- The watch of a call, whose client has a log or a recording.
--- @param client instructor.Inner
--- @param params table of create
--- @return instructor.Watch
function watch.new(client, params)
  local model = params.extra_body and params.extra_body.model or params.model
  if model == nil then model = client.model end
  calls = calls + 1
  return setmetatable({
    log = client.log, record = client.record, number = calls, attempt = 0, warnings = {},
    provider = client.provider.name, mode = client.mode, api_key = client.api_key,
    speaks_for_itself = client.is_foreign ~= true,
    model = type(model) == "string" and model or nil, secrets = {},
  }, Watch)
end

function Watch:warn(text)
  text = scrub.text(text, self.secrets):gsub("%c", " ")
  if #text > WARNING_MAX then
    text = text:sub(1, WARNING_MAX):gsub("[\192-\247]?[\128-\191]*$", "") .. "…"
  end
  self.warnings[#self.warnings + 1] = text
end

--- Calls `fn`.  Returns what it returns, or nil and what it raised: neither a log nor a recording
--- may cost a paid answer.  Ctrl-C is no fault of theirs.
local function shield(fn, ...)
  local well, result = pcall(fn, ...)
  if well then return result end
  local raised = tostring(result)
  if errors.is_interruption(raised) then error(raised, 0) end
  return nil, raised
end

-- ---- the log ------------------------------------------------------------------------------------

local function scrubbed(value, secrets)
  if type(value) == "string" then return scrub.text(value, secrets) end
  return value
end

--- A logger that raises is not asked again in this call.
function Watch:tell(level, message, fields)
  if self.log == nil then return end
  fields.call = self.number
  for name, value in pairs(fields) do fields[name] = scrubbed(value, self.secrets) end
  local _, raised = shield(self.log.write, level, message, fields)
  if raised == nil then return end
  self.log = nil
  self:warn("the logger raised: " .. raised)
end

--- `value` with debug only.
function Watch:private(value)
  if self.log and self.log.debug then return value end
end

--- Kinds whose messages are ours alone.
local plain_kinds = { network = true, timeout = true, limit = true, cancelled = true,
  memory = true }

--- The message of an error, where it quotes neither prompt nor answer, or with debug.
function Watch:message_of(err)
  if self.speaks_for_itself and plain_kinds[err.kind] then return err.message end
  return self:private(err.message)
end

--- A provider's code where it is one word.
local function word(code)
  if type(code) == "string" and #code <= 64 and code:find "^[%w_%.%-:]+$" then return code end
end

-- ---- the steps of a call ------------------------------------------------------------------------

local note = {}

function note.sending(self, call)
  local request = call:request()
  self.attempt = self.attempt + 1
  self.request, self.secrets = request, scrub.secrets(request, self.api_key)
  self:tell("debug", "request", {
    attempt = self.attempt, method = request.method, url = scrub.url(request.url, self.secrets),
    provider = self.provider, mode = self.mode, model = self.model, bytes = #request.body,
    headers = self:private(scrub.request_headers(request.headers, self.secrets)),
    body = self:private(request.body),
  })
end

function note.received(self, _, received)
  self.body = received.body ~= "" and self:private(received.body) or nil
  if self.record == nil then return end
  local failed, raised = shield(self.record, self.request, received, self.secrets)
  if failed == nil and raised == nil then return end
  local text = "the exchange was not recorded: " .. (failed or raised)
  self:warn(text)
  self:tell("warn", "not recorded", { attempt = self.attempt, message = text })
end

function note.judged(self, call)
  if self.log == nil then return end
  local attempts = account.attempts(call)
  local last = attempts[#attempts]
  self.last = last
  self:tell("debug", "answer", {
    attempt = self.attempt, status = last.status, kind = last.kind,
    message = last.kind and self:message_of(last), seconds = last.seconds,
    first_byte = last.first_byte, usage = last.usage, model = last.model,
    request_id = last.request_id, issues = last.issues and #last.issues, body = self.body,
  })
end

function note.again(self, _, again)
  local last = self.last
  if last == nil then return end
  self:tell("warn", again.reask and "asking again" or "sending again", {
    attempt = self.attempt, kind = last.kind, status = last.status, wait = again.wait,
    issues = last.issues and #last.issues, message = self:message_of(last),
  })
end

--- Takes in a note of `call`.
--- @param call userdata
function Watch:note(call)
  local kind, more = call:note()
  note[kind](self, call, more)
end

--- The call has come to a value.
--- @param meta instructor.Meta
function Watch:done(meta)
  self:tell("info", "done", {
    attempts = #meta.attempts, seconds = meta.seconds, waited = meta.waited, usage = meta.usage,
    model = meta.model, request_id = meta.request_id,
  })
end

--- The call has failed.
--- @param err instructor.Error
function Watch:failed(err)
  self:tell("error", "failed", {
    kind = err.kind, status = err.status, code = word(err.code), reason = err.reason,
    issues = err.issues and #err.issues, message = self:message_of(err),
    attempts = #err.attempts, seconds = err.seconds, waited = err.waited, usage = err.usage,
    model = err.model, request_id = err.request_id,
  })
end

return watch

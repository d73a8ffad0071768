-- Who moves the bytes of a call: libcurl's engine, a function of the user's, or the client that was
-- wrapped.  All three drive the same machine; none decides anything.

local code = require "instructor.code"
local core = require "instructor.core"
local errors = require "instructor.errors"
local jobs = require "instructor.jobs"
local options = require "instructor.options"

local drive = {}

local QUOTE_MAX = 200 -- bytes of foreign text in an error
local SLICE = 0.1 -- seconds between two returns to Lua while waiting, so that Ctrl-C works

--- @class instructor.Request
--- @field method string
--- @field url string
--- @field headers { [1]: string, [2]: string }[]
--- @field body string

--- @class instructor.Response
--- @field status integer
--- @field headers? table<string, string>
--- @field body string

--- Returns the response; or nil, what went wrong, and whether trying again may help.
--- @alias instructor.Transport
--- | fun(request: instructor.Request): instructor.Response?, any, boolean?

local act = {}

--- What every driver does alike: run code, ask the user how long to rest.  True when it was that.
local function serve(call, want, given)
  if want == "code" then
    code.run(call, call:task())
  elseif want == "backoff" then
    given.retries = (given.retries or 0) + 1
    local seconds = given.backoff(given.retries, errors.new(call:error())) or 0
    if type(seconds) ~= "number" then
      options.raise("backoff must return a number of seconds, not " .. options.shown(seconds))
    end
    call:rest(seconds)
  else
    return false
  end
  return true
end

--- Sleeps in slices until `seconds` are over; inside a job the others go on meanwhile.
local function rest(seconds)
  local till, job = core.clock() + seconds, jobs.current()
  if job then return jobs.wait(job, { till = till }) end
  while core.clock() < till do core.sleep(math.min(SLICE, till - core.clock())) end
end

--- Drives `call` with an engine.  Returns "done" or "failed".
--- @param call userdata
--- @param engine userdata
--- @param given { backoff: function? }
--- @return "done"|"failed"
function drive.engine(call, engine, given)
  local job = jobs.current()
  while true do
    local want = call:drive(engine, job and 0 or SLICE)
    if want == "done" or want == "failed" then return want end
    if not serve(call, want, given) and job then
      jobs.wait(job, { call = call, engine = engine })
    end
  end
end

function act.wait(_, seconds) rest(math.min(seconds, SLICE)) end
function act.drop(call) call:dropped() end

--- Foreign words, fit to stand in an error.
local function quote(words)
  words = tostring(words):gsub("%c", " ")
  return #words > QUOTE_MAX and words:sub(1, QUOTE_MAX):gsub("[\128-\191]*$", "") .. "…" or words
end

--- What a function lost.  An error of ours that it hands on keeps its kind; of any other table the
--- message and retryable are read.
local function lose(call, err, retryable)
  if errors.is_error(err) then return call:lose(err.message, err) end
  if type(err) == "table" then
    retryable = retryable or err.retryable
    err = err.message or err
  end
  call:lose(quote(err or "the transport returned nothing"), { retryable = retryable == true })
end

--- Raises unless a transport function has returned what it should.
local function check_response(response)
  local whole = type(response) == "table" and type(response.status) == "number"
    and response.status >= 100 and response.status <= 999 and response.status % 1 == 0
    and type(response.body) == "string"
    and (response.headers == nil or type(response.headers) == "table")
  if not whole then
    options.raise('the transport must return { status = 200, headers = { … }, body = "…" }, or '
      .. "nil and what went wrong")
  end
end

--- Raises unless all headers are texts: one that was left out in silence might be Retry-After.
local function check_headers(headers)
  for name, value in pairs(headers) do
    if type(name) ~= "string" then
      options.raise("the transport must name its headers by texts, not by "
        .. options.type_of(name))
    elseif type(value) ~= "string" then
      options.raise(("the transport must give the header %s as a text, not as %s")
        :format(options.shown(name), options.type_of(value)))
    end
  end
end

function act.send(call, _, exchange)
  local request = call:request()
  call:sent()
  local response, err, retryable = exchange(request)
  if response == nil then return lose(call, err, retryable) end
  check_response(response)
  check_headers(response.headers or {})
  call:receive(response.status, response.headers or {}, response.body)
end

--- Drives `call` with `exchange(request)`, which returns a response, or nil, a message, and whether
--- trying again may help.
--- @param call userdata
--- @param exchange instructor.Transport
--- @param given { backoff: function? }
--- @return "done"|"failed"
function drive.exchange(call, exchange, given)
  while true do
    local want, seconds = call:next()
    if want == "done" or want == "failed" then return want end
    if not serve(call, want, given) then act[want](call, seconds, exchange) end
  end
end

--- The exchange function for a client that was wrapped: it is handed parameters, not bytes.
--- @param create fun(params: table, request_options: table?): any, any
--- @param request_options? table
--- @return instructor.Transport
function drive.wrapped(create, request_options)
  return function(request)
    local completion, err = create(core.decode(request.body), request_options)
    if completion == nil then return nil, err or "the client returned nothing" end
    local fit, body = pcall(core.encode, completion)
    if not fit then return nil, "the client returned no completion: " .. tostring(body) end
    return { status = 200, body = body }
  end
end

return drive

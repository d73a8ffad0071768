-- Who moves the bytes of a call: libcurl's engine, a function of the user's, or the client that was
-- wrapped.  All three drive the same machine; none decides anything.

local code = require "instructor.code"
local core = require "instructor.core"
local errors = require "instructor.errors"
local jobs = require "instructor.jobs"
local options = require "instructor.options"

local drive = {}

local current_job, wait, wait_alone = jobs.current, jobs.wait, jobs.wait_alone
local drive_call, step_call = core.drive, core.step

local QUOTE_MAX = 200 -- bytes of foreign text in an error
local SLICE = 0.1 -- seconds between two returns to Lua while waiting, so that Ctrl-C works

--- @class instructor.Request
--- @field method string
--- @field url string
--- @field headers { [1]: string, [2]: string, secret: boolean }[]
--- @field body string

--- How long a transport may wait, in seconds.
--- @class instructor.Wait
--- @field connect number a connection may take so long to be made
--- @field head number    the head of the answer must be there by then, connecting included

--- Returns what came next, which is at least a byte; "" when nothing came within `seconds`; nil at
--- the end; or nil, what went wrong, and whether trying again may help.
--- @alias instructor.Reader
--- | fun(seconds: number): string?, any, boolean?

--- @class instructor.Response
--- @field status integer
--- @field headers? table<string, string>
--- @field body string|instructor.Reader the whole body, or a reader of its pieces
--- @field close? fun()           with a reader: called once, when no more of the body is wanted

--- What went wrong, for a transport that can tell more than a text.
--- @class instructor.Loss
--- @field message string
--- @field kind? "network"|"timeout"|"cancelled" default: "network"
--- @field retryable? boolean

--- Returns the response; or nil, what went wrong (a text or an instructor.Loss), and whether trying
--- again may help.
--- @alias instructor.Send
--- | fun(request: instructor.Request, wait: instructor.Wait): instructor.Response?, any, boolean?

--- A host with an event loop of its own: how it moves bytes, and how it rests without blocking.
--- `sleep` returns false when the call is to end as cancelled.
--- @class instructor.Host
--- @field send instructor.Send
--- @field sleep? fun(seconds: number): boolean?

--- @alias instructor.Transport instructor.Send|instructor.Host

local act = {}

--- What every driver does alike: run code, ask the user how long to rest, tell what happened.  True
--- when it was that.
local function serve(call, want, given)
  if want == "code" then
    code.run(call, call:task())
  elseif want == "backoff" then
    local seconds = given.backoff(call:count(), errors.new(call:error())) or 0
    if type(seconds) ~= "number" then
      options.raise("backoff must return a number of seconds, not " .. options.shown(seconds))
    end
    call:rest(seconds)
  elseif want == "note" then
    given.watch:note(call)
  else
    return false
  end
  return true
end

--- Sleeps in slices until `seconds` are over; inside a job the others go on meanwhile.
local function rest(seconds)
  local till, job = core.clock() + seconds, current_job()
  if job then return wait { wake = till } end
  while core.clock() < till do core.sleep(math.min(SLICE, till - core.clock())) end
end

--- What a driver is given beside the call.
--- @class instructor.How
--- @field backoff? fun(n: integer, err: instructor.Error): number
--- @field watch? { note: fun(self: table, call: userdata) } of a watched call
--- @field skipped? number seconds of waits passed over so far; nil: waits are waited
--- @field made? table the scope of jobs in which a stream was made
--- @field waits? instructor.Waits what jobs wait for that wait for the call
--- @field over "done"|"failed"|false set when it is
--- @field exchange? table what a function's exchange has come to; the driver's own

local PAUSES = { done = true, failed = true, partial = true } -- what is not for a driver

--- Others may wait for the same call: they find that it is over, and it may be closed by then.
local function pause(want, given)
  if want == "partial" then return want end
  local waits = given.waits
  given.over, given.waits = want, nil
  if waits then jobs.wake(waits) end
  return want
end

--- What jobs wait for that wait for a call of which others may know.
local function waits_of(job, call, engine, given)
  return jobs.waits_for(job, call, engine, given.made, function()
    call:cancel()
    repeat until not serve(call, call:drive(engine, 0), given) -- it is written down, too
  end)
end

--- Inside a job: whoever drives all the jobs moves the bytes.
local function step(job, call, engine, given)
  if given.over then return given.over end
  local waits = given.waits or waits_of(job, call, engine, given)
  given.waits = waits
  repeat
    local want, wake = call:step(engine, waits.tag)
    if want == "wait" then
      waits.wake = wake
      wait(waits)
    elseif PAUSES[want] then
      return pause(want, given)
    else
      serve(call, want, given)
    end
  until given.over
  return given.over
end

--- Drives `call` with an engine, until it is over or (a stream) there is something to see.
--- @param call userdata
--- @param engine userdata
--- @param given instructor.How
--- @return "partial"|"done"|"failed"
function drive.engine(call, engine, given)
  local job = current_job()
  if job then return step(job, call, engine, given) end
  while true do
    local want = call:drive(engine, SLICE)
    if PAUSES[want] then return pause(want, given) end
    serve(call, want, given)
  end
end

--- Inside a job, a call that nobody else knows of.
local function step_alone(job, call, engine, given)
  local tag = job.tag
  while true do
    local want, wake = step_call(call, engine, tag)
    if want == "wait" then
      wait_alone(job, call, engine, wake)
    elseif want == "done" or want == "failed" then
      job.call = false -- its memory may serve another one, which the job's end is not to close
      return want
    else
      serve(call, want, given)
    end
  end
end

--- What drives calls that nobody else knows of, and that are no streams, to their ends.  (It only
--- reads what it is given with a call: calls may share it.)
--- @param open fun(): userdata the engine, which is asked for at the first call
--- @return fun(call: userdata, given: instructor.How): "done"|"failed"
function drive.alone(open)
  local engine
  return function(call, given)
    if not engine then engine = open() end
    local job = current_job()
    if job then return step_alone(job, call, engine, given) end
    while true do
      local want = drive_call(call, engine, SLICE)
      if want == "done" or want == "failed" then return want end
      serve(call, want, given)
    end
  end
end

--- Where no time is to be lost (a replay), the call's clock alone goes on.
function act.wait(call, seconds, exchange, given)
  if given.skipped then
    given.skipped = given.skipped + seconds
    return call:skip(seconds)
  end
  if exchange.sleep == nil then return rest(math.min(seconds, SLICE)) end
  if exchange.sleep(seconds) == false then call:cancel() end
end

--- Foreign words, fit to stand in an error.
local function quote(words)
  words = tostring(words):gsub("%c", " ")
  return #words > QUOTE_MAX and words:sub(1, QUOTE_MAX):gsub("[\128-\191]*$", "") .. "…" or words
end

local LOSSES = { network = true, timeout = true, cancelled = true }

--- What a function lost.  An error of ours that it hands on keeps its kind; of any other table the
--- message, retryable and a kind that a transport can know are read.
local function lose(call, err, retryable)
  if errors.is_error(err) then return call:lose(err.message, err) end
  local kind
  if type(err) == "table" then
    retryable = retryable or err.retryable
    kind = LOSSES[err.kind] and err.kind
    err = err.message or err
  end
  call:lose(quote(err or "the transport returned nothing"),
    { retryable = retryable == true, kind = kind or nil })
end

--- Raises unless a transport function has returned what it should.
local function check_response(response)
  local whole = type(response) == "table" and type(response.status) == "number"
    and response.status >= 100 and response.status <= 999 and response.status % 1 == 0
    and (type(response.body) == "string" or type(response.body) == "function")
    and (response.headers == nil or type(response.headers) == "table")
  if not whole then
    options.raise('the transport must return { status = 200, headers = { … }, body = "…" }, or '
      .. "nil and what went wrong; body may be a function that returns the next piece")
  end
end

--- No more of the body is wanted: the function that holds it may let it go.
local function close(exchange)
  local response = exchange.response
  exchange.response = nil
  if response and response.close then response.close() end
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
  local connect, head = call:patience()
  local response, err, retryable = exchange.send(request, { connect = connect, head = head })
  if response == nil then return lose(call, err, retryable) end
  check_response(response)
  check_headers(response.headers or {})
  if type(response.body) == "function" then exchange.response = response end
  call:receive(response.status, response.headers or {}, not exchange.response and response.body
    or nil)
end

-- Lua 5.1 and 5.2 cannot tell whether here is a place to yield at.
local is_yieldable = coroutine.isyieldable or function() return false end

--- Where a reader has nothing, other jobs may have something, and Ctrl-C is heard between them.
local function let_others_go_on(call, exchange, made)
  local job = current_job()
  if job == nil or not is_yieldable() then return end
  jobs.pause(job, made, function()
    if made then call:cancel() end
    close(exchange)
  end)
end

--- Reads one piece; the call is looked at between two, so its limits and times hold.
function act.bytes(call, seconds, exchange, given)
  if current_job() then seconds = math.min(seconds, SLICE) end -- others wait, too
  local piece, err, retryable = exchange.response.body(math.max(seconds, 0))
  if piece == "" then let_others_go_on(call, exchange, given.made) end
  if type(piece) == "string" then return call:feed(piece) end
  close(exchange)
  if piece ~= nil then
    options.raise("the reader of a body must return a text, or nil at the end, not "
      .. options.type_of(piece))
  end
  if err ~= nil then lose(call, err, retryable) else call:finish() end
end

function act.drop(call, _, exchange)
  close(exchange)
  call:dropped()
end

--- Drives `call` with a function of the user's, or a host's two.
--- @param call userdata
--- @param transport instructor.Transport
--- @param given instructor.How
--- @return "done"|"failed"
function drive.exchange(call, transport, given)
  if type(transport) == "function" then transport = { send = transport } end
  local exchange = given.exchange or { send = transport.send, sleep = transport.sleep }
  given.exchange = exchange
  while true do
    local want, seconds = call:next()
    if PAUSES[want] then
      if want ~= "partial" then close(exchange) end -- it may have been cancelled meanwhile
      return want
    end
    if not serve(call, want, given) then act[want](call, seconds, exchange, given) end
  end
end

--- The exchange function for a client that was wrapped: it is handed parameters, not bytes, and
--- never streams.
--- @param create fun(params: table, request_options: table?): any, any
--- @param request_options? table
--- @return instructor.Send
function drive.wrapped(create, request_options)
  return function(request)
    local params = core.decode(request.body)
    params.stream, params.stream_options = nil, nil -- what it answers is taken whole
    local completion, err = create(params, request_options)
    if completion == nil then return nil, err or "the client returned nothing" end
    local fit, body = pcall(core.encode, completion)
    if not fit then return nil, "the client returned no completion: " .. tostring(body) end
    return { status = 200, body = body }
  end
end

return drive

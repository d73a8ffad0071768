-- What a client looks like from outside: client.chat.completions.create, called with a dot or a
-- colon.

local create = require "instructor.create"
local options = require "instructor.options"
local rules = require "instructor.rules"

local client = {}

local inner_of = setmetatable({}, { __mode = "k" }) -- what we know of our own clients

--- @alias instructor.Told instructor.Meta|instructor.Error

--- value, meta; or nil, err.
--- @alias instructor.Create
--- | fun(params: instructor.CreateParams, opts?: instructor.RequestOptions): any, instructor.Told

--- value, meta; raises an instructor.Error.
--- @alias instructor.CreateOrRaise
--- | fun(params: instructor.CreateParams, opts?: instructor.RequestOptions): any, instructor.Meta

--- Also returns the closing values that `for` needs.
--- @alias instructor.CreateStream
--- | fun(params: instructor.CreateParams, opts?: instructor.RequestOptions): instructor.Stream

--- value, the raw completion, instructor.Meta; or nil, err.
--- @alias instructor.CreateWithCompletion
--- | fun(params: instructor.CreateParams, opts?: instructor.RequestOptions): any, any, table?

--- @class instructor.Completions
--- @field create instructor.Create          with stream = true as create_partial
--- @field create_or_raise instructor.CreateOrRaise
--- @field create_partial instructor.CreateStream create with stream = true
--- @field create_iterable instructor.CreateStream of items; response_model is the item's schema
--- @field create_with_completion instructor.CreateWithCompletion

--- @class instructor.Client
--- @field chat { completions: instructor.Completions }
--- @field base_url string
--- @field mode? instructor.Mode of a patched client
--- @field client? table         what a patched client was put around

--- completions.create(params, …) and completions:create(params, …) alike.
local function either_way(completions, fn)
  return function(first, second, third)
    if first == completions then return fn(second, third) end
    return fn(first, second)
  end
end

--- `params` with some of them set; what stands behind its metatable does so still.
local function with(params, set)
  if type(params) ~= "table" then return params end
  local changed = {}
  for name, value in next, params do changed[name] = value end
  for name, value in pairs(set) do changed[name] = value end
  if getmetatable(params) == nil then return changed end
  return setmetatable(changed, { __index = params })
end

--- Our options of streams that say nothing where each item is judged by itself, when it is whole.
local function check_iterable(params)
  if type(params) ~= "table" then return end
  if params.response_model == nil then
    options.raise("create_iterable needs a response_model: the schema of one item")
  end
  for _, name in ipairs { "early_stop", "open_strings" } do
    if params[name] ~= nil then options.raise(name .. " is not for create_iterable") end
  end
end

--- create's relatives, which users of other libraries know.
local function add_relatives(completions, run)
  completions.create_partial = either_way(completions, function(params, request_options)
    return run(with(params, { stream = true }), request_options)
  end)
  completions.create_iterable = either_way(completions, function(params, request_options)
    check_iterable(params)
    local policy = type(params) == "table" and params.on_invalid or "error"
    return run(with(params, { stream = true, on_invalid = policy, early_stop = false,
      open_strings = false }), request_options, create.ITEMS)
  end)
  completions.create_with_completion = either_way(completions, function(params, request_options)
    if type(params) == "table" and params.stream then
      options.raise("create_with_completion cannot stream: the completion comes at the end")
    end
    local value, meta = run(params, request_options)
    if value == nil or meta == nil then return value, meta end
    return value, meta.completion, meta
  end)
end

--- What create returned, be it a stream with its closing values.
local function or_raise(value, told, ...)
  if value == nil then error(told, 0) end
  return value, told, ...
end

--- A `chat` whose create is `run`.
--- @param run fun(params: table, request_options: table?, items: table?): any, any
--- @param inner? instructor.Inner whose runner `run` is, which looks itself how it was called
--- @return { completions: instructor.Completions }
function client.chat(run, inner)
  local completions = {}
  completions.create = inner and run or either_way(completions, run)
  if inner then inner.completions = completions end
  add_relatives(completions, run)
  completions.create_or_raise = either_way(completions, function(params, request_options)
    return or_raise(run(params, request_options))
  end)
  return { completions = completions }
end

--- A plain client of `inner`.
--- @param inner instructor.Inner
--- @return instructor.Client
function client.new(inner)
  local made = { base_url = inner.base_url }
  inner_of[made] = inner
  local run = create.runner(inner)
  made.chat = client.chat(function(params, request_options, items)
    rules.check_plain(params)
    return run(params, request_options, items)
  end)
  return made
end

--- What we know of a client of ours; nil for any other table.
--- @param made table
--- @return instructor.Inner?
function client.inner(made)
  return inner_of[made]
end

return client

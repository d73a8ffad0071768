--[[
Recorded exchanges of true servers, and what we make of each.  In: the folder of recordings.  Out: a
line, the details on stderr, how many differ.
A recording says nothing about what a client should make of it: that stands here, by its name.  The
recorded request is sent again, passed through; where `value` or `kind` stands, it is also asked for
with a schema.
]]

local exchange = require "spec.vectors.exchange"
local json = require "spec.vectors.json"
local suite = require "spec.vectors.suite"

local recorded = {}

--- @class spec.vectors.made
--- @field meta? table    fields of meta, of the call passed through
--- @field err? table     fields of err, where that call fails
--- @field mode? string   asked for with a schema in this mode
--- @field name? string   of the response model
--- @field value? any     what comes of that
--- @field fails? table   or fields of its err

---@type table<string, spec.vectors.made>
local made = {
  -- A schema beside json_object was heeded even by the old server: so that is how llamacpp's row
  -- asks.
  ["llama-server/2025-json_object-with-schema"] = {
    meta = { outcome = "stop", finish_reason = "stop",
      usage = { input_tokens = 50, output_tokens = 109, total_tokens = 159 } },
    mode = "JSON_SCHEMA",
    value = { name = "Yes, can you kick th", age = 20, mood = "sad",
      tags = { "Can you ", ". ", " As they" } },
  },
  ["llama-server/2026-json_schema"] = {
    meta = { outcome = "stop", usage = { input_tokens = 122, output_tokens = 116,
      total_tokens = 238, cached_tokens = 121 } },
    mode = "JSON_SCHEMA",
    value = { name = "Wast quiffull!", age = 20, mood = "tired", tags = json.decode "[]" },
  },
  -- Half an object at the limit of tokens is not broken JSON but cut off: not asked for again.
  ["llama-server/2026-json_schema-cut-off"] = {
    meta = { outcome = "length", finish_reason = "length",
      usage = { input_tokens = 122, output_tokens = 60, total_tokens = 182, cached_tokens = 121 } },
    mode = "JSON_SCHEMA",
    fails = { kind = "incomplete", reason = "length", retryable = false },
  },
  ["llama-server/2026-tool-call-required"] = {
    meta = { outcome = "tool_calls", usage = { input_tokens = 460, output_tokens = 42,
      total_tokens = 502, cached_tokens = 459 } },
    mode = "TOOLS", name = "get_weather", value = { city = "Wait!", unit = "f" },
  },
  ["llama-server/2026-bad-schema-400"] = {
    err = { kind = "http", status = 400, class = "bad_request", code = "invalid_request_error",
      retryable = false, said = "Unable to generate parser for this template. Automatic parser "
        .. "generation failed: JSON schema error at #: unrecognized type wibble" },
  },
  ["llama-server/2026-context-exceeded-400"] = {
    err = { kind = "http", status = 400, class = "bad_request", retryable = false,
      code = "exceed_context_size_error", type = "exceed_context_size_error",
      said = "request (594 tokens) exceeds the available context size (512 tokens), try "
        .. "increasing it" },
  },
  ["llama-server/2026-wrong-key-401"] = {
    err = { kind = "http", status = 401, class = "authentication", retryable = false,
      code = "authentication_error", said = "Invalid API Key" },
  },
  -- Streams, sent in the pieces they were recorded in.
  ["llama-server/2026-tool-call-stream"] = {
    meta = { outcome = "tool_calls", finish_reason = "tool_calls", usage = { input_tokens = 460,
      output_tokens = 42, total_tokens = 502, cached_tokens = 459 } },
    mode = "TOOLS", name = "get_weather", value = { city = "Wait!", unit = "f" },
  },
  -- Three calls, the last of them cut off: the first is whole, but nobody may rely on it.
  ["llama-server/2026-tool-calls-stream-cut-off"] = {
    meta = { outcome = "length", finish_reason = "length" },
    mode = "TOOLS", name = "get_weather",
    fails = { kind = "incomplete", reason = "length", retryable = false },
  },
  ["llama-server/2026-reasoning-stream"] = {
    meta = { outcome = "length", finish_reason = "length", reasoning = " cleangless and waves. "
      .. "She liked to go down the park with her mom and dad.\nOne day, D" },
    mode = "MD_JSON", fails = { kind = "incomplete", reason = "length" },
  },
  ["llama-server/2026-error-inside-stream"] = {
    err = { kind = "protocol", status = 200, class = "server", code = "server_error",
      retryable = true, said = "The model produced output that does not match the expected "
        .. "peg-native format" },
    mode = "MD_JSON", fails = { kind = "protocol", class = "server", code = "server_error" },
  },
  -- It was asked for a stream, and failed before any came.
  ["llama-server/2025-tools-with-stream-500"] = {
    err = { kind = "http", status = 500, class = "server", retryable = true,
      code = "server_error", said = "Cannot use tools with stream" },
  },
}

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

-- Every field of `expected` is that of `got`.
local function compare_fields(list, where, expected, got)
  for name, value in pairs(expected) do
    local here, there = where .. "." .. name, (got or {})[name]
    if name == "usage" then
      compare_fields(list, here, value, there)
    elseif value ~= there then
      add(list, here, value, there)
    end
  end
end

-- Headers that the server of the spec writes itself.
local framing = { ["content-length"] = true, connection = true, ["keep-alive"] = true,
  ["transfer-encoding"] = true }

local function headers_of(list)
  local headers = {}
  for _, pair in ipairs(list) do
    if not framing[pair[1]:lower()] and pair[2] ~= "" then headers[pair[1]] = pair[2] end
  end
  return headers
end

local function pieces_of(response)
  local pieces, at = {}, 1
  for i, size in ipairs(response.http_chunk_sizes) do
    pieces[i], at = response.sse_text:sub(at, at + size - 1), at + size
  end
  pieces[#pieces + 1] = response.sse_text:sub(at)
  return pieces
end

local function exchange_of(case)
  local request, response = case.request, case.response
  return { provider = "llamacpp", path = request.path, headers = {}, body = request.body,
    status = response.status, answer_headers = headers_of(response.headers),
    answer = response.body, pieces = response.sse_text and pieces_of(response) }
end

local function obstacle(case)
  if not case.request.path:find "/chat/completions$" then
    return "wire not there yet: " .. case.request.path
  end
  return made[case.name] == nil and "nothing is said about it here" or nil
end

--- Compares one recording.
---@param case table
---@return spec.vectors.differences, string?
function recorded.differences(case)
  local reason = obstacle(case)
  if reason then return {}, reason end
  local list, ours, had = {}, made[case.name], exchange_of(case)
  local plain = exchange.pass_through(had)
  compare_fields(list, "meta", ours.meta or {}, plain.meta)
  compare_fields(list, "err", ours.err or {}, plain.err)
  if ours.mode == nil then return list end
  local record = exchange.structured(had, ours.mode, ours.name)
  compare_fields(list, "err with a schema", ours.fails or {}, record.err)
  if ours.value ~= nil and not json.equal(ours.value, record.value) then
    add(list, "the value", ours.value, record.value or tostring(record.err))
  end
  return list
end

--- Runs the recordings of a folder.
---@param folder string
---@param wanted? string only those whose names hold this
---@return integer differing
function recorded.run(folder, wanted)
  local cases = exchange.cases(folder)
  if #cases == 0 then
    print "recorded: skipped, not there"
    return 0
  end
  return suite.count("recorded", cases, wanted, recorded.differences)
end

return recorded

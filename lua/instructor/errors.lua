-- What comes back as `err`: one table with a kind, fit to be tested by programs and to be pasted by
-- people.

local errors = {}

--- @alias instructor.Kind
--- | "network"        # the connection failed
--- | "timeout"        # time ran out
--- | "http"           # the server answered with an error status
--- | "protocol"       # a 200 that is no completion
--- | "json"           # the answer is not JSON
--- | "no_answer"      # an empty answer, no tool call
--- | "validation"     # the value does not fit the schema
--- | "refusal"        # the model refused
--- | "incomplete"     # the answer was cut off
--- | "content_filter" # a filter stopped the answer
--- | "cancelled" | "budget" | "limit" | "memory" | "replay"

--- How an answer ended.
--- @alias instructor.Outcome
--- | "stop" | "tool_calls" | "length" | "content_filter" | "refusal"
--- | "error"            # the provider broke off

--- What a provider's error is about, by its status and code.
--- @alias instructor.ErrorClass
--- | "bad_request" | "authentication" | "payment_required" | "permission_denied" | "not_found"
--- | "timeout" | "conflict" | "too_large" | "unprocessable" | "rate_limit" | "overloaded"
--- | "server" | "content_filter"

--- @class instructor.Issue
--- @field code string           as Zod has it: "invalid_type", "too_small", "custom"…
--- @field message string
--- @field path (string|integer)[] usable on the value: lists count from 1
--- @field expected? string      of "invalid_type"
--- @field received? string
--- @field offset? integer       of "invalid_json": the byte, from 1
--- @field errors? instructor.Issue[][] of "invalid_union": what each option found wrong; the paths
---   begin at the value of the union
--- @field matches? integer[]    of "invalid_union": the options that fit, where only one may
--- @field nearest? integer      the one of `errors` that was meant, as far as can be told
--- @field nearest_name? string  its title or id
--- @field issues? instructor.Issue[] of "invalid_key": what the schema of the keys found wrong

--- @class instructor.Usage      tokens
--- @field input_tokens integer
--- @field output_tokens integer
--- @field total_tokens integer
--- @field cached_tokens integer      part of the input that was read from a cache
--- @field cache_write_tokens integer part of the input that was written to one
--- @field reasoning_tokens integer   part of the output spent on thinking

--- Something that was done to an answer to read it.
--- @class instructor.Repair
--- @field what instructor.RepairKind
--- @field offset? integer       byte in the attempt's text (with `path`: in the text at that path)
--- @field path? (string|integer)[] of the value that was changed

--- @alias instructor.RepairKind
--- | "thoughts" | "fence" | "prose" | "comment" | "single_quotes" | "typographic_quotes"
--- | "triple_quotes" | "escaped_quotes"
--- | "backticks" | "unquoted_key" | "unquoted_value" | "unescaped_quote" | "escape" | "raw_newline"
--- | "control_character" | "extra_comma" | "missing_comma" | "missing_closer" | "python_literal"
--- | "javascript_literal" | "number_form" | "nested_json" | "number_from_string"
--- | "boolean_from_string" | "list_of_one" | "enum_spelling"

--- @class instructor.Attempt
--- @field status? integer       HTTP status
--- @field kind? instructor.Kind what it failed of; nil: its answer was used
--- @field message? string
--- @field text? string          the answer's text as received
--- @field reasoning? string    visible thinking
--- @field repairs instructor.Repair[] what was done to the text to read it
--- @field issues? instructor.Issue[]
--- @field usage? instructor.Usage
--- @field raw_usage? table      the provider's own account, as it came; nil where this Lua would
---   have to round a number of it
--- @field model? string         which model answered
--- @field seconds number        from sending to the verdict
--- @field first_byte? number    seconds from sending to the answer's first byte
--- @field waited number         seconds rested before it was sent
--- @field stopped? boolean     was it given up early, for it could no longer be right?
--- @field reask boolean         a new question, rather than the same one sent again?
--- @field request_id? string
--- @field outcome? instructor.Outcome
--- @field finish_reason? string the same in the provider's word
--- @field refusal? string       the words the model refused with
--- @field class? instructor.ErrorClass these six as in instructor.Error
--- @field code? string
--- @field type? string
--- @field param? string
--- @field said? string
--- @field failed_generation? string
--- @field retry_after? number

--- @class instructor.Error
--- @field kind instructor.Kind
--- @field message string
--- @field retryable boolean     may the same call do better later?
--- @field status? integer       HTTP status
--- @field code? string          the provider's own code; where it has none, or a number, the type
--- @field class? instructor.ErrorClass what the provider's error is about
--- @field type? string          the provider's type of the error
--- @field param? string         the parameter it blames
--- @field said? string          its own words, whole (2000 bytes); or a body that is no JSON
--- @field failed_generation? string the model's text that the provider refused
--- @field refusal? string       of "refusal": the model's words
--- @field retry_after? number   seconds the server asked to wait, however many
--- @field reason? string        of "incomplete": "length" or "cut_off"
--- @field issues? instructor.Issue[]
--- @field attempts? instructor.Attempt[]
--- @field usage? instructor.Usage over all attempts
--- @field request_id? string    of the last attempt
--- @field model? string         which model answered, if one did
--- @field seconds? number       the whole call, waits included
--- @field waited? number        of these, rested between attempts
--- @field stopped? integer      answers given up early: see attempts[i].stopped
--- @field index? integer        of create_iterable: which item did not fit
--- @field warnings? string[]    a logger that raised, an exchange not recorded

local Error = {}
Error.__name = "instructor.Error"

local MAX_LINES = 20  -- issues shown by tostring; the rest is counted
local MAX_BYTES = 600 -- of one line of it

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat
    return then true until while]]):gmatch "%a+" do
  keywords[word] = true
end

--- "a.b[1]", as one would write it in Lua.
--- @param path (string|integer)[]
--- @return string
function errors.path(path)
  local parts = {}
  for i, step in ipairs(path) do
    if type(step) == "number" then
      parts[i] = ("[%d]"):format(step)
    elseif step:match "^[%a_][%w_]*$" and not keywords[step] then
      parts[i] = (i > 1 and "." or "") .. step
    else
      parts[i] = ("[%q]"):format(step)
    end
  end
  return table.concat(parts)
end

--- `line` cut at a character when it is too long.
local function cut(line)
  if #line <= MAX_BYTES then return line end
  local last = MAX_BYTES
  while last > 0 and line:sub(last + 1, last + 1):match "[\128-\191]" do last = last - 1 end
  return line:sub(1, last) .. "…"
end

--- "place: message", the place being that of `issue` seen from `root`.
local function line_of(issue, root)
  local path = {}
  for i, step in ipairs(root) do path[i] = step end
  for _, step in ipairs(issue.path) do path[#path + 1] = step end
  return (#path > 0 and errors.path(path) .. ": " or "") .. issue.message, path
end

local add_inner

--- Adds the lines of `issues`, seen from `root`, behind `indent`; `label` stands before each.
local function add_issues(lines, issues, root, indent, label)
  for i, issue in ipairs(issues) do
    if #lines > MAX_LINES then
      lines[#lines + 1] = ("%sand %d more"):format(indent, #issues - i + 1)
      return
    end
    local line, path = line_of(issue, root)
    lines[#lines + 1] = indent .. cut(label .. line)
    add_inner(lines, issue, path, indent .. "  ")
  end
end

--- Adds what stands behind an issue: of a union the option that was meant, or else how each
--- begins; of a key what is wrong with it.
function add_inner(lines, issue, path, indent)
  add_issues(lines, issue.issues or {}, {}, indent, "the key: ")
  if issue.nearest then
    local name = issue.nearest_name
    local label = name and "as " .. name .. ": " or ""
    add_issues(lines, issue.errors[issue.nearest], path, indent, label)
    return
  end
  for i, list in ipairs(issue.errors or {}) do
    if #lines > MAX_LINES then return end
    add_issues(lines, { list[1] }, path, indent, ("option %d: "):format(i))
  end
end

local function account(err)
  local parts = {}
  if err.attempts and #err.attempts > 0 then
    parts[#parts + 1] = ("%d request%s"):format(#err.attempts, #err.attempts == 1 and "" or "s")
  end
  if err.usage then parts[#parts + 1] = ("%d tokens"):format(err.usage.total_tokens) end
  if err.request_id then parts[#parts + 1] = "request id " .. err.request_id end
  return #parts > 0 and "  (" .. table.concat(parts, ", ") .. ")" or nil
end

function Error.__tostring(err)
  local lines = { cut(err.kind .. ": " .. err.message) }
  local issues = err.issues or {}
  if #issues > 1 then
    add_issues(lines, issues, {}, "  ", "")
  elseif issues[1] then
    add_inner(lines, issues[1], issues[1].path, "  ")
  end
  lines[#lines + 1] = account(err)
  return table.concat(lines, "\n")
end

--- Makes an error of a table of fields.
--- @param fields table
--- @return instructor.Error
function errors.new(fields)
  return setmetatable(fields, Error)
end

--- Is `v` an error of ours?
--- @param v any
--- @return boolean
function errors.is_error(v)
  return type(v) == "table" and getmetatable(v) == Error
end

--- Is it what a Lua raises at Ctrl-C, at whatever place?
--- @param raised any
--- @return boolean
function errors.is_interruption(raised)
  if type(raised) ~= "string" then return false end
  return raised == "interrupted!" or raised:find "^[^\n]*:%d+: interrupted!$" ~= nil
end

--- The error of a value that does not fit its schema.
--- @param issues instructor.Issue[]
--- @return instructor.Error
function errors.validation(issues)
  local first = issues[1]
  local place = #first.path > 0 and errors.path(first.path) .. ": " or ""
  local more = #issues > 1 and (" (and %d more)"):format(#issues - 1) or ""
  return errors.new {
    kind = "validation",
    message = place .. first.message .. more,
    retryable = false,
    issues = issues,
  }
end

return errors

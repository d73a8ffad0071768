-- What a schema makes of values, in rows.

local assert = require "luassert"
local instructor = require "instructor"

local judging = {}

--- The issues of `value` under `schema`, each as "code path: message".
function judging.problems(schema, value)
  local data, err = schema:try(value)
  assert.is_nil(data)
  assert.is_true(instructor.is_error(err))
  assert.equal("validation", err.kind)
  local list = {}
  for i, issue in ipairs(err.issues) do
    local steps = {}
    for k, step in ipairs(issue.path) do steps[k] = tostring(step) end
    list[i] = ("%s %s: %s"):format(issue.code, table.concat(steps, "."), issue.message)
  end
  return list
end

--- The only issue of `value`.
function judging.issue_of(schema, value)
  local result = schema:safe_parse(value)
  assert.is_false(result.success)
  assert.equal(1, #result.error.issues)
  return result.error.issues[1]
end

--- Each row: a schema, a value it takes, and the result where that differs.
function judging.takes(rows)
  for _, row in ipairs(rows) do
    local wanted = row[3]
    if wanted == nil then wanted = row[2] end
    assert.same(wanted, row[1]:parse(row[2]))
  end
end

--- Each row: a schema, a value it does not take (absent: nil), and the message.
function judging.refuses(rows)
  for _, row in ipairs(rows) do assert.equal(row[3], judging.issue_of(row[1], row[2]).message) end
end

return judging

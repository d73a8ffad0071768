--[[
Where a request holds the schema, mode by mode.  In: the recorded body and ours.  Out: differences.
The recorded envelope is compared exactly, but for the schema, which is compared by meaning, and for
what the lists below change in the recorded body, each with its reason.
]]

local alike = require "spec.vectors.alike"
local json = require "spec.vectors.json"

local envelopes = {}

--- @alias spec.vectors.differences { where: string, expected: string?, got: string? }[]

local function add(list, where, expected, got)
  list[#list + 1] = { where = where, expected = json.show(expected), got = json.show(got) }
end

local function has_quirk(case, tag)
  for _, one in ipairs(case.quirks or {}) do
    if one == tag then return true end
  end
  return false
end

-- ---- the schema ------------------------------------------------------------------------------

-- A copy in which every bare { "type": "object" } is null's schema.
local function with_null(schema)
  if type(schema) ~= "table" then return schema end
  if schema.type == "object" and next(schema, next(schema)) == nil then return { type = "null" } end
  local copy = json.kind(schema) == "object" and json.without(schema) or {}
  for key, inner in pairs(schema) do copy[key] = with_null(inner) end
  return next(copy) == nil and schema or copy
end

-- The names of the fields of a root that z.coerce makes.
local function converted_fields(node)
  local names = {}
  for _, field in ipairs(node.type == "object" and node.fields or {}) do
    if field[2].coerce then names[field[1]] = true end
  end
  return names
end

local rewrites = {
  {
    why = "quirk null_literal_schema: the reference sends an object where it means null",
    applies = function(case) return has_quirk(case, "null_literal_schema") end,
    change = function(schema) return with_null(schema) end,
  },
  {
    why = "design, roots: a root that is no object is asked for as { value = … }",
    applies = function(_, schema) return schema.type ~= "object" end,
    change = function(schema)
      return { type = "object", properties = { value = schema }, required = { "value" },
        additionalProperties = false }
    end,
  },
  {
    why = "Zod 4: a field that is converted must be there",
    applies = function(case) return next(converted_fields(case.schema)) ~= nil end,
    change = function(schema, case)
      local copy, required = json.without(schema), {}
      for i, name in ipairs(schema.required or {}) do required[i] = name end
      for name in pairs(converted_fields(case.schema)) do
        if schema.properties[name] then required[#required + 1] = name end
      end
      copy.required = required
      return copy
    end,
  },
  {
    why = "a description of the root schema stands in the schema too, not beside it alone",
    applies = function(case, _, got)
      return got.description ~= nil and got.description == case.schema.description
    end,
    change = function(schema, case)
      local copy = json.without(schema)
      copy.description = case.schema.description
      return copy
    end,
  },
}

local function compare_schema(list, case, where, expected, got, profile)
  if type(got) ~= "table" then return add(list, where, expected, got) end
  for _, rewrite in ipairs(rewrites) do
    if rewrite.applies(case, expected, got) then expected = rewrite.change(expected, case) end
  end
  for _, difference in ipairs(alike.differences(expected, got, profile)) do
    difference.where = where .. ": " .. difference.where
    list[#list + 1] = difference
  end
end

-- ---- tools and functions ---------------------------------------------------------------------

-- { name, description, parameters }: parameters by meaning, the rest exactly.
local function compare_definition(list, case, where, expected, got)
  local a, b = json.without(expected, "parameters"), json.without(got, "parameters")
  if not json.equal(a, b) then add(list, where, a, b) end
  compare_schema(list, case, where, expected.parameters, got.parameters, "plain")
end

local function is_ours(definition, name)
  return type(definition) == "table" and definition.name == name
end

-- A list in which one entry is ours.  `definition_of` finds the definition in an entry.
local function compare_list(list, case, where, bodies, definition_of)
  local expected, got = bodies.expected or {}, bodies.got or {}
  if #expected ~= #got then return add(list, where, expected, got) end
  for i, entry in ipairs(expected) do
    local here, definition = ("%s[%d]"):format(where, i), definition_of(entry)
    local other = definition_of(got[i])
    if is_ours(definition, bodies.name) and type(other) == "table" then
      compare_definition(list, case, here, definition, other)
    elseif not json.equal(entry, got[i]) then
      add(list, here, entry, got[i])
    end
  end
end

local function function_of(tool)
  return type(tool) == "table" and tool.type == "function" and tool["function"] or nil
end

-- The recorded list of tools, but with the caller's tools as the caller gave them.
local function tools_as_given(case, tools)
  if not has_quirk(case, "user_tool_fields_dropped") then return tools end
  local out = { tools[1] }
  for i, tool in ipairs(case.params.tools or {}) do out[i + 1] = tool end
  return out
end

local compare = {}

function compare.TOOLS(list, case, expected, got)
  if not json.equal(expected.tool_choice, got.tool_choice) then
    add(list, "tool_choice", expected.tool_choice, got.tool_choice)
  end
  compare_list(list, case, "tools", {
    name = expected.tool_choice["function"].name, got = got.tools,
    expected = tools_as_given(case, expected.tools),
  }, function_of)
end

function compare.FUNCTIONS(list, case, expected, got)
  if not json.equal(expected.function_call, got.function_call) then
    add(list, "function_call", expected.function_call, got.function_call)
  end
  compare_list(list, case, "functions", {
    name = expected.function_call.name, expected = expected.functions, got = got.functions,
  }, function(entry) return entry end)
end

-- The reference has the envelope of Anyscale and Together alone; ours is the provider's.
local response_formats = {
  json_object = function(list, case, expected, got)
    local a, b = json.without(expected, "schema"), json.without(got, "schema")
    if not json.equal(a, b) then add(list, "response_format", a, b) end
    compare_schema(list, case, "response_format", expected.schema, got.schema, "plain")
  end,
  json_schema = function(list, case, expected, got)
    local inner = type(got.json_schema) == "table" and got.json_schema or {}
    local name = type(inner.name) == "string" and inner.name or ""
    if not name:find "^[%w_%-]+$" or #name > 64 then
      add(list, "response_format.json_schema.name", "a name", inner.name)
    end
    compare_schema(list, case, "response_format", expected.schema, inner.schema,
      inner.strict and "strict" or "plain")
  end,
}

function compare.JSON_SCHEMA(list, case, expected, got)
  local format = type(got.response_format) == "table" and got.response_format or {}
  local reader = response_formats[format.type]
  if not reader then return add(list, "response_format", expected.response_format, format) end
  reader(list, case, expected.response_format, format)
end

-- The schema that stands in the text of the first message.
local function schema_in_prompt(body)
  local message = type(body.messages) == "table" and body.messages[1]
  local text = message and type(message.content) == "string" and message.content:match "\n\n({.*})$"
  return text and json.decode(text)
end

-- The recorded definition holds name and description beside the schema.
local function compare_prompt(list, case, expected, got)
  if not json.equal(expected.response_format, got.response_format) then
    add(list, "response_format", expected.response_format, got.response_format)
  end
  local recorded = json.without(case.prompt_schema, "name")
  if recorded.description == (case.response_model.description or "") then
    recorded = json.without(recorded, "description")
  end
  compare_schema(list, case, "the prompt", recorded, schema_in_prompt(got), "plain")
end

compare.JSON, compare.MD_JSON = compare_prompt, compare_prompt
compare.THINKING_MD_JSON = compare_prompt

-- The members of a body that hold an envelope.
local members = {
  TOOLS = { "tools", "tool_choice" }, FUNCTIONS = { "functions", "function_call" },
  JSON_SCHEMA = { "response_format" }, JSON = { "response_format" }, MD_JSON = {},
  THINKING_MD_JSON = {},
}

--- The members of a body that are the envelope's in a mode.
---@param case table
---@return string[]
function envelopes.members(case)
  return case.schema and members[case.mode] or {}
end

--- Compares the envelopes of two bodies.
---@param list spec.vectors.differences differences are added here
---@param case table
---@param expected table the recorded body
---@param got table ours
function envelopes.compare(list, case, expected, got)
  if case.schema then compare[case.mode](list, case, expected, got) end
end

return envelopes

-- From a schema's data to the core's tree, once for each schema.

local core = require "instructor.core"
local options = require "instructor.options"

local compile = {}

local build

--- The node of `schema`, built once even where it stands in several places.
local function node_of(tree, seen, schema)
  if seen[schema] == nil then seen[schema] = build(tree, seen, schema) end
  return seen[schema]
end

local function add_checks(tree, node, checks)
  for _, check in ipairs(checks or {}) do
    tree:check(node, check.name, check.argument, {
      message = check.message, path = check.path, abort = check.abort, flags = check.flags,
    })
  end
end

local function add_meta(tree, node, meta)
  local keys = {}
  for key in pairs(meta or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do tree:meta(node, key, meta[key]) end
end

--- The children first, then the node, then what hangs on it.
function build(tree, seen, schema)
  local def = schema.def
  local inner, fields = {}, {}
  for i, child in ipairs(def.inner or {}) do inner[i] = node_of(tree, seen, child) end
  for i, field in ipairs(def.fields or {}) do fields[i] = node_of(tree, seen, field[2]) end
  local node = tree:node(def.kind)
  for _, child in ipairs(inner) do tree:inner(node, child) end
  for i, field in ipairs(def.fields or {}) do tree:field(node, field[1], fields[i]) end
  for _, value in ipairs(def.values or {}) do tree:value(node, value) end
  if def.fn then tree:code(node, def.fn) end
  if def.unknown_keys then tree:unknown_keys(node, def.unknown_keys) end
  if def.message then tree:message(node, def.message) end
  add_checks(tree, node, def.checks)
  add_meta(tree, node, def.meta)
  return node
end

--- The compiled form of `schema`.  Raises where the schema cannot be honoured (a regex, say).
--- @param schema instructor.Schema
--- @return userdata
function compile.compiled(schema)
  local def = schema.def
  if def.compiled == nil then
    local tree = core.schema()
    options.blame("", function() tree:finish(build(tree, {}, schema)) end)
    def.compiled = tree
  end
  return def.compiled
end

--- Notes are made once, like the tree.
local function notes_of(schema)
  local notes, seen = {}, {}
  local function visit(s)
    if seen[s] then return end
    seen[s] = true
    local def = s.def
    if def.reused and #def.reused > 0 then
      local ending = #def.reused == 1 and "s" or ""
      local words = "%s: %s reuse%s a schema made before and come%s last, by name; "
        .. "state the order with :order{…}"
      notes[#notes + 1] = words:format(def.meta and def.meta.title or "object",
        table.concat(def.reused, ", "), ending, ending)
    end
    for _, child in ipairs(def.inner or {}) do visit(child) end
    for _, field in ipairs(def.fields or {}) do visit(field[2]) end
  end
  visit(schema)
  return notes
end

--- The notes about fields whose place was not stated, of `schema` and all below it.
--- @param schema instructor.Schema
--- @return string[]
function compile.field_order(schema)
  local def, copy = schema.def, {}
  def.notes = def.notes or notes_of(schema)
  for i, note in ipairs(def.notes) do copy[i] = note end
  return copy
end

return compile

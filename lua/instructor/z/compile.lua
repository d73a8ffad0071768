-- From a schema's data to the core's tree, once for each schema.

local core = require "instructor.core"
local options = require "instructor.options"

local compile = {}

local MOST_LAZY = 10000 -- lazy schemas in one tree: more are made anew by those who ask

-- ---- lazy schemas -------------------------------------------------------------------------------

--- "the z.lazy of main.lua:12"
local function name_of(def)
  local place = def.places and def.places[1]
  if place == nil then return "z.lazy" end
  return ("the z.lazy of %s:%d"):format(place.source:gsub("^[@=]", ""), place.line)
end

--- The schema that a z.lazy stands for: its function is asked once.  Raises, without a place, when
--- it has none to give.
--- @param lazy instructor.Schema
--- @return instructor.Schema
function compile.target(lazy)
  local def = lazy.def
  if def.target ~= nil then return def.target end
  local well, made = pcall(def.getter)
  if not well then
    if made == "not enough memory" then error(made, 0) end
    error(("the function of %s raised: %s"):format(name_of(def), tostring(made)), 0)
  end
  if type(made) ~= "table" or getmetatable(made) ~= getmetatable(lazy) then
    local why = made == nil and " (is its variable declared where the function sees it?)" or ""
    error(("the function of %s returned %s, not a schema%s")
      :format(name_of(def), options.type_of(made), why), 0)
  end
  def.target = made
  return made
end

-- ---- building -----------------------------------------------------------------------------------

-- `build` works on a site: the core's tree, the node of each schema `seen`, and the lazy ones that
-- wait for what is inside them.

local build

--- The node of `schema`, built once even where it stands in several places.
local function node_of(site, schema)
  if site.seen[schema] == nil then site.seen[schema] = build(site, schema) end
  return site.seen[schema]
end

local function add_checks(tree, node, checks)
  for _, check in ipairs(checks or {}) do
    tree:check(node, check.name, check.argument, {
      message = check.message, path = check.path, abort = check.abort, extra = check.extra,
      position = check.position,
    })
  end
end

local function add_meta(tree, node, meta)
  local keys = {}
  for key in pairs(meta or {}) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do tree:meta(node, key, meta[key]) end
end

--- What hangs on the node of an object, a tuple, a record or a union beside its inner nodes.
local function add_parts(tree, node, def, rest)
  if rest then tree:rest(node, rest) end
  if def.discriminator then tree:discriminator(node, def.discriminator) end
  for _, trait in ipairs(def.traits or {}) do tree:trait(node, trait) end
  if def.unknown_keys then tree:unknown_keys(node, def.unknown_keys) end
end

--- The children first, then the node, then what hangs on it.  What a lazy one stands for is built
--- later: it may lead back here.
function build(site, schema)
  local def, tree = schema.def, site.tree
  local inner, fields = {}, {}
  for i, child in ipairs(def.inner or {}) do inner[i] = node_of(site, child) end
  for i, field in ipairs(def.fields or {}) do fields[i] = node_of(site, field[2]) end
  local rest = def.rest and node_of(site, def.rest)
  local node = tree:node(def.kind)
  if def.getter then site.waiting[#site.waiting + 1] = { node, schema } end
  for _, child in ipairs(inner) do tree:inner(node, child) end
  for i, field in ipairs(def.fields or {}) do tree:field(node, field[1], fields[i]) end
  for _, value in ipairs(def.values or {}) do tree:value(node, value) end
  if def.fn then tree:code(node, def.fn) end
  add_parts(tree, node, def, rest)
  if def.message then tree:message(node, def.message) end
  add_checks(tree, node, def.checks)
  add_meta(tree, node, def.meta)
  return node
end

--- Builds what the lazy schemas stand for, and the lazy ones in there.
local function fill_lazy(site)
  local at = 1
  while site.waiting[at] do
    if at > MOST_LAZY then
      error("z.lazy leads to ever new schemas: its function must return one that is made once", 0)
    end
    local node, lazy = site.waiting[at][1], site.waiting[at][2]
    site.waiting[at], at = false, at + 1
    site.tree:inner(node, node_of(site, compile.target(lazy)))
  end
end

local function built(tree, schema)
  local site = { tree = tree, seen = {}, waiting = {} }
  local root = node_of(site, schema)
  fill_lazy(site)
  tree:finish(root)
end

--- The compiled form of `schema`.  Raises where the schema cannot be honoured (a regex, say).
--- @param schema instructor.Schema
--- @return userdata
function compile.compiled(schema)
  local def = schema.def
  if def.compiled == nil then
    local tree = core.schema()
    options.blame("", built, tree, schema)
    def.compiled = tree
  end
  return def.compiled
end

-- ---- notes --------------------------------------------------------------------------------------

--- Calls `look` with the data of `schema` and of all below it, each once.
local function each(schema, look)
  local seen = {}
  local function visit(s)
    if not s or seen[s] then return end
    seen[s] = true
    local def = s.def
    look(def)
    for _, child in ipairs(def.inner or {}) do visit(child) end
    for _, field in ipairs(def.fields or {}) do visit(field[2]) end
    visit(def.rest)
    visit(def.target)
  end
  visit(schema)
end

--- Notes are made once, like the tree.
local function notes_of(schema)
  local notes = {}
  each(schema, function(def)
    if def.reused == nil or #def.reused == 0 then return end
    local ending = #def.reused == 1 and "s" or ""
    local words = "%s: %s reuse%s a schema made before and come%s last, by name; "
      .. "state the order with :order{…}"
    notes[#notes + 1] = words:format(def.meta and def.meta.title or "object",
      table.concat(def.reused, ", "), ending, ending)
  end)
  return notes
end

--- The notes about fields whose place was not stated, of `schema` and all below it; nil: none.
--- @param schema instructor.Schema
--- @return string[]?
function compile.field_order(schema)
  local notes = schema.def.notes
  if notes == nil then
    notes = notes_of(schema)
    schema.def.notes = notes
  end
  if notes[1] == nil then return nil end
  local copy = {}
  for i, note in ipairs(notes) do copy[i] = note end
  return copy
end

return compile

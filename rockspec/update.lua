-- Writes the lists of the rockspec anew from the tree; run from the root by "make rockspec".
--   lua rockspec/update.lua           rewrites the file
--   lua rockspec/update.lua --check   changes nothing; status 1 when it would
local FILE = "rockspec/instructor-scm-1.rockspec"

local function find(folders, name)
  local pipe = assert(io.popen(("find %s -name '%s' | LC_ALL=C sort"):format(folders, name)))
  local files = {}
  for file in pipe:lines() do files[#files + 1] = file end
  pipe:close()
  return files
end

-- Files named curl* meet libcurl and make the second module; all others make the first.
local function sources(of_transport)
  local lines = {}
  for _, file in ipairs(find("core lua/binding", "*.c")) do
    if (file:find "/curl[^/]*$" ~= nil) == of_transport then
      lines[#lines + 1] = ("        %q,\n"):format(file)
    end
  end
  return table.concat(lines)
end

local function modules()
  local lines = {}
  for _, file in ipairs(find("lua/instructor", "*.lua")) do
    local name = file:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    lines[#lines + 1] = ("    [%q] = %q,\n"):format(name, file)
  end
  return table.concat(lines)
end

-- 'text' with what stands between the two marks of 'name' replaced by 'list'.
local function fill(text, name, list)
  local _, head = text:find("-- " .. name .. ": [^\n]*\n")
  local tail = text:find("[ ]*%-%- end of " .. name .. "\n")
  assert(head and tail, FILE .. " has lost the marks of its " .. name)
  return text:sub(1, head) .. list .. text:sub(tail)
end

local file = assert(io.open(FILE))
local before = file:read "*a"
file:close()
local after = fill(before, "core sources", sources(false))
after = fill(after, "transport sources", sources(true))
after = fill(after, "modules", modules())

if after == before then return end
if arg[1] == "--check" then
  io.stderr:write(FILE, ' does not list what is in the tree: run "make rockspec"\n')
  os.exit(1)
end
file = assert(io.open(FILE, "w"))
assert(file:write(after))
assert(file:close())
print(FILE .. " is written anew")

-- Many calls, mixed with faults, and what they leave behind: soak.lua [calls [KiB]]
-- Batches of jobs ask servers that misbehave in turn.  After a warm-up the memory of the process,
-- Lua's own and the descriptors are written down; at the end they must be where they were.  Ends
-- with status 1 where they are not, or where a call ended in a way that no fault explains.

local Instructor = require "instructor"
local OpenAI = require "instructor.openai"
local core = require "instructor.core"
local process = require "spec.support.process"
local server = require "spec.support.server"
local z = require "instructor.z"

local CALLS = tonumber(arg and arg[1]) or 100000
local BATCH = 500    -- calls to one server
local AT_ONCE = 16
local RSS_MORE = tonumber(arg and arg[2]) or 4096 -- KiB that a heap may grow by its fragments
local LUA_MORE = 256 -- KiB

-- ---- what the servers do ------------------------------------------------------------------------

local well = server.completion { tool = { "Response", '{"age":30,"name":"Jason Liu"}' } }

local faults = {
  server.retry_after(429, 1, { ["retry-after-ms"] = "2" }),
  server.error(500), server.error(503), server.error(400, "no", "bad"),
  server.completion { tool = { "Response", '{"age":"thirty","name":"Jason Liu"}' } },
  server.completion { tool = { "Response", '{"age":30,' } },
  server.completion { content = "I would rather talk about the weather." },
  server.completion { refusal = "no" },
  server.completion { content = '{"age"', finish_reason = "length" },
  server.json(200, "<html>a page</html>"),
  server.cut_body(20, well), server.reset_body(20, well), server.cut_head(10, well),
  server.close(), server.reset(), server.close_after(0, well),
  server.answer { status = 200, body = well.body, chunked = 7 },
  server.redirect(307, "/v1/elsewhere"), server.interim(100, well), server.drip(20, well),
}
local stall = server.stall()

--- Every second step is a fault, one in two hundred says nothing at all; what comes after the last
--- is answered well.
local function steps_of(batch)
  local steps = { repeat_last = true }
  for i = 1, BATCH do
    local n = i / 2 + batch
    steps[i] = i % 200 == 0 and stall or i % 2 == 0 and faults[n % #faults + 1] or well
  end
  steps[#steps + 1] = well
  return steps
end

-- ---- asking -------------------------------------------------------------------------------------

local User = z.object {
  age = z.number(),
  name = z.string():refine(function(name) return #name > 0 end),
}

local explained = {
  network = true, timeout = true, http = true, protocol = true, json = true, no_answer = true,
  validation = true, refusal = true, incomplete = true,
}

--- Asks `count` times, and counts how the calls ended.
local function ask(url, count, outcomes)
  local list = {}
  for i = 1, count do list[i] = "Jason Liu is 30 years old " .. i end
  local client = Instructor { mode = "TOOLS", client = OpenAI { base_url = url, model = "m",
    api_key = "sk-fake-for-specs", backoff = 0.001, http_retries = 1,
    timeout = { first_byte = 0.2, idle = 0.2 } } }
  for _, user, err in Instructor.map(list, { concurrency = AT_ONCE, ordered = false },
    function(text)
      return client.chat.completions.create { messages = text, response_model = User,
        max_retries = 1 }
    end) do
    local kind = user and "well" or type(err) == "table" and err.kind or tostring(err)
    if not user and not explained[kind] then error("a call ended with " .. tostring(err)) end
    outcomes[kind] = (outcomes[kind] or 0) + 1
  end
end

local function batch(number, count, outcomes)
  local s = server.start(steps_of(number))
  ask(s.url, count, outcomes)
  s:stop()
end

-- ---- what is left -------------------------------------------------------------------------------

local function first_line(path)
  local file = io.open(path)
  if not file then return nil end
  local line = file:read "*l"
  file:close()
  return line
end

-- Of a process, by their number.  The shell waits for a word before it counts: until popen returns,
-- both ends of its pipe are open here.
local function descriptors_of(pid)
  local path = process.temp_path()
  local pipe = io.popen(("read _; ls /proc/%d/fd >%s"):format(pid, process.quote(path)), "w")
  pipe:write "count\n"
  pipe:close()
  local _, count = (process.read(path) or ""):gsub("\n", "")
  process.remove(path)
  return count
end

--- Kibibytes of the process and of Lua, and descriptors; without /proc only Lua's are known.
local function look()
  for _ = 1, 4 do collectgarbage() end -- what one round finalises, the next frees
  local pid = (first_line "/proc/self/stat" or ""):match "^%d+"
  local pages = (first_line "/proc/self/statm" or ""):match "^%d+ (%d+)"
  return { rss = (tonumber(pages) or 0) * 4, lua = collectgarbage "count",
    descriptors = pid and descriptors_of(pid) or 0 }
end

local outcomes, done, number = {}, 0, 0
local from, before = core.clock(), nil
local warm = math.max(2 * BATCH, math.floor(CALLS / 10)) -- heaps find their size in the first
while done < CALLS do
  local count = math.min(BATCH, CALLS - done)
  number, done = number + 1, done + count
  batch(number, count, outcomes)
  if not before and done >= warm then before = look() end
end
local after, seconds = look(), core.clock() - from
before = before or after

local kinds = {}
for kind, count in pairs(outcomes) do kinds[#kinds + 1] = ("%s %d"):format(kind, count) end
table.sort(kinds)
print(("%d calls in %.1f s: %s"):format(done, seconds, table.concat(kinds, ", ")))
print(("memory: %d KiB, before %d; Lua's: %.0f KiB, before %.0f; descriptors: %d, before %d")
  :format(after.rss, before.rss, after.lua, before.lua, after.descriptors, before.descriptors))

local kept = after.rss - before.rss <= RSS_MORE and after.lua - before.lua <= LUA_MORE
  and after.descriptors == before.descriptors
print(kept and "soak: all is where it was" or "soak: something is left behind")
os.exit(kept and 0 or 1)

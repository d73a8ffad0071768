-- Neovim as a host: examples/neovim in `nvim --headless` asks a server that may misbehave.

local asking = require "spec.support.asking"
local hosts = require "spec.support.hosts"
local server = require "spec.support.server"

local well, unfit = asking.well, asking.unfit
local act = server.act

-- What every script begins with.  say() prints a line, await() waits until it is printed; watch()
-- says when the head of an answer is there, and when a rest begins.
local PRELUDE = [[
vim.cmd "runtime! plugin/extract.lua"
local uv = vim.loop
local said = {}
function say(...)
  local words = {}
  for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
  local line = table.concat(words, " ")
  said[line] = true
  io.stdout:write(line, "\n")
end
function await(line) assert(vim.wait(20000, function() return said[line] end, 5), line) end
vim.notify = function(message) say(message) say "notified" end
extract = require "extract"
local function watch()
  local transport = require "extract.transport"
  local send, sleep = transport.send, transport.sleep
  function transport.send(...)
    local response, err = send(...)
    say "head"
    return response, err
  end
  function transport.sleep(...)
    say "rests"
    return sleep(...)
  end
end
local function show(value, err)
  say(value and (value.name .. " is " .. value.age) or err)
end
local function setup(options)
  options.base_url, options.api_key = os.getenv "BASE_URL", os.getenv "FAKE_KEY"
  extract.setup(options)
end
]]

describe("Neovim", function()
  local lacking = hosts.no_nvim()
  if lacking then
    it("can be a host", function() pending(lacking) end)
    return
  end

  local s
  after_each(server.stop_all)

  -- What a script prints that asks a server with these steps.
  local function run(steps, script)
    s = server.start(steps)
    local result = hosts.run_nvim(PRELUDE .. script, { BASE_URL = s.url, FAKE_KEY = asking.KEY })
    assert.equal("", (result.stderr:gsub("%s", "")))
    assert.equal(0, result.status)
    return result.stdout
  end

  it("puts a validated table below the lines it was read from", function()
    local out = run({ well() }, [[
      setup {}
      vim.api.nvim_buf_set_lines(0, 0, -1, false, { "Dear all,", "Jason Liu is 30 years old", "." })
      vim.cmd "2Extract"
      assert(vim.wait(20000, function() return vim.api.nvim_buf_line_count(0) == 4 end))
      for _, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do say(line) end
    ]])
    assert.equal('Dear all,\nJason Liu is 30 years old\n{"name":"Jason Liu","age":30}\n.\n', out)
    local request = s:requests()[1]
    assert.equal("Jason Liu is 30 years old", request:json().messages[1].content)
    assert.equal("Bearer " .. asking.KEY, request.headers.authorization)
    assert.equal("application/json", request.headers["content-type"])
  end)

  it("asks the model again when its answer does not fit", function()
    assert.equal("Jason Liu is 30\n", run({ unfit(), well() }, [[
      setup {}
      extract.ask("Jason", show)
      await "Jason Liu is 30"
    ]]))
    assert.equal(2, #s:requests())
  end)

  it("goes on while a model thinks, and drops a call that is cancelled", function()
    local out = run({ server.raw(well().head .. "{", act.stall()), well() }, [[
      setup {}
      watch()
      local slow = extract.ask("slow", function(_, err) say("slow:", err.kind) end)
      await "head"
      local ticks, timer = 0, uv.new_timer()
      timer:start(0, 10, function()
        ticks = ticks + 1
        say("tick", ticks)
        if ticks == 3 then timer:stop() end
      end)
      await "tick 3"
      extract.ask("quick", function(value) say("quick:", value.name) end)
      await "quick: Jason Liu"
      slow.cancel()
      await "slow: cancelled"
    ]])
    assert.equal("head\ntick 1\ntick 2\ntick 3\nhead\nquick: Jason Liu\nslow: cancelled\n", out)
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("goes on while a call rests before it tries again, which can be cancelled too", function()
    local out = run({ server.error(503), well() }, [[
      setup { backoff = 30 }
      watch()
      local slow = extract.ask("slow", function(_, err) say("slow:", err.kind, #err.attempts) end)
      await "rests"
      extract.ask("quick", function(value) say("quick:", value.name) end)
      await "quick: Jason Liu"
      slow.cancel()
      await "slow: cancelled 1"
    ]])
    assert.equal("head\nrests\nhead\nquick: Jason Liu\nslow: cancelled 1\n", out)
  end)

  it("stops what :Extract began", function()
    local out = run({ server.stall() }, [[
      setup {}
      vim.cmd "Extract"
      vim.cmd "ExtractCancel"
      await "notified"
    ]])
    assert.matches("^cancelled: ", out)
  end)

  it("keeps the key from curl's command line", function()
    local out = run({ server.stall() }, [[
      setup {}
      local call = extract.ask("slow", function() say "over" end)
      for line in vim.fn.system("ps ax -o ppid,args"):gmatch "[^\n]+" do
        local parent, words = line:match "^%s*(%d+) (.*)$"
        if tonumber(parent) == vim.fn.getpid() and words:find "^curl" then say(words) end
      end
      call.cancel()
      await "over"
    ]])
    assert.equal("curl -q --config -\nover\n", out)
  end)

  it("leaves no curl running when it is left", function()
    run({ server.raw(well().head .. "{", act.stall()) }, [[
      setup {}
      watch()
      extract.ask("slow", function() end)
      await "head"
    ]])
    assert.equal("gone", s:await_end(1).ended)
  end)

  it("says what went wrong", function()
    for _, case in ipairs {
      { { server.error(401, "no such key", "bad_key") }, "http 401 1" },
      { { server.raw("SSH-2.0-fake\r\n", act.close()), repeat_last = true }, "network nil 1" },
      { { server.cut_body(20, well()), server.reset_body(20, well()), server.cut_body(9, well()) },
        "network 200 3" },
      { { server.answer { body = well().body .. (" "):rep(3000) } }, "limit 200 1" },
    } do
      assert.equal(case[2] .. "\n", run(case[1], [[
        setup { backoff = false, max_answer = 3000 }
        extract.ask("Jason", function(_, err)
          say(err.kind, err.status, #err.attempts)
          assert(not tostring(err):find(os.getenv "FAKE_KEY", 1, true))
          said.over = true
        end)
        await "over"
      ]]))
      s:stop()
    end
  end)

  it("ends a call whose answer does not begin, or does not go on", function()
    for _, step in ipairs { server.stall(), server.raw(well().head .. "{", act.stall()) } do
      assert.equal("timeout\n", run({ step, repeat_last = true }, [[
        setup { backoff = false, timeout = { first_byte = 0.2, idle = 0.2 } }
        extract.ask("Jason", function(_, err)
          say(err.kind)
          said.over = true
        end)
        await "over"
      ]]))
      for i = 1, 3 do assert.equal("gone", s:await_end(i).ended) end
    end
  end)

  it("reads answers in chunks, behind interim ones, and without a length", function()
    local body = well().body
    for _, step in ipairs { server.answer { body = body, chunked = 5 }, server.interim(103, well()),
      server.raw("HTTP/1.0 200 OK\r\n\r\n" .. body, act.close()) } do
      assert.equal("Jason Liu is 30\n", run({ step }, [[
        setup {}
        extract.ask("Jason", function(...)
          show(...)
          said.over = true
        end)
        await "over"
      ]]))
    end
  end)

  it("sends any text as it is, and leaves no file", function()
    local out = run({ well() }, [[
      setup {}
      local folder = vim.fn.fnamemodify(vim.fn.tempname(), ":h")
      local before = #vim.fn.readdir(folder)
      extract.ask('@a "b" \\ c\n\t\195\164' .. ("x"):rep(200000), function(...)
        show(...)
        said.over = true
      end)
      await "over"
      say(#vim.fn.readdir(folder) - before)
    ]])
    assert.equal("Jason Liu is 30\n0\n", out)
    assert.equal('@a "b" \\ c\n\t\195\164' .. ("x"):rep(200000),
      s:requests()[1]:json().messages[1].content)
  end)

  it("asks one after another in Instructor.map, rests included", function()
    local script = [[
      local OpenAI, Instructor = require "instructor.openai", require "instructor"
      local z = require "instructor.z"
      local client = Instructor { client = OpenAI { base_url = os.getenv "BASE_URL",
        transport = require "extract.transport" } }
      local function map()
        for i, user, err in Instructor.map({ "1", "2", "3" }, {}, function(text)
          return client.chat.completions.create { model = "m", messages = text, max_retries = 1,
            response_model = z.object { name = z.string(), age = z.int() }, backoff = 0.01 }
        end) do
          say(i, user and user.age or err)
        end
      end
    ]]
    local steps = { well(), server.retry_after(503, "0.01"), unfit(), well(), well() }
    assert.equal("1 30\n2 30\n3 30\n", run(steps, script .. "map()"))
    assert.equal(5, #s:requests())
    assert.equal("1 30\n2 30\n3 30\nover\n", run(steps, script .. [[
      require("extract.task").run(map, function(_, err) say(err or "over") end)
      await "over"
    ]]))
  end)

  it("waits in the main loop where there is no task, timers going on", function()
    local out = run({ server.slow_head(200, well()) }, [[
      local OpenAI, Instructor = require "instructor.openai", require "instructor"
      local z = require "instructor.z"
      local client = Instructor { client = OpenAI { base_url = os.getenv "BASE_URL",
        transport = require "extract.transport" } }
      local timer = uv.new_timer()
      timer:start(0, 0, function() say "tick" end)
      show(client.chat.completions.create { model = "m", messages = "Jason",
        response_model = z.object { name = z.string(), age = z.int() } })
    ]])
    assert.equal("tick\nJason Liu is 30\n", out)
  end)
end)

-- Times that are waited for, beside a list that is sorted again each time.

local timers = require "instructor.timers"

--- The earliest of `times`, and how many there are.
local function earliest(times)
  local first, count = nil, 0
  for _, time in pairs(times) do
    if first == nil or time < first then first = time end
    count = count + 1
  end
  return first, count
end

describe("timers", function()
  it("have none to tell of at first", function()
    assert.is_nil((timers.new():first()))
    timers.new():remove "x"
  end)

  it("tell of the earliest, whatever is set, moved and removed", function()
    math.randomseed(7)
    local heap, times = timers.new(), {}
    for _ = 1, 5000 do
      local what = "job " .. math.random(60)
      if math.random(3) == 1 then
        heap:remove(what)
        times[what] = nil
      else
        times[what] = math.random(1000)
        heap:set(what, times[what])
      end
      local first, time = heap:first()
      assert.equal(earliest(times), time)
      if first then assert.equal(time, times[first]) end
    end
  end)

  it("come in order when each is removed in its turn", function()
    local heap, last, count = timers.new(), -1, 0
    for i = 1, 500 do heap:set(i, i * 7919 % 500) end
    local what, time = heap:first()
    while what do
      assert.is_true(time >= last)
      heap:remove(what)
      last, count = time, count + 1
      what, time = heap:first()
    end
    assert.equal(500, count)
  end)
end)

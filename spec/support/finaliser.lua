-- Code that the collector runs.

--- Drops something at once; `fn` runs when the collector has found it.
--- @param fn fun()
return function(fn)
  if newproxy then -- Lua 5.1: tables have no finalisers
    getmetatable(newproxy(true)).__gc = fn
  else
    setmetatable({}, { __gc = fn })
  end
end

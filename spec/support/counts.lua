-- busted's own report, and after it one line that a machine can count:
--   12 passed, 0 failed, 1 skipped
-- An error (in a spec, or outside any) counts as failed.  On a terminal the report is coloured,
-- unless NO_COLOR is set.
return function(options)
  local report = options.defaultOutput or "plainTerminal"
  if os.getenv "NO_COLOR" then report = "plainTerminal" end
  local handler = require("busted.outputHandlers." .. report)(options)

  local function counts()
    io.write(("\n%d passed, %d failed, %d skipped\n"):format(handler.successesCount,
      handler.failuresCount + handler.errorsCount, handler.pendingsCount))
    io.flush()
    return nil, true
  end
  require("busted").subscribe({ "suite", "end" }, counts)
  return handler
end

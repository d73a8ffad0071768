-- The commands, for all that they need is loaded when they are used.

vim.api.nvim_create_user_command("Extract", function(command)
  require("extract").command(command.line1, command.line2)
end, { range = "%", desc = "Read a person out of the buffer" })

vim.api.nvim_create_user_command("ExtractCancel", function()
  require("extract").cancel()
end, { desc = "Stop what :Extract began" })

vim.api.nvim_create_autocmd("VimLeavePre", {
  callback = function()
    local transport = package.loaded["extract.transport"]
    if transport then transport.stop_all() end
  end,
})

-- Prints the first finding in the open file, which what `init.lua` says must bring. Exits with 0 if it comes.
local patience = 30000

local function found()
  return vim.diagnostic.get(0)[1]
end

if not vim.wait(patience, function() return found() ~= nil end, 20) then
  io.stderr:write("waited in vain: a diagnostic\n")
  vim.cmd("cquit")
end
local first = found()
print(("%s:%d:%d: %s"):format(vim.fn.expand("%:t"), first.lnum + 1, first.col + 1, first.message))
vim.cmd("qall!")

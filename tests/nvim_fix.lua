-- Opens service.c of the working directory, applies its preferred quick fix, and exits with 0 if the
-- diagnostic goes. SERVER: the command of the language server, one word a line.
local patience = 30000

local function wait_for(what, holds)
  if not vim.wait(patience, holds, 20) then
    io.stderr:write("waited in vain: " .. what .. "\n")
    vim.cmd("cquit")
  end
end

local function count()
  return #vim.diagnostic.get(0)
end

vim.cmd("edit service.c")
local id = vim.lsp.start_client({
  cmd = vim.split(os.getenv("SERVER"), "\n"),
  name = "sessionzero",
  root_dir = vim.fn.getcwd(),
  workspace_folders = { { uri = vim.uri_from_fname(vim.fn.getcwd()), name = "project" } },
})
vim.lsp.buf_attach_client(0, id)
wait_for("a diagnostic", function() return count() == 1 end)
local found = vim.diagnostic.get(0)[1]

-- As the menu of code actions does it, without a menu: the preferred action is applied.
local params = vim.lsp.util.make_range_params(0, "utf-16")
params.context = { diagnostics = { {
  range = {
    start = { line = found.lnum, character = found.col },
    ["end"] = { line = found.end_lnum, character = found.end_col },
  },
  message = found.message, source = found.source, code = found.user_data.lsp.code,
} } }
local applied = false
for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, patience)) do
  for _, action in ipairs(answer.result or {}) do
    if action.isPreferred then
      vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
      applied = true
    end
  end
end
if not applied then
  io.stderr:write("no preferred action\n")
  vim.cmd("cquit")
end
wait_for("the diagnostic to go", function() return count() == 0 end)
print(vim.api.nvim_buf_get_lines(0, found.lnum, found.lnum + 1, false)[1])
vim.cmd("qall!")

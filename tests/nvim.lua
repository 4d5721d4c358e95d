-- Opens service.c of the working directory, and exits with 0 if what an editor should show is shown.
-- SERVER: the command of the language server, one word a line.
local command = vim.split(os.getenv("SERVER"), "\n")
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
  cmd = command,
  name = "sessionzero",
  root_dir = vim.fn.getcwd(),
  workspace_folders = { { uri = vim.uri_from_fname(vim.fn.getcwd()), name = "project" } },
})
vim.lsp.buf_attach_client(0, id)
wait_for("a diagnostic", function() return count() == 1 end)
local found = vim.diagnostic.get(0)[1]
print(found.lnum, found.col, found.severity, found.source, found.message)

-- The action that suppresses it, as the menu of code actions would do it.
local params = vim.lsp.util.make_range_params(0, "utf-16")
params.context = { diagnostics = { found.user_data.lsp and vim.tbl_extend("force", {
  range = {
    start = { line = found.lnum, character = found.col },
    ["end"] = { line = found.end_lnum, character = found.end_col },
  },
  message = found.message, source = found.source,
}, { code = found.user_data.lsp.code }) } }
local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, patience)
local applied = false
for _, answer in pairs(answers) do
  for _, action in ipairs(answer.result or {}) do
    if action.edit and not applied then
      vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
      applied = true
    end
  end
end
if not applied then
  io.stderr:write("no action with an edit\n")
  vim.cmd("cquit")
end
print(vim.api.nvim_buf_get_lines(0, found.lnum, found.lnum + 1, false)[1])
wait_for("the diagnostic to go", function() return count() == 0 end)

-- Without the comment it is back.
vim.api.nvim_buf_set_lines(0, found.lnum, found.lnum + 1, false, {})
wait_for("the diagnostic to come back", function() return count() == 1 end)
vim.cmd("qall!")

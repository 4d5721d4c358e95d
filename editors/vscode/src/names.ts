/** Names that must be the same here and in the server. */

/** The server's command that explains a rule. It opens a file for it; we have a page. */
export const EXPLAIN = "sessionzero.lsp.explain";

/** What the server's findings name as their source. */
export const SOURCE = "sessionzero";

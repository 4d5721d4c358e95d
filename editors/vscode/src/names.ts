/** Names that must be the same here and in the server. */

/** The server's command that explains a rule. It opens a file for it; we have a page. */
export const EXPLAIN = "sessionzero.lsp.explain";

/** The server's command that shows how findings of a rule are mended. We have a page for that, too. */
export const REMEDY = "sessionzero.lsp.remedy";

/** The server's command that draws what crosses the wall between the sessions, as HTML. */
export const MAP = "sessionzero.lsp.map";

/** What the server's findings name as their source. */
export const SOURCE = "sessionzero";

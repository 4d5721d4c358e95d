"""The language server: the findings of a workspace in any editor, as one types."""

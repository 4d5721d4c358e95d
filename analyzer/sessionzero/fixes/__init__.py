"""From what a check says has to change to exact edits, and from edits to the bytes of a file."""

"""Reads and parses the C and C++ files of a list by tree-sitter alone: a floor for our own time.

The list has a line ``c++<TAB>path`` or ``c<TAB>path`` for each file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import tree_sitter_c
import tree_sitter_cpp
from tree_sitter import Language, Parser


def main() -> None:
    """Parse the files of the list that the command line names, and keep nothing."""
    parsers = {
        "c": Parser(Language(tree_sitter_c.language())),
        "c++": Parser(Language(tree_sitter_cpp.language())),
    }
    for line in Path(sys.argv[1]).read_text("utf-8", "surrogateescape").splitlines():
        language, _, path = line.partition("\t")
        parsers[language].parse(Path(path).read_bytes())


if __name__ == "__main__":
    main()

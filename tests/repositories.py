"""Git repositories of the tests, made step by step."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from commands import write

# What a hook or a user's settings would change.
CLEAN = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_"))},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "n",
    "GIT_AUTHOR_EMAIL": "n@example.org",
    "GIT_COMMITTER_NAME": "n",
    "GIT_COMMITTER_EMAIL": "n@example.org",
}


class Repository:
    """A repository with a work tree in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        """What a git command prints."""
        done = subprocess.run(
            ("git", *arguments), cwd=self.folder, env=CLEAN, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def write(self, **files: str | bytes) -> None:
        """Write files; ``service_c`` stands for ``service.c``."""
        for name, content in files.items():
            write(self.folder / name.replace("_", "."), content)

    def commit(self, **files: str | bytes) -> str:
        """Write files and commit all that is in the work tree."""
        self.write(**files)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "a change")
        return self.git("rev-parse", "HEAD")

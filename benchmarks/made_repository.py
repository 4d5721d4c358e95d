"""Git repositories that tests make, commit by commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class Repository:
    """A git repository with a work tree; each commit has exactly the files that it is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git_dir = folder / ".git"
        folder.mkdir(parents=True)
        self.git("init", "-q")

    def git(self, *arguments: str) -> str:
        """What a git command prints, with no settings of the user or the machine."""
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
        command = ("git", "-C", str(self.folder), *identity, *arguments)
        run = subprocess.run(command, capture_output=True, check=True, env=environment, text=True)
        return run.stdout.strip()

    def commit(self, files: Mapping[str, str]) -> str:
        """The id of a new commit."""
        self.git("rm", "-rqf", "--ignore-unmatch", ".")
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "a change")
        return self.git("rev-parse", "HEAD")

    def bare(self, folder: Path) -> Path:
        """A bare clone, as a reader of the benchmarks makes it."""
        self.git("clone", "-q", "--bare", str(self.folder), str(folder))
        return folder

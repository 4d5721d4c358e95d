"""The picture in the README is what the command prints now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
PICTURE = CHECKOUT / "docs" / "check.svg"


def test_the_picture_shows_what_the_command_prints_now(tmp_path: Path) -> None:
    drawn = tmp_path / "check.svg"
    script = CHECKOUT / "scripts" / "picture.py"
    subprocess.run((sys.executable, str(script), str(drawn)), check=True)
    shown = PICTURE.read_text(encoding="utf-8")
    assert drawn.read_text(encoding="utf-8") == shown, "stale: run python scripts/picture.py"


def test_the_picture_can_be_shown_anywhere() -> None:
    picture = PICTURE.read_text(encoding="utf-8")
    outside = [word for word in ("<script", "<style", "url(", "href", "<image") if word in picture]
    assert not outside
    assert picture.count("http") == 1, "the namespace is the only address"

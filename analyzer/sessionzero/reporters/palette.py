"""The colours and fonts of what is drawn, light and dark. Each text has a contrast of at least 4.5
to what it stands on, and no colour stands for anything alone."""

from __future__ import annotations

from collections.abc import Mapping

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
MONO = "ui-monospace, 'Cascadia Mono', 'SF Mono', Consolas, 'DejaVu Sans Mono', monospace"

LIGHT: Mapping[str, str] = {
    "paper": "#ffffff",
    "ink": "#18202c",
    "faint": "#566273",
    "rim": "#c6cfdb",
    "card": "#ffffff",
    "soft": "#f4f6f9",
    "ours": "#e9eff8",
    "theirs": "#faf3e3",
    "brick": "#a4543f",
    "mortar": "#d9a493",
    "passes": "#18733a",
    "weak": "#8f5300",
    "stops": "#b3261e",
    "unknown": "#55606f",
    "error": "#b3261e",
    "warning": "#8f5300",
    "note": "#1f5fa8",
    "passes-soft": "#eef8f1",
    "weak-soft": "#fdf5e6",
    "stops-soft": "#fdf0ef",
    "unknown-soft": "#f4f5f7",
    "on": "#ffffff",
}
DARK: Mapping[str, str] = {
    "paper": "#0f141b",
    "ink": "#e4e9f1",
    "faint": "#9ba8b9",
    "rim": "#38424f",
    "card": "#171d26",
    "soft": "#151b23",
    "ours": "#121d30",
    "theirs": "#241e10",
    "brick": "#6d3628",
    "mortar": "#3d1f18",
    "passes": "#57c27a",
    "weak": "#e5a445",
    "stops": "#ff8379",
    "unknown": "#9ba8b9",
    "error": "#ff8379",
    "warning": "#e5a445",
    "note": "#79b4f5",
    "passes-soft": "#12241a",
    "weak-soft": "#271e0d",
    "stops-soft": "#2b1615",
    "unknown-soft": "#1b222c",
    "on": "#0f141b",
}


def variables(selector: str) -> str:
    """The colours as custom properties, dark where the reader prefers that."""
    dark = chosen(selector, DARK)
    return f"{chosen(selector, LIGHT)}@media (prefers-color-scheme:dark){{{dark}}}"


def chosen(selector: str, theme: Mapping[str, str]) -> str:
    """The colours of one theme as custom properties."""
    return f"{selector}{{{';'.join(f'--{key}:{it}' for key, it in theme.items())}}}"


_VERDICTS = ("passes", "weak", "stops", "unknown")
SVG_STYLE = "".join(
    (
        variables("svg"),
        "text{fill:var(--ink);font-size:13px}",
        ".paper{fill:var(--paper)}.ours{fill:var(--ours)}.theirs{fill:var(--theirs)}",
        ".brick{fill:var(--brick)}.mortar{stroke:var(--mortar);fill:none}",
        ".session{font-size:19px;font-weight:700}.faint{fill:var(--faint);font-size:12.5px}",
        ".box{fill:var(--card);stroke:var(--rim);stroke-width:1.5}",
        ".vague{fill:none;stroke-dasharray:5 4}",
        ".program{font-size:15px;font-weight:600}",
        ".verb{font-size:12.5px;font-weight:600}.place{font-size:11.5px;fill:var(--faint)}",
        ".kind{font-size:13px;fill:var(--faint)}.name{font-size:14px;font-weight:600;fill:var(--ink)}",
        ".reason{font-size:12.5px}.rule{font-size:12.5px;font-weight:600}.place{font-weight:400}",
        ".symbol{fill:var(--on);font-size:14px;font-weight:700}.small{font-size:12px}",
        ".line{fill:none;stroke-width:2}.line.stops,.line.unknown{stroke-dasharray:6 4}",
        *(
            f".card.{it}{{fill:var(--{it}-soft);stroke:var(--{it});stroke-width:1.5}}"
            f".fill.{it}{{fill:var(--{it})}}.line.{it}{{stroke:var(--{it})}}"
            f".text.{it}{{fill:var(--{it})}}"
            for it in _VERDICTS
        ),
    )
)

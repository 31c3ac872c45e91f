"""The board as a page that needs no script and no file besides itself."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="15">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 46rem; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border-bottom: 1px solid #ccc; padding: .4rem .6rem; text-align: left }}
.up {{ color: #176f2c }} .down {{ color: #b3261e; font-weight: 600 }}
</style>
</head>
<body>
<h1 class="{state}">{title}</h1>
<table>
<tr><th>Service</th><th>State</th><th>Answer</th><th>Milliseconds</th></tr>
{rows}
</table>
<p>Checked {checked}. The same as <a href="/status.json">JSON</a>.</p>
</body>
</html>
"""


def html(report: Mapping[str, Any]) -> str:
    """A `Board.report()` as a page."""
    title = "Everything is up" if report["healthy"] else "Something is not up"
    if report["stale"]:
        title = "Out of date: the services are not being looked at"
    checked = "never"
    if report["checked_at"] is not None:
        checked = datetime.fromtimestamp(report["checked_at"], UTC).isoformat(sep=" ", timespec="seconds")
    rows = [row for target in report["targets"] for row in _rows(target)]
    return _PAGE.format(
        title=title,
        state=_state(report["healthy"]),
        rows="\n".join(rows),
        checked=checked,
    )


def _rows(target: Mapping[str, Any]) -> list[str]:
    parts = [
        _row(f"{target['name']}: {part}", status != "unhealthy", status, "")
        for part, status in target["parts"].items()
    ]
    whole = _row(target["name"], target["healthy"], target["detail"], str(target["milliseconds"]))
    return [whole, *parts]


def _row(name: str, healthy: bool, detail: str, milliseconds: str) -> str:
    word = "up" if healthy else "down"
    cells = (escape(name), f'<span class="{_state(healthy)}">{word}</span>', escape(detail), milliseconds)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _state(healthy: bool) -> str:
    return "up" if healthy else "down"

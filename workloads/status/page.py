"""The board as a page that needs no script and no file besides itself."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

_STYLE = (Path(__file__).parent / "style.css").read_text()
# The one style, by its hash, and nothing else: no script, no image, no frame around the page.
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)
_ORDER = ("down", "unknown", "slow", "up")  # a half hour has the colour of the worst that was seen in it
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="15">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1 class="{state}">{title}</h1>
{services}
<p>Checked {checked}. Times are UTC. The same as <a href="/status.json">JSON</a>.</p>
<p class="old">This picture is more than a minute old: the page itself does not answer.</p>
</main>
</body>
</html>
"""
_SERVICE = """<section>
<header><h2>{name}</h2> <span class="{state}">{word}</span></header>
<p>{detail}{milliseconds}</p>
{parts}{bars}
</section>"""
_BARS = """<svg role="img" aria-label="{label}" viewBox="0 0 {width} 20" preserveAspectRatio="none">
{bars}</svg>
<div class="scale"><p>24 hours ago</p><p>{availability}</p><p>now</p></div>"""


def html(report: Mapping[str, Any]) -> str:
    """A `Board.report()` as a page."""
    checked = "never"
    if report["checked_at"] is not None:
        checked = datetime.fromtimestamp(report["checked_at"], UTC).strftime("%Y-%m-%d %H:%M:%S")
    title, state = _title(report)
    return _PAGE.format(
        title=title,
        state=state,
        style=_STYLE,
        services="\n".join(_service(target, stale=report["stale"]) for target in report["targets"]),
        checked=checked,
    )


def _title(report: Mapping[str, Any]) -> tuple[str, str]:
    if report["stale"]:
        return "Out of date: the services are not being looked at", "unknown"
    if report["cut_off"]:
        return "Cut off: this page's own network is gone, so it cannot tell", "unknown"
    if not report["targets"]:
        return "The services are being looked at for the first time", "unknown"
    if not report["healthy"]:
        return "Something is not up", "down"
    if any(target["state"] == "slow" for target in report["targets"]):
        return "Everything is up, but something is slow", "up"
    return "Everything is up", "up"


def _service(target: Mapping[str, Any], *, stale: bool) -> str:
    parts = "".join(
        f'<li>{escape(part)}: <span class="{"down" if status == "unhealthy" else "up"}">{escape(status)}'
        "</span></li>"
        for part, status in target["parts"].items()
    )
    known = target["state"] != "unknown"
    return _SERVICE.format(
        name=escape(target["name"]),
        state="unknown" if stale else target["state"],
        word=f"{'was ' if stale else ''}{target['state']}",
        detail=escape(target["detail"]),
        milliseconds=f" in {target['milliseconds']} ms" if known else "",
        parts=f"<ul>{parts}</ul>\n" if parts else "",
        bars=_bars(target["history"], target["availability_24h"]),
    )


def _bars(history: Sequence[Mapping[str, int]], availability: float | None) -> str:
    told = "not known yet" if availability is None else f"{_percent(availability)} % up"
    drawn = [_bar(index, bar) for index, bar in enumerate(history)]
    bad = sum('class="down"' in bar for bar in drawn)
    label = f"The last 24 hours: {told}; down in {bad} of {len(history)} half hours"
    return _BARS.format(label=label, width=10 * len(history), bars="".join(drawn), availability=told)


def _percent(value: float) -> str:
    """Two digits, rounded down: 100 means that it was never down."""
    return f"{int(value * 100) / 100:.2f}".rstrip("0").rstrip(".")


def _bar(index: int, bar: Mapping[str, int]) -> str:
    """A bar of full height where somebody looked, a low one where nobody did."""
    worst = next((kind for kind in _ORDER if bar[kind]), "")
    top, height = (0, 20) if worst else (14, 6)
    start = datetime.fromtimestamp(bar["start"], UTC).strftime("%H:%M")
    counts = ", ".join(f"{bar[kind]} {kind}" for kind in reversed(_ORDER) if bar[kind])
    title = f"{start}: {counts or 'nobody looked'}"
    name = f' class="{worst}"' if worst else ""
    return (
        f'<rect x="{10 * index + 1}" y="{top}" width="8" height="{height}"{name}>'
        f"<title>{title}</title></rect>"
    )

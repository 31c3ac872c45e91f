"""A fresh process that serves with one variant: `worker.py VARIANT MODE FOLDER`.

It imports nothing but the standard library and the variant, so that it can run on a bare interpreter, and
writes what it measured to `FOLDER/<variant>-<mode>.json`.
"""

import time

STARTED = time.perf_counter()

import importlib  # noqa: E402 - after the clock was read
import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

REPEATS = {1: 400, 100: 60, 500: 20}
WARM_UP = 3


def peak_rss_mb() -> float:
    """This process' greatest resident set; `getrusage` would count the parent's before the exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status has no VmHWM")


def timed_batches(handle, folder, scale):  # type: ignore[no-untyped-def]  # runs without any stub around
    """Microseconds of each call, by batch size."""
    timings = {}
    for size, repeats in REPEATS.items():
        events = json.loads((folder / f"events-{size}.json").read_text())
        calls = []
        for turn in range(WARM_UP + max(5, int(repeats * scale))):
            event = events[turn % len(events)]
            before = time.perf_counter()
            handle(event)
            calls.append((time.perf_counter() - before) * 1e6)
        timings[size] = sorted(calls[WARM_UP:])
    return timings


def main(name: str, mode: str, folder: Path) -> None:
    """Serves, and measures what `mode` says: `load`, `batches` or `cold`."""
    sys.path.insert(0, str(Path(__file__).with_name("variants")))
    found: dict[str, object] = {}
    if name == "bare":
        found["peak_rss_mb"] = peak_rss_mb()
    elif mode == "cold":
        event = json.loads((folder / "events-1.json").read_text())[0]
        importlib.import_module(name).cold(folder)(event)
        found["peak_rss_mb"] = peak_rss_mb()
    else:
        handle = importlib.import_module(name).load(folder)
        found["import_load_ms"] = (time.perf_counter() - STARTED) * 1000
        if mode == "batches":
            found["batches_us"] = timed_batches(handle, folder, 0.1 if name == "peer" else 1.0)
    (folder / f"{name}-{mode}.json").write_text(json.dumps(found))


main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

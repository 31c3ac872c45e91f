"""A fresh process that serves with one variant: `worker.py VARIANT MODE FOLDER`.

Up to the end of the load it imports nothing but `sys` and `time`, which every interpreter has at hand, so
that what is measured is the variant. It writes its figures to `FOLDER/<variant>-<mode>.json`.
"""

# Without types, because typing would be one more import.
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import sys
import time

REPEATS = {1: 400, 100: 60, 500: 20}
WARM_UP = 3


def peak_rss_mb() -> float:
    """This process' greatest resident set; `getrusage` would count the parent's before the exec."""
    with open("/proc/self/status") as status:  # noqa: PTH123 - pathlib would be one more import
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status has no VmHWM")


def timed_batches(handle, folder, scale):
    """Microseconds of each call in order of length, by batch size."""
    import json

    timings = {}
    for size, repeats in REPEATS.items():
        with open(f"{folder}/events-{size}.json") as file:  # noqa: PTH123
            events = json.load(file)
        calls = []
        for turn in range(WARM_UP + max(5, int(repeats * scale))):
            event = events[turn % len(events)]
            before = time.perf_counter()
            handle(event)
            calls.append((time.perf_counter() - before) * 1e6)
        timings[size] = sorted(calls[WARM_UP:])
    return timings


def main(name: str, mode: str, folder: str) -> None:
    """Serves, and measures what `mode` says: `load`, `batches` or `cold`."""
    sys.path.insert(0, __file__.replace("worker.py", "variants"))
    found = {}
    started = time.perf_counter()
    if mode == "cold":
        handle = __import__(name).cold(folder)
        import json

        with open(f"{folder}/events-1.json") as file:  # noqa: PTH123
            handle(json.load(file)[0])
    elif name != "bare":
        handle = __import__(name).load(folder)
        found["import_load_ms"] = (time.perf_counter() - started) * 1000
        if mode == "batches":
            found["batches_us"] = timed_batches(handle, folder, 0.1 if name == "peer" else 1.0)
    found["peak_rss_mb"] = peak_rss_mb()
    import json

    with open(f"{folder}/{name}-{mode}.json", "w") as file:  # noqa: PTH123
        json.dump(found, file)


main(*sys.argv[1:4])

"""`python -m benchmarks.serving`: requests a second of one core, each a ride, side by side in one run.

As many connections as a load balancer keeps send a request each, wait for its answer and send the next.
Rates are requests by the seconds of the server's CPU. Other work changes latencies, and how many
rides the service finds waiting at once.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.predictor.prepare import event
from benchmarks.serving.load import load
from benchmarks.serving.server import VARIANTS
from workloads.data.fetch import fetch
from workloads.data.quality import rides
from workloads.training.bundle import pack
from workloads.training.model import Score, fit
from workloads.training.registered import DEFAULT_NAME

ROOT = Path(__file__).resolve().parents[2]
MONTH, CONNECTIONS, SECONDS, ROUNDS = "2023-01", 32, 2.0, 5


def main() -> None:
    """Prints a line for each service."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        body = prepare(folder)
        found: dict[str, list[tuple[float, float]]] = {variant: [] for variant in VARIANTS}
        for _ in range(ROUNDS):
            for variant in VARIANTS:
                found[variant].append(measure(variant, folder, body))
    nothing = statistics.median(rate for rate, _ in found["nothing"])
    for variant, runs in found.items():
        rates, latencies = zip(*runs, strict=True)
        rate = statistics.median(rates)
        print(
            f"{variant:8} {rate:8.0f} requests a second of one core ({min(rates):.0f} to {max(rates):.0f}), "
            f"{rate / nothing:.0%} of nothing, p99 {statistics.median(latencies) * 1000:.2f} ms"
        )


def prepare(folder: Path) -> bytes:
    """A bundle of a month as files, and a ride event."""
    found = fetch([MONTH], data=None, environ=os.environ, allow_synthetic=True)
    known = rides(found.files[MONTH], MONTH).frame
    bundle = pack(
        fit(known), known, score=Score(rmse=0, mae=0), months=(MONTH, MONTH), data_source=found.source,
        name=DEFAULT_NAME, version="1", run_id="benchmark",
    )  # fmt: skip
    files = {
        f"{bundle.folder}/model.ubj": bundle.model,
        f"{bundle.folder}/manifest.json": bundle.manifest,
        f"models/{DEFAULT_NAME}/champion.json": json.dumps(bundle.pointer("champion")).encode(),
        "model.ubj": bundle.model,
        "manifest.json": bundle.manifest,
        "name": DEFAULT_NAME.encode(),
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return json.dumps(event(1, known.iloc[1000].to_dict())).encode()


def measure(variant: str, folder: Path, body: bytes) -> tuple[float, float]:
    """Requests a second of CPU, and the 99th percentile of their seconds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = os.pathsep.join(map(str, (ROOT, ROOT / "lambda", ROOT / "benchmarks/predictor/variants")))
    environ = {**os.environ, "PYTHONPATH": path, "BENCHMARK_MANIFEST": str(folder / "manifest.json")}
    command = [sys.executable, "-m", "benchmarks.serving.server", variant, str(folder), str(port)]
    with subprocess.Popen(command, env=environ) as server:
        try:
            connected(port).close()
            load(port, body, connections=CONNECTIONS, seconds=0.5)
            before = cpu_seconds(server.pid)
            latencies = load(port, body, connections=CONNECTIONS, seconds=SECONDS)
            used = cpu_seconds(server.pid) - before
        finally:
            server.terminate()
    return len(latencies) / used, statistics.quantiles(latencies, n=100)[98]


def connected(port: int) -> socket.socket:
    """A connection, once the server listens."""
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 60)
        except ConnectionRefusedError:
            time.sleep(0.05)


def cpu_seconds(pid: int) -> float:
    """What the process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()

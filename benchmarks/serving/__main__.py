"""`python -m benchmarks.serving`: requests a second of one core, each a ride, side by side in one run.

A server's rate is its requests by the seconds of CPU that it took, which other load on the machine does not
change; latencies do depend on it.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.predictor.prepare import event
from benchmarks.serving.server import VARIANTS
from workloads.data.fetch import fetch
from workloads.data.quality import rides
from workloads.training.bundle import pack
from workloads.training.model import Score, fit
from workloads.training.registered import DEFAULT_NAME

ROOT = Path(__file__).resolve().parents[2]
MONTH, CONNECTIONS, SECONDS, ROUNDS = "2023-01", 8, 3.0, 3


def main() -> None:
    """Prints a line for each service."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        body = prepare(folder)
        found: dict[str, list[tuple[float, float]]] = {variant: [] for variant in VARIANTS}
        for _ in range(ROUNDS):
            for variant in VARIANTS:
                found[variant].append(measure(variant, folder, body))
    for variant, runs in found.items():
        rates, latencies = zip(*runs, strict=True)
        print(
            f"{variant:8} {statistics.median(rates):8.0f} requests a second of one core "
            f"({min(rates):.0f} to {max(rates):.0f}), p99 {statistics.median(latencies) * 1000:.2f} ms"
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
            load(port, body, 0.5)
            before = cpu_seconds(server.pid)
            latencies = load(port, body, SECONDS)
            used = cpu_seconds(server.pid) - before
        finally:
            server.terminate()
    return len(latencies) / used, statistics.quantiles(latencies, n=100)[98]


def load(port: int, body: bytes, seconds: float) -> list[float]:
    """The seconds of each request of `CONNECTIONS` clients."""
    head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
    request = f"{head}{len(body)}\r\n\r\n".encode() + body
    latencies: list[float] = []

    def client() -> None:
        with connected(port) as connection:
            end = time.perf_counter() + seconds
            while (started := time.perf_counter()) < end:
                connection.sendall(request)
                receive(connection)
                latencies.append(time.perf_counter() - started)

    threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies


def receive(connection: socket.socket) -> None:
    """Reads one answer, which has to be a good one."""
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += connection.recv(65536)
    head = answer[:end].lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(answer[:200])
    length = end + 4 + int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(answer) < length:
        answer += connection.recv(65536)


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

"""`make sandbox ARGS=--serve` as a newcomer has it: pages, a prediction, many viewers, and a clean end."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from ops.local.processes import ProcessFile, end

ROOT = Path(__file__).parents[2]
SECONDS = 600
VIEWERS = 50
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Served:
    """A sandbox that is open, and what it has printed so far."""

    process: "subprocess.Popen[str]"
    output: Path
    lines: list[str] = field(default_factory=list)

    def found(self, pattern: str) -> str:
        """What the first group of `pattern` matches, once it was printed."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if match := re.search(pattern, "\n".join(self.lines)):
                return match[match.lastindex or 0]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"{pattern} was not printed:\n" + "\n".join(self.lines))

    def client(self, user: str) -> httpx.Client:
        """A browser that has signed in."""
        url = self.found(r"admin GUI:\s+(http://127\.0\.0\.1:\d+)")
        password = self.found(rf"user {user},.* password (\S+)")
        client = httpx.Client(base_url=url, timeout=30, follow_redirects=True)
        token = TOKEN.search(client.get("/sign-in").text)
        assert token
        page = client.post("/sign-in", data={"csrf_token": token[1], "user": user, "password": password})
        assert "Sign out" in page.text
        return client


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A sandbox of a few rides, ended like a newcomer ends it."""
    output = tmp_path_factory.mktemp("served")
    command = [sys.executable, "-m", "ops", "sandbox", "--serve", "--events", "300"]
    process = subprocess.Popen(
        ["env", "--default-signal=INT", *command, "--output", str(output)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    found = Served(process, output)
    reader = threading.Thread(target=lambda: found.lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    yield found
    if process.poll() is None:
        process.kill()
        process.wait()
    end(ProcessFile(output).read())


def predicted(client: httpx.Client) -> str:
    """Asks for a ride as a person does, and gives the part of the page that has the prediction."""
    form = client.get("/predict").text
    token, zones = TOKEN.search(form), re.findall(r'<option value="([^"]+)"', form)
    assert token
    ride = {"from": zones[0], "to": zones[1], "miles": "2.5", "passengers": "1", "time": "2023-03-01T18:30"}
    sent = client.post("/predict", data={"csrf_token": token[1], **ride})
    assert sent.status_code == 200, sent.text
    deadline = time.monotonic() + SECONDS
    while "data-done" not in (part := client.get(f"{sent.url}/live").text):
        assert time.monotonic() < deadline, part
        time.sleep(0.2)
    return part


@pytest.mark.xdist_group("served-sandbox")
@pytest.mark.timeout(1500)
def test_open_sandbox(served: Served) -> None:
    """A person signs in, predicts, sees that there is no Airflow, and has 50 viewers; no ride is lost."""
    client = served.client("admin")
    served.found("the feed of rides begins")
    assert " minutes" in predicted(client)
    assert "There is no Airflow here" in client.get("/runs/live").text
    assert "Sign out viewer" in served.client("viewer").get("/").text

    def poll(_: int) -> set[int]:
        with httpx.Client(base_url=client.base_url, cookies=client.cookies, timeout=60) as viewer:
            return {viewer.get("/live/overview", headers={"X-Live": "1"}).status_code for _ in range(4)}

    with ThreadPoolExecutor(VIEWERS) as pool:
        assert set().union(*pool.map(poll, range(VIEWERS))) == {200}
    status = json.loads(httpx.get(served.found(r"status page:\s+(\S+)") + "/status.json").text)
    assert {one["name"] for one in status["targets"]} == {"Admin GUI", "MLflow"}

    running = [process for process in ProcessFile(served.output).read() if process.running()]
    assert {"admin", "status", "moto", "mlflow"} <= {process.name for process in running}
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=SECONDS) == 0, "\n".join(served.lines)
    assert not any(process.running() for process in running)
    summary = json.loads((served.output / "summary.json").read_text())
    assert (summary["lost"], summary["duplicated"]) == (0, 0)
    assert summary["predicted"] > 250
    password = served.found(r"user admin, password (\S+)")
    logs = (path for path in served.output.rglob("*.log") if path.is_file())
    assert not any(password in path.read_text(errors="replace") for path in logs)

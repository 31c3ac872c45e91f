"""The service as a process of its own, which is told to end while requests are at work."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import orjson
import pytest

from tests.bundles import MODEL, RIDE
from tests.s3_server import Server, answers
from workloads.serving.app import Service
from workloads.serving.server import configuration

ROOT = Path(__file__).parents[3]
BODY = orjson.dumps({"ride_id": 7, "ride": RIDE})
FOLDER = f"models/{MODEL}"


@pytest.fixture
def started(bundles: dict[str, dict[str, bytes]]) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The process and its port; it takes its model from a local S3."""
    keys = (f"{FOLDER}/champion.json", f"{FOLDER}/versions/1/manifest.json", f"{FOLDER}/versions/1/model.ubj")
    store = Server()
    store.script = [answers(200, bundles["1"][key], ETag='"1"') for key in keys]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    environ = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_ENDPOINT_URL_S3": store.url,
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "DATA_BUCKET": "data",
        "MODEL_ALIAS": "champion",
        "MODEL_NAME": MODEL,
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "PYTHONPATH": f"{ROOT / 'lambda'}:{ROOT}",
    }
    with subprocess.Popen([sys.executable, "-m", "workloads.serving"], cwd=ROOT, env=environ) as process:
        while process.poll() is None and not ready(port):
            pass
        yield process, port
        process.kill()
    store.close()


def ready(port: int) -> bool:
    """Whether the service takes requests."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()


class Client(threading.Thread):
    """Sends a request after the other on one connection, until an answer closes it."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.begun = threading.Event()
        self.statuses: set[int] = set()
        self.closed = False

    def run(self) -> None:
        while not self.closed:
            self._connection.request("POST", "/predict", BODY)
            answer = self._connection.getresponse()
            answer.read()
            self.statuses.add(answer.status)
            self.closed = answer.will_close
            self.begun.set()


def test_sigterm_under_load_loses_no_request(started: tuple[subprocess.Popen[bytes], int]) -> None:
    """Not even one of which half had come; the connections are told, and the process ends well."""
    process, port = started
    slow = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    slow.putrequest("POST", "/predict")
    slow.putheader("Content-Length", str(len(BODY)))
    slow.endheaders(BODY[:20])
    clients = [Client(port) for _ in range(8)]
    for client in clients:
        client.start()
        client.begun.wait(60)

    process.send_signal(signal.SIGTERM)
    for client in clients:
        client.join(60)
    slow.send(BODY[20:])
    answer = slow.getresponse()

    assert answer.status == 200
    assert orjson.loads(answer.read())["ride_id"] == 7
    assert [(client.closed, client.statuses) for client in clients] == [(True, {200})] * 8
    assert process.wait(60) == 0


def test_an_idle_service_ends_at_once(started: tuple[subprocess.Popen[bytes], int]) -> None:
    process, _ = started
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0


def test_a_load_balancer_closes_idle_connections_first(service: Service) -> None:
    """Else a request that it sends at that moment is answered with 502; the limit is AWS's own."""
    balancers: Any = botocore.session.get_session().get_service_model("elbv2")
    told = balancers.shape_for("LoadBalancerAttribute").members["Key"].documentation
    found = re.search(r"idle_timeout\.timeout_seconds</code>[^<]*range is 1-(\d+) seconds", told)
    assert found
    assert configuration(service, host="127.0.0.1", port=0).timeout_keep_alive > int(found[1])

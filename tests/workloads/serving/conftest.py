"""The service over a bucket in memory."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn

from models import Alias
from store import Object
from tests.bundles import MODEL, booster, bundle
from workloads.serving.app import Service


class Shelf:
    """A bucket in memory, as the predictor reads it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get(self, key: str, *, etag: str = "") -> Object | None:
        body = self.objects.get(key, b"")
        found = str(hash(body))
        return None if found == etag else Object(body, found)

    def put(self, key: str, body: bytes) -> None:
        self.objects[key] = body


@pytest.fixture(scope="session")
def bundles() -> dict[str, dict[str, bytes]]:
    """Two versions of a model that predict differently."""
    return {"1": bundle(booster(5), "1"), "2": bundle(booster(9, seed=8), "2")}


@pytest.fixture
def shelf(bundles: dict[str, dict[str, bytes]]) -> Shelf:
    found = Shelf()
    found.objects.update(bundles["1"])
    return found


@pytest.fixture
def service(shelf: Shelf) -> Service:
    alias = Alias(shelf, name=MODEL, alias="champion", check_seconds=0, clock=time.monotonic)
    return Service(alias, name=MODEL, check_seconds=0.001)


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    """Where the service answers, over the server that runs it on a stack."""
    config = uvicorn.Config(service, port=0, http="httptools", lifespan="on", log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as found:
        yield found

"""A predictor in this process, its bundle and its objects in a local S3."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from models import Alias
from predictor import Predictor as Batches
from store import Object, Store, StoreError
from tests.bundles import MODEL, batch, booster, bundle, lines
from tests.s3_server import Server

BUCKET = "data"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "DATA_BUCKET": BUCKET,
    "MODEL_NAME": MODEL,
    "MODEL_ALIAS": "champion",
    "CHALLENGER_ALIAS": "",
    "CHALLENGER_SHARE": "0",
    "MODEL_CHECK_SECONDS": "60",
    "POWERTOOLS_SERVICE_NAME": "predictor",
    "POWERTOOLS_METRICS_NAMESPACE": "taxi",
    "LOG_LEVEL": "INFO",
}


class Context:
    """What Lambda passes beside the event."""

    function_name = "taxi-trip-duration-predictor"
    function_version = "1"
    memory_limit_in_mb = "256"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:taxi-trip-duration-predictor:live"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """The time left before the function's timeout."""
        return 30_000


@dataclass
class Predictor:
    """The handler, and what it wrote."""

    s3: Any
    handle: Callable[[dict[str, Any], Any], Any]
    sequence: int = 0

    def __call__(self, payloads: list[bytes]) -> dict[str, list[dict[str, Any]]]:
        """Sends one batch; gives the lines it wrote, by the first part of their objects' keys."""
        answer = self.handle(batch(payloads, first=self.sequence + 1), Context())
        self.sequence += len(payloads)
        assert not (answer or {}).get("batchItemFailures"), answer
        written: dict[str, list[dict[str, Any]]] = {}
        for entry in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
            kind = entry["Key"].split("/")[0]
            if kind == "models":
                continue
            body = self.s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
            written.setdefault(kind, []).extend(lines(body))
            self.s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
        return written


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A scripted S3; nothing sleeps, and jitter takes none of a pause away."""
    server = Server()
    monkeypatch.setattr("time.sleep", server.pauses.append)
    monkeypatch.setattr("random.random", lambda: 1.0)
    yield server
    server.close()


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """What the function finds in its environment."""
    return dict(ENVIRONMENT)


@pytest.fixture(scope="module")
def predictor() -> Iterator[Predictor]:
    """The handler with a champion of version 1."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
            patch.setenv(name, value)
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for key, body in bundle(booster(), "1").items():
            s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        yield Predictor(s3=s3, handle=importlib.import_module("handler").handler)
        sys.modules.pop("handler", None)
    server.stop()


class MemoryBucket:
    """A bucket in memory that can be told to fail; `puts` are the keys in the order of their writing."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.gets: list[str] = []
        self.failing: dict[str, StoreError] = {}

    def get(self, key: str, *, etag: str = "") -> Object | None:
        """The object, None when its entity tag is still `etag`."""
        self.gets.append(key)
        self._fail(key)
        if key not in self.objects:
            raise StoreError(f"GET {key} answered 404 NoSuchKey", transient=False)
        found = str(hash(self.objects[key]))
        return None if found == etag else Object(self.objects[key], found)

    def put(self, key: str, body: bytes) -> None:
        """Keeps the object."""
        self._fail(key)
        self.puts.append(key)
        self.objects[key] = body

    def _fail(self, key: str) -> None:
        for start, error in self.failing.items():
            if key.startswith(start):
                raise error


@dataclass
class Bench:
    """A predictor over a bucket in memory, on a clock that the test turns."""

    bucket: MemoryBucket
    now: float = 0.0
    share: float = 0.0
    challenger: str = ""

    def __post_init__(self) -> None:
        self.champion = self.follow("champion")
        self.predictor = Batches(
            self.bucket,
            champion=self.champion,
            challenger=self.follow(self.challenger) if self.challenger else None,
            share=self.share,
            name=MODEL,
        )

    def follow(self, alias: str) -> Alias:
        """An alias that looks at its pointer once in 60 seconds."""
        store: Store = self.bucket
        return Alias(store, name=MODEL, alias=alias, check_seconds=60, clock=lambda: self.now)

    def send(self, payloads: list[bytes], first: int = 1) -> list[str]:
        """Sends a batch; gives the sequence numbers that failed."""
        answer = self.predictor.handle(batch(payloads, first=first))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def written(self, kind: str) -> list[dict[str, Any]]:
        """The lines of all objects of a kind."""
        bodies = [body for key, body in self.bucket.objects.items() if key.startswith(f"{kind}/")]
        return [line for body in bodies for line in lines(body)]


@pytest.fixture
def bench() -> Bench:
    """A predictor whose champion is version 1."""
    bucket = MemoryBucket()
    bucket.objects |= bundle(booster(), "1")
    return Bench(bucket)

"""The prediction service: its answers, what it refuses, and a model that is replaced under load."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, cast

import httpx
import orjson
import pytest
import schemathesis
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from tests.bundles import MODEL, RIDE
from tests.workloads.serving.conftest import Shelf
from workloads.serving.app import Service
from workloads.serving.openapi import MAX_BYTES, MAX_RIDES

EVENT = {"ride_id": 7, "ride": RIDE}
POINTER = f"models/{MODEL}/champion.json"


def smoke(bundles: dict[str, dict[str, bytes]], version: str) -> dict[str, Any]:
    """Events and their predictions, as the bundle itself has them."""
    manifest = orjson.loads(bundles[version][f"models/{MODEL}/versions/{version}/manifest.json"])
    found: dict[str, Any] = manifest["smoke"]
    return found


def test_a_list_and_each_ride_alone(client: httpx.Client, bundles: dict[str, dict[str, bytes]]) -> None:
    """The predictions are those that training left in the bundle, bit for bit."""
    expected = smoke(bundles, "1")
    answer = client.post("/predict", json=expected["events"]).json()
    assert (answer["model"], answer["version"]) == (MODEL, "1")
    assert [one["ride_duration"] for one in answer["predictions"]] == expected["predictions"]
    assert [one["ride_id"] for one in answer["predictions"]] == [0, 1, 2]
    for event, minutes in zip(expected["events"], expected["predictions"], strict=True):
        assert client.post("/predict", json=event).json()["ride_duration"] == minutes
    assert client.post("/predict", json=[]).json()["predictions"] == []


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "the body is not valid JSON"),
        (b"[" * 100_000, 400, "the body is not valid JSON: depth limit exceeded"),
        (b'{"ride_id": "\xff"}', 400, "the body is not valid JSON"),
        (b"NaN", 400, "the body is not valid JSON"),
        (orjson.dumps(EVENT).replace(b"7", b"9" * 400, 1), 400, "the body is not valid JSON"),
        (orjson.dumps({**EVENT, "ride": {**RIDE, "trip_distance": 1e308}}), 422, "trip_distance must be"),
        (b'"text"', 422, "the record must be a JSON object"),
        (orjson.dumps([EVENT, {**EVENT, "ride": {**RIDE, "PULocationID": 0}}]), 422, "ride 1: PULocationID"),
        (
            b'{"ride_id": 1, "event": "completed", "lpep_dropoff_datetime": "2023-01-01T00:00:00"}',
            422,
            "finished",
        ),
        (orjson.dumps([EVENT] * (MAX_RIDES + 1)), 413, f"allowed: {MAX_RIDES}"),
        (b" " * (MAX_BYTES + 1), 413, f"larger than {MAX_BYTES} bytes"),
    ],
    ids=[
        "not JSON",
        "deep",
        "not UTF-8",
        "no number",
        "infinite",
        "far",
        "text",
        "zone",
        "finished",
        "many",
        "large",
    ],
)
def test_what_is_refused(client: httpx.Client, body: bytes, status: int, message: str) -> None:
    answer = client.post("/predict", content=body)
    assert answer.status_code == status
    assert message in answer.json()["error"]


def test_paths_and_methods(client: httpx.Client) -> None:
    assert client.get("/health").json() == {"status": "alive"}
    assert client.get("/ready").json() == {"version": "1"}
    assert client.get("/nothing").status_code == 404
    refused = client.get("/predict")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    metrics = client.get("/metrics").text
    assert 'http_requests_total{path="other",status="404"} 1' in metrics
    assert f'model_info{{name="{MODEL}",version="1"}} 1' in metrics


def test_without_a_model(shelf: Shelf, service: Service, request: pytest.FixtureRequest) -> None:
    """It is alive, so that it is not replaced, and not ready, so that it gets no requests."""
    shelf.objects.clear()
    with httpx.Client(base_url=request.getfixturevalue("address"), timeout=60) as client:
        assert client.get("/health").status_code == 200
        for answer in (client.get("/ready"), client.post("/predict", json=EVENT)):
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


def test_a_broken_model_does_not_take_over(client: httpx.Client, shelf: Shelf) -> None:
    shelf.objects[POINTER] = b"{}"
    while "model_refresh_failures_total 0" in client.get("/metrics").text:
        pass
    assert client.post("/predict", json=EVENT).json()["version"] == "1"


def test_200_swaps_under_load_drop_no_request(
    client: httpx.Client, shelf: Shelf, bundles: dict[str, dict[str, bytes]]
) -> None:
    """Each answer is whole, and that of the version which it names."""
    for version in ("1", "2"):
        shelf.objects.update(bundles[version])
    event = smoke(bundles, "1")["events"][0]
    expected = {version: smoke(bundles, version)["predictions"][0] for version in bundles}
    ended, wrong, counted = threading.Event(), list[Any](), list[int]()

    def load() -> None:
        with httpx.Client(base_url=client.base_url, timeout=60) as own:
            requests = 0
            while not ended.is_set():
                answer = own.post("/predict", json=event)
                found = answer.json()
                if answer.status_code != 200 or found["ride_duration"] != expected[found["version"]]:
                    wrong.append(found)
                requests += 1
            counted.append(requests)

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(200):
        version = "12"[turn % 2]
        shelf.objects[POINTER] = bundles[version][POINTER]
        while client.get("/ready").json()["version"] != version:
            pass
    ended.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert min(counted) > 0


def test_schemathesis_finds_no_server_error(address: str) -> None:
    """Against the service's own description."""
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations = [cast(Any, found).ok() for found in schema.get_all_operations()]
    assert len(operations) == 4
    for operation in operations:
        call(operation)


def call(operation: Any) -> None:
    @hypothesis_settings(max_examples=40, database=None)
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        assert case.call().status_code < 500

    run()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"DATA_BUCKET": "data"},
            "AWS_REGION, MODEL_NAME, MODEL_ALIAS: not set; set what the stack's function has",
        ),
        (
            {
                "AWS_REGION": "us-east-1",
                "DATA_BUCKET": "data",
                "MODEL_NAME": MODEL,
                "MODEL_ALIAS": "champion",
            },
            "no AWS credentials: AWS_ACCESS_KEY_ID is not set, nor AWS_CONTAINER_CREDENTIALS_FULL_URI, nor "
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI; set one of them",
        ),
    ],
    ids=["model", "credentials"],
)
def test_settings_that_are_missing(settings: dict[str, str], message: str) -> None:
    root = Path(__file__).parents[3]
    ended = subprocess.run(
        [sys.executable, "-m", "workloads.serving"],
        env={"PYTHONPATH": f"{root / 'lambda'}:{root}", **settings},
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert ended.stderr == f"serving: {message}\n"

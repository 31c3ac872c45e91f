"""`python -m benchmarks.admin`: the overview in front of a million predictions, from its start on."""

import gzip
import json
import re
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import boto3
import httpx

from ops.local.services import Children

OBJECTS, LINES, VIEWS = 2_000, 500, 200
PASSWORD = "a-password-of-this-run"  # noqa: S105 - of a server that ends with this run
AWS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}
ENVIRONMENT = {
    **AWS,
    "ADMIN_PASSWORD": PASSWORD,
    "ADMIN_SESSION_KEY": "a-key-of-this-run",
    "DATA_BUCKET": "data",
    "REPORTS_BUCKET": "reports",
    "KINESIS_STREAM_NAME": "rides",
    "PREDICTOR_FUNCTION_NAME": "predictor",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/dead-letters",
    "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
}


def fill(endpoint: str) -> None:
    """A million predictions in this hour's objects."""
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 - moto's
    )
    now = datetime.now(UTC)
    for name in ("data", "reports"):
        s3.create_bucket(Bucket=name)
    prediction = {"ride_id": "2023-03-0000001", "ride_duration": 12.5}
    ride = {"PULocationID": 74, "DOLocationID": 75, "trip_distance": 1.4}
    line = {"version": "1", "prediction": prediction, "ride": ride, "predicted_at": now.isoformat()}
    body = gzip.compress(b"\n".join([json.dumps(line).encode()] * LINES))
    hour = f"predictions/{now:dt=%Y-%m-%d/hour=%H}/shardId-000000000000"

    def put(number: int) -> None:
        s3.put_object(Bucket="data", Key=f"{hour}-{number:056d}.jsonl.gz", Body=body)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(OBJECTS)))


def views(browser: httpx.Client) -> tuple[list[float], str]:
    """Signs in, and gives the milliseconds of each view of / and the last page."""
    form = browser.get("/sign-in").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', form)[-1]
    fields = {"user": "admin", "password": PASSWORD, "csrf_token": token}
    assert browser.post("/sign-in", data=fields).status_code == 302
    took = []
    for _ in range(VIEWS):
        began = time.perf_counter()
        page = browser.get("/")
        took.append(1000 * (time.perf_counter() - began))
        assert page.status_code == 200
        time.sleep(0.05)
    while "still counting" in page.text:
        time.sleep(1)
        page = browser.get("/")
    return took, page.text


def main() -> None:
    """Prints the first view after a start and those after it, then the same after a restart."""
    with tempfile.TemporaryDirectory() as folder, Children(Path(folder)) as children:
        moto = children.serve("moto", "ops.local.moto.server", health="/moto-api/", environment={})
        children.wait(moto)
        fill(moto.url)
        for name in ("first start", "restart"):
            given = {**ENVIRONMENT, "AWS_ENDPOINT_URL": moto.url}
            server = children.serve("admin", "ops.sandbox.admin_server", health="/healthz", environment=given)
            children.wait(server)
            began = time.perf_counter()
            with httpx.Client(base_url=server.url, timeout=60) as browser:
                took, page = views(browser)
            counted = time.perf_counter() - began
            children.stop(("admin",))
            assert f"{OBJECTS * LINES:,}" in page
            rest = sorted(took[1:])
            print(
                f"{name}, {OBJECTS * LINES:,} predictions in {OBJECTS:,} objects, {VIEWS} views of /: first "
                f"{took[0]:.0f} ms, then median {statistics.median(rest):.1f} ms, 95 % below "
                f"{rest[int(0.95 * len(rest))]:.1f} ms; all counted after {counted:.0f} s at the latest"
            )


if __name__ == "__main__":
    main()

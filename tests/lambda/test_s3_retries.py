"""The S3 client retries what may pass, as botocore does."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

import s3
from s3 import Bucket
from store import StoreError
from tests.s3_server import Answer, Server, answers, breaks_off, bucket, error, hangs_up


@pytest.mark.parametrize(
    "trouble",
    [answers(503), answers(500), answers(429), error(400, "RequestTimeout"), hangs_up, breaks_off],
)
def test_retries_transient_errors(server: Server, trouble: Answer) -> None:
    server.script = [trouble, trouble, answers(200, b"body", ETag='"1"')]
    assert bucket(server).get("a/b") == (b"body", '"1"')
    assert len(server.requests) == 3


STATUSES = [400, 403, 404, 408, 409, 412, 429, 500, 501, 502, 503, 504]

# botocore publishes neither list
CODES: list[str] = [
    *TransientRetryableChecker._TRANSIENT_ERROR_CODES,  # type: ignore[attr-defined]
    *ThrottledRetryableChecker._THROTTLED_ERROR_CODES,  # type: ignore[attr-defined]
]

REFUSALS = [(status, "AccessDenied") for status in STATUSES] + [(400, code) for code in CODES]


@pytest.mark.parametrize("method", ["get", "put"])
def test_retries_what_botocore_retries(server: Server, method: str) -> None:
    """botocore's client, in its standard mode, makes as many requests for the same answers."""
    theirs = boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
        config=Config(retries={"mode": "standard", "total_max_attempts": s3.ATTEMPTS}),
    )
    for status, code in REFUSALS:
        requests = []
        for client in (theirs, bucket(server)):
            server.requests, server.script = [], [error(status, code)] * s3.ATTEMPTS
            with pytest.raises((ClientError, StoreError)):
                ask(client, method)
            requests.append(len(server.requests))
        assert requests[0] == requests[1], (status, code)


def ask(client: Any, method: str) -> None:
    """Gets or puts an object, by either client."""
    if isinstance(client, Bucket):
        client.get("a") if method == "get" else client.put("a", b"x")
    elif method == "get":
        client.get_object(Bucket="data", Key="a")
    else:
        client.put_object(Bucket="data", Key="a", Body=b"x")


@pytest.mark.parametrize("trouble", [answers(503, b"SlowDown"), error(400, "RequestTimeout"), hangs_up])
def test_gives_up_after_three_attempts(server: Server, trouble: Answer) -> None:
    server.script = [trouble] * 3
    with pytest.raises(StoreError, match=r"PUT s3://data/a (answered|failed)") as caught:
        bucket(server).put("a", b"x")
    assert caught.value.transient
    assert len(server.requests) == 3


@pytest.mark.parametrize(("trouble", "pauses"), [(answers(503), [0.2, 0.4]), (hangs_up, [0.4])])
def test_pauses_between_attempts(server: Server, trouble: Answer, pauses: list[float]) -> None:
    """A connection that went stale while the function was frozen is replaced without a pause."""
    server.script = [trouble, trouble, answers(200)]
    bucket(server).get("a")
    assert server.pauses == pauses


def test_pause_after_an_answer_that_follows_a_dropped_connection(server: Server) -> None:
    server.script = [hangs_up, answers(500), answers(200)]
    bucket(server).get("a")
    assert server.pauses == [0.4]


def test_drops_a_connection_that_broke(server: Server) -> None:
    """What is left of the first answer is not read as the second."""
    server.script = [breaks_off, answers(200, b"body")]
    assert bucket(server).get("a") == (b"body", "")


@pytest.mark.parametrize("status", [300, 301, 400, 403, 404])
def test_does_not_retry_permanent_errors(server: Server, status: int) -> None:
    server.script = [answers(status, b"<Code>AccessDenied</Code>")]
    with pytest.raises(StoreError, match="AccessDenied") as caught:
        bucket(server).get("a")
    assert not caught.value.transient


def test_attempts_fit_the_function_timeout() -> None:
    assert s3.ATTEMPTS * s3.TIMEOUT_SECONDS + s3.ATTEMPTS * s3.MAX_BACKOFF_SECONDS < 30

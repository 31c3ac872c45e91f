"""The S3 client signs as botocore does, retries what may pass, and fetches credentials before they end."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as BotoCredentials
from botocore.exceptions import ClientError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker
from hypothesis import given
from hypothesis import strategies as st

import s3
from credentials import Credentials, CredentialsError, provider
from s3 import Bucket
from signing import sign
from store import StoreError

KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs"]), min_size=1)
WORD = st.text("ABCxyz0129/+", min_size=8, max_size=40)
NOW = 1_680_000_000.0


@given(
    key=KEYS,
    body=st.binary(max_size=100),
    secret=WORD,
    token=WORD | st.just(""),
    method=st.sampled_from(["GET", "PUT"]),
)
def test_a_request_is_signed_as_botocore_signs_it(
    key: str, body: bytes, secret: str, token: str, method: str
) -> None:
    bucket = Bucket("b", region="eu-west-1", credentials=lambda: Credentials("AKID", secret, token))
    path = bucket._folder + quote(key, safe="/~")
    ours = sign(
        method,
        path,
        {"Host": "b.s3.eu-west-1.amazonaws.com"},
        body,
        region="eu-west-1",
        credentials=Credentials("AKID", secret, token),
        now=NOW,
    )
    request = AWSRequest(method, f"https://b.s3.eu-west-1.amazonaws.com{path}", data=body)
    request.context["payload_signing_enabled"] = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(NOW, UTC))
        S3SigV4Auth(BotoCredentials("AKID", secret, token or None), "s3", "eu-west-1").add_auth(request)
    assert ours["Authorization"] == request.headers["Authorization"]


Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A local S3 that answers by a script and keeps what it was asked."""

    def __init__(self) -> None:
        self.script: list[Answer] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.requests.append((self.command, self.path, dict(self.headers), body))
                outer.script.pop(0)(self)

            do_GET = do_PUT = answer  # noqa: N815 - the standard library's names

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A scripted server; nothing sleeps."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    server = Server()
    yield server
    server.close()


def answers(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Answers with a status."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    """Closes the connection without an answer."""
    request.close_connection = True


def breaks_off(request: BaseHTTPRequestHandler) -> None:
    """Closes the connection in the middle of the body."""
    request.send_response(200)
    request.send_header("Content-Length", "100")
    request.end_headers()
    request.wfile.write(b"half")
    request.close_connection = True


def bucket(server: Server) -> Bucket:
    """A client of the server."""
    return Bucket(
        "data", region="us-east-1", credentials=lambda: Credentials("AKID", "secret", ""), endpoint=server.url
    )


def error(status: int, code: str) -> Answer:
    """Answers as S3 does when it refuses."""
    return answers(status, f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode())


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
    with pytest.raises(StoreError, match="PUT s3://data/a") as caught:
        bucket(server).put("a", b"x")
    assert caught.value.transient


@pytest.mark.parametrize("status", [400, 403, 404])
def test_does_not_retry_permanent_errors(server: Server, status: int) -> None:
    server.script = [answers(status, b"<Code>AccessDenied</Code>")]
    with pytest.raises(StoreError, match="AccessDenied") as caught:
        bucket(server).get("a")
    assert not caught.value.transient


def test_an_unchanged_object_is_asked_for_by_its_tag_and_not_sent(server: Server) -> None:
    server.script = [answers(200, b"body", ETag='"1"'), answers(304)]
    client = bucket(server)
    found = client.get("a")
    assert found is not None
    assert client.get("a", etag=found.etag) is None
    assert server.requests[1][2]["If-None-Match"] == '"1"'


def test_an_endpoint_takes_the_bucket_into_the_path_and_one_connection_serves_all(server: Server) -> None:
    server.script = [answers(200)] * 2
    client = bucket(server)
    for name in ("dt=2023-03-28/a b", "é"):
        client.put(name, b"x")
    assert [path for _, path, _, _ in server.requests] == ["/data/dt%3D2023-03-28/a%20b", "/data/%C3%A9"]


@pytest.mark.parametrize(
    ("name", "region", "host", "folder"),
    [
        ("data", "us-east-1", "data.s3.us-east-1.amazonaws.com", "/"),
        ("my.data", "us-east-1", "s3.us-east-1.amazonaws.com", "/my.data/"),
        ("data", "cn-north-1", "data.s3.cn-north-1.amazonaws.com.cn", "/"),
    ],
)
def test_without_an_endpoint_it_is_the_regions_own(name: str, region: str, host: str, folder: str) -> None:
    client = Bucket(name, region=region, credentials=lambda: Credentials("", "", ""))
    assert (client._host, client._folder) == (host, folder)


def test_credentials_come_from_the_environment() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    assert provider(environ)() == Credentials("a", "s", "t")
    with pytest.raises(CredentialsError, match="AWS_ACCESS_KEY_ID"):
        provider({})


def container(server: Server, seconds: float) -> Answer:
    """An answer of the credentials endpoint whose credentials end in so many seconds."""
    ends = datetime.now(UTC) + timedelta(seconds=seconds)
    found = {
        "AccessKeyId": "a",
        "SecretAccessKey": "s",
        "Token": f"t{seconds}",
        "Expiration": ends.isoformat(),
    }
    return answers(200, json.dumps(found).encode())


def from_container(server: Server) -> Callable[[], Credentials]:
    """Credentials of a function that was restored from a snapshot."""
    return provider(
        {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/creds",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "word",
        }
    )


def test_a_snapshots_credentials_are_fetched_again_before_they_end(server: Server) -> None:
    server.script = [container(server, 200), container(server, 3600)]
    credentials = from_container(server)
    assert [credentials().token for _ in range(3)] == ["t200", "t3600", "t3600"]
    assert server.requests[0][1] == "/creds"
    assert server.requests[0][2]["Authorization"] == "word"


@pytest.mark.parametrize("trouble", [answers(500), answers(200, b"{}"), hangs_up])
def test_credentials_that_cannot_be_had_fail_the_request_for_now(server: Server, trouble: Answer) -> None:
    server.script = [trouble]
    client = Bucket("data", region="us-east-1", credentials=from_container(server), endpoint=server.url)
    with pytest.raises(StoreError, match="credentials") as caught:
        client.get("a")
    assert caught.value.transient


def test_attempts_end_within_the_functions_timeout() -> None:
    assert s3.ATTEMPTS * s3.TIMEOUT_SECONDS + s3.ATTEMPTS * s3.MAX_BACKOFF_SECONDS < 30

"""The S3 client signs as botocore does, retries what may pass, and fetches credentials before they end."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

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
def test_signs_as_botocore(key: str, body: bytes, secret: str, token: str, method: str) -> None:
    path = "/" + quote(key, safe="/~")
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
        self.pauses: list[float] = []
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
    """A scripted server; nothing sleeps, and jitter takes none of a pause away."""
    server = Server()
    monkeypatch.setattr("time.sleep", server.pauses.append)
    monkeypatch.setattr("random.random", lambda: 1.0)
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


@pytest.mark.parametrize("status", [400, 403, 404])
def test_does_not_retry_permanent_errors(server: Server, status: int) -> None:
    server.script = [answers(status, b"<Code>AccessDenied</Code>")]
    with pytest.raises(StoreError, match="AccessDenied") as caught:
        bucket(server).get("a")
    assert not caught.value.transient


def test_gets_conditionally(server: Server) -> None:
    server.script = [answers(200, b"body", ETag='"1"'), answers(304)]
    client = bucket(server)
    found = client.get("a")
    assert found is not None
    assert client.get("a", etag=found.etag) is None
    assert server.requests[1][2]["If-None-Match"] == '"1"'


def test_endpoint_takes_path_style_requests(server: Server) -> None:
    server.script = [answers(200)] * 2
    client = bucket(server)
    for name in ("dt=2023-03-28/a b", "é"):
        client.put(name, b"x")
    assert [(path, body) for _, path, _, body in server.requests] == [
        ("/data/dt%3D2023-03-28/a%20b", b"x"),
        ("/data/%C3%A9", b"x"),
    ]


@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
def test_from_environment(server: Server, variable: str) -> None:
    server.script = [answers(200, b"body")]
    environ = {"DATA_BUCKET": "data", "AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    keys = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}
    client = Bucket.from_environment({**environ, **keys, variable: f"{server.url}/"})
    assert client.get("a") == (b"body", "")
    (method, path, headers, body) = server.requests[0]
    assert (method, path, body) == ("GET", "/data/a", b"")
    assert "If-None-Match" not in headers
    assert re.search(r"Credential=AKID/\d{8}/eu-west-1/s3/aws4_request", headers["Authorization"])


class Connection:
    """A connection to S3 that records where it leads."""

    opened: ClassVar[list[tuple[str, str, float]]] = []
    status, headers = 200, Message()

    def __init__(self, host: str, timeout: float) -> None:
        self._host = host
        self._timeout = timeout

    def request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        """Records a request."""
        assert headers["Host"] == self._host
        self.opened.append((self._host, path, self._timeout))

    def getresponse(self) -> "Connection":
        """An empty answer."""
        return self

    def read(self) -> bytes:
        """No body."""
        return b""


@pytest.mark.parametrize("name", ["data", "my.data"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"])
def test_address(monkeypatch: pytest.MonkeyPatch, name: str, region: str) -> None:
    """Where botocore sends the same request: a virtual host, or the path for names with dots."""
    for variable in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("http.client.HTTPSConnection", Connection)
    Bucket(name, region=region, credentials=lambda: Credentials("a", "s", "")).get("dt=1/a b")
    style: Literal["auto", "virtual"] = (
        "auto" if "." in name else "virtual"
    )  # without a style, it takes an address without the region
    config = Config(
        signature_version="s3v4", s3={"us_east_1_regional_endpoint": "regional", "addressing_style": style}
    )
    theirs = boto3.client(
        "s3", region_name=region, config=config, aws_access_key_id="a", aws_secret_access_key="s"
    )
    url = urlsplit(theirs.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "dt=1/a b"}))
    assert Connection.opened[-1] == (url.netloc, url.path, s3.TIMEOUT_SECONDS)


def test_credentials_from_environment() -> None:
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


def test_refreshes_container_credentials(server: Server) -> None:
    server.script = [container(server, 200), container(server, 3600)]
    credentials = from_container(server)
    assert [credentials().token for _ in range(3)] == ["t200", "t3600", "t3600"]
    assert server.requests[0][1] == "/creds"
    assert server.requests[0][2]["Authorization"] == "word"


@pytest.mark.parametrize("trouble", [answers(500), answers(200, b"{}"), hangs_up])
def test_missing_credentials_are_transient(server: Server, trouble: Answer) -> None:
    server.script = [trouble]
    client = Bucket("data", region="us-east-1", credentials=from_container(server), endpoint=server.url)
    with pytest.raises(StoreError, match="credentials") as caught:
        client.get("a")
    assert caught.value.transient


def test_attempts_fit_the_function_timeout() -> None:
    assert s3.ATTEMPTS * s3.TIMEOUT_SECONDS + s3.ATTEMPTS * s3.MAX_BACKOFF_SECONDS < 30

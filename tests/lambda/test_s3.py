"""The S3 client gets and puts objects where botocore would."""

import re
from email.message import Message
from typing import ClassVar, Literal
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

import s3
from s3 import Bucket
from tests.s3_server import Server, answers, bucket


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
    environ = {"DATA_BUCKET": name, "AWS_REGION": region}
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s"}
    Bucket.from_environment({**environ, **keys}).get("dt=1/a b")
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

"""Credentials come from the environment or the container's endpoint, and are renewed before they end."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from credentials import Credentials, CredentialsError, provider
from s3 import Bucket
from store import StoreError
from tests.s3_server import Answer, Server, answers, hangs_up


def test_credentials_from_environment() -> None:
    environ = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    assert provider(environ)() == Credentials("a", "s", "t")
    del environ["AWS_SESSION_TOKEN"]  # as of a user's own keys
    assert provider(environ)() == Credentials("a", "s", "")
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


def test_container_without_path_and_token(server: Server) -> None:
    server.script = [container(server, 3600)]
    assert provider({"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.url})().access_key == "a"
    _, path, headers, _ = server.requests[0]
    assert path == "/"
    assert "Authorization" not in headers

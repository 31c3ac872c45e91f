"""AWS credentials as Lambda gives them, without the SDK's chain of places that a function never has."""

import http.client
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

REFRESH_SECONDS = 300  # before they end, as the SDKs do


class Credentials(NamedTuple):
    """A key pair, and its session's token or an empty string."""

    access_key: str
    secret_key: str
    token: str


class CredentialsError(Exception):
    """No credentials can be had; the message says where they were looked for."""


def provider(environ: Mapping[str, str]) -> Callable[[], Credentials]:
    """A function that gives credentials which are valid now.

    They come from AWS_ACCESS_KEY_ID and its companions, or, where the function is restored from a
    snapshot (SnapStart), from the endpoint that AWS_CONTAINER_CREDENTIALS_FULL_URI names:
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
    """
    if uri := environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        return _Container(uri, environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", ""))
    try:
        static = Credentials(
            environ["AWS_ACCESS_KEY_ID"],
            environ["AWS_SECRET_ACCESS_KEY"],
            environ.get("AWS_SESSION_TOKEN", ""),
        )
    except KeyError as error:
        raise CredentialsError(
            f"{error.args[0]} is not set, nor AWS_CONTAINER_CREDENTIALS_FULL_URI"
        ) from None
    return lambda: static


class _Container:
    """Fetches credentials and keeps them until shortly before they expire."""

    def __init__(self, uri: str, authorization: str) -> None:
        self._uri = urlsplit(uri)
        self._headers = {"Authorization": authorization} if authorization else {}
        self._credentials = Credentials("", "", "")
        self._good_until = 0.0

    def __call__(self) -> Credentials:
        if time.time() >= self._good_until:
            self._fetch()
        return self._credentials

    def _fetch(self) -> None:
        connection = http.client.HTTPConnection(self._uri.netloc, timeout=2)
        try:
            connection.request("GET", self._uri.path or "/", headers=self._headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise CredentialsError(f"the credentials endpoint answered {response.status}")
            found = orjson.loads(body)
            expiry = datetime.fromisoformat(found["Expiration"]).timestamp()
            fresh = Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            raise CredentialsError(f"the credentials endpoint gave no credentials: {error!r}") from error
        finally:
            connection.close()
        self._credentials = fresh
        self._good_until = expiry - REFRESH_SECONDS

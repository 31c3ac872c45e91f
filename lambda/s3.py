"""Getting and putting objects of one bucket over one connection that is kept open.

boto3's import and client take longer than everything else that a cold start does, so this speaks S3's
two requests itself: signed, retried as the SDKs' standard mode does, with an endpoint override.
"""

import http.client
import re
import time
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from credentials import Credentials, CredentialsError, provider
from signing import sign
from store import Object, StoreError

ATTEMPTS = 3
MAX_BACKOFF_SECONDS = 2.0
TIMEOUT_SECONDS = 5.0  # three attempts end within the function's own timeout of 30
# What botocore's standard mode retries, by status or by the code in S3's answer: a put whose body took too
# long to arrive is a 400. https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_TRANSIENT_STATUSES = {429, 500, 502, 503, 504}
_TRANSIENT_CODES = {
    *(b"RequestTimeout", b"RequestTimeoutException", b"PriorRequestNotComplete", b"SlowDown"),
    *(b"Throttling", b"ThrottlingException", b"ThrottledException", b"RequestThrottledException"),
    *(b"RequestThrottled", b"TooManyRequestsException", b"RequestLimitExceeded", b"LimitExceededException"),
    *(b"ProvisionedThroughputExceededException", b"TransactionInProgressException"),
    *(b"BandwidthLimitExceeded", b"EC2ThrottledException"),
}


class Bucket:
    """One bucket.

    Args:
        name: The bucket's name.
        region: Its region.
        credentials: Gives credentials which are valid now.
        endpoint: A URL that takes the place of S3's own; the bucket is then part of the path.
    """

    def __init__(
        self, name: str, *, region: str, credentials: Callable[[], Credentials], endpoint: str = ""
    ) -> None:
        self._name = name
        self._region = region
        self._credentials = credentials
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        # A name with dots does not match S3's certificate for virtual hosts.
        own = f"https://s3.{region}.{suffix}" if "." in name else f"https://{name}.s3.{region}.{suffix}"
        url = urlsplit(endpoint or own)
        self._host = url.netloc
        self._folder = url.path.rstrip("/") + (f"/{name}/" if endpoint or "." in name else "/")
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(self._host, timeout=TIMEOUT_SECONDS)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Bucket":
        """The bucket DATA_BUCKET, as Lambda's variables and the SDKs' endpoint variables say."""
        return cls(
            environ["DATA_BUCKET"],
            region=environ["AWS_REGION"],
            credentials=provider(environ),
            endpoint=environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL", ""),
        )

    def get(self, key: str, *, etag: str = "") -> Object | None:
        """The object, or None when its entity tag is still `etag`.

        Raises:
            StoreError: there is no such object, or it cannot be had.
        """
        status, headers, body = self._request("GET", key, {"If-None-Match": etag} if etag else {}, b"")
        return None if status == 304 else Object(body, headers.get("ETag", ""))

    def put(self, key: str, body: bytes) -> None:
        """Writes the object, over another one if need be.

        Raises:
            StoreError: it could not be written.
        """
        self._request("PUT", key, {}, body)

    def _request(
        self, method: str, key: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        problem, transient, answered = "", True, False
        for attempt in range(ATTEMPTS):
            # A connection that went stale while the function was frozen is replaced at once.
            if attempt > 1 or answered:
                _pause(attempt)
            try:
                status, found, answer = self._send(method, key, headers, body)
            except CredentialsError as error:
                raise StoreError(str(error), transient=True) from error
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                problem, transient, answered = f"failed with {error!r}", True, False
                continue
            if status < 300 or status == 304:
                return status, found, answer
            problem = f"answered {status} {answer[:300].decode(errors='replace')}"
            transient, answered = _is_transient(status, answer), True
            if not transient:
                break
        raise StoreError(f"{method} s3://{self._name}/{key} {problem}", transient=transient)

    def _send(
        self, method: str, key: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        path = self._folder + quote(key, safe="/~")
        signed = sign(
            method,
            path,
            {"Host": self._host, **headers},
            body,
            region=self._region,
            credentials=self._credentials(),
            now=time.time(),
        )
        self._connection.request(method, path, body or None, signed)
        response = self._connection.getresponse()
        return response.status, response.headers, response.read()


def _is_transient(status: int, answer: bytes) -> bool:
    code = re.search(rb"<Code>(\w+)</Code>", answer)
    return status in _TRANSIENT_STATUSES or (code is not None and code[1] in _TRANSIENT_CODES)


def _pause(attempt: int) -> None:
    """Waits before an attempt, longer each time, with full jitter."""
    import random  # only here, because most starts never wait and its import takes 2 ms

    time.sleep(random.random() * min(MAX_BACKOFF_SECONDS, 0.1 * 2**attempt))  # noqa: S311 - jitter

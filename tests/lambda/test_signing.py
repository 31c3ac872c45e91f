"""Requests are signed as botocore signs them."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from credentials import Credentials
from signing import sign

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

"""Users whom the load balancer signed in: only what it signed counts."""

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask

from tests.workloads.admin.conftest import started

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/platform/0123456789abcdef"
KEY_ID = "01234567-89ab-cdef-0123-456789abcdef"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER_KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses at which keys were asked for; the region's answer is KEY."""
    asked: list[str] = []

    def get(url: str, **_: Any) -> httpx.Response:
        asked.append(url)
        text = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return httpx.Response(200, content=text, request=httpx.Request("GET", url))

    monkeypatch.setattr("workloads.admin.oidc.httpx.get", get)
    return asked


@pytest.fixture
def app(asked: list[str]) -> Iterator[Flask]:
    yield from started(ADMIN_OIDC_LOAD_BALANCER_ARN=ARN, ADMIN_OIDC_ADMINS="ada@example.com")


def token(
    email: str = "ada@example.com",
    *,
    key: Any = KEY,
    kid: str = KEY_ID,
    signer: str = ARN,
    seconds: int = 60,
    **claims: Any,
) -> str:
    head = {"kid": kid, "signer": signer, "iss": "https://issuer.example", "client": "platform"}
    body = {"sub": "1", "email": email, "exp": int(time.time()) + seconds, **claims}
    return jwt.encode(body, key, algorithm="ES256", headers=head)


def status(app: Flask, text: str) -> tuple[int, str]:
    answer = app.test_client().get("/predict", headers={"x-amzn-oidc-data": text})
    return answer.status_code, answer.text


@pytest.mark.parametrize(("email", "role"), [("Ada@example.com", "admin"), ("bob@example.com", "viewer")])
def test_signed_users_have_their_role(app: Flask, asked: list[str], email: str, role: str) -> None:
    for _ in range(2):
        code, text = status(app, token(email))
        assert code == 200
        assert (">Predict</button>" in text) == (role == "admin")
    assert asked == [f"https://public-keys.auth.elb.us-east-1.amazonaws.com/{KEY_ID}"]


def test_padding_of_load_balancers_is_read(app: Flask) -> None:
    """The parts of their tokens end in =, which no other issuer's do, and are signed with it."""
    parts = [part + "=" * (-len(part) % 4) for part in token(name="x").split(".")[:2]]
    assert "=" in "".join(parts)
    algorithm = jwt.get_algorithm_by_name("ES256")
    signature = urlsafe_b64encode(algorithm.sign(".".join(parts).encode(), KEY)).decode()
    assert status(app, ".".join([*parts, signature]))[0] == 200


@pytest.mark.parametrize(
    "text",
    [
        token(key=OTHER_KEY),
        token(signer=ARN + "0"),
        token(seconds=-60),
        token(kid="../../evil"),
        token(email="", sub=""),
        jwt.encode({"email": "ada@example.com"}, "secret" * 8, headers={"kid": KEY_ID, "signer": ARN}),
        "not.a.token",
    ],
    ids=["another key", "another signer", "expired", "hostile key id", "nobody", "symmetric", "no token"],
)
def test_others_are_nobody(app: Flask, text: str) -> None:
    assert status(app, text)[0] == 302


def test_unverified_address_is_no_admin(app: Flask) -> None:
    assert ">Predict</button>" not in status(app, token(email_verified="false"))[1]


def test_without_a_load_balancer_nobody_is_trusted(asked: list[str]) -> None:
    for app in started():
        assert status(app, token())[0] == 302
    assert asked == []

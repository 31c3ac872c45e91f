"""AWS in moto; a stream, a queue and credentials there."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.ops.stack.account import Account


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every client of boto3 speaks to moto."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def account(aws: None) -> Account:
    """A stream and a queue."""
    return Account()

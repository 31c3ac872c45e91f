"""A bucket in moto."""

from typing import Any

import boto3
import pytest


@pytest.fixture
def s3(aws_account: None) -> Any:
    """S3 with the empty bucket `data`."""
    client = boto3.client("s3")
    client.create_bucket(Bucket="data")
    return client

"""Clients of the AWS API that moto serves."""

import threading
from typing import Any

import boto3
from botocore.config import Config

# moto takes any credentials; these are given by name so that a developer's own never leave the machine.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}


class Clients:
    """One client a service, made when it is first asked for and shared by every thread."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.endpoint = endpoint
        self.region = region
        self._session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=region,
        )
        self._made: dict[str, Any] = {}
        self._guard = threading.Lock()  # a session is not thread-safe, its clients are

    def __call__(self, service: str) -> Any:
        """The client of `service`, in boto3's name for it."""
        with self._guard:
            if service not in self._made:
                self._made[service] = self._session.client(  # type: ignore[call-overload]
                    service,
                    endpoint_url=self.endpoint,
                    config=Config(max_pool_connections=16, proxies={}, retries={"total_max_attempts": 3}),
                )
            return self._made[service]

    def environment(self) -> dict[str, str]:
        """What makes a child process talk to the same endpoint."""
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

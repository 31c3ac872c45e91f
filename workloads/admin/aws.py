"""AWS as pages need it: an answer within seconds, or an error that says what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workloads.admin.errors import PlatformError
from workloads.admin.settings import Settings

# A page has three seconds: one attempt, and the next look comes soon anyway.
QUICK = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1}, max_pool_connections=20)


def client(settings: Settings, service: str) -> Any:
    """A client of a service that answers quickly or not at all.

    Raises:
        PlatformError: there are no settings for one.
    """
    with plain(service, "the settings of the AWS client"):
        return boto3.client(service, region_name=settings.region, config=QUICK)  # type: ignore[call-overload]


@contextmanager
def plain(name: str, allow: str) -> Iterator[None]:
    """Turns what AWS refuses, or does not answer, into a PlatformError.

    Args:
        name: What was asked.
        allow: The actions that the role needs for it.
    """
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise PlatformError(
            f"{name} refuses ({code}); allow {allow}, and check the setting's name"
        ) from error
    except (BotoCoreError, ValueError) as error:
        kind = type(error).__name__
        raise PlatformError(
            f"{name} does not answer ({kind}); check the network, AWS_ENDPOINT_URL and the credentials"
        ) from error

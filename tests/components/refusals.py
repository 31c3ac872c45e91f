"""What a config is refused with."""

from collections.abc import Container, Iterable, Mapping
from typing import NoReturn

import pulumi
import pytest

from components.settings import Settings, SettingsError

PROJECT = "mlops-taxi-prediction"
# The public half of a pair that nobody has.
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPk/OPVFWiVfpb5Pz0YKR4Qawk26QYY0mgyGiwCdzNvm"
FARGATE_ENDPOINTS = (
    '["ecr.api", "ecr.dkr", "logs", "monitoring", "secretsmanager", "sns", "ssmmessages", "ecs"]'
)


class _NoResources(pulumi.runtime.Mocks):
    """A config is read before there is any resource."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> NoReturn:
        raise AssertionError(args.name)

    def call(self, args: pulumi.runtime.MockCallArgs) -> NoReturn:
        raise AssertionError(args.token)


def name_stack(stack: str = "dev", project: str = PROJECT) -> None:
    """Makes it the stack whose config is read."""
    pulumi.runtime.set_mocks(_NoResources(), project=project, stack=stack, preview=False)
    pulumi.runtime.set_all_config({}, [])


def refused(
    config: Mapping[str, str],
    *,
    aws: Mapping[str, str] | None = None,
    secrets: Container[str] = (),
    aws_secrets: Container[str] = (),
    other_keys: Iterable[str] = (),
) -> list[str]:
    """The lines of the one message, without what frames them."""
    with pytest.raises(SettingsError) as raised:
        Settings.from_config(config, aws=aws, secrets=secrets, aws_secrets=aws_secrets, other_keys=other_keys)
    return [line.removeprefix("  - ") for line in str(raised.value).splitlines() if line.startswith("  - ")]

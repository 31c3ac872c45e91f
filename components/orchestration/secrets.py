"""What Airflow and MLflow must keep to themselves, in Secrets Manager; tasks get it by reference."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.common.names import physical_name


class Secrets:
    """Makes random values, and one secret of several values for each service, so that each costs once."""

    def __init__(self, name: str, *, variant: str, recovery_days: int, parent: pulumi.Resource) -> None:
        self._name = name
        self._variant = variant
        self._recovery_days = recovery_days
        self._opts = pulumi.ResourceOptions(parent=parent)

    def password(self, thing: str) -> pulumi.Output[str]:
        """32 letters and digits, which need no escaping in a URL or an environment."""
        made = random.RandomPassword(f"{self._name}-{thing}", length=32, special=False, opts=self._opts)
        return made.result

    def fernet_key(self, thing: str) -> pulumi.Output[str]:
        """A key for Airflow's Fernet: 32 bytes in URL-safe base 64."""
        made = random.RandomBytes(f"{self._name}-{thing}", length=32, opts=self._opts)
        return made.base64.apply(lambda text: text.replace("+", "-").replace("/", "_"))

    def store(self, service: str, values: pulumi.Input[Mapping[str, Any]]) -> pulumi.Output[str]:
        """Keeps secret `values` as one JSON secret and returns its ARN, known once its value is there."""
        secret = aws.secretsmanager.Secret(
            f"{self._name}-{service}",
            name=physical_name(f"{self._variant}-{service}"),
            recovery_window_in_days=self._recovery_days,
            opts=self._opts,
        )
        version = aws.secretsmanager.SecretVersion(
            f"{self._name}-{service}",
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(values),
            opts=self._opts,
        )
        return version.secret_arn

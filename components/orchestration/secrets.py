"""The secrets of Airflow and MLflow: generated values, stored in Secrets Manager."""

import base64
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.common.names import physical_name


class Secrets:
    """Generates values, and stores those of a service as one secret, because each secret costs."""

    def __init__(self, name: str, *, variant: str, recovery_days: int, parent: pulumi.Resource) -> None:
        self._name = name
        self._variant = variant
        self._recovery_days = recovery_days
        self._opts = pulumi.ResourceOptions(parent=parent)

    def password(self, name: str) -> pulumi.Output[str]:
        """32 letters and digits, which need no escaping in a URL or an environment."""
        generated = random.RandomPassword(f"{self._name}-{name}", length=32, special=False, opts=self._opts)
        return generated.result

    def fernet_key(self, name: str) -> pulumi.Output[str]:
        """A key for Airflow's Fernet: 32 bytes, which carry 190 random bits, in URL-safe base 64.

        Not of RandomBytes, whose id is its base 64: ids stand in the state in plain text.
        """
        return self.password(name).apply(lambda text: base64.urlsafe_b64encode(text.encode()).decode())

    def store(self, service: str, values: pulumi.Input[Mapping[str, Any]]) -> pulumi.Output[str]:
        """Stores `values` as one JSON secret and returns its ARN, known once its value is there."""
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

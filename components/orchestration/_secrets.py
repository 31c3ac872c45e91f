"""What Airflow and MLflow must keep to themselves, in Secrets Manager; tasks get it by reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components._names import physical_name
from components.orchestration._database import Database


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


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The ARNs of the secrets: a JSON object of values for each service."""

    airflow: pulumi.Output[str]
    mlflow: pulumi.Output[str]


def keep(name: str, database: Database, *, protect: bool, parent: pulumi.Resource) -> Kept:
    """Makes every secret of the variant; with `protect` a deleted one can be recovered for 30 days."""
    secrets = Secrets(name, variant="fargate", recovery_days=30 if protect else 0, parent=parent)
    airflow, mlflow = secrets.password("airflow-database"), secrets.password("mlflow-database")
    return Kept(
        airflow=secrets.store(
            "airflow",
            {
                "admin_password": secrets.password("airflow-admin"),
                "database_password": airflow,
                "database_url": database.url("airflow", airflow),
                "fernet_key": secrets.fernet_key("airflow-fernet"),
                "jwt_secret": secrets.password("airflow-jwt"),
                "session_secret": secrets.password("airflow-session"),
            },
        ),
        mlflow=secrets.store(
            "mlflow",
            {
                "admin_password": secrets.password("mlflow-admin"),
                "database_password": mlflow,
                "database_url": database.url("mlflow", mlflow),
                "session_secret": secrets.password("mlflow-session"),
            },
        ),
    )

"""What to type first: how to get the passwords, to the pages for people, and a ride into the stream.

The commands are one text, a line each, so that `pulumi stack output quick_start_commands` prints what a shell
takes as it is; a list would be printed as JSON, with its quotes escaped.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

_RIDE = json.dumps(
    {"ride_id": "first", "ride": {"PULocationID": 130, "DOLocationID": 205, "trip_distance": 3.66}}
)


@dataclass(frozen=True, kw_only=True)
class SecretValue:
    """One value of a JSON secret; `path` is jq's."""

    secret_arn: pulumi.Input[str]
    path: str


def quick_start(
    region: pulumi.Input[str],
    *,
    airflow_password: SecretValue,
    mlflow_password: SecretValue,
    admin_password: SecretValue,
    mlflow_url: pulumi.Input[str],
    stream_name: pulumi.Input[str],
    more: Sequence[pulumi.Output[str]] = (),
) -> pulumi.Output[str]:
    """The commands of any variant, for the user `admin` of every page, and `more` of its own."""
    commands = [
        _password(region, airflow_password),
        _password(region, mlflow_password),
        _password(region, admin_password),
        _tracking(region, mlflow_url, mlflow_password),
        _ride(region, stream_name),
        *more,
    ]
    return pulumi.Output.all(*commands).apply("\n".join)


def forward_port(
    region: pulumi.Input[str], instance_id: pulumi.Input[str], port: int, *, local_port: int = 0
) -> pulumi.Output[str]:
    """Brings a port of an instance to this machine, past its security group, for whoever AWS lets.

    It has the same number here, or that of `local_port`.
    """
    return pulumi.Output.format(
        "aws ssm start-session --region {0} --target {1} --document-name AWS-StartPortForwardingSession "
        "--parameters portNumber={2},localPortNumber={3}",
        region,
        instance_id,
        port,
        local_port or port,
    )


def _password(region: pulumi.Input[str], value: SecretValue) -> pulumi.Output[str]:
    return pulumi.Output.format(
        "aws secretsmanager get-secret-value --region {0} --secret-id '{1}' --query SecretString "
        "--output text | jq -r '{2}'",
        region,
        value.secret_arn,
        value.path,
    )


def _tracking(
    region: pulumi.Input[str], mlflow_url: pulumi.Input[str], password: SecretValue
) -> pulumi.Output[str]:
    """Points MLflow's client at the server."""
    return pulumi.Output.format(
        'export MLFLOW_TRACKING_URI={0} MLFLOW_TRACKING_USERNAME=admin MLFLOW_TRACKING_PASSWORD="$({1})"',
        mlflow_url,
        _password(region, password),
    )


def _ride(region: pulumi.Input[str], stream_name: pulumi.Input[str]) -> pulumi.Output[str]:
    """Sends one ride to be predicted."""
    return pulumi.Output.format(
        "aws kinesis put-record --region {0} --stream-name {1} --partition-key first "
        "--cli-binary-format raw-in-base64-out --data '{2}'",
        region,
        stream_name,
        _RIDE,
    )

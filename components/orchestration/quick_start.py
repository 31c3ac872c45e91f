"""What to type first: how to get the passwords, to Airflow and MLflow, and a ride into the stream."""

import json

import pulumi

_RIDE = json.dumps(
    {"ride_id": "first", "ride": {"PULocationID": 130, "DOLocationID": 205, "trip_distance": 3.66}}
)


def _password(region: pulumi.Input[str], secret: pulumi.Input[str], path: str) -> pulumi.Output[str]:
    """Shows one value of a JSON secret; `path` is jq's."""
    return pulumi.Output.format(
        "aws secretsmanager get-secret-value --region {0} --secret-id {1} --query SecretString --output text "
        "| jq -r '{2}'",
        region,
        secret,
        path,
    )


def forward(region: pulumi.Input[str], instance_id: pulumi.Input[str], port: int) -> pulumi.Output[str]:
    """Brings a port of an instance to this machine, past its security group, for whoever AWS lets."""
    return pulumi.Output.format(
        "aws ssm start-session --region {0} --target {1} --document-name AWS-StartPortForwardingSession "
        "--parameters portNumber={2},localPortNumber={2}",
        region,
        instance_id,
        port,
    )


def _tracking(mlflow_url: pulumi.Input[str]) -> pulumi.Output[str]:
    """Points MLflow's client at the server."""
    return pulumi.Output.format(
        "export MLFLOW_TRACKING_URI={0} MLFLOW_TRACKING_USERNAME=admin MLFLOW_TRACKING_PASSWORD=...",
        mlflow_url,
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


def for_both(
    region: pulumi.Input[str],
    *,
    airflow_secret: tuple[pulumi.Input[str], str],
    mlflow_secret: tuple[pulumi.Input[str], str],
    mlflow_url: pulumi.Input[str],
    stream_name: pulumi.Input[str],
) -> list[pulumi.Output[str]]:
    """What any variant is used with; a secret comes with jq's path to the password of the user `admin`."""
    return [
        _password(region, *airflow_secret),
        _password(region, *mlflow_secret),
        _tracking(mlflow_url),
        _ride(region, stream_name),
    ]

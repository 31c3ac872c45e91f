"""What the instances of a tier run, as processes of one machine."""

import base64
import secrets
from dataclasses import fields

from components.common.instance_types import memory_mib
from components.orchestration.compose.compose_file import (
    AdminGui,
    ComposeFileArgs,
    FrontendFileArgs,
    Passwords,
    admin_environment,
    frontend_file,
    orchestration_file,
    secret_environments,
)
from components.settings import Settings
from ops.rehearse.account import REGION, TOPIC
from ops.rehearse.arguments import secret_values
from ops.rehearse.plan import ARTIFACTS, PORTS, Machine, Plan, services

_DATA = {"DATA_BUCKET": "data", "KINESIS_STREAM_NAME": "rides", "REPORTS_BUCKET": "reports"}


def on_instances(settings: Settings, machine: Machine, master: str) -> Plan:
    """The orchestration instance's services, and the admin GUI of whichever instance has it.

    Args:
        settings: Of the tier.
        machine: Where things are here.
        master: The databases' password of `platform`.
    """
    words = {each.name: secrets.token_hex(16) for each in fields(Passwords)}
    fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    passwords = Passwords(**{**words, "airflow_fernet_key": fernet, "postgres": master})
    environments = {**secret_environments(passwords), **admin_environment(passwords)}
    here = services(orchestration_file(_orchestration(settings)), environments, machine)
    if settings.compose.frontend_instance:
        there = services(frontend_file(_frontend(settings)), environments, machine)
        here += [each for each in there if each.name == "admin"]  # the status page is the same on both
    return Plan(
        services=here,
        secrets=secret_values(environments.values()),
        airflow_password=passwords.airflow_admin,
        mlflow_password=passwords.mlflow_admin,
        admin_password=passwords.admin_gui,
    )


def _orchestration(settings: Settings) -> ComposeFileArgs:
    model = {"MODEL_ALIAS": settings.streaming.model_alias, "MODEL_NAME": settings.streaming.model_name}
    return ComposeFileArgs(
        airflow_image="airflow:rehearsal",
        mlflow_image="mlflow:rehearsal",
        status_image="status:rehearsal",
        executor=settings.compose.compose_executor,
        instance_mib=memory_mib(settings.compose.orchestration_instance_type),
        region=REGION,
        artifacts_bucket=ARTIFACTS.removeprefix("s3://"),
        data={**_DATA, **model, "ALERT_TOPIC_ARN": TOPIC},
        admin=None if settings.compose.frontend_instance else _gui(),
    )


def _frontend(settings: Settings) -> FrontendFileArgs:
    return FrontendFileArgs(
        admin=_gui(),
        status_image="status:rehearsal",
        instance_mib=memory_mib(settings.compose.frontend_instance_type),
        region=REGION,
        orchestration_address="localhost",
        browser_address="",
    )


def _gui() -> AdminGui:
    # Nothing here invokes a function: its health and its sign-in do not ask for one.
    function = {
        "DEAD_LETTER_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/123456789012/dead-letters",
        "PREDICTOR_FUNCTION_NAME": "predictor",
    }
    return AdminGui(image="admin:rehearsal", port=PORTS["admin"], environment={**_DATA, **function})

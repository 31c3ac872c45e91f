"""The Fargate tasks read here as ECS would start them, but for addresses, paths and RDS' own password."""

import json
from pathlib import Path

import pytest

from ops.engine import run
from ops.rehearse.fargate import Tasks
from ops.rehearse.plan import ARTIFACTS, CLUSTER, PORTS, Machine, Plan

ROOT = Path(__file__).parents[3]
SERVICES = {"api-server", "scheduler", "dag-processor", "triggerer", "mlflow", "admin"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The plan of the tier `standard`."""
    images = {f"{name}ImageUri": f"{name}:1" for name in ("airflow", "mlflow", "status", "admin")}
    deployment = run(ROOT, stack="dev", config={"tier": "standard", **images}, preview=False)
    machine = Machine(
        ports={port: 20_000 + port for port in PORTS.values()},
        folders={CLUSTER: Path("/here/cluster"), ARTIFACTS: Path("/here/artifacts")},
        programs={"": "/airflow", "mlflow": "/mlflow"},
    )
    return Tasks(deployment, machine, "master").plan()


def test_every_service_runs_after_the_container_that_prepares_it(plan: Plan) -> None:
    found = {each.name: each for each in plan.services}
    assert {name for name in found if "/" not in name} == SERVICES | {"postgres"}
    for name in SERVICES:
        first = name
        while list(found[first].after) != ["postgres"]:
            (first,) = found[first].after
            assert found[first].once
        assert found[name].health
        assert found[name].limit_mib >= 512


def test_nothing_of_aws_is_left_in_what_is_run(plan: Plan) -> None:
    """But for the task logs, which go to the account that the rehearsal brings along."""
    for each in plan.services:
        environment = dict(each.environment)
        kept = environment.pop("AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER", "s3://data/logs/airflow")
        assert kept.startswith("s3://")
        assert kept.endswith("/logs/airflow")
        text = json.dumps([each.command, environment, each.health])
        for word in (".internal", "rds.amazonaws.com", "s3://", "arn:aws:secretsmanager"):
            assert word not in text, (each.name, word)


def test_secrets_are_those_of_the_graph(plan: Plan) -> None:
    """But for the master's, which is this machine's."""
    found = {each.name: each.environment for each in plan.services}
    database = found["api-server/create-database"]
    assert (database["PGUSER"], database["PGPASSWORD"]) == ("platform", "master")
    url = f"airflow:{database['AIRFLOW_DATABASE_PASSWORD']}@127.0.0.1:25432/airflow?sslmode=require"
    assert found["scheduler"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].endswith(url)
    assert found["mlflow"]["MLFLOW_AUTH_ADMIN_PASSWORD"] == plan.mlflow_password


def test_servers_are_asked_what_the_load_balancer_asks(plan: Plan) -> None:
    found = {each.name: each for each in plan.services}
    assert found["mlflow"].health[-1] == "http://127.0.0.1:25000/mlflow/health"
    assert found["api-server"].health[-1].startswith("http://127.0.0.1:28080/airflow/")

"""The cluster, its tasks and services: what AWS would be asked for, by the inputs that matter."""

import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from components.common.paths import IMAGES
from components.orchestration.containers import CONTAINERS
from tests.components.fargate.conftest import FAMILY_ARN, OIDC, SERVICES, containers, rules
from workloads.admin.settings import Settings as AdminSettings


def test_security_groups(fargate: Any) -> None:
    """Only the load balancer is open; every connection between the parts has its own rule."""
    deployed = fargate(albIngressCidrs='["198.51.100.0/24"]')
    assert rules(deployed, "SecurityGroupIngressRule") == {
        ("balancer", 80, "198.51.100.0/24"),
        ("balancer", 443, "198.51.100.0/24"),
        ("balancer", 5000, "198.51.100.0/24"),
        ("services", 8080, "balancer"),
        ("services", 5000, "balancer"),
        ("services", 8080, "services"),
        ("services", 5000, "services"),
        ("database", 5432, "services"),
        ("files", 2049, "services"),
    }
    assert rules(deployed, "SecurityGroupEgressRule") == {
        ("balancer", 8080, "services"),
        ("balancer", 5000, "services"),
        ("services", 8080, "services"),
        ("services", 5000, "services"),
        ("services", 5432, "database"),
        ("services", 2049, "files"),
        ("services", 443, "0.0.0.0/0"),
    }


def test_sessions_of_ecs_exec_are_logged(fargate: Any) -> None:
    """The task's own role writes the session's log; without the right to, the session does not start."""
    for task in ("airflow", "mlflow"):
        grant = fargate().one("RolePolicy", f"orchestration-{task}").inputs["policy"]["Statement"]
        allowed = {one.get("Sid"): one for one in grant}
        assert "logs:PutLogEvents" in allowed["WriteSessionLogs"]["Action"]
        assert allowed["WriteSessionLogs"]["Resource"] == [
            "arn:aws:cloudwatch:us-east-1:123456789012:orchestration-cluster:*"
        ]
    production = fargate("production").one("RolePolicy", "orchestration-mlflow").inputs["policy"]
    assert "WriteSessionLogs" not in {one.get("Sid") for one in production["Statement"]}


def test_services_wait_until_their_database_is_prepared(fargate: Any) -> None:
    """Each waits for the one before it to succeed, without the `startTimeout` that Fargate bounds."""
    deployed = fargate()
    order = {name: list(containers(deployed, name).values()) for name in SERVICES}
    assert {name: [one["name"] for one in chain] for name, chain in order.items()} == {
        "api-server": ["create-database", "migrate", "api-server"],
        "scheduler": ["wait", "scheduler"],
        "dag-processor": ["wait", "dag-processor"],
        "triggerer": ["wait", "triggerer"],
        "mlflow": ["create-database", "mlflow"],
        "admin": ["admin"],
    }
    for chain in order.values():
        assert [one["essential"] for one in chain] == [False] * (len(chain) - 1) + [True]
        assert not any("startTimeout" in one for one in chain)
        for before, following in pairwise(chain):
            assert following["dependsOn"] == [{"containerName": before["name"], "condition": "SUCCESS"}]


@pytest.mark.parametrize(("reached", "asked"), [(0, ["check", "check-migrations"]), (1, ["check"])])
def test_waits_for_the_database_first(fargate: Any, tmp_path: Path, reached: int, asked: list[str]) -> None:
    """Whose user the API server's task makes: without it, the migrations cannot be asked for."""
    airflow = tmp_path / "airflow"
    airflow.write_text(
        f'#!/bin/sh\necho "$2" "$3" >> {tmp_path}/asked\n[ "$2" != check ] || exit {reached}\n'
    )
    airflow.chmod(0o755)
    command = containers(fargate(), "scheduler")["wait"]["command"]
    done = subprocess.run(command, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False)
    lines = (tmp_path / "asked").read_text().splitlines()
    assert (done.returncode, [line.split()[0] for line in lines]) == (reached, asked)
    assert lines[0] == "check --retry"


def test_both_variants_run_the_same_commands(fargate: Any) -> None:
    """What Compose mounts as a script is the text that Fargate is given."""
    deployed = fargate()
    for task, container, spec in (
        ("mlflow", "mlflow", "mlflow"),
        ("api-server", "migrate", "airflow-migrate"),
        ("api-server", "create-database", "databases"),
    ):
        command = containers(deployed, task)[container]["command"]
        assert command[2] == (IMAGES / "bin" / CONTAINERS[spec].script).read_text()
    for name in SERVICES:
        given = {one["name"]: one["value"] for one in containers(deployed, name)[name]["environment"]}
        assert CONTAINERS[name].environment.items() <= given.items()


def test_components_without_a_port_are_asked_for_their_heartbeat(fargate: Any) -> None:
    """By the database, in which a component is known by the name that the check looks for."""
    deployed = fargate()
    for name in ("scheduler", "dag-processor", "triggerer"):
        component = containers(deployed, name)[name]
        script = (IMAGES / "bin" / "heartbeat.py").read_text()
        command = ["CMD", "python", "-c", script, CONTAINERS[name].job_type]
        assert component["healthCheck"]["command"] == command
        assert {"name": "AIRFLOW__CORE__HOSTNAME_CALLABLE", "value": "socket.gethostname"} in component[
            "environment"
        ]


def test_admin_gui_of_a_stack_starts(fargate: Any) -> None:
    """Its own settings take what its task is given, secrets by name."""
    deployed = fargate(domainName="x.org", hostedZoneId="Z123", oidcAdmins='["a@x.org"]', **OIDC)
    container = containers(deployed, "admin")["admin"]
    given = {one["name"]: one["value"] for one in container["environment"]}
    given |= {one["name"]: f"a-generated-password-{one['name']}" for one in container["secrets"]}
    settings = AdminSettings.of(given)
    assert (settings.behind_proxy, settings.port) == (True, 5000)
    assert settings.oidc_admins == {"a@x.org"}
    assert settings.oidc_load_balancer_arn.endswith("orchestration-balancer")
    assert settings.mlflow_link == "https://mlflow.x.org"
    assert settings.airflow_url.startswith("http://api-server.mlops-taxi-prediction-dev.internal:8080")
    assert container["user"] == "50000:0"
    assert containers(fargate("production"), "admin")["admin"]["readonlyRootFilesystem"] is True


def test_admin_gui_may_do_what_its_buttons_do(fargate: Any) -> None:
    grant = fargate().one("RolePolicy", "orchestration-admin").inputs["policy"]["Statement"]
    allowed = {one["Sid"]: one for one in grant}
    assert allowed["HandleDeadLetters"]["Resource"] == ["arn:aws:sqs:us-east-1:123456789012:dead-letters"]
    assert allowed["PromoteAndRollBack"]["Resource"] == ["arn:aws:s3:::data/models/rides/*"]
    assert not any("secretsmanager" in action for one in grant for action in one["Action"])


def test_ecs_executor_gets_its_strategy_as_boto3_takes_it(fargate: Any) -> None:
    """Botocore's own model of RunTask accepts what the executor hands on."""
    environment = {
        one["name"]: one["value"]
        for one in containers(fargate("production"), "scheduler")["scheduler"]["environment"]
    }
    arguments = json.loads(environment["AIRFLOW__AWS_ECS_EXECUTOR__RUN_TASK_KWARGS"])
    shape = botocore.session.Session().get_service_model("ecs").operation_model("RunTask").input_shape
    assert shape is not None
    report = ParamValidator().validate({"taskDefinition": "worker", **arguments}, shape)
    assert not report.has_errors(), report.generate_report()
    assert arguments["capacityProviderStrategy"][0]["capacityProvider"] == "FARGATE_SPOT"
    assert "AIRFLOW__AWS_ECS_EXECUTOR__CAPACITY_PROVIDER_STRATEGY" not in environment


def test_secrets_reach_tasks_by_reference_only(fargate: Any) -> None:
    deployed = fargate("production")
    for task in deployed.all("TaskDefinition"):
        assert "generated" not in json.dumps(task.inputs)
        for one in containers(deployed, task.name.removeprefix("orchestration-")).values():
            assert all(secret["valueFrom"].startswith("arn:aws:secretsmanager:") for secret in one["secrets"])


def test_every_service_rolls_back_and_none_has_a_public_address(fargate: Any) -> None:
    services = fargate().all("aws:ecs/service:Service")
    assert len(services) == len(SERVICES)
    for service in services:
        assert service.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
        assert service.inputs["networkConfiguration"]["assignPublicIp"] is False
        assert service.inputs["waitForSteadyState"] is True  # else `up` is green while tasks crash


def test_only_the_scheduler_may_run_tasks(fargate: Any) -> None:
    """In production, and only the worker's."""
    deployed = fargate("production")
    allowed = {
        policy.name: {
            statement.get("Sid"): statement["Resource"] for statement in policy.inputs["policy"]["Statement"]
        }
        for policy in deployed.all("RolePolicy")
    }
    assert allowed["orchestration-scheduler"]["RunTask"] == [f"{FAMILY_ARN}:*"]
    assert "RunTask" not in allowed["orchestration-airflow"]
    environment = {
        one["name"]: one["value"] for one in containers(deployed, "scheduler")["scheduler"]["environment"]
    }
    assert environment["AIRFLOW__CORE__EXECUTOR"].endswith("AwsEcsExecutor")
    assert environment["AIRFLOW__AWS_ECS_EXECUTOR__SUBNETS"] == "subnet-3,subnet-4"


def test_old_revisions_outlive_a_rollout(fargate: Any) -> None:
    """A scheduler that ECS is replacing, or rolls back to, goes on with the revision it knows."""
    assert {task.inputs["skipDestroy"] for task in fargate("production").all("TaskDefinition")} == {True}


def test_the_default_strategy_of_the_source_design_is_reachable(fargate: Any) -> None:
    deployed = fargate(fargateBase="1", fargateWeight="100", fargateSpotWeight="0")
    assert deployed.one("ClusterCapacityProviders").inputs["defaultCapacityProviderStrategies"] == [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 100}
    ]


def test_the_variant_has_the_outputs_of_the_contract(fargate: Any) -> None:
    assert set(fargate().result["outputs"]) == {
        "alb_dns_name",
        "alb_zone_id",
        "ecs_cluster_name",
        "ecs_cluster_arn",
        "rds_endpoint",
        "rds_port",
        "efs_file_system_id",
    }

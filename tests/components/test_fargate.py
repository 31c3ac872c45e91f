"""The Fargate variant: what AWS would be asked for, by the inputs that matter."""

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from components.common.paths import IMAGES
from components.orchestration.containers import CONTAINERS
from components.orchestration.fargate import FargateArgs, FargateOrchestration
from components.settings import Settings, SettingsError
from tests.components.conftest import DATA

ARN = "arn:aws:s3:::"
SERVICES = ("api-server", "scheduler", "dag-processor", "triggerer", "mlflow")
FAMILY_ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition/mlops-taxi-prediction-worker-dev"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/c"
OIDC = {
    "oidcIssuer": "https://id.x.org",
    "oidcAuthorizationEndpoint": "https://id.x.org/authorize",
    "oidcTokenEndpoint": "https://id.x.org/token",
    "oidcUserInfoEndpoint": "https://id.x.org/userinfo",
    "oidcClientId": "client",
    "oidcClientSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:oidc",
}


@pytest.fixture
def fargate(deploy: Callable[..., Any]) -> Callable[..., Any]:
    """Deploys the variant of a tier with some keys of the config; `.result` is what it offers."""

    def run(tier: str = "standard", *, scheduled: bool = False, **config: str) -> Any:
        settings = Settings.from_config({"tier": tier, **config})

        def program() -> Any:
            made = FargateOrchestration(
                "orchestration",
                FargateArgs(
                    settings=settings.fargate,
                    vpc_id="vpc-1",
                    public_subnet_ids=["subnet-1", "subnet-2"],
                    private_subnet_ids=["subnet-3", "subnet-4"],
                    airflow_image="ecr/airflow:1",
                    mlflow_image="ecr/mlflow:1",
                    data=DATA,
                    access_logs_bucket_name="access-logs",
                    image_architecture="arm64",
                    scheduled=scheduled,
                ),
            )
            return {"airflow": made.airflow_url, "mlflow": made.mlflow_url, "outputs": made.variant_outputs}

        mocked = {
            "aws:rds/instance:Instance": {
                "address": "db.example",
                "masterUserSecrets": [
                    {"secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:m"}
                ],
            },
            "aws:ecs/taskDefinition:TaskDefinition": {"arnWithoutRevision": FAMILY_ARN},
            "aws:lb/loadBalancer:LoadBalancer": {"dnsName": "alb.example", "zoneId": "Z1"},
            "aws:route53/record:Record": {"fqdn": "proof.x.org"},
            "aws:acm/certificate:Certificate": {
                "domainValidationOptions": [proof("mlflow"), proof("airflow")]
            },
            "aws:secretsmanager/secretVersion:SecretVersion": {
                "secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"
            },
            "random:index/randomPassword:RandomPassword": {"result": "generated"},
            "random:index/randomId:RandomId": {"hex": "0a1b"},
        }
        return deploy(program, computed=mocked)

    return run


def containers(deployed: Any, name: str) -> dict[str, Mapping[str, Any]]:
    task = deployed.one("TaskDefinition", f"orchestration-{name}")
    definitions = task.inputs["containerDefinitions"]
    definitions = json.loads(definitions) if isinstance(definitions, str) else definitions
    return {one["name"]: one for one in definitions}


def proof(service: str) -> dict[str, str]:
    """What ACM asks for to prove a name."""
    return {
        "domainName": f"{service}.x.org",
        "resourceRecordName": f"_{service[0]}.{service}.x.org",
        "resourceRecordType": "CNAME",
        "resourceRecordValue": f"{service[0]}.acm",
    }


def rules(deployed: Any, kind: str) -> set[tuple[str, int, str]]:
    return {
        (
            rule.inputs["securityGroupId"].removeprefix("orchestration-").removesuffix("-id"),
            rule.inputs["fromPort"],
            rule.inputs.get("cidrIpv4")
            or rule.inputs["referencedSecurityGroupId"].removeprefix("orchestration-").removesuffix("-id"),
        )
        for rule in deployed.all(kind)
    }


def test_security_groups(fargate: Any) -> None:
    """Only the load balancer is open; every connection between the parts has its own rule."""
    deployed = fargate(albIngressCidrs='["198.51.100.0/24"]')
    assert rules(deployed, "SecurityGroupIngressRule") == {
        ("balancer", 80, "198.51.100.0/24"),
        ("balancer", 443, "198.51.100.0/24"),
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


def test_the_database_of_a_small_team(fargate: Any) -> None:
    database = fargate("standard").one("aws:rds/instance:Instance").inputs
    assert {
        "instanceClass": "db.t4g.micro",
        "engineVersion": "16",
        "allocatedStorage": 20,
        "maxAllocatedStorage": 100,
        "storageType": "gp3",
        "storageEncrypted": True,
        "multiAz": False,
        "manageMasterUserPassword": True,
        "publiclyAccessible": False,
        "backupRetentionPeriod": 7,
        "maintenanceWindow": "Sun:04:00-Sun:05:00",
        "deletionProtection": False,
        "skipFinalSnapshot": False,
    }.items() <= database.items()
    assert "password" not in database


def test_database_of_production(fargate: Any) -> None:
    """Multi-AZ, monitored and protected."""
    deployed = fargate("production")
    database = deployed.one("aws:rds/instance:Instance").inputs
    assert {
        "instanceClass": "db.t4g.small",
        "multiAz": True,
        "deletionProtection": True,
        "performanceInsightsEnabled": True,
        "monitoringInterval": 60,
    }.items() <= database.items()
    assert deployed.one("ParameterGroup").inputs["parameters"] == [{"name": "rds.force_ssl", "value": "1"}]


def test_engine_version_decides_the_parameter_family(fargate: Any) -> None:
    """Also for the version of the source design."""
    deployed = fargate(rdsEngineVersion="15.4", rdsInstanceClass="db.t3.micro", rdsMultiAz="true")
    assert deployed.one("ParameterGroup").inputs["family"] == "postgres15"
    assert deployed.one("aws:rds/instance:Instance").inputs["engineVersion"] == "15.4"


def test_the_database_s_logs_are_kept_as_long_as_all_others(fargate: Any) -> None:
    deployed = fargate(logRetentionDays="5")
    groups = {
        one.inputs["name"]: one.inputs["retentionInDays"]
        for one in deployed.all("LogGroup")
        if "rds" in one.inputs["name"]
    }
    prefix = "/aws/rds/instance/mlops-taxi-prediction-airflow-db-dev"
    assert groups == {f"{prefix}/postgresql": 5, f"{prefix}/upgrade": 5}
    database = deployed.one("aws:rds/instance:Instance").inputs
    assert database["identifier"] == prefix.rsplit("/", 1)[1]
    assert database["enabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]


@pytest.mark.parametrize(("tier", "at_once"), [("standard", True), ("production", False)])
def test_database_changes_in_its_maintenance_window(fargate: Any, tier: str, at_once: bool) -> None:
    """In production."""
    assert fargate(tier).one("aws:rds/instance:Instance").inputs["applyImmediately"] is at_once


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


def test_files_can_be_provisioned_as_in_the_source_design(fargate: Any) -> None:
    deployed = fargate(efsThroughputMode="provisioned", efsProvisionedMibps="50")
    files = deployed.one("FileSystem").inputs
    assert files["encrypted"] is True
    assert files["throughputMode"] == "provisioned"
    assert files["provisionedThroughputInMibps"] == 50
    assert files["lifecyclePolicies"] == [{"transitionToIa": "AFTER_30_DAYS"}]


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
    }
    for chain in order.values():
        assert [one["essential"] for one in chain] == [False] * (len(chain) - 1) + [True]
        assert not any("startTimeout" in one for one in chain)
        for before, following in pairwise(chain):
            assert following["dependsOn"] == [{"containerName": before["name"], "condition": "SUCCESS"}]


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


def test_airflow_reaches_the_database_asynchronously_over_tls(fargate: Any) -> None:
    """asyncpg refuses `sslmode`, psycopg2's name of the option."""
    secrets = json.loads(
        fargate().one("SecretVersion", "orchestration-airflow").inputs["secretString"]["value"]
    )
    assert secrets["database_url_async"].endswith("/airflow?ssl=require")
    assert secrets["database_url"].endswith("/airflow?sslmode=require")


def test_secrets_reach_tasks_by_reference_only(fargate: Any) -> None:
    deployed = fargate("production")
    for task in deployed.all("TaskDefinition"):
        assert "generated" not in json.dumps(task.inputs)
        for one in containers(deployed, task.name.removeprefix("orchestration-")).values():
            assert all(secret["valueFrom"].startswith("arn:aws:secretsmanager:") for secret in one["secrets"])


def test_every_service_rolls_back_and_none_has_a_public_address(fargate: Any) -> None:
    services = fargate().all("aws:ecs/service:Service")
    assert len(services) == 5
    for service in services:
        assert service.inputs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
        assert service.inputs["networkConfiguration"]["assignPublicIp"] is False
        assert service.inputs["waitForSteadyState"] is True  # else `up` is green while tasks crash


def test_without_a_domain_both_share_one_address_by_path(fargate: Any) -> None:
    deployed = fargate()
    assert deployed.result["airflow"] == "http://alb.example/airflow"
    assert deployed.result["mlflow"] == "http://alb.example/mlflow"
    health = {one.name: one.inputs["healthCheck"]["path"] for one in deployed.all("TargetGroup")}
    assert health == {
        "orchestration-airflow": "/airflow/api/v2/monitor/health",
        "orchestration-mlflow": "/mlflow/health",
    }


def test_hosted_zone_brings_a_validated_certificate(fargate: Any) -> None:
    """Every name is proved in the zone, and HTTP only redirects."""
    deployed = fargate(domainName="x.org", hostedZoneId="Z123", albIngressCidrs='["0.0.0.0/0"]')
    certificate = deployed.one("aws:acm/certificate:Certificate").inputs
    assert (certificate["domainName"], certificate["subjectAlternativeNames"]) == (
        "airflow.x.org",
        ["mlflow.x.org"],
    )
    proofs = {
        one.inputs["name"]: one.inputs["records"]
        for one in deployed.all("aws:route53/record:Record")
        if "certificate" in one.name
    }
    assert proofs == {"_a.airflow.x.org": ["a.acm"], "_m.mlflow.x.org": ["m.acm"]}
    validation = deployed.one("aws:acm/certificateValidation:CertificateValidation").inputs
    assert len(validation["validationRecordFqdns"]) == 2
    assert deployed.one("Listener", "orchestration-http").inputs["defaultActions"][0]["type"] == "redirect"


def test_oidc_signs_in_before_a_service_is_reached(fargate: Any) -> None:
    deployed = fargate(domainName="x.org", hostedZoneId="Z123", **OIDC)
    for rule in deployed.all("ListenerRule"):
        sign_in, forward = rule.inputs["actions"]["value"]  # a secret, for it holds the client's
        assert (sign_in["type"], forward["type"]) == ("authenticate-oidc", "forward")
        assert sign_in["authenticateOidc"]["clientId"] == "client"
    assert ("balancer", 443, "0.0.0.0/0") in rules(deployed, "SecurityGroupEgressRule")


@pytest.mark.parametrize(
    ("config", "key"),
    [
        ({"albIngressCidrs": '["0.0.0.0/0"]'}, "albIngressCidrs"),
        ({"certificateArn": CERTIFICATE}, "certificateArn"),
        ({"domainName": "x.org"}, "domainName"),
        ({"hostedZoneId": "Z123"}, "hostedZoneId"),
        ({"domainName": "x.org", "hostedZoneId": "Z123", "oidcIssuer": "https://id.x.org"}, "oidc"),
        (OIDC, "oidcIssuer"),
    ],
)
def test_unsafe_entry_is_refused(config: dict[str, str], key: str) -> None:
    """Passwords never pass in plain text from a public range, and a certificate always matches a name."""
    with pytest.raises(SettingsError, match=rf"- {key}\w*(, \w+)*: .*set|needs"):
        Settings.from_config({"tier": "production", **config})


def test_nobody_is_let_in_by_default(fargate: Any) -> None:
    allowed = {cidr for _, _, cidr in rules(fargate("production"), "SecurityGroupIngressRule")}
    assert not any("/" in cidr for cidr in allowed)


def test_with_a_certificate_http_only_redirects(fargate: Any) -> None:
    deployed = fargate(certificateArn="arn:aws:acm:us-east-1:123456789012:certificate/c", domainName="x.org")
    assert deployed.result["airflow"] == "https://airflow.x.org"
    assert deployed.one("Listener", "orchestration-http").inputs["defaultActions"][0]["type"] == "redirect"
    assert {rule.inputs["listenerArn"] for rule in deployed.all("ListenerRule")} == {
        deployed.one("Listener", "orchestration-https").name.join(["arn:aws:lb:us-east-1:123456789012:", ""])
    }


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

"""The database and the shared files of the Fargate variant."""

import json
from typing import Any

import pytest

from tests.components.fargate.conftest import containers


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


def test_files_can_be_provisioned_as_in_the_source_design(fargate: Any) -> None:
    deployed = fargate(efsThroughputMode="provisioned", efsProvisionedMibps="50")
    files = deployed.one("FileSystem").inputs
    assert files["encrypted"] is True
    assert files["throughputMode"] == "provisioned"
    assert files["provisionedThroughputInMibps"] == 50
    assert files["lifecyclePolicies"] == [{"transitionToIa": "AFTER_30_DAYS"}]


def test_airflow_reaches_the_database_asynchronously_over_tls(fargate: Any) -> None:
    """asyncpg refuses `sslmode`, psycopg2's name of the option."""
    secrets = json.loads(
        fargate().one("SecretVersion", "orchestration-airflow").inputs["secretString"]["value"]
    )
    assert secrets["database_url_async"].endswith("/airflow?ssl=require")
    assert secrets["database_url"].endswith("/airflow?sslmode=require")


@pytest.mark.parametrize(("tier", "writer"), [("standard", "scheduler"), ("production", "worker")])
def test_a_task_log_outlives_its_worker(fargate: Any, tier: str, writer: str) -> None:
    """Whoever runs tasks writes their logs, as they come, where the page reads them, and not into itself."""
    deployed = fargate(tier)
    found = []
    for name in (writer, "api-server"):
        environment = {
            each["name"]: each["value"] for each in containers(deployed, name)[name]["environment"]
        }
        place = environment["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]
        mounts = {each["containerPath"]: each for each in containers(deployed, name)[name]["mountPoints"]}
        volumes = deployed.one("TaskDefinition", f"orchestration-{name}").inputs["volumes"]
        (volume,) = [each for each in volumes if each["name"] == mounts[place]["sourceVolume"]]
        assert not mounts[place].get("readOnly")
        found.append(volume["efsVolumeConfiguration"]["authorizationConfig"]["accessPointId"])
    assert found[0] == found[1]


def test_files_are_mounted_with_iam_over_tls(fargate: Any) -> None:
    """Each volume is one access point's, and no statement lets in who has no role of the platform."""
    deployed = fargate()
    volumes = [volume for task in deployed.all("TaskDefinition") for volume in task.inputs.get("volumes", [])]
    shared = [volume["efsVolumeConfiguration"] for volume in volumes if "efsVolumeConfiguration" in volume]
    assert shared
    for volume in shared:
        assert volume["transitEncryption"] == "ENABLED"
        assert volume["authorizationConfig"]["iam"] == "ENABLED"
        assert volume["authorizationConfig"]["accessPointId"]
    allowed, refused = deployed.one("FileSystemPolicy").inputs["policy"]["Statement"]
    assert (allowed["Effect"], refused["Effect"]) == ("Allow", "Deny")
    assert set(allowed["Principal"]) == {"AWS"}
    assert "*" not in allowed["Principal"]["AWS"]
    assert "elasticfilesystem:AccessPointArn" in allowed["Condition"]["ArnEquals"]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

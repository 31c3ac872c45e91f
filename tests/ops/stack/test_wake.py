"""`python -m ops stack wake` makes the calls that the stack's start schedules would make."""

import json
from typing import Any

import boto3
import pytest

from ops.stack.wake import wake

client: Any = boto3.client
GROUP = "mlops-taxi-prediction-office-hours-dev"


@pytest.fixture(autouse=True)
def group(aws: None) -> None:
    boto3.client("scheduler").create_schedule_group(Name=GROUP)


def schedule(name: str, call: str, parameters: dict[str, object]) -> None:
    boto3.client("scheduler").create_schedule(
        Name=name,
        GroupName=GROUP,
        ScheduleExpression="cron(0 8 ? * MON-FRI *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": f"arn:aws:scheduler:::aws-sdk:{call}",
            "RoleArn": "arn:aws:iam::123456789012:role/office-hours",
            "Input": json.dumps(parameters),
        },
    )


def test_starts_instances() -> None:
    ec2 = boto3.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.stop_instances(InstanceIds=[made])
    schedule("orchestration-start", "ec2:startInstances", {"InstanceIds": [made]})
    schedule("orchestration-stop", "ec2:stopInstances", {"InstanceIds": [made]})
    assert [one.name for one in wake(GROUP, client)] == ["orchestration"]
    state = ec2.describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]["State"]["Name"]
    assert state == "running"


def test_scales_services_and_dry_run() -> None:
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName="cluster")
    ecs.register_task_definition(
        family="task", containerDefinitions=[{"name": "one", "image": "busybox", "memory": 128}]
    )
    ecs.create_service(cluster="cluster", serviceName="scheduler", taskDefinition="task", desiredCount=0)
    schedule(
        "scheduler-start",
        "ecs:updateService",
        {"Cluster": "cluster", "Service": "scheduler", "DesiredCount": 2},
    )

    def count() -> int:
        (service,) = ecs.describe_services(cluster="cluster", services=["scheduler"])["services"]
        return int(service["desiredCount"])

    assert len(list(wake(GROUP, client, dry_run=True))) == 1
    assert count() == 0
    list(wake(GROUP, client))
    assert count() == 2


def test_starts_databases() -> None:
    rds = boto3.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="airflow-db",
        Engine="postgres",
        DBInstanceClass="db.t4g.micro",
        AllocatedStorage=20,
        MasterUsername="platform",
        MasterUserPassword="a-password",
    )
    rds.stop_db_instance(DBInstanceIdentifier="airflow-db")
    schedule("database-start", "rds:startDBInstance", {"DbInstanceIdentifier": "airflow-db"})
    assert [one.already_running for one in wake(GROUP, client)] == [False]
    assert [one.already_running for one in wake(GROUP, client)] == [True]


def test_stack_without_schedules() -> None:
    with pytest.raises(ValueError, match=f"{GROUP} starts nothing"):
        list(wake(GROUP, client))

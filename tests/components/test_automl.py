"""AutoML's component: sizes, capacity, where tasks run, what they may do, and what the settings refuse."""

import json
from collections.abc import Callable
from typing import Any

import botocore.session
import botocore.validate
import pulumi
import pytest

from components.automl import Automl, AutomlArgs
from components.automl.settings import TASKS, AutomlSettings
from components.common.data_access import NamedArn
from components.common.mlflow_access import MlflowAccess
from components.common.placement import Placement
from components.settings import Settings, SettingsError
from tests.components.watching import TOPIC, WARNINGS, watched

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:studies"
BUCKET = "arn:aws:s3:::data"
COMPUTED = {"aws:secretsmanager/secretVersion:SecretVersion": {"secretArn": f"{SECRET}-mlflow"}}


@pytest.fixture
def automl(deploy: Callable[..., Any]) -> Callable[..., Any]:
    def run(*, private_egress: bool = True, **settings: Any) -> Any:
        def program() -> Automl:
            args = AutomlArgs(
                settings=AutomlSettings(automl=True, **settings),
                placement=Placement(
                    vpc_id="vpc-1",
                    public_subnet_ids=["public"],
                    private_subnet_ids=["private"],
                    private_egress=private_egress,
                ),
                data_bucket=NamedArn(name="data", arn=BUCKET),
                mlflow=MlflowAccess(
                    tracking_uri=pulumi.Output.from_input("http://mlflow:5000"),
                    password=pulumi.Output.secret("a-password"),
                    security_group_id=pulumi.Output.from_input("sg-mlflow"),
                    port=5000,
                ),
                alarm_topic_arn=TOPIC,
            )
            return watched(Automl("automl", args))

        return deploy(program, computed=COMPUTED)

    return run


def containers(deployed: Any) -> dict[str, Any]:
    """The one container of each task."""
    found = {}
    for one in deployed.all("TaskDefinition"):
        (container,) = json.loads(one.inputs["containerDefinitions"])
        found[one.name.removeprefix("automl-")] = container
    return found


def test_sizes_are_those_of_the_settings(automl: Callable[..., Any]) -> None:
    deployed = automl(automl_train_cpu=8192, automl_train_memory_mib=16384)
    sizes = {
        one.name.removeprefix("automl-"): (one.inputs["cpu"], one.inputs["memory"])
        for one in deployed.all("TaskDefinition")
    }
    assert sizes == {
        "optimize": ("4096", "8192"),
        "train": ("8192", "16384"),
        "predict": ("1024", "2048"),
        "pipeline": ("4096", "8192"),
    }
    jobs = {task: _environment(one)["JOBS"] for task, one in containers(deployed).items()}
    assert jobs == {"optimize": "4", "train": "8", "predict": "1", "pipeline": "4"}


def test_each_task_has_an_image_and_a_log_group(automl: Callable[..., Any]) -> None:
    """The images have one tag, the hash of what they are built from, and come from a repository each."""
    deployed = automl(log_retention_days=14)
    images = {task: one["image"].rpartition("/")[2] for task, one in containers(deployed).items()}
    assert {image.partition(":")[0] for image in images.values()} == {
        f"automl-automl-{task}" for task in TASKS
    }
    assert len({image.partition(":")[2] for image in images.values()}) == 1
    groups = {one.inputs["name"]: one.inputs["retentionInDays"] for one in deployed.all("LogGroup")}
    insights = "/aws/ecs/containerinsights/mlops-taxi-prediction-automl-dev/performance"
    assert groups == {insights: 14} | {f"/ecs/mlops-taxi-prediction-automl-{task}-dev": 14 for task in TASKS}
    assert len(deployed.all("LifecyclePolicy")) == len(TASKS)


def test_nobody_reaches_a_task(automl: Callable[..., Any]) -> None:
    """The one rule inwards lets the tasks into MLflow's group."""
    deployed = automl()
    (rule,) = deployed.all("SecurityGroupIngressRule")
    assert (rule.inputs["securityGroupId"], rule.inputs["fromPort"]) == ("sg-mlflow", 5000)
    out = {one.inputs["fromPort"] for one in deployed.all("SecurityGroupEgressRule")}
    assert out == {443, 5000}


def test_a_container_writes_to_its_scratch_volume_alone(automl: Callable[..., Any]) -> None:
    for container in containers(automl()).values():
        assert container["readonlyRootFilesystem"] is True
        assert [mount["containerPath"] for mount in container["mountPoints"]] == ["/tmp"]
        assert container["user"] == "50000:0"
        assert [one["name"] for one in container["secrets"]] == ["MLFLOW_TRACKING_PASSWORD"]
        assert "a-password" not in json.dumps(container)


def test_studies_in_a_database(automl: Callable[..., Any]) -> None:
    """Its URL holds a password, so that it comes as a secret; the tasks are let out to its port."""
    deployed = automl(automl_study_database_secret_arn=SECRET)
    secrets = {one["name"]: one["valueFrom"] for one in containers(deployed)["optimize"]["secrets"]}
    assert secrets["STUDY_DATABASE_URL"] == SECRET
    assert 5432 in {one.inputs["fromPort"] for one in deployed.all("SecurityGroupEgressRule")}
    execution = deployed.one("RolePolicy", "automl-execution").inputs["policy"]
    (allowed,) = (one for one in execution["Statement"] if one["Sid"] == "Secrets")
    assert SECRET in allowed["Resource"]


@pytest.mark.parametrize(
    ("task", "written"),
    [
        ("optimize", ["automl"]),
        ("train", ["models"]),
        ("predict", ["predictions/batch"]),
        ("pipeline", ["automl", "models", "predictions/batch"]),
    ],
)
def test_a_task_writes_only_what_it_makes(automl: Callable[..., Any], task: str, written: list[str]) -> None:
    policy = automl().one("RolePolicy", f"automl-{task}").inputs["policy"]
    statements = {one["Sid"]: one["Resource"] for one in policy["Statement"]}
    assert statements["Write"] == [f"{BUCKET}/{prefix}/*" for prefix in written]
    assert statements["Bucket"] == [BUCKET]


def test_dask_has_workers(automl: Callable[..., Any]) -> None:
    """The training knows how to start them; they are told no password, and reach each other alone."""
    deployed = automl(automl_train_engine="dask", automl_workers=7, automl_train_months=24)
    found = containers(deployed)
    assert found.keys() == {*TASKS, "worker"}
    assert found["worker"]["image"] == found["train"]["image"]
    assert found["worker"]["secrets"] == []
    environment = _environment(found["train"])
    assert (environment["ENGINE"], environment["WORKERS"], environment["TRAIN_MONTHS"]) == ("dask", "7", "24")
    within = [
        (rule.inputs["securityGroupId"], rule.inputs["referencedSecurityGroupId"], rule.inputs["toPort"])
        for direction in ("Ingress", "Egress")
        for rule in deployed.all(f"SecurityGroup{direction}Rule")
        if rule.inputs["fromPort"] == 1024
    ]
    assert within == [("automl-automl-tasks-id", "automl-automl-tasks-id", 65535)] * 2


def test_ecs_accepts_how_workers_are_started(automl: Callable[..., Any]) -> None:
    """By botocore's model of RunTask; the role may run that family on that cluster, and nothing else."""
    deployed = automl(automl_train_engine="dask")
    request = json.loads(_environment(containers(deployed)["train"])["WORKER_RUN_TASK"])
    model: Any = botocore.session.get_session().get_service_model("ecs").operation_model("RunTask")
    report = botocore.validate.ParamValidator().validate({**request, "count": 10}, model.input_shape)
    assert not report.has_errors(), report.generate_report()
    policy = deployed.one("RolePolicy", "automl-train").inputs["policy"]
    statements = {one["Sid"]: one for one in policy["Statement"]}
    assert len(statements["RunTask"]["Resource"]) == 1
    assert statements["RunTask"]["Condition"]["ArnEquals"]["ecs:cluster"] == request["cluster"]
    assert len(statements["PassRole"]["Resource"]) == 2
    others = [one for task in ("optimize", "predict", "worker") for one in _sids(deployed, task)]
    assert not {"RunTask", "PassRole"} & set(others)


def test_heartbeats_are_for_the_state_machine(automl: Callable[..., Any]) -> None:
    deployed = automl(automl_state_machine=True, automl_heartbeat_seconds=300)
    states = deployed.one("StateMachine").inputs["definition"]["States"]
    for task in ("optimize", "train", "predict"):
        assert states[task.capitalize()]["HeartbeatSeconds"] == 300
        assert "Heartbeat" in _sids(deployed, task)
    assert "Heartbeat" not in _sids(deployed, "pipeline")
    assert "Heartbeat" not in _sids(automl(), "train")


@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("capacity", ["on-demand", "spot"])
def test_where_the_state_machine_runs_tasks(automl: Callable[..., Any], private: bool, capacity: str) -> None:
    """In public subnets a task needs an address of its own; the capacity is the cluster's default."""
    deployed = automl(private_egress=private, automl_capacity=capacity, automl_state_machine=True)
    states = deployed.one("StateMachine").inputs["definition"]["States"]
    for task in ("Optimize", "Train", "Predict"):
        parameters = states[task]["Parameters"]
        network = parameters["NetworkConfiguration"]["AwsvpcConfiguration"]
        expected = (["private"], "DISABLED") if private else (["public"], "ENABLED")
        assert (network["Subnets"], network["AssignPublicIp"]) == expected
        assert not {"LaunchType", "CapacityProviderStrategy"} & parameters.keys()
    (strategy,) = deployed.one("ClusterCapacityProviders").inputs["defaultCapacityProviderStrategies"]
    assert strategy["capacityProvider"] == ("FARGATE_SPOT" if capacity == "spot" else "FARGATE")


def test_nothing_starts_by_itself(automl: Callable[..., Any]) -> None:
    assert automl().all("StateMachine") == []
    assert automl(automl_state_machine=True).all("Schedule") == []
    deployed = automl(automl_state_machine=True, automl_schedule="cron(0 6 1 * ? *)", automl_tracing=True)
    schedule, machine = (deployed.one(kind).inputs for kind in ("Schedule", "StateMachine"))
    assert schedule["scheduleExpression"] == "cron(0 6 1 * ? *)"
    assert schedule["target"]["arn"].endswith("automl-machine")
    assert machine["tracingConfiguration"] == {"enabled": True}
    assert machine["loggingConfiguration"]["level"] == "ALL"


def test_every_alarm_reports_to_the_topic(automl: Callable[..., Any]) -> None:
    deployed = automl(automl_state_machine=True, automl_alarm_percent=80)
    alarms = {one.inputs["name"].split("automl-")[1]: one.inputs for one in deployed.all("MetricAlarm")}
    expected = {f"{task}-{resource}-dev" for task in TASKS for resource in ("cpu", "memory")}
    assert alarms.keys() == expected | {"failed-dev", "timedout-dev", "aborted-dev"}
    assert all(one["alarmActions"] == [WARNINGS] for one in alarms.values())
    assert alarms["train-memory-dev"]["threshold"] == 80
    widgets = deployed.one("Dashboard", "automl-automl").inputs["dashboardBody"]["widgets"]
    shown = {one["properties"].get("title") for one in widgets}
    assert shown >= {"Cpu in use", "Memory in use", "Executions"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"automlTrainCpu": "2048", "automlTrainMemoryMib": "2048"}, "automlTrainMemoryMib: got"),
        ({"automlPredictCpu": "3000"}, "got 3000 CPU units"),
        ({"automlStateMachine": "true"}, "automlStateMachine: got true without automl"),
        ({"automl": "true", "automlSchedule": "rate(7 days)"}, "without automlStateMachine"),
        ({"automlAfterTraining": "true"}, "automlAfterTraining: got true without automlStateMachine"),
        ({"automlSchedule": "every day"}, "automlSchedule: got 'every day', allowed: cron"),
        ({"automlTrainMonths": "2"}, "automlTrainMonths: got 2 with automlTrainEngine memory"),
        ({"automlHeartbeatSeconds": "30000"}, "automlHeartbeatSeconds: got 30000, allowed: less than"),
        ({"automlCapacity": "cheap"}, "automlCapacity: got 'cheap', allowed: on-demand, spot"),
        ({"automlEphemeralStorageGib": "20"}, "automlEphemeralStorageGib: got 20, allowed: 21 to 200"),
    ],
)
def test_what_is_refused(config: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_config(config)
    assert message in str(error.value).replace("'20'", "20")


def _sids(deployed: Any, task: str) -> list[str]:
    policy = deployed.one("RolePolicy", f"automl-{task}").inputs["policy"]
    return [one["Sid"] for one in policy["Statement"]]


def _environment(container: Any) -> dict[str, str]:
    return {one["name"]: one["value"] for one in container["environment"]}

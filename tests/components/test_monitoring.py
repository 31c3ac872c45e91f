"""What the monitoring makes of what components tell, by level; and the line that a failed DAG run leaves."""

import json
import re
from typing import Any

import pulumi
import pytest

from components.common.monitored import (
    PLATFORM,
    Alarm,
    Event,
    Expression,
    LogMetric,
    LogPanel,
    Metric,
    Monitored,
    Panel,
    Query,
)
from components.monitoring import Monitoring, MonitoringArgs
from components.monitoring.settings import AlarmSettings
from components.orchestration.monitored import airflow_log_metrics, panels
from components.settings import Settings
from tests.components.conftest import DATA, Deploy, Deployed
from tests.components.watching import TOPIC, WARNINGS

QUEUE = Metric(namespace="AWS/SQS", name="Messages", dimensions={"QueueName": "q"}, statistic="Maximum")
# As a real Airflow 3.3 writes it, and as Docker's json-file driver keeps it.
FAILED = (
    "2026-03-01T17:05:14.046255Z [info     ] Marking run <DagRun taxi_monitoring @ None: manual__1, "
    "state:running, queued_at: 2026-03-01 17:05:11+00:00. run_type: manual> failed "
    "[airflow.models.dagrun.DagRun] loc=dagrun.py:1219"
)
IN_DOCKER = json.dumps({"log": FAILED + "\n"}).replace("<", "\\u003c").replace(">", "\\u003e")


class Owner(pulumi.ComponentResource):
    """A component that tells of one thing of each kind."""

    def __init__(self, name: str = "owner", part: str = PLATFORM) -> None:
        super().__init__("mlops:index:Owner", name)
        share = Expression(formula="100 * used / held", metrics={"used": QUEUE, "held": QUEUE}, label="share")
        self.monitored = Monitored(
            owner=self,
            name=name,
            part=part,
            alarms=(
                Alarm(name="full", meaning="it is full", runbook="disk-full", metric=QUEUE, essential=True),
                Alarm(name="slow", meaning="it is slow", runbook="files-slow", metric=share, threshold=9),
            ),
            panels=(
                Panel(group="Queues", title="Messages", metrics=(QUEUE, share)),
                LogPanel(
                    group="Logs", title="Lines", log_groups=("/a", "/b"), text="stats count(*) by bin(5m)"
                ),
            ),
            events=(
                Event(name="gone", meaning="it went", runbook="spot-gone", pattern={"source": ["aws.ec2"]}),
            ),
            log_metrics=(LogMetric(name="Bad", log_group="/logs", pattern="bad", namespace="taxi/dev"),),
            queries=(Query(name="errors", log_groups=("/logs",), text="fields @message"),),
        )


def made(deploy: Deploy, level: str, other: str = "") -> Deployed:
    """What is made of an owner, and of another one of the part `other`."""

    def program() -> Any:
        settings = AlarmSettings(monitoring=level, platform_healthy=True)  # type: ignore[arg-type]  # one of its three words
        told = (Owner().monitored, *((Owner("other", other).monitored,) if other else ()))
        args = MonitoringArgs(settings=settings, topic_arn=TOPIC, warning_topic_arn=WARNINGS, monitored=told)
        return Monitoring("monitoring", args)

    return deploy(program)


def test_none_makes_nothing(deploy: Deploy) -> None:
    assert made(deploy, "none").names() == ["Monitoring monitoring", "Owner owner"]


def test_essential_leaves_the_other_alarms_out(deploy: Deploy) -> None:
    assert made(deploy, "essential").names() == [
        "CompositeAlarm monitoring-platform-healthy",
        "Dashboard monitoring-platform",
        "EventRule owner-gone",
        "EventTarget owner-gone",
        "LogMetricFilter owner-Bad",
        "MetricAlarm owner-full",
        "Monitoring monitoring",
        "Owner owner",
        "QueryDefinition owner-errors",
    ]


def test_full_sums_up(deploy: Deploy) -> None:
    deployed = made(deploy, "full")
    names = [one.inputs["name"] for one in deployed.all("MetricAlarm")]
    summed = deployed.one("CompositeAlarm").inputs
    assert set(re.findall(r'ALARM\("([^"]+)"\)', summed["alarmRule"])) == set(names)
    alarm = deployed.one("MetricAlarm", "owner-slow").inputs
    assert [one.get("expression") for one in alarm["metricQueries"]] == ["100 * used / held", None, None]


def test_what_is_not_essential_is_a_warning(deploy: Deploy) -> None:
    """It tells the other topic, when it begins and when it ends; the sum of all tells the first."""
    deployed = made(deploy, "full")
    told = {
        one.name: one.inputs["okActions"]
        for kind in ("MetricAlarm", "CompositeAlarm")
        for one in deployed.all(kind)
    }
    assert told == {
        "owner-full": [TOPIC],
        "owner-slow": [WARNINGS],
        "monitoring-platform-healthy": [TOPIC],
    }


def test_another_part_has_its_own_dashboard(deploy: Deploy) -> None:
    """And leaves that of the platform, and whether this is healthy, as they are."""
    alone, beside = made(deploy, "full"), made(deploy, "full", other="desk")
    for name in ("Dashboard monitoring-platform", "CompositeAlarm monitoring-platform-healthy"):
        assert alone.one(*name.split()).inputs == beside.one(*name.split()).inputs
    own = beside.one("Dashboard", "other-desk").inputs
    assert own["dashboardName"] == "mlops-taxi-prediction-desk-dev"
    titles = [one["properties"].get("title") for one in own["dashboardBody"]["widgets"]]
    assert titles == ["Alarms", None, "Messages", None, "Lines"]
    found = own["dashboardBody"]["widgets"][-1]
    assert found["type"] == "log"
    assert found["properties"]["query"] == "SOURCE '/a' | SOURCE '/b' | stats count(*) by bin(5m)"


def test_the_dashboard_fits_its_grid(deploy: Deploy) -> None:
    """24 columns; no widget lies on another."""
    widgets = made(deploy, "full").one("Dashboard").inputs["dashboardBody"]["widgets"]
    cells = [
        (x, y)
        for one in widgets
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_a_rule_tells_in_words(deploy: Deploy) -> None:
    deployed = made(deploy, "full")
    target = deployed.one("EventTarget").inputs
    assert target["arn"] == TOPIC
    assert target["inputTransformer"]["inputTemplate"].startswith(
        '"it went. What to do: docs/runbooks.md#spot-gone.'
    )


@pytest.mark.parametrize(
    ("tier", "level"),
    [("micro", "essential"), ("learning", "essential"), ("standard", "full"), ("production", "full")],
)
def test_tiers_bring_their_level(tier: str, level: str) -> None:
    assert Settings.from_config({"tier": tier}).alarms.monitoring == level


@pytest.mark.parametrize("line", [FAILED, IN_DOCKER], ids=["plain", "docker"])
def test_a_failed_dag_run_is_counted(line: str) -> None:
    """A filter of quoted phrases matches a line that has all of them."""

    def matches(text: str) -> bool:
        return all(phrase in text for phrase in re.findall(r'"([^"]+)"', metric.pattern))

    (metric,) = airflow_log_metrics("/ecs/airflow")
    assert matches(line)
    assert not matches(line.replace(" failed ", " successful "))
    assert not matches(line.replace("Marking run", "Task"))


REQUEST = (
    '2026/03/01 10:00:00 INFO:     10.0.0.1:46330 - "GET /api/2.0/mlflow/runs/get?run_id=1 HTTP/1.1" 503 X'
)


@pytest.mark.parametrize("line", [REQUEST, json.dumps({"log": REQUEST})], ids=["plain", "docker"])
def test_mlflows_answers_are_found(line: str) -> None:
    """In a line as MLflow 3.17 writes it; AWS writes groups of regular expressions without Python's P."""
    (panel,) = (one for one in panels(DATA, "/ecs/mlflow") if isinstance(one, LogPanel))
    pattern = panel.text.partition(" | ")[0].removeprefix("parse @message /").removesuffix("/")
    found = re.search(pattern.replace("(?<", "(?P<"), line)
    assert found is not None
    assert found["status"] == "503"
    assert not re.search(pattern.replace("(?<", "(?P<"), line.replace("mlflow/runs", "dags"))

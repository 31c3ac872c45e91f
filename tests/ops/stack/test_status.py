"""`python -m ops status` against an account in memory and services on this machine."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from components.common.monitored import Metric, Panel
from components.monitoring.dashboard import dashboard_body
from ops.stack.status_cli import app

PROJECT = "mlops-taxi-prediction"
NAMESPACE = f"{PROJECT}/dev"
Run = Callable[..., Any]


@pytest.fixture
def cloudwatch(aws_account: None) -> Any:
    """An alarm of each of two stacks, and a dashboard with a metric by the minute and one by the day."""
    client = boto3.client("cloudwatch")
    for name in ("dead-letters-dev", "dead-letters-prod"):
        client.put_metric_alarm(
            AlarmName=f"{PROJECT}-{name}",
            AlarmDescription="rides were given up. What to do: docs/runbooks.md#dead-letters",
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )
        client.set_alarm_state(AlarmName=f"{PROJECT}-{name}", StateValue="OK", StateReason="a test")
    metrics = (
        Metric(namespace=NAMESPACE, name="Predicted", dimensions={"service": "predictor"}),
        Metric(
            namespace=NAMESPACE,
            name="RMSE",
            dimensions={"Model": "m"},
            statistic="Maximum",
            period_seconds=86_400,
        ),
    )
    body = dashboard_body([Panel(group="Model", title="Figures", metrics=metrics)], [], "us-east-1")
    client.put_dashboard(DashboardName=f"{PROJECT}-platform-dev", DashboardBody=json.dumps(body))
    now = datetime.now(UTC)
    for name, value, at, dimension in (
        ("Predicted", 12, now - timedelta(minutes=5), {"Name": "service", "Value": "predictor"}),
        ("RMSE", 5.5, now - timedelta(days=1), {"Name": "Model", "Value": "m"}),
    ):
        datum: Any = {"MetricName": name, "Value": value, "Timestamp": at, "Dimensions": [dimension]}
        client.put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
    return client


@pytest.fixture
def services() -> Iterator[tuple[str, dict[str, int]]]:
    """A server, and what it answers by path; what is not there is not found."""
    answers = {"/api/v2/monitor/health": 200, "/health": 200}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(answers.get(self.path, 404))
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", answers
        server.shutdown()


@pytest.fixture
def run(cloudwatch: Any, services: tuple[str, dict[str, int]]) -> Run:
    url, _ = services
    urls = ("--airflow-url", url, "--mlflow-url", url)
    return lambda *words: CliRunner().invoke(app, [*urls, *words])


def test_all_is_well(run: Run) -> None:
    result = run("--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["healthy"]) == (0, True)
    assert [(one["name"], one["state"]) for one in found["alarms"]] == [("dead-letters", "OK")]
    assert {one["metric"]: one["value"] for one in found["figures"]} == {
        "Predicted Sum": 12,
        "RMSE Maximum": 5.5,
        "EstimatedCharges Maximum": None,
    }
    assert [one["name"] for one in found["services"]] == ["airflow", "mlflow"]


def test_an_alarm_exits_1(run: Run, cloudwatch: Any) -> None:
    """And says what it means and where to read on; alarms of other stacks do not count."""
    cloudwatch.set_alarm_state(
        AlarmName=f"{PROJECT}-dead-letters-prod", StateValue="ALARM", StateReason="a test"
    )
    assert run().exit_code == 0
    cloudwatch.set_alarm_state(
        AlarmName=f"{PROJECT}-dead-letters-dev", StateValue="ALARM", StateReason="a test"
    )
    result = run()
    words = " ".join(result.stdout.split())
    assert result.exit_code == 1
    assert "ALARM" in words
    assert "rides were given up" in words
    assert "docs/runbooks.md#dead-letters" in words


def test_a_service_that_fails_exits_1(run: Run, services: tuple[str, dict[str, int]]) -> None:
    services[1]["/health"] = 503
    result = run("--json")
    assert result.exit_code == 1
    assert [one["healthy"] for one in json.loads(result.stdout)["services"]] == [True, False]


def test_without_pulumi_services_are_left_out(cloudwatch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert "services were not asked: pulumi is not installed" in " ".join(result.stdout.split())


def test_unknown_stack_is_one_line(run: Run) -> None:
    result = run("--stack", "other")
    assert result.exit_code == 2
    assert result.stderr.startswith("status: stack 'other' has no alarms and no dashboard in us-east-1")
    assert len(result.stderr.splitlines()) == 1

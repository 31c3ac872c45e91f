"""How a stack is: its alarms, the dashboard's newest figures in CloudWatch, and whether services answer."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from components.orchestration.containers import CONTAINERS
from workloads.status.probe import State, ask

_DAY = 86_400
_BACK = timedelta(hours=3)
_DAYS_BACK = timedelta(days=3)  # of what is reported once a day, and late
_QUERIES = 500  # of one GetMetricData
_SERVICES = {"airflow": "api-server", "mlflow": "mlflow"}  # by their output, as containers.yaml calls them
_RUNBOOK = re.compile(r"\. What to do: (\S+)$")


@dataclass(frozen=True, kw_only=True)
class AlarmState:
    """An alarm: OK, ALARM or INSUFFICIENT_DATA since a moment, what it means, where the page on it is."""

    name: str
    state: str
    since: datetime
    meaning: str
    runbook: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """The newest point of a metric on the dashboard; None where there was none lately."""

    group: str
    title: str
    metric: str
    value: float | None


@dataclass(frozen=True, kw_only=True)
class Status:
    """All of it; `healthy` is false with an alarm or a service that does not answer well."""

    alarms: tuple[AlarmState, ...]
    figures: tuple[Figure, ...]
    services: tuple[State, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is in alarm and every service that was asked is healthy."""
        return not any(one.state == "ALARM" for one in self.alarms) and all(
            one.healthy for one in self.services
        )

    def document(self) -> dict[str, Any]:
        """The same in JSON's types."""
        alarms = [{**asdict(one), "since": one.since.isoformat()} for one in self.alarms]
        return {
            "healthy": self.healthy,
            "alarms": alarms,
            "figures": [asdict(one) for one in self.figures],
            "services": [asdict(one) for one in self.services],
        }


def status(
    cloudwatch: Any,
    project: str,
    stack: str,
    urls: Mapping[str, str],
    *,
    timeout_seconds: float = 5,
) -> Status:
    """Reads a stack's state with boto3's client; `urls` are where Airflow and MLflow are, by these names.

    Raises:
        ValueError: the stack has neither alarms nor a dashboard here.
        botocore.exceptions.ClientError: AWS refuses a call.
    """
    alarms = tuple(_alarms(cloudwatch, project, stack))
    drawn = _drawn(cloudwatch, f"{project}-platform-{stack}")
    if not alarms and drawn is None:
        region = cloudwatch.meta.region_name
        raise ValueError(
            f"stack {stack!r} has no alarms and no dashboard in {region}; check --stack and AWS_REGION, or "
            "set monitoring to essential or full and run `pulumi up`"
        )
    services = tuple(
        ask(name, urls[name] + CONTAINERS[container].health_path, timeout_seconds=timeout_seconds)
        for name, container in _SERVICES.items()
        if name in urls
    )
    return Status(alarms=alarms, figures=tuple(_figures(cloudwatch, drawn or [])), services=services)


def _alarms(cloudwatch: Any, project: str, stack: str) -> Iterator[AlarmState]:
    """The stack's alarms, those in alarm first."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{project}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    found: list[Any] = []
    for page in pages:
        found += [*page.get("MetricAlarms", []), *page.get("CompositeAlarms", [])]
    mine = [one for one in found if one["AlarmName"].endswith(f"-{stack}")]
    for one in sorted(mine, key=lambda one: (one["StateValue"] != "ALARM", one["AlarmName"])):
        description = one.get("AlarmDescription", "")
        runbook = _RUNBOOK.search(description)
        yield AlarmState(
            name=one["AlarmName"].removeprefix(f"{project}-").removesuffix(f"-{stack}"),
            state=one["StateValue"],
            since=one["StateUpdatedTimestamp"],
            meaning=_RUNBOOK.sub("", description),
            runbook=runbook[1] if runbook else "",
        )


def _drawn(cloudwatch: Any, dashboard: str) -> list[tuple[str, str, list[Any]]] | None:
    """The dashboard's metrics as group, title and what the body says; None without a dashboard."""
    try:
        body = json.loads(cloudwatch.get_dashboard(DashboardName=dashboard)["DashboardBody"])
    except (cloudwatch.exceptions.DashboardNotFoundError, cloudwatch.exceptions.ResourceNotFound):
        return None
    found, group = [], ""
    for widget in body["widgets"]:
        properties = widget["properties"]
        if widget["type"] == "text":
            group = properties["markdown"].removeprefix("## ")
        if properties.get("region") == cloudwatch.meta.region_name:
            graphs = [one for one in properties.get("metrics", []) if isinstance(one[0], str)]
            found += [(group, properties["title"], graph) for graph in graphs]
    return found


def _figures(cloudwatch: Any, drawn: Sequence[tuple[str, str, list[Any]]]) -> Iterator[Figure]:
    newest: dict[str, float] = {}
    now = datetime.now(UTC)
    for daily, back in ((True, _DAYS_BACK), (False, _BACK)):
        queries = [
            _query(index, one[2]) for index, one in enumerate(drawn) if (_period(one[2]) >= _DAY) == daily
        ]
        for first in range(0, len(queries), _QUERIES):
            answer = cloudwatch.get_metric_data(
                MetricDataQueries=queries[first : first + _QUERIES],
                StartTime=now - back,
                EndTime=now,
                ScanBy="TimestampDescending",
            )
            newest |= {one["Id"]: one["Values"][0] for one in answer["MetricDataResults"] if one["Values"]}
    for index, (group, title, graph) in enumerate(drawn):
        options = graph[-1]
        label = options.get("label") or f"{graph[1]} {options['stat']}"
        yield Figure(group=group, title=title, metric=label, value=newest.get(f"m{index}"))


def _period(graph: Sequence[Any]) -> int:
    return int(graph[-1].get("period", 300))


def _query(index: int, graph: Sequence[Any]) -> Any:
    namespace, name, *dimensions, options = graph
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [
            {"Name": key, "Value": value}
            for key, value in zip(dimensions[::2], dimensions[1::2], strict=True)
        ],
    }
    stat = {"Metric": metric, "Period": _period(graph), "Stat": options["stat"]}
    return {"Id": f"m{index}", "MetricStat": stat}

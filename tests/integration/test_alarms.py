"""Alarms, dashboard and rules of every tier: that they watch what is there, and what makes them go off."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.config.tiers import TIERS
from ops.engine import Deployment, Resource
from tests.components.monitoring.evaluator import Rule, Value, composite, math, states
from tests.integration.published import Published, all_of, published

ROOT = Path(__file__).parents[2]
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
BILLING = Published("AWS/Billing", "EstimatedCharges", (("Currency", "USD"),))  # the account's own
BY_TIER = [pytest.param(tier, marks=pytest.mark.xdist_group(f"graph-dev-{tier}")) for tier in TIERS]
FULL = [
    pytest.param(tier, marks=pytest.mark.xdist_group(f"graph-dev-{tier}"))
    for tier in ("learning", "production")
]
# Everything that can be switched on and that brings alarms with it.
EVERYTHING: dict[str, Any] = {
    "monitoring": "full", "automl": "true", "automlStateMachine": "true", "noEventsAlarmHours": "6",
    "orchestrationSpot": "true", "deletionProtection": "false", "nat": "instance",
    "workstation": "true", "workstationWorkersMax": "2", "platformHealthy": "true",
}  # fmt: skip


@pytest.fixture(
    params=[*BY_TIER, *(pytest.param(("all", *one.values), marks=one.marks) for one in FULL)], ids=str
)
def deployment(request: pytest.FixtureRequest, graph: Any) -> Deployment:
    """Each tier as it is, and both variants with everything switched on."""
    if isinstance(request.param, tuple):
        found: Deployment = graph("dev", request.param[1], preview=False, **EVERYTHING)
    else:
        found = graph("dev", request.param, preview=False)
    return found


def anchors() -> set[str]:
    """The headings of the runbooks, as GitHub links to them."""
    return set(re.findall(r"^## ([a-z-]+)$", (ROOT / "docs/runbooks.md").read_text(), re.MULTILINE))


def references(deployment: Deployment) -> Iterator[Published]:
    """Every metric that an alarm or a dashboard names."""
    for alarm in all_of(deployment, ALARM):
        for one in watched(alarm).values():
            yield _reference(one["namespace"], one["metricName"], one.get("dimensions", {}))
    for dashboard in all_of(deployment, "aws:cloudwatch/dashboard:Dashboard"):
        for widget in json.loads(dashboard.inputs["dashboardBody"])["widgets"]:
            for drawn in widget["properties"].get("metrics", ()):
                words = [one for one in drawn if isinstance(one, str)]
                if words:
                    pairs = dict(zip(words[2::2], words[3::2], strict=True))
                    yield _reference(words[0], words[1], pairs)


def watched(alarm: Resource) -> dict[str, Mapping[str, Any]]:
    """The metrics of an alarm, by their ids; one that is not metric math has one."""
    queries = alarm.inputs.get("metricQueries")
    if not queries:
        return {"metric": alarm.inputs}
    return {one["id"]: one["metric"] for one in queries if "metric" in one}


def _reference(namespace: str, name: str, dimensions: Mapping[str, str]) -> Published:
    return Published(namespace, name, tuple(sorted(dimensions.items())))


def test_only_what_is_published_is_watched(deployment: Deployment, aws_account: None) -> None:
    """By namespace, name and every dimension: CloudWatch finds nothing under any other."""
    found = set(references(deployment))
    assert len(found) > 15
    assert found - published(deployment) - {BILLING} == set()


def test_graphs_of_logs_read_the_stacks_own(deployment: Deployment) -> None:
    groups = {one.inputs["name"] for one in all_of(deployment, "aws:cloudwatch/logGroup:LogGroup")}
    bodies = [one.inputs["dashboardBody"] for one in all_of(deployment, "aws:cloudwatch/dashboard:Dashboard")]
    widgets = [one for body in bodies for one in json.loads(body)["widgets"] if one["type"] == "log"]
    assert widgets
    for one in widgets:
        named = set(re.findall(r"SOURCE '([^']+)'", one["properties"]["query"]))
        assert named
        assert named <= groups


def test_every_alarm_says_what_to_do(deployment: Deployment) -> None:
    """To the topic of what loses rides or stops the platform, or to that of warnings."""
    found = {one.inputs["name"]: one.outputs["arn"] for one in all_of(deployment, "aws:sns/topic:Topic")}
    topics = [found[f"mlops-taxi-prediction-{name}-dev"] for name in ("alarms", "warnings")]
    alarms = [*all_of(deployment, ALARM), *all_of(deployment, COMPOSITE)]
    assert alarms
    for alarm in alarms:
        (told,) = alarm.inputs["okActions"]
        assert told in topics, alarm.urn
        assert told in alarm.inputs["alarmActions"], alarm.urn
        _has_runbook(alarm.inputs["alarmDescription"])
    for rule in all_of(deployment, "aws:cloudwatch/eventRule:EventRule"):
        _has_runbook(rule.inputs["description"])
        targets = all_of(deployment, "aws:cloudwatch/eventTarget:EventTarget")
        (told,) = (one.inputs["arn"] for one in targets if one.inputs["rule"] == rule.inputs["name"])
        assert told in topics, rule.urn


def _has_runbook(description: str) -> None:
    anchor = re.search(r"docs/runbooks\.md#([a-z-]+)$", description)
    assert anchor, description
    assert anchor[1] in anchors(), description


def test_every_alarm_goes_off_and_ends(deployment: Deployment) -> None:
    """Its metric goes beyond the threshold and back; it goes off at its M of N, not before."""
    for alarm in all_of(deployment, ALARM):
        rule = Rule.of(alarm.inputs)
        calm, beyond = _points(alarm, rule)
        before = [calm] * (rule.periods + 2)
        went = states(rule, [*before, *[beyond] * rule.datapoints], "OK")
        assert set(went[:-1]) == {"OK"}, alarm.urn
        assert went[-1] == "ALARM", alarm.urn
        back = states(rule, [*before, *[beyond] * rule.periods, *[calm] * rule.periods], "OK")
        assert back[-1] == "OK", alarm.urn


def test_silence_is_what_each_alarm_takes_it_for(deployment: Deployment) -> None:
    """What only reports while it runs is not missed; a stream or a service that must never be silent is."""
    for alarm in all_of(deployment, ALARM):
        rule = Rule.of(alarm.inputs)
        silence: list[Value] = [None] * (rule.periods + 2)
        found = states(rule, silence, "OK")[-1]
        must_report = alarm.name.endswith(("no-events", "-tasks")) and not alarm.inputs.get("metricQueries")
        assert found == ("ALARM" if must_report else "OK"), alarm.urn


def _points(alarm: Resource, rule: Rule) -> tuple[float, float]:
    """A value within the threshold and one beyond it; of metric math, what it comes to."""
    names = list(watched(alarm))
    tried = [0.0, 1.0, 50.0, 100.0, rule.threshold - 1, rule.threshold + 1]
    formula = next(
        (one["expression"] for one in alarm.inputs.get("metricQueries", ()) if "expression" in one), "metric"
    )
    found = set()
    for values in itertools.product(tried, repeat=len(names)):
        known = dict(zip(names, values, strict=True))
        if known.get("reserved") != 0:
            found.add(math(formula, known))
    points = [one for one in found if one is not None]
    return (
        next(one for one in points if not rule.breaches(one)),
        next(one for one in points if rule.breaches(one)),
    )


def test_no_predictions_while_events_arrive(graph: Any) -> None:
    deployment = graph("dev", "standard", preview=False)
    alarm = next(one for one in all_of(deployment, ALARM) if one.name.endswith("no-predictions"))
    formula = next(one["expression"] for one in alarm.inputs["metricQueries"] if "expression" in one)

    def stuck(arrived: Value, predicted: Value, completed: Value) -> bool:
        return math(formula, {"arrived": arrived, "predicted": predicted, "completed": completed}) == 1

    assert stuck(10, None, None)
    assert stuck(10, 0, 0)
    assert not stuck(10, 9, None)
    assert not stuck(10, None, 2), "rides may only end"
    assert not stuck(None, None, None)


def test_platform_healthy_sums_every_alarm_up(deployment: Deployment) -> None:
    """Where the stack asks for it; not those of the workstation and of AutoML, which rides do not need."""
    others = ("Workstation$", "Automl$")
    names = [
        one.inputs["name"]
        for one in all_of(deployment, ALARM)
        if not any(other in one.urn for other in others)
    ]
    for summed in all_of(deployment, COMPOSITE):
        rule = summed.inputs["alarmRule"]
        assert composite(rule, dict.fromkeys(names, "OK")) == "OK"
        for name in names:
            assert composite(rule, {**dict.fromkeys(names, "OK"), name: "ALARM"}) == "ALARM", name


@pytest.mark.parametrize("tier", BY_TIER)
def test_free_on_the_small_tiers(tier: str, graph: Any) -> None:
    """Ten alarms are free in each account; micro keeps to them."""
    alarms = all_of(graph("dev", tier, preview=False), ALARM)
    metrics = sum(len(watched(alarm)) for alarm in alarms)
    assert (metrics <= 10) == (tier == "micro"), metrics


@pytest.mark.parametrize("tier", [BY_TIER[0], BY_TIER[-1]])
def test_monitoring_touches_nothing_else(tier: str, graph: Any) -> None:
    """Without it the graph is the same, but for alarms, dashboard, filters, queries and rules."""
    own = re.compile(r"aws:cloudwatch/(?!logGroup:)")
    with_it = graph("dev", tier)
    without = graph("dev", tier, monitoring="none")
    assert not [one.urn for one in without.resources if own.match(one.type)]
    rest = {
        one.urn: (one.inputs, set(one.dependencies)) for one in with_it.resources if not own.match(one.type)
    }
    assert rest == {one.urn: (one.inputs, set(one.dependencies)) for one in without.resources}

"""The alarms on the way from a ride to its prediction, and tracing."""

from tests.components.conftest import Deploy
from tests.components.test_streaming import made
from tests.components.watching import TOPIC, WARNINGS


def test_alarms_report_start_and_end(deploy: Deploy) -> None:
    """To the topic of what loses rides, or to the one of warnings."""
    deployed = made(deploy, iterator_age_alarm_seconds=120)
    alarms = {one.name.removeprefix("streaming-"): one.inputs for one in deployed.all("MetricAlarm")}
    assert {thing: (one.get("namespace"), one.get("metricName")) for thing, one in alarms.items()} == {
        "iterator-age": ("AWS/Lambda", "IteratorAge"),
        "errors": ("AWS/Lambda", "Errors"),
        "throttles": ("AWS/Lambda", "Throttles"),
        "dead-letters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        "model-refresh-failures": ("mlops-taxi-prediction/dev", "ModelRefreshFailures"),
        "no-predictions": (None, None),  # metric math
    }
    assert alarms["iterator-age"]["threshold"] == 120_000
    warned = {thing for thing, one in alarms.items() if one["alarmActions"] == one["okActions"] == [WARNINGS]}
    assert warned == {"no-predictions", "throttles"}
    told = {thing for thing, one in alarms.items() if one["alarmActions"] == one["okActions"] == [TOPIC]}
    assert told == set(alarms) - warned


def test_a_silent_stream_is_an_alarm_where_asked_for(deploy: Deploy) -> None:
    names = {one.name for one in made(deploy).all("MetricAlarm")}
    assert "streaming-no-events" not in names
    alarm = made(deploy, no_events_alarm_hours=6).one("MetricAlarm", "streaming-no-events").inputs
    assert (alarm["period"] * alarm["evaluationPeriods"], alarm["treatMissingData"]) == (
        6 * 3600,
        "breaching",
    )


def test_tracing_needs_no_layer(deploy: Deploy) -> None:
    deployed = made(deploy, lambda_tracing=True)
    function = deployed.one("Function").inputs
    assert function["tracingConfig"] == {"mode": "Active"}
    assert "layers" not in function
    statements = deployed.one("RolePolicy").inputs["policy"]["Statement"]
    (tracing,) = [one for one in statements if one["Sid"] == "Tracing"]
    assert tracing["Action"] == ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    assert "tracingConfig" not in made(deploy).one("Function").inputs

"""The usage: defaults, a person's file, and a running stack's metrics."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ops.costs.actual import actual_usage
from ops.costs.model import CostError
from ops.costs.usage import usage, with_changes
from tests.ops.costs.stacks import resource, stack

NOW = datetime(2026, 11, 21, tzinfo=UTC)
GB = 1024**3
ANY_REQUEST = {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": NOW, "ScanBy": "TimestampAscending"}


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "usage.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_replaces_what_it_names(tmp_path: Path) -> None:
    changed = usage(written(tmp_path, "rides_per_day: 10000\nlogs: {airflow: 3}\n"))
    assert [str(one.rides_per_day) for one in (changed, usage())] == ["10000", "2200"]
    assert [str(changed.log(f"/ecs/p-{one}-dev")) for one in ("airflow", "mlflow")] == ["3", "0.2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rides: 5", "got key 'rides', which ops/costs/usage.yaml does not have"),
        ("rides_per_dy: 5", "did you mean rides_per_day?"),
        ("rides_per_day: many", "rides_per_day: got 'many'"),
        ("rides_per_day: -1", "rides_per_day: got -1"),
        ("efs_ia_share: 1.5", "efs_ia_share: got 1.5"),
        ("buckets: {mine: {gb: 1}}", "buckets.mine.puts: got"),
        ("- 1", "got list, allowed: keys"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(CostError, match=message.replace("?", r"\?")):
        usage(written(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CostError, match=r"--usage .*none\.yaml: cannot be read"):
        usage(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("name", "gb"),
    [("/aws/rds/instance/p-airflow-db-dev/upgrade", "0.1"), ("/aws/vpc/p-dev", "1.0"), ("/other", "0.1")],
)
def test_log_groups_are_told_apart_by_their_names(name: str, gb: str) -> None:
    """The first word counts: a database's log is no log of Airflow."""
    assert usage().log(name) == Decimal(gb)


def test_a_running_stack_says_what_it_used() -> None:
    """Thirty days, here of the same traffic, as a month of 730 hours."""
    rides = resource("aws:kinesis/stream:Stream", "rides", name="rides-dev")
    function = resource("aws:lambda/function:Function", "predictor", name="predictor-dev")
    other = resource("aws:lambda/function:Function", "other", name="other-dev")
    mapping = resource("aws:lambda/eventSourceMapping:EventSourceMapping", "m", [function])
    logs = resource("aws:cloudwatch/logGroup:LogGroup", "logs", name="/aws/lambda/predictor-dev")
    bucket = resource("aws:s3/bucket:Bucket", "data", bucket="p-data-storage-dev")
    a_day = [1000.0, 300_000.0, 400.0, 40_000.0, GB / 10, 3.0 * GB]
    client: Any = boto3.client(
        "cloudwatch", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        for page, days in enumerate((20, 10)):
            results = [{"Id": f"q{i}", "Values": [value] * days} for i, value in enumerate(a_day)]
            more = {} if page else {"NextToken": "more"}
            asked = {**ANY_REQUEST, **({"NextToken": "more"} if page else {})}
            stub.add_response("get_metric_data", {"MetricDataResults": results, **more}, asked)
        found = actual_usage(client, stack(rides, function, other, mapping, logs, bucket), NOW)
    assert (found["rides_per_day"], found["ride_bytes"]) == (1000, 300)
    assert (found["batches_per_day"], found["batch_ms"]) == (400, 100)
    assert f"{found['logs']['/aws/lambda/predictor-dev']:.4f}" == "3.0417"  # 0.1 GB on 30.4 days
    changed = with_changes(found, "CloudWatch")
    assert changed.bucket("p-data-storage-dev").gb == 3
    assert changed.bucket("p-data-storage-dev").puts == usage().bucket("p-data-storage-dev").puts


def test_a_stack_without_traffic_keeps_the_defaults() -> None:
    client: Any = boto3.client(
        "cloudwatch", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    rides = resource("aws:kinesis/stream:Stream", "rides", name="rides-dev")
    with Stubber(client) as stub:
        stub.add_response("get_metric_data", {"MetricDataResults": []}, ANY_REQUEST)
        assert actual_usage(client, stack(rides), NOW) == {}

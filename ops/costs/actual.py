"""The usage of a running stack, from the metrics that AWS's services send to CloudWatch by themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from ops.costs.model import Graph
from ops.costs.pricing import DAYS
from ops.costs.rules.streaming import is_predictor
from ops.costs.usage import usage

_DAYS = 30
_SIZE = "size of "
_DAY_SECONDS = 86400
_GB = Decimal(1024**3)
_STREAM, _FUNCTION = "aws:kinesis/stream:Stream", "aws:lambda/function:Function"


class Metrics(Protocol):
    """boto3's `cloudwatch` client, as far as it is used."""

    def get_metric_data(self, **request: Any) -> Mapping[str, Any]:
        """One page of `GetMetricData`."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Query:
    """A metric, a value a day."""

    name: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"


def actual_usage(client: Metrics, graph: Graph, now: datetime) -> dict[str, Any]:
    """Keys of the usage file with what the stack of `graph` used in 30 days, as a month of 730 hours.

    What no metric says is not among them, nor what has had no traffic.
    """
    queries = list(_queries(graph))
    days = {query.name: values for query, values in zip(queries, _ask(client, queries, now), strict=True)}
    totals = {name: sum(values, Decimal(0)) for name, values in days.items()}
    found: dict[str, Any] = {}
    if records := totals.get("records"):
        found["rides_per_day"] = records / _DAYS
        found["ride_bytes"] = totals["bytes"] / records
    if calls := totals.get("calls"):
        found["batches_per_day"] = calls / _DAYS
        found["batch_ms"] = totals["milliseconds"] / calls
    logs = {name: total for name, total in totals.items() if name.startswith("/")}
    if any(logs.values()):
        found["logs"] = {name: total / _GB * DAYS / _DAYS for name, total in logs.items()}
    sizes = {name: values[-1] / _GB for name, values in days.items() if name.startswith(_SIZE) and values}
    if sizes:
        usual = usage()  # no metric counts requests unless a bucket pays for it
        found["buckets"] = {
            name.removeprefix(_SIZE): {
                "gb": size,
                "puts": usual.bucket(name).puts,
                "gets": usual.bucket(name).gets,
            }
            for name, size in sizes.items()
        }
    return found


def _queries(graph: Graph) -> Iterator[_Query]:
    for stream in graph.all(_STREAM):
        named = {"StreamName": str(stream.inputs["name"])}
        yield _Query(name="records", namespace="AWS/Kinesis", metric="IncomingRecords", dimensions=named)
        yield _Query(name="bytes", namespace="AWS/Kinesis", metric="IncomingBytes", dimensions=named)
    for function in (one for one in graph.all(_FUNCTION) if is_predictor(one, graph)):
        named = {"FunctionName": str(function.inputs["name"])}
        yield _Query(name="calls", namespace="AWS/Lambda", metric="Invocations", dimensions=named)
        yield _Query(name="milliseconds", namespace="AWS/Lambda", metric="Duration", dimensions=named)
    for group in graph.all("aws:cloudwatch/logGroup:LogGroup"):
        name = str(group.inputs["name"])
        yield _Query(
            name=name, namespace="AWS/Logs", metric="IncomingBytes", dimensions={"LogGroupName": name}
        )
    for bucket in graph.all("aws:s3/bucket:Bucket"):
        name = str(bucket.inputs["bucket"])
        yield _Query(
            name=f"{_SIZE}{name}",
            namespace="AWS/S3",
            metric="BucketSizeBytes",
            dimensions={"BucketName": name, "StorageType": "StandardStorage"},
            statistic="Average",
        )


def _ask(client: Metrics, queries: list[_Query], now: datetime) -> list[list[Decimal]]:
    """Each query's daily values, the oldest first."""
    values: dict[str, list[Decimal]] = {f"q{index}": [] for index in range(len(queries))}
    request: dict[str, Any] = {
        "MetricDataQueries": [_request(f"q{index}", query) for index, query in enumerate(queries)],
        "StartTime": now - timedelta(days=_DAYS),
        "EndTime": now,
        "ScanBy": "TimestampAscending",
    }
    while True:
        answer = client.get_metric_data(**request)
        for result in answer["MetricDataResults"]:
            values[result["Id"]] += [Decimal(str(value)) for value in result["Values"]]
        if not answer.get("NextToken"):
            return list(values.values())
        request["NextToken"] = answer["NextToken"]


def _request(id_: str, query: _Query) -> dict[str, Any]:
    return {
        "Id": id_,
        "MetricStat": {
            "Metric": {
                "Namespace": query.namespace,
                "MetricName": query.metric,
                "Dimensions": [{"Name": name, "Value": value} for name, value in query.dimensions.items()],
            },
            "Period": _DAY_SECONDS,
            "Stat": query.statistic,
        },
    }

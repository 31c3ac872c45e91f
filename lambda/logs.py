"""Structured logs and embedded metrics on standard output, with the field names of Powertools for Lambda."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "service_undefined")
_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "")
_LEVEL = os.environ.get("LOG_LEVEL", "INFO").upper()
_THRESHOLD = _LEVELS.index(_LEVEL) if _LEVEL in _LEVELS else 1
_REPORTED = frozenset(filter(None, os.environ.get("REPORTED_METRICS", "").split(",")))  # all, where empty
invocation: dict[str, Any] = {}  # what every line of this invocation carries


def begin(context: Any, *, cold_start: bool, records: Sequence[Mapping[str, Any]]) -> None:
    """Makes the lines that follow those of this invocation, findable by the id of each of its records.

    Ids are `<shard>:<sequence number>` and rise within a shard, so the first and the last are enough.
    """
    trace = os.environ.get("_X_AMZN_TRACE_ID", "")  # Root=1-...;Parent=...;Sampled=1
    invocation.update(
        first_event=records[0]["eventID"],
        last_event=records[-1]["eventID"],
        xray_trace_id=trace.partition(";")[0].removeprefix("Root="),
        cold_start=cold_start,
        function_name=context.function_name,
        function_memory_size=context.memory_limit_in_mb,
        function_arn=context.invoked_function_arn,
        function_request_id=context.aws_request_id,
    )


def log(level: str, message: str, **fields: Any) -> None:
    """Writes one line, if LOG_LEVEL lets it through."""
    if _LEVELS.index(level) >= _THRESHOLD:
        _write({"level": level, "message": message, **fields})


def metrics(units: Mapping[str, str], values: Mapping[str, float], **fields: Any) -> None:
    """Writes one line of embedded metrics, with `service` as their dimension.

    Each metric costs by the month, so REPORTED_METRICS can name the ones that CloudWatch is to make; the
    others are properties.

    Args:
        units: CloudWatch's unit of each metric.
        values: The metrics' values, by the same names.
        fields: Properties, which can be queried in the logs and are no metrics.

    The format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    definition = {
        "Namespace": _NAMESPACE,
        "Dimensions": [["service"]],
        "Metrics": [
            {"Name": name, "Unit": unit} for name, unit in units.items() if not _REPORTED or name in _REPORTED
        ],
    }
    _write(
        {
            "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]},
            "level": "INFO",
            "message": "batch",
            **values,
            **fields,
        }
    )


def _write(line: dict[str, Any]) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + "+00:00"
    head = {"timestamp": stamp, "service": _SERVICE}
    sys.stdout.write(orjson.dumps({**head, **line, **invocation}).decode() + "\n")
    sys.stdout.flush()

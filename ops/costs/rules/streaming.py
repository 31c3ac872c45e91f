"""The stream and its predictor: Kinesis, Lambda, the queue of dead letters."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from ops.costs.model import Graph, Line, Resource
from ops.costs.pricing import DAYS, HOURS, Free, Pricing, Rules

_MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
_ALIAS = "aws:lambda/alias:Alias"
_PUT_UNIT = 25 * 1024  # bytes; what a record has more is another unit
_GB = Decimal(1024**3)
_DAY, _WEEK = Decimal(24), Decimal(168)
_INCLUDED_MIB = 512


def stream(one: Resource, at: Pricing) -> Iterator[Line]:
    """Shards by the hour and records by the unit, or data on demand; and what is kept for longer."""
    mode = (one.inputs.get("streamModeDetails") or {}).get("streamMode", "PROVISIONED")
    kept = Decimal(str(one.inputs.get("retentionPeriod") or _DAY))
    yield from (_provisioned if mode == "PROVISIONED" else _on_demand)(one, kept, at)
    if one.inputs.get("encryptionType") == "KMS":
        yield at.line(one, "data keys", at.usage.kms_requests_per_hour * HOURS, "kms.requests")


def function(one: Resource, at: Pricing) -> Iterator[Line]:
    """Requests, and duration times memory; a cold start's initialisation is billed as duration."""
    platform = (one.inputs.get("architectures") or ["x86_64"])[0]
    gib = Decimal(str(one.inputs.get("memorySize") or 128)) / 1024
    predictor = is_predictor(one, at.graph)
    calls = batches(at) if predictor else at.usage.other_invocations
    starts = at.usage.cold_starts_per_day * DAYS if predictor else min(calls, DAYS)
    seconds = (calls * at.usage.batch_ms + starts * at.usage.cold_start_ms) / 1000
    yield at.line(one, "requests", calls, f"lambda.request.{platform}")
    yield at.line(one, "duration, cold starts included", seconds * gib, f"lambda.gb-second.{platform}")
    storage = Decimal(str((one.inputs.get("ephemeralStorage") or {}).get("size") or 0)) - _INCLUDED_MIB
    if storage > 0:
        yield at.line(one, "temporary storage", seconds * storage / 1024, "lambda.storage")
    if predictor:
        yield at.line(one, "metrics of its own", _metrics(one, at), "cloudwatch.metric")


def queue(one: Resource, at: Pricing) -> Iterator[Line]:
    """A queue costs by requests."""
    yield at.line(one, "requests", at.usage.queue_requests, "sqs.requests")


def batches(at: Pricing) -> Decimal:
    """Invocations a month: each batch takes the rides of one window, which starts with its first ride."""
    if at.usage.batches_per_day is not None:
        return at.usage.batches_per_day * DAYS
    mappings = at.graph.all(_MAPPING)
    inputs = mappings[0].inputs if mappings else {}
    window = Decimal(str(inputs.get("maximumBatchingWindowInSeconds") or 0))
    most = Decimal(str(inputs.get("batchSize") or 100))
    a_second = at.usage.rides_per_day / 86400
    rides = min(1 + a_second * window, most)
    return at.usage.rides_per_day * DAYS / rides


def is_predictor(function: Resource, graph: Graph) -> bool:
    """Whether the stream's batches go to this function, or to an alias of it."""
    targets = [function, *graph.needing(function, _ALIAS)]
    return any(target.urn in one.dependencies for one in graph.all(_MAPPING) for target in targets)


def _metrics(function: Resource, at: Pricing) -> Decimal:
    """How many metrics CloudWatch makes of the function's log lines."""
    variables = (function.inputs.get("environment") or {}).get("variables") or {}
    reported = str(variables.get("REPORTED_METRICS", ""))
    return Decimal(len(reported.split(","))) if reported else at.usage.predictor_metrics


def _provisioned(one: Resource, kept: Decimal, at: Pricing) -> Iterator[Line]:
    shards = Decimal(str(one.inputs.get("shardCount") or 1))
    units = _ceiling(at.usage.ride_bytes / _PUT_UNIT)
    yield at.line(one, f"shards, {shards}", shards * HOURS, "kinesis.shard-hour")
    yield at.line(one, "records", at.usage.rides_per_day * DAYS * units, "kinesis.put-unit")
    if kept > _DAY:
        yield at.line(one, "kept for up to a week", shards * HOURS, "kinesis.extended-hour")
    if kept > _WEEK:
        yield at.line(one, "kept for longer", _stored(kept - _WEEK, at), "kinesis.long-term")


def _on_demand(one: Resource, kept: Decimal, at: Pricing) -> Iterator[Line]:
    # Records are rounded up to a kilobyte.
    gb = at.usage.rides_per_day * DAYS * _ceiling(at.usage.ride_bytes / 1024) * 1024 / _GB
    yield at.line(one, "stream on demand", HOURS, "kinesis.stream-hour")
    yield at.line(one, "data in", gb, "kinesis.gb-in")
    yield at.line(one, "data out", gb, "kinesis.gb-out")
    if kept > _DAY:
        yield at.line(one, "kept for up to a week", _stored(min(kept, _WEEK) - _DAY, at), "kinesis.gb-kept")
    if kept > _WEEK:
        yield at.line(one, "kept for longer", _stored(kept - _WEEK, at), "kinesis.long-term")


def _stored(hours: Decimal, at: Pricing) -> Decimal:
    """GB of the records of that many hours, which is what a month stores on average."""
    return at.usage.rides_per_day / 24 * hours * at.usage.ride_bytes / _GB


def _ceiling(number: Decimal) -> Decimal:
    return number.to_integral_value(ROUND_CEILING)


RULES: Rules = {
    "aws:kinesis/stream:Stream": stream,
    "aws:lambda/function:Function": function,
    "aws:sqs/queue:Queue": queue,
}
FREE: Free = {
    _ALIAS: "the function is priced",
    _MAPPING: "the function's requests are priced; reading from Kinesis is free",
    "aws:lambda/permission:Permission": "the function is priced",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "the function is priced",
    "aws:sqs/queuePolicy:QueuePolicy": "the queue is priced",
}

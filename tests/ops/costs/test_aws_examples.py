"""Examples from AWS's own pricing pages, with the rules and the prices that stacks are priced by.

Each test names the page; the figures in it are the page's. Pages round each line to the cent.
"""

from decimal import Decimal
from typing import Any

import pytest

from ops.costs.estimate import estimate
from ops.costs.model import CENT, Estimate
from ops.costs.usage import with_changes
from tests.ops.costs.stacks import resource, stack

X86 = {"cpuArchitecture": "X86_64"}
ARM = {"cpuArchitecture": "ARM64"}


def cents(found: Estimate, *whats: str) -> list[str]:
    """What the lines for `whats` come to, each rounded to the cent."""
    sums: list[str] = []
    for what in whats:
        usd = sum((line.usd for line in found.lines if line.what.startswith(what)), Decimal(0))
        sums.append(str(usd.quantize(CENT)))
    return sums


@pytest.mark.parametrize(("platform", "cpu", "memory"), [(X86, "1.01", "0.22"), (ARM, "0.81", "0.18")])
def test_fargate(platform: dict[str, str], cpu: str, memory: str) -> None:
    """https://aws.amazon.com/fargate/pricing/, examples 1 and 2: five tasks of 1 vCPU, 2 GB and 30 GB of
    storage, ten minutes a day for 30 days."""
    task = resource(
        "aws:ecs/taskDefinition:TaskDefinition",
        cpu="1024",
        memory="2048",
        runtimePlatform=platform,
        ephemeralStorage={"sizeInGib": 30},
    )
    hours = Decimal(5 * 30 * 600) / 3600
    found = estimate(stack(task), with_changes({"other_task_hours": hours, "always_free": 0}, "the page"))
    assert cents(found, "tasks, 1 vCPU", "tasks, 2 GB", "task storage") == [cpu, memory, "0.03"]


def predictor(**inputs: Any) -> Any:
    """A function that a stream's mapping calls."""
    function = resource("aws:lambda/function:Function", architectures=["x86_64"], **inputs)
    mapping = resource("aws:lambda/eventSourceMapping:EventSourceMapping", "two", [function])
    return stack(function, mapping)


def calls(count: int, milliseconds: int) -> Any:
    """A month's calls of a function that is never cold, in an account that has nothing else."""
    by_day = Decimal(count) * 24 / 730
    return with_changes(
        {"batches_per_day": by_day, "batch_ms": milliseconds, "cold_starts_per_day": 0}, "the page"
    )


def test_lambda_mobile_backend() -> None:
    """https://aws.amazon.com/lambda/pricing/, example 1: three million requests of 120 ms and 1,536 MB, of
    which the free tier takes 400,000 GB-seconds and a million requests."""
    found = estimate(predictor(memorySize=1536), calls(3_000_000, 120))
    lines = {line.what: line.usd for line in found.lines}
    compute = lines["duration, cold starts included"] + lines["400,000 GB-seconds of Lambda"]
    requests = lines["requests"] + lines["1,000,000 requests to Lambda"]
    assert [str(usd.quantize(CENT)) for usd in (compute, requests)] == ["2.33", "0.40"]


def test_lambda_telemetry() -> None:
    """https://aws.amazon.com/lambda/pricing/, example 2: 7.44 million messages, two seconds of 1 GB each."""
    used = calls(7_440_000, 2000)
    found = estimate(predictor(memorySize=1024), used)
    assert cents(found, "requests", "duration") == ["1.49", "248.00"]


def test_lambda_temporary_storage() -> None:
    """https://aws.amazon.com/lambda/pricing/, example 3: 280 ms of 4,096 MB with 2,048 MB of storage."""
    found = estimate(predictor(memorySize=4096, ephemeralStorage={"size": 2048}), calls(6_000_000, 280))
    lines = {line.what: line.usd for line in found.lines}
    compute = lines["duration, cold starts included"] + lines["400,000 GB-seconds of Lambda"]
    requests = lines["requests"] + lines["1,000,000 requests to Lambda"]
    storage = lines["temporary storage"]
    assert [str(usd.quantize(CENT)) for usd in (compute, requests, storage)] == ["105.33", "1.00", "0.08"]


def test_efs() -> None:
    """https://aws.amazon.com/efs/pricing/ (its first form): 177 GB for a month in Standard."""
    found = estimate(
        stack(resource("aws:efs/fileSystem:FileSystem")), with_changes({"efs_gb": 177}, "the page")
    )
    assert cents(found, "files, Standard") == ["53.10"]


def test_kinesis() -> None:
    """https://aws.amazon.com/kinesis/data-streams/pricing/ takes 100 records a second of 35 KB, which need
    four shards and two PUT units each: 1.44 and 0.24 USD a day at the page's prices."""
    stream = resource("aws:kinesis/stream:Stream", shardCount=4)
    rides = Decimal(100 * 86400)
    found = estimate(
        stack(stream), with_changes({"rides_per_day": rides, "ride_bytes": 35 * 1024}, "the page")
    )
    lines = {line.what: line for line in found.lines}
    a_day = Decimal(24) / 730
    assert lines["records"].quantity * a_day == Decimal(2 * 100 * 86400)
    usd = [str((lines[what].usd * a_day).quantize(CENT)) for what in ("shards, 4", "records")]
    assert usd == ["1.44", "0.24"]


def test_step_functions() -> None:
    """https://aws.amazon.com/step-functions/pricing/: 0.025 USD for a thousand transitions beyond 4,000."""
    machine = resource("aws:sfn/stateMachine:StateMachine")
    found = estimate(stack(machine), with_changes({"state_transitions": 104_000}, "the page"))
    assert found.usd == Decimal("2.50")

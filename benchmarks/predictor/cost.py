"""What a million rides cost on Lambda, by the list prices of us-east-1 for arm64."""

import math
from collections.abc import Callable
from dataclasses import dataclass

GB_SECOND_USD = 0.0000133334  # https://aws.amazon.com/lambda/pricing/
INVOCATION_USD = 0.20 / 1e6
PUT_USD = 0.005 / 1e3  # https://aws.amazon.com/s3/pricing/
SHARD_RECORDS_A_SECOND = 1000  # https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
MIB_A_CORE = 1769  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
PUT_SECONDS = 0.02  # assumed: a small S3 put within the region, in which the function only waits
WINDOW_SECONDS, BATCH_SIZE = 5, 500  # the stacks' own batching


@dataclass(frozen=True, kw_only=True)
class Cost:
    """At `rate` rides a second: shards, rides a batch, functions busy at a time, dollars a million rides."""

    rate: int
    shards: int
    batch: int
    concurrency: float
    usd: float


def cost(
    rate: int, *, memory_mib: int, cpu_seconds: Callable[[int], float], puts: Callable[[int], int]
) -> Cost:
    """The cost of one variant.

    Args:
        rate: Rides a second.
        memory_mib: The function's memory, of which its share of a core follows.
        cpu_seconds: The seconds that a batch of so many rides takes on a whole core.
        puts: The writes that a batch of so many rides takes.
    """
    shards = math.ceil(rate / SHARD_RECORDS_A_SECOND)
    batch = max(1, min(BATCH_SIZE, int(rate / shards * WINDOW_SECONDS)))
    seconds = cpu_seconds(batch) / min(1.0, memory_mib / MIB_A_CORE) + puts(batch) * PUT_SECONDS
    each = INVOCATION_USD + seconds * memory_mib / 1024 * GB_SECOND_USD + puts(batch) * PUT_USD
    return Cost(
        rate=rate, shards=shards, batch=batch, concurrency=rate / batch * seconds, usd=each * 1e6 / batch
    )


def between(timings_us: dict[int, float]) -> Callable[[int], float]:
    """Seconds by batch size, on straight lines between those that were measured."""
    sizes = sorted(timings_us)

    def seconds(batch: int) -> float:
        upper = next((size for size in sizes[1:] if batch <= size), sizes[-1])
        lower = sizes[sizes.index(upper) - 1]
        slope = (timings_us[upper] - timings_us[lower]) / (upper - lower)
        return (timings_us[lower] + slope * (batch - lower)) / 1e6

    return seconds

"""Lambda's event source mapping for Kinesis, simulated after AWS' documented rules.

Pure: no client, no process. `Mapping` takes a stream, a function, an on-failure destination and a clock as
objects, so that a day of retries takes a test no time. Every rule is cited where it is applied.
"""

from ops.sandbox.mapping.clock import Clock, SystemClock, VirtualClock
from ops.sandbox.mapping.mapping import Counts, Mapping
from ops.sandbox.mapping.memory import MemoryStream
from ops.sandbox.mapping.response import InvocationResult
from ops.sandbox.mapping.settings import MappingSettings
from ops.sandbox.mapping.stream import Page, Record, Shard, StreamSource

__all__ = [
    "Clock",
    "Counts",
    "InvocationResult",
    "Mapping",
    "MappingSettings",
    "MemoryStream",
    "Page",
    "Record",
    "Shard",
    "StreamSource",
    "SystemClock",
    "VirtualClock",
]

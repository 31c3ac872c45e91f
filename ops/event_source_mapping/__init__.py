"""Lambda's event source mapping for a Kinesis stream, simulated after AWS's documented rules.

Pure: no client, no process. `EventSourceMapping` takes a stream, a function, an on-failure destination and a
clock as objects, so that a test of a day of retries takes no time. Every rule is cited where it is applied.
"""

from ops.event_source_mapping.clock import Clock, SystemClock, VirtualClock
from ops.event_source_mapping.event_source_mapping import Counts, EventSourceMapping
from ops.event_source_mapping.memory_stream import MemoryStream
from ops.event_source_mapping.on_failure_destination import invocation_record
from ops.event_source_mapping.settings import INFINITE, EventSourceMappingSettings, StartingPosition
from ops.event_source_mapping.stream import GetRecordsOutput, Shard, Stream
from workloads.delivery.event import kinesis_event
from workloads.delivery.record import Record
from workloads.delivery.response import BatchOutcome, InvocationResult, batch_outcome

__all__ = [
    "INFINITE",
    "BatchOutcome",
    "Clock",
    "Counts",
    "EventSourceMapping",
    "EventSourceMappingSettings",
    "GetRecordsOutput",
    "InvocationResult",
    "MemoryStream",
    "Record",
    "Shard",
    "StartingPosition",
    "Stream",
    "SystemClock",
    "VirtualClock",
    "batch_outcome",
    "invocation_record",
    "kinesis_event",
]

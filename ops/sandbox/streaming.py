"""Replays rides through the deployed data path and accounts for each of them, all at the same time.

A producer fills the stream, the event source mapping invokes the function, a reader counts what the function
wrote. Each works on some thousand rides at a time, so that memory does not grow with their number.
"""

import json
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from threading import Event
from typing import Any

from ops.event_source_mapping import EventSourceMapping, InvocationResult
from ops.local.moto.clients import Clients
from ops.sandbox.account import Account, Ledger, dead_letters
from ops.sandbox.deployed import DataPath
from ops.sandbox.results import KEPT_OBJECTS, Results
from ops.sandbox.rides import LiveErrors, Replay
from ops.sandbox.stream import KinesisStream, put

MOST_AHEAD = 10_000  # rides that the producer may be ahead of the function
READ_SECONDS = 2.0  # between two looks at what the function wrote


@dataclass(frozen=True, kw_only=True)
class Streamed:
    """What came of a replay; `deleted_objects` were counted and then deleted from the bucket."""

    account: Account
    errors: LiveErrors
    deleted_objects: int


class Streaming:
    """One replay over one data path; while it is `served`, others send records too, and objects stay."""

    def __init__(self, path: DataPath, clients: Clients, replay: Replay, *, served: bool = False) -> None:
        self._path = path
        self._clients = clients
        self._replay = replay
        self._ledger = Ledger()
        self._errors = LiveErrors(replay=replay)
        kept = sys.maxsize if served else KEPT_OBJECTS
        self._results = Results(clients("s3"), path.bucket, self._ledger, self._errors.add, kept_objects=kept)
        self._served = served
        self._checkpoints: Mapping[str, int] = {}
        self._done = 0  # records that the mapping has completed or discarded
        self._stop = Event()

    def deliver(
        self,
        function: Callable[[bytes], InvocationResult],
        pool: Executor,
        *,
        until: Callable[[], bool] = lambda: True,
    ) -> None:
        """Returns when every ride was sent and the mapping has completed or discarded each of them.

        Args:
            function: What the mapping invokes.
            pool: For the producer and the reader.
            until: Whether nobody else sends any more; then what they sent is delivered, too.

        Raises:
            LocalRunError: the stream refused rides.
        """
        sqs = self._clients("sqs")

        def on_failure(message: Mapping[str, Any]) -> None:
            sqs.send_message(QueueUrl=self._path.dead_letter_url, MessageBody=json.dumps(message))

        source = KinesisStream(self._clients("kinesis"), self._path.stream)
        mapping = EventSourceMapping(self._path.mapping, source, function, on_failure)
        producer, reader = pool.submit(self._produce), pool.submit(self._read)

        def sent() -> bool:
            self._checkpoints = mapping.checkpoints()
            self._done = mapping.counts.completed + mapping.counts.discarded
            _raise_failure(reader)
            return producer.done() and until()

        try:
            mapping.run(until=sent)
            self._checkpoints = mapping.checkpoints()
        finally:
            self._stop.set()  # or the pool would wait for them for ever
        producer.result()
        reader.result()

    def verify(self) -> Streamed:
        """Counts what was not counted while the rides went through, dead letters included."""
        if self._served:
            self._ledger.send_all_before(self._checkpoints)
        self._results.read()
        for letter in dead_letters(self._clients("sqs"), self._path.dead_letter_url):
            self._ledger.find_dead_letter(letter)
        return Streamed(
            account=self._ledger.account(), errors=self._errors, deleted_objects=self._results.deleted
        )

    @property
    def done(self) -> int:
        """How many records the mapping has completed or given up."""
        return self._done

    def send_completions(self) -> int:
        """Sends that the replayed rides have ended; how many records that were."""
        sent = 0
        for events in self._replay.completions():
            records = put(self._clients("kinesis"), self._path.stream, events)
            self._ledger.send(records)
            sent += len(records)
        return sent

    def _produce(self) -> None:
        sent = 0
        for events in self._replay.chunks():
            while sent - self._done > MOST_AHEAD:
                if self._stop.wait(0.02):
                    return
            records = put(self._clients("kinesis"), self._path.stream, events)
            self._ledger.send(records)
            sent += len(records)

    def _read(self) -> None:
        while not self._stop.wait(READ_SECONDS):
            self._results.read(self._checkpoints)


def _raise_failure(future: "Future[None]") -> None:
    if future.done():
        future.result()

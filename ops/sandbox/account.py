"""Accounts for every record that was sent: predicted, rejected, dead-lettered, lost or there twice.

A record is known by its shard and its sequence number, which is unique in its shard only. A prediction holds
the second; the first is in the name of its object, `<shard>-<first sequence number>.jsonl.gz`.
"""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ops.sandbox.ranges import Ranges

Place = Literal["predicted", "rejected", "completed", "dead_lettered"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A record that Kinesis took: its shard and its sequence number there."""

    shard_id: str
    sequence_number: int


@dataclass(frozen=True, kw_only=True)
class Account:
    """Records by where they ended; a `lost` one is nowhere, a `duplicated` one in more than one place."""

    sent: int
    predicted: int
    rejected: int
    completed: int
    dead_lettered: int
    lost: int
    duplicated: int


class Ledger:
    """Takes down what was sent and where it was found, in any order and from any thread."""

    def __init__(self) -> None:
        self._sent: defaultdict[str, Ranges] = defaultdict(Ranges)
        self._found: defaultdict[str, Ranges] = defaultdict(Ranges)
        self._places: Counter[Place] = Counter()
        self._duplicated = 0
        self._lock = threading.Lock()

    def send(self, records: Iterable[Sent]) -> None:
        """Records were sent."""
        with self._lock:
            for record in records:
                self._sent[record.shard_id].add(record.sequence_number)

    def send_all_before(self, checkpoints: Mapping[str, int]) -> None:
        """Every record before a checkpoint was sent, by whomever: moto counts a shard's records from 1 on."""
        with self._lock:
            for shard_id, number in checkpoints.items():
                for each in range(1, number):
                    self._sent[shard_id].add(each)

    def find(self, place: Place, shard_id: str, sequence_numbers: Iterable[int]) -> None:
        """Records of a shard were found in a place."""
        with self._lock:
            for number in sequence_numbers:
                self._find(place, shard_id, number)

    def find_dead_letter(self, letter: Mapping[str, Any]) -> None:
        """An invocation record was found; it names the range of its batch, not each record."""
        batch = letter["KinesisBatchInfo"]
        shard_id = str(batch["shardId"])
        first, last = int(batch["startSequenceNumber"]), int(batch["endSequenceNumber"])
        with self._lock:
            for number in self._sent[shard_id].within(first, last):
                self._find("dead_lettered", shard_id, number)

    def account(self) -> Account:
        """Where everything that was sent has been found so far."""
        with self._lock:
            return Account(
                sent=sum(len(numbers) for numbers in self._sent.values()),
                predicted=self._places["predicted"],
                rejected=self._places["rejected"],
                completed=self._places["completed"],
                dead_lettered=self._places["dead_lettered"],
                lost=sum(numbers.missing_from(self._found[shard]) for shard, numbers in self._sent.items()),
                duplicated=self._duplicated,
            )

    def _find(self, place: Place, shard_id: str, number: int) -> None:
        if self._found[shard_id].add(number):
            self._places[place] += 1
        else:
            self._duplicated += 1


def dead_letters(sqs: Any, queue_url: str) -> Iterator[dict[str, Any]]:
    """The messages of the dead-letter queue, which stay in it."""
    while messages := sqs.receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=60
    ).get("Messages"):
        for message in messages:
            yield json.loads(message["Body"])

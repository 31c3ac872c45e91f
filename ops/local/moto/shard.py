"""A shard of moto's Kinesis that may be filled and read at the same time, for any number of records.

moto's own shard reads while another thread writes ("OrderedDict mutated during iteration"), walks over all of
its records for each request, and keeps every record.
"""

import threading

from moto.kinesis.models import Record, Shard

KEPT_RECORDS = 25_000  # that were read; a record that was not read is always kept


class LockedShard(Shard):
    """Sequence numbers count from 1 without gaps, so `records` is looked up and never searched.

    Records that a consumer has read are trimmed, as Kinesis does when they are older than the stream's
    retention, except for the newest `KEPT_RECORDS`.
    """

    def __init__(
        self,
        shard_id: int,
        starting_hash: int,
        ending_hash: int,
        parent: str | None = None,
        adjacent_parent: str | None = None,
    ) -> None:
        super().__init__(shard_id, starting_hash, ending_hash, parent, adjacent_parent)
        self.records: dict[int, Record] = {}
        self._lock = threading.Lock()
        self._oldest = 1
        self._newest = 0
        self._read = 0

    def put_record(self, partition_key: str, data: str, explicit_hash_key: str) -> str:
        """Appends a record; its sequence number."""
        with self._lock:
            number = self._newest + 1
            self.records[number] = Record(partition_key, data, number, explicit_hash_key)
            self._newest = number
            return str(number)

    def get_records(self, last_sequence_id: str, limit: int | None) -> tuple[list[Record], int, int]:
        """Up to `limit` records after a sequence number, that of the last one, and milliseconds behind."""
        with self._lock:
            first = max(int(last_sequence_id) + 1, self._oldest)
            last = min(first + (limit or len(self.records)) - 1, self._newest)
            found = [self.records[number] for number in range(first, last + 1)]
            behind = self.records[self._newest].created_at - found[-1].created_at if found else 0.0
            self._read = max(self._read, last)
            self._trim()
            return found, max(last, int(last_sequence_id)), int(behind * 1000)

    def get_min_sequence_number(self) -> int:
        """The oldest record's sequence number, 0 without records."""
        return self._oldest if self._newest else 0

    def get_max_sequence_number(self) -> int:
        """The newest record's sequence number, 0 without records."""
        return self._newest

    def get_sequence_number_at(self, at_timestamp: float) -> int:
        """The sequence number of the last record before a time (Unix seconds), 0 if none is."""
        with self._lock:
            earlier = (number for number, record in self.records.items() if record.created_at < at_timestamp)
            return max(earlier, default=0)

    def _trim(self) -> None:
        while self._oldest <= min(self._read, self._newest - KEPT_RECORDS):
            del self.records[self._oldest]
            self._oldest += 1

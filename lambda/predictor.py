"""A batch from Kinesis becomes objects in the data bucket: predictions, rejected records, finished rides."""

import time
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import objects
from bundle import Model
from logs import log, metrics
from models import Alias, ModelUnavailableError
from records import Completed, Record, RejectedError, Ride, read
from store import Store, StoreError

_UNITS = {
    "Records": "Count",
    "Predicted": "Count",
    "Rejected": "Count",
    "Completed": "Count",
    "FailedBatches": "Count",
    "ModelRefreshFailures": "Count",
    "BatchLatency": "Milliseconds",
}
Rides = list[tuple[Record, Ride]]


class Batch(NamedTuple):
    """A batch, divided by what its records hold."""

    rides: Rides
    completed: list[tuple[Record, Completed]]
    rejected: list[tuple[Record, str]]

    @classmethod
    def of(cls, records: list[Record]) -> "Batch":
        """Divides the records; the answer depends on each record alone."""
        batch = cls([], [], [])
        for record in records:
            try:
                found = read(record["kinesis"]["data"])
            except RejectedError as error:
                batch.rejected.append((record, str(error)))
                continue
            if type(found) is Ride:
                batch.rides.append((record, found))
            elif type(found) is Completed:
                batch.completed.append((record, found))
        return batch


class Predictor:
    """Scores batches.

    Args:
        store: The data bucket.
        champion: The model whose predictions count.
        challenger: A model that is scored in its shadow, or None.
        share: The share of the rides that the challenger scores, from 0 to 1.
        name: The registered model's name, for the predictions.
    """

    def __init__(
        self, store: Store, *, champion: Alias, challenger: Alias | None, share: float, name: str
    ) -> None:
        self._store = store
        self._champion = champion
        self._challenger = challenger
        self._share = share
        self._name = name

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Predictor":
        """The predictor that the function's variables describe."""
        # Here, because HTTP and TLS are half of all imports, and who brings another store does without.
        from s3 import Bucket

        store = Bucket.from_environment(environ)
        name = environ["MODEL_NAME"]

        def follow(alias: str) -> Alias:
            seconds = float(environ["MODEL_CHECK_SECONDS"])
            return Alias(store, name=name, alias=alias, check_seconds=seconds, clock=time.monotonic)

        challenger = environ.get("CHALLENGER_ALIAS", "")
        return cls(
            store,
            champion=follow(environ["MODEL_ALIAS"]),
            challenger=follow(challenger) if challenger else None,
            share=float(environ.get("CHALLENGER_SHARE") or 0),
            name=name,
        )

    def warm_up(self) -> None:
        """Loads the champion ahead of the first batch; one that is not there yet is no error here."""
        try:
            self._champion.model()
        except ModelUnavailableError as error:
            log("WARNING", str(error))

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Scores one batch and writes what it becomes.

        Returns:
            Lambda's partial batch response. What may succeed later, S3 failing or no champion, fails the
            batch from its first record on, so that it comes again whole.
        """
        started = time.perf_counter()
        records: list[Record] = event["Records"]
        batch = Batch.of(records)
        failures, version = [], None
        try:
            version = self._write(batch)
        except (StoreError, ModelUnavailableError) as error:
            log("ERROR", f"the batch has to come again: {error}")
            failures = [{"itemIdentifier": _number(records[0])}]
        values = {
            "Records": len(records),
            "Predicted": 0 if failures else len(batch.rides),
            "Rejected": 0 if failures else len(batch.rejected),
            "Completed": 0 if failures else len(batch.completed),
            "FailedBatches": len(failures),
            "ModelRefreshFailures": self._refresh_failures(),
            "BatchLatency": round((time.perf_counter() - started) * 1000, 3),
        }
        metrics(_UNITS, values, model_version=version)
        return {"batchItemFailures": failures}

    def _write(self, batch: Batch) -> str | None:
        """Writes the batch's objects, the predictions last; gives the version that made them."""
        now = _iso(time.time())
        if batch.rejected:
            self._put("rejected", batch.rejected[0][0], [_rejected(*one, now) for one in batch.rejected])
        if batch.completed:
            self._put("actuals", batch.completed[0][0], [_completed(*one, now) for one in batch.completed])
        if not batch.rides:
            return None
        champion = self._champion.model()
        lines = self._lines(champion, batch.rides, now)
        self._write_challenger(batch.rides, now)
        self._put("predictions", batch.rides[0][0], lines)
        return champion.version

    def _write_challenger(self, rides: Rides, now: str) -> None:
        """Scores the challenger's share of the rides; whatever fails here, the predictions go on."""
        if self._challenger is None:
            return
        limit = self._share * 2**32
        sampled = [one for one in rides if zlib.crc32(_number(one[0]).encode()) < limit]
        if not sampled:
            return
        try:
            lines = self._lines(self._challenger.model(), sampled, now)
            self._put("challenger", sampled[0][0], lines)
        except (StoreError, ModelUnavailableError) as error:
            log("WARNING", f"the challenger was left out: {error}")

    def _lines(self, model: Model, rides: Rides, now: str) -> list[dict[str, Any]]:
        minutes = model.predict([ride for _, ride in rides])
        return [
            {
                "model": self._name,
                "version": model.version,
                "prediction": {"ride_duration": duration, "ride_id": ride.ride_id},
                "ride": ride.fields,
                "sequence_number": record["kinesis"]["sequenceNumber"],
                "predicted_at": now,
            }
            for (record, ride), duration in zip(rides, minutes, strict=True)
        ]

    def _put(self, kind: str, first: Record, lines: list[dict[str, Any]]) -> None:
        self._store.put(objects.key(kind, first), objects.body(lines))

    def _refresh_failures(self) -> int:
        aliases = (self._champion, self._challenger)
        return sum(alias.take_failures() for alias in aliases if alias is not None)


def _number(record: Record) -> str:
    return str(record["kinesis"]["sequenceNumber"])


def _rejected(record: Record, reason: str, now: str) -> dict[str, Any]:
    return {
        "reason": reason,
        "data": record["kinesis"]["data"],
        "sequence_number": _number(record),
        "shard_id": objects.shard_id(record),
        "partition_key": record["kinesis"]["partitionKey"],
        "rejected_at": now,
    }


def _completed(record: Record, ride: Completed, now: str) -> dict[str, Any]:
    return {
        "ride_id": ride.ride_id,
        "lpep_dropoff_datetime": ride.dropoff,
        "sequence_number": _number(record),
        "received_at": now,
    }


def _iso(seconds: float) -> str:
    return (
        time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03d}+00:00"
    )

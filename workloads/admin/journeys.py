"""Rides that were asked for on the Predict page: sent to the stream, and timed until they come back."""

import json
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from workloads.admin.aws import plain
from workloads.admin.follower import Flow
from workloads.admin.looks import Watch

KEPT = 200
PATIENCE_SECONDS = 90.0


@dataclass(frozen=True, kw_only=True)
class Journey:
    """A ride on its way.

    Args:
        ride_id: Its id.
        ride: As it was sent.
        sent: When, in seconds since 1970, as all times here.
        accepted: When Kinesis had it.
        place: Its shard and sequence number.
        predicted: When the predictor scored it; 0 until then.
        seen: When its prediction was found in the bucket; 0 until then.
        minutes: The prediction.
        version: The model version that made it.
    """

    ride_id: str
    ride: Mapping[str, Any]
    sent: float
    accepted: float
    place: str
    predicted: float = 0.0
    seen: float = 0.0
    minutes: float | None = None
    version: str = ""

    @property
    def lost(self) -> bool:
        """Whether it should have come back long ago."""
        return not self.seen and time.time() - self.sent > PATIENCE_SECONDS

    def steps(self) -> list[tuple[str, float]]:
        """The legs of the journey that are over, and their seconds."""
        found = [("Kinesis accepted the event", self.accepted - self.sent)]
        if self.seen:
            # The function's clock and this one may differ by a little.
            found.append(("Lambda predicted it", max(0.0, self.predicted - self.accepted)))
            found.append(("The prediction was found in S3", max(0.0, self.seen - self.predicted)))
        return found


class Journeys:
    """Sends rides and looks for their predictions; the latest are kept.

    Args:
        kinesis: A client.
        stream: The stream.
        flow: What follows the data bucket.
    """

    def __init__(self, kinesis: Any, stream: str, flow: Watch[Flow]) -> None:
        self._kinesis, self._stream, self._flow = kinesis, stream, flow
        self._journeys: OrderedDict[str, Journey] = OrderedDict()

    def begin(self, ride: Mapping[str, Any]) -> Journey:
        """Sends a ride.

        Raises:
            PlatformError: the stream does not take it.
        """
        self._flow.seen()
        ride_id, sent = f"asked-{uuid4().hex[:12]}", time.time()
        with plain("Kinesis", "kinesis:PutRecord"):
            answer = self._kinesis.put_record(
                StreamName=self._stream,
                Data=json.dumps({"ride_id": ride_id, "ride": ride}).encode(),
                PartitionKey=ride_id,
            )
        place = f"{answer['ShardId']} {answer['SequenceNumber']}"
        journey = Journey(ride_id=ride_id, ride=ride, sent=sent, accepted=time.time(), place=place)
        self._journeys[ride_id] = journey
        if len(self._journeys) > KEPT:
            self._journeys.popitem(last=False)
        self._flow.hurry(PATIENCE_SECONDS)
        return journey

    def find(self, ride_id: str) -> Journey | None:
        """A ride as far as it has come; None for one that was not sent from here."""
        journey = self._journeys.get(ride_id)
        if journey is None or journey.seen:
            return journey
        found = self._flow.seen()
        lines = found.value.latest if found.value else ()
        for line in lines:
            if line["prediction"]["ride_id"] == ride_id:
                journey = replace(
                    journey,
                    seen=max(found.at, journey.accepted),
                    predicted=datetime.fromisoformat(line["predicted_at"]).timestamp(),
                    minutes=float(line["prediction"]["ride_duration"]),
                    version=str(line["version"]),
                )
                self._journeys[ride_id] = journey
                self._flow.hurry(0)
        return journey

    def latest(self) -> list[Journey]:
        """The rides that were sent from here, the last one first."""
        return [each for each in map(self.find, reversed(list(self._journeys)[-8:])) if each]

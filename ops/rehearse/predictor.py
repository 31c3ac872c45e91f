"""The packaged predictor, given days of real rides as the event source mapping would hand them over."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from components.streaming.lambda_package import LambdaPlatform, build_zip
from ops.local.errors import LocalRunError
from ops.local.function import ExecutionEnvironment, FunctionSettings, runtime_folder, unpack

Event = Mapping[str, Any]
_BATCH = 500
_NEW_YORK = ZoneInfo("America/New_York")


class Predictor:
    """The function; use it as a context, which ends its process."""

    def __init__(self, folder: Path, variables: Mapping[str, str], aws: Mapping[str, str]) -> None:
        package = unpack(build_zip(LambdaPlatform.local()), folder / "task")
        self._function = ExecutionEnvironment(
            FunctionSettings(
                name="predictor",
                arn="arn:aws:lambda:us-east-1:123456789012:function:predictor",
                handler="handler.handler",
                timeout_seconds=60,
                # The model is looked for at every batch, so that a rehearsal need not wait for it.
                variables={**variables, "MODEL_CHECK_SECONDS": "0"},
            ),
            package=package,
            runtime=runtime_folder(folder / "runtime"),
            aws=aws,
            log=folder / "function.log",
        )
        self._sent = 0

    def __enter__(self) -> "Predictor":
        return self

    def __exit__(self, *_: object) -> None:
        self._function.close()

    def send(self, events: list[tuple[datetime, Event]]) -> None:
        """Events with the times at which they arrived, in New York, in any order.

        Raises:
            LocalRunError: the function failed, or wants a batch again.
        """
        ordered = sorted(events, key=lambda one: one[0])
        for first in range(0, len(ordered), _BATCH):
            batch = {"Records": [self._record(*one) for one in ordered[first : first + _BATCH]]}
            answer = self._function(json.dumps(batch).encode())
            failed = answer.function_error or json.loads(answer.payload).get("batchItemFailures")
            if failed:
                raise LocalRunError(f"the predictor failed: {answer.payload.decode()[:500]}")

    def _record(self, at: datetime, event: Event) -> dict[str, Any]:
        self._sent += 1
        number = f"{self._sent:056d}"
        return {
            "eventID": f"shardId-000000000000:{number}",
            "kinesis": {
                "data": base64.b64encode(json.dumps(event).encode()).decode(),
                "sequenceNumber": number,
                "partitionKey": str(event["ride_id"]),
                "approximateArrivalTimestamp": at.replace(tzinfo=_NEW_YORK).timestamp(),
            },
        }


def ride_events(
    rides: pd.DataFrame, day: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> Iterator[tuple[datetime, Event]]:
    """A day's rides as events, each changed, when they begin; and their completions, when they end."""
    of_day = rides[rides["lpep_pickup_datetime"].dt.strftime("%Y-%m-%d") == day]
    for number, row in enumerate(of_day.to_dict("records")):
        ride_id, start, end = f"{day}-{number:06d}", row["lpep_pickup_datetime"], row["lpep_dropoff_datetime"]
        ride = {
            "PULocationID": int(row["PULocationID"]),
            "DOLocationID": int(row["DOLocationID"]),
            "trip_distance": float(row["trip_distance"]),
            "lpep_pickup_datetime": start.isoformat(),
        }
        if not pd.isna(row["passenger_count"]):
            ride["passenger_count"] = int(row["passenger_count"])
        yield start, {"ride_id": ride_id, "ride": change(ride)}
        completed = {"ride_id": ride_id, "event": "completed", "lpep_dropoff_datetime": end.isoformat()}
        yield end, completed

"""The packaged predictor, given days of real rides as the event source mapping would hand them over."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from components.streaming.lambda_package import LambdaPlatform, build_zip
from ops.local.errors import LocalRunError
from ops.local.function import ExecutionEnvironment, FunctionSettings, runtime_folder, unpack
from workloads.streaming.events import Timed

_BATCH = 500
_RIDE = {"PULocationID": 74, "DOLocationID": 75, "trip_distance": 1.5}
NEW_YORK = ZoneInfo("America/New_York")


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

    def send(self, events: Iterable[Timed]) -> None:
        """Events in the order in which they arrived.

        Raises:
            LocalRunError: the function failed, or wants a batch again.
        """
        rest = iter(events)
        while records := [self._record(each) for each in islice(rest, _BATCH)]:
            batch = {"Records": records}
            answer = self._function(json.dumps(batch).encode())
            failed = answer.function_error or json.loads(answer.payload).get("batchItemFailures")
            if failed:
                raise LocalRunError(f"the predictor failed: {answer.payload.decode()[:500]}")

    def send_one(self) -> None:
        """A ride that begins now."""
        now = datetime.now(NEW_YORK).replace(tzinfo=None, microsecond=0)
        ride = {**_RIDE, "lpep_pickup_datetime": now.isoformat()}
        self.send([Timed(now, 0, {"ride_id": f"now-{now.isoformat()}", "ride": ride})])

    def _record(self, timed: Timed) -> dict[str, Any]:
        self._sent += 1
        number = f"{self._sent:056d}"
        return {
            "eventID": f"shardId-000000000000:{number}",
            "kinesis": {
                "data": base64.b64encode(json.dumps(timed.event).encode()).decode(),
                "sequenceNumber": number,
                "partitionKey": str(timed.event["ride_id"]),
                "approximateArrivalTimestamp": timed.at.replace(tzinfo=NEW_YORK).timestamp(),
            },
        }

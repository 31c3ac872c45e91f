"""`python -m workloads.streaming`: send rides to the stream, read it, and see that nothing is lost."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

StreamName = Annotated[str, typer.Option("--stream", envvar="KINESIS_STREAM_NAME", help="The stream.")]
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Send rides to the stream, read it, and see that nothing is lost.",
)


@contextmanager
def _one_line() -> Iterator[None]:
    from workloads.data.months import DataError

    try:
        yield
    except DataError as error:
        print(f"streaming: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


@app.command()
def simulate(
    stream: StreamName,
    month: Annotated[str, typer.Option(help="Whose rides, YYYY-MM.")] = "2023-03",
    first: Annotated[str, typer.Option(help="Begin at this time of the month, YYYY-MM-DD[THH:MM].")] = "",
    max_events: Annotated[int, typer.Option(min=1, help="The most rides.")] = 1_000_000,
    interval: Annotated[float, typer.Option(min=0, help="Seconds between two rides; 0 for none.")] = 0,
    speed: Annotated[
        float, typer.Option(min=0, help="Replay the month in its own time, so many times as fast; 0 for no.")
    ] = 0,
    drift: Annotated[str, typer.Option(help="A shift: distance-unit, zone-remap, ...")] = "",
    completions: Annotated[bool, typer.Option(help="Also send that rides have ended.")] = True,
    data: Annotated[Path | None, typer.Option(help="A folder with TLC's files.")] = None,
    data_bucket: Annotated[str, typer.Option(envvar="DATA_BUCKET", help="Where months are looked for.")] = "",
    dataset: Annotated[str, typer.Option(envvar="DATASET", help="green or yellow.")] = "green",
    allow_synthetic: Annotated[bool, typer.Option("--allow-synthetic")] = False,
) -> None:
    """Send the rides of a real month as events, at once, at an interval, or in scaled time.

    Against the sandbox, set the variables that `make sandbox ARGS=--keep` prints.
    """
    from workloads.data.months import dataset_named
    from workloads.streaming.replay import MONTH_SHIFTS, Pace, month_of_rides, replay, shift_named
    from workloads.streaming.stream import Stream

    with _one_line():
        pace = Pace.of(interval=interval, speed=speed)
        change, target = shift_named(drift), Stream(stream)
        rides = month_of_rides(
            month, first, dataset_named(dataset), data=data, environ=os.environ, bucket=data_bucket,
            allow_synthetic=allow_synthetic,
        )  # fmt: skip
        rides = MONTH_SHIFTS[drift](rides) if drift in MONTH_SHIFTS else rides
        prefix = f"{month}-{uuid4().hex[:8]}"
        sent = replay(
            rides, target, prefix=prefix, change=change, completions=completions, limit=max_events,
            pace=pace, sleep=time.sleep, clock=time.monotonic,
        )  # fmt: skip
    print(json.dumps({"sent": sent, "ride_ids": f"{prefix}-...", "drift": drift or None}))


@app.command()
def consume(
    stream: StreamName,
    max_events: Annotated[int, typer.Option(min=1, help="The most events.")] = 1_000_000,
) -> None:
    """Print the events that the stream holds, a line each, beginning with the oldest of the first shard."""
    from workloads.streaming.stream import Stream

    with _one_line():
        for record in islice(Stream(stream).records(), max_events):
            print(record.data.decode(errors="replace"))


@app.command()
def verify(
    stream: StreamName,
    data_bucket: Annotated[str, typer.Option(envvar="DATA_BUCKET", help="The stack's data bucket.")],
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for what is missing.")] = 120,
) -> None:
    """See that everything in the stream was predicted, rejected or completed; the exit code is 1 if not."""
    from workloads.data.s3 import Bucket
    from workloads.streaming.stream import Stream
    from workloads.streaming.verify import Verifier

    with _one_line():
        verifier = Verifier(Bucket(data_bucket), Stream(stream).records())
        deadline = time.monotonic() + wait
        account = verifier.look()
        while account.missing and time.monotonic() < deadline:
            time.sleep(min(5, wait))
            account = verifier.look()
    print(json.dumps(account.document()))
    if account.missing:
        print(
            f"streaming: {account.missing} of {account.records} records are nowhere in s3://{data_bucket}; "
            "look at the dead-letter queue with `python -m ops stack redrive`, and at the function's log",
            file=sys.stderr,
        )
        raise typer.Exit(1)


if __name__ == "__main__":
    app(prog_name="python -m workloads.streaming")

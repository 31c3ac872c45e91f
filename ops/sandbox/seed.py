"""Something to look at in every page, made by the workloads themselves from the months at hand."""

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from ops.local.errors import LocalRunError
from ops.local.stages import Stages
from ops.sandbox.place import Place
from ops.sandbox.rides import Replay
from ops.sandbox.streaming import Streaming

FEED, SEED = "feed", "seed"  # names of processes
FEED_SECONDS = 0.5  # between two rides
REPORTED_DAYS = 2
_LOOK_SECONDS = 0.1


class Seed:
    """Completions of the replayed rides, reports of their days, a second version, a month taken in; a feed.

    A step that fails is told of, and the others go on.
    """

    def __init__(self, place: Place, streaming: Streaming, replay: Replay, stages: Stages) -> None:
        self._place = place
        self._streaming = streaming
        self._replay = replay
        self._stages = stages
        self._closed = threading.Event()
        self._began = datetime.now(UTC)

    def close(self) -> None:
        """Nothing is begun any more."""
        self._closed.set()

    def run(self) -> None:
        """Every step, one after the other."""
        for name, description, step in self._steps():
            if self._closed.is_set():
                return
            try:
                with self._stages.stage(name, description):
                    step()
            except LocalRunError as error:
                if not self._closed.is_set():
                    self._stages.say(f"{description}: {error}")
        self._stages.say("every page has something to show")

    def _steps(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """Each with its name and what it does."""
        options = self._place.options
        where = ["--data", self._place.folder, *self._place.synthetic()]
        yield "completions", "send that the replayed rides have ended", self._complete
        yield "feed", f"start a feed of a ride every {FEED_SECONDS:g} s", self._feed
        for day in self._replay.days()[:REPORTED_DAYS]:
            # Rides of long ago, which came today.
            arrived = f"{self._began:%Y-%m-%d}..{datetime.now(UTC):%Y-%m-%d}"
            for words in (["join", f"{day}", "--arrived", arrived], ["report", f"{day}"]):
                step = self._command("workloads.monitoring", *words)
                yield f"{words[0]} {day}", f"{words[0]} the rides of {day}", step
        months = [options.validate, "--validate", options.stream]
        train = self._command("workloads.training", "train", *months, *where, "--json")
        yield "second version", f"train on {options.validate}, validate on {options.stream}", train
        ingest = self._command("workloads.data", "ingest", options.train, *where)
        yield "ingest", f"take {options.train} in, and what it rejects", ingest

    def _complete(self) -> None:
        self._wait(len(self._replay))
        self._wait(len(self._replay) + self._streaming.send_completions())

    def _wait(self, records: int) -> None:
        """Until so many records are delivered."""
        while self._streaming.done < records and not self._closed.wait(_LOOK_SECONDS):
            pass

    def _feed(self) -> None:
        place, options = self._place, self._place.options
        later = self._replay.count < self._replay.trips
        first = ["--first", self._replay.until().isoformat(timespec="minutes")] if later else []
        words = ["workloads.streaming", "simulate", "--month", options.stream, *first]
        words += ["--interval", f"{FEED_SECONDS}", "--data", place.folder, *place.synthetic()]
        self._stages.say("the feed of rides begins")
        place.children.start(FEED, [sys.executable, "-m", *words], environment=place.environment())

    def _command(self, *words: str) -> Callable[[], object]:
        place = self._place
        return lambda: place.children.command(SEED, list(words), environment=place.environment())

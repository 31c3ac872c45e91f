"""The sandbox kept open for a person: pages on loopback, a feed of rides, and something to look at."""

import json
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, wait
from contextlib import contextmanager, suppress

from ops.local.stages import Stages
from ops.sandbox.deployed import MAPPING
from ops.sandbox.invoke_api import Function, OneAtATime, invoke_api
from ops.sandbox.place import Place
from ops.sandbox.rides import Replay
from ops.sandbox.seed import FEED, SEED, Seed
from ops.sandbox.streaming import Streaming

ADMIN, STATUS = "admin", "status"


class Serving:
    """The pages, the feed and what they show, until Ctrl-C."""

    def __init__(self, place: Place, streaming: Streaming, replay: Replay, stages: Stages) -> None:
        self._place = place
        self._streaming = streaming
        self._stages = stages
        self._seed = Seed(place, streaming, replay, stages)
        self._quiet = threading.Event()  # nobody sends any more
        self._passwords = {user: secrets.token_urlsafe(18) for user in ("admin", "viewer")}

    def run(self, function: Function, pool: Executor) -> None:
        """Returns after Ctrl-C, once all that was sent has been delivered.

        Raises:
            LocalRunError: a page did not start, or the stream refused rides.
        """
        shared = OneAtATime(function)
        delivery = pool.submit(self._streaming.deliver, shared, pool, until=self._quiet.is_set)
        try:
            with invoke_api(shared, self._place.moto) as invoke, _until_a_person_ends_it():
                self._open(invoke)
                pool.submit(self._seed.run)
                wait([delivery])  # which only an error ends
        finally:
            self._seed.close()
            self._place.children.stop((ADMIN, STATUS, FEED, SEED))  # whoever sends, first of all
            self._quiet.set()
            self._stages.say("delivering what was sent last")
            wait([delivery])
        delivery.result()

    def _open(self, invoke: str) -> None:
        place = self._place
        admin = place.children.serve(
            ADMIN, "ops.sandbox.admin_server", health="/healthz", environment=self._admin(invoke)
        )
        targets = {"Admin GUI": f"{admin.url}/healthz", "MLflow": f"{place.mlflow}/health"}
        status = place.children.serve(
            STATUS,
            "ops.sandbox.status_server",
            health="/healthz",
            environment={"STATUS_TARGETS": json.dumps(targets)},
        )
        for page in (admin, status):
            place.children.wait(page)
        for line in (
            f"admin GUI:   {admin.url}",
            f"             user admin, password {self._passwords['admin']}",
            f"             user viewer, who may only look, password {self._passwords['viewer']}",
            f"status page: {status.url}",
            f"MLflow:      {place.mlflow}",
            "Airflow is no part of the sandbox: the page Runs says so.",
            "A feed of rides runs, and reports follow. Ctrl-C ends everything and accounts for every ride.",
        ):
            self._stages.say(line)

    def _admin(self, invoke: str) -> dict[str, str]:
        place = self._place
        mapping = next(one for one in place.deployment.resources if one.type == MAPPING)
        return {
            **place.environment(),
            "ADMIN_ALLOW_SYNTHETIC": str(place.months.source == "synthetic").lower(),
            "ADMIN_PASSWORD": self._passwords["admin"],
            "ADMIN_SESSION_KEY": secrets.token_urlsafe(32),
            "ADMIN_VIEWER_PASSWORD": self._passwords["viewer"],
            "AWS_ENDPOINT_URL_LAMBDA": invoke,
            "DEAD_LETTER_QUEUE_URL": place.path.dead_letter_url,
            "EVENT_SOURCE_MAPPING_UUID": str(mapping.outputs.get("uuid", "")),
            "PREDICTOR_FUNCTION_NAME": place.path.function.name,
        }


@contextmanager
def _until_a_person_ends_it() -> Iterator[None]:
    """Ctrl-C is how this is meant to end, and no failure."""
    with suppress(KeyboardInterrupt):
        yield

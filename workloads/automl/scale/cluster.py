"""XGBoost on Dask: every worker holds some of the rides, and all of them agree on each split.

A round sends no rides about, only the histograms of gradients. Which worker has which rides follows from the
number of workers alone, so that the same training gives the same trees. XGBoost needs all of its workers to
the end: a training that loses one fails, and has to begin again.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import dask.array
import distributed
import numpy as np
import xgboost
import xgboost.dask
from numpy.typing import NDArray

from workloads.automl.scale.parts import Extent, Part, Parts, late_from, read
from workloads.training.errors import TrainingError
from workloads.training.features import describe, types
from workloads.training.growing import EARLY_STOPPING, PATIENCE, Parameters, Progress, ReportProgress

_TOPIC = "rounds"
SCHEDULER_PORT = 8786
_WAIT_SECONDS = 900  # for workers, which on Fargate have an image to pull first

Chunk = tuple[dask.array.Array, dask.array.Array]


class DaskGrower:
    """Grows trees on the workers of a cluster; see `workloads.training.growing.Grower`.

    Args:
        client: Of the cluster, whose workers are all there.
        parts: The rides. Where there are more workers than parts, each part is divided between them.

    Raises:
        TrainingError: here and in every method: a worker was lost, or a part cannot be read.
    """

    def __init__(self, client: distributed.Client, parts: Parts) -> None:
        self._client = client
        workers = sorted(client.scheduler_info(n_workers=-1)["workers"])
        pieces = -(-len(workers) // len(parts.names))
        with _losses():
            loaded = [
                client.submit(
                    read, parts, name, workers=[workers[number * pieces % len(workers)]], pure=False
                )
                for number, name in enumerate(parts.names)
            ]
            self.extents: list[Extent] = client.gather([client.submit(_extent, each) for each in loaded])
            first = late_from(self.extents)
            placed = [
                client.submit(_halves, part, piece, pieces, first, workers=[workers[index % len(workers)]])
                for index, (part, piece) in enumerate(
                    (part, piece) for part in loaded for piece in range(pieces)
                )
            ]
            sizes = client.gather([client.submit(_sizes, each) for each in placed])
        halves = list(zip(placed, sizes, strict=True))
        self._early = [_chunk(each, 0, rows[0]) for each, rows in halves if rows[0]]
        self._late = [_chunk(each, 1, rows[1]) for each, rows in halves if rows[1]]

    def errors(self, parameters: Parameters, most_rounds: int, progress: Progress) -> list[float]:
        """See `Grower`."""
        early = self._matrix(self._early)
        found = self._train(
            parameters,
            early,
            most_rounds,
            progress,
            evals=[(self._matrix(self._late, early), EARLY_STOPPING)],
            early_stopping_rounds=PATIENCE,
        )
        errors: list[float] = found["history"][EARLY_STOPPING]["rmse"]
        return errors

    def grow(self, parameters: Parameters, rounds: int, progress: Progress) -> xgboost.Booster:
        """See `Grower`."""
        every = self._matrix([*self._early, *self._late])
        booster: xgboost.Booster = self._train(parameters, every, rounds, progress)["booster"]
        return booster

    def _train(
        self, parameters: Parameters, rides: Any, rounds: int, progress: Progress, **more: Any
    ) -> dict[str, Any]:
        threads = {
            name: value for name, value in parameters.items() if name != "nthread"
        }  # those of a worker
        self._client.subscribe_topic(_TOPIC, lambda event: progress(*event[1]))
        try:
            with _losses():
                found: dict[str, Any] = xgboost.dask.train(
                    self._client, threads, rides, rounds, verbose_eval=False,
                    callbacks=[_FirstWorker(_tell)], **more,
                )  # fmt: skip
        finally:
            self._client.unsubscribe_topic(_TOPIC)
        return found

    def _matrix(self, chunks: Sequence[Chunk], ref: Any = None) -> Any:
        features = describe()
        return xgboost.dask.DaskQuantileDMatrix(
            self._client,
            dask.array.concatenate([values for values, _ in chunks]),
            dask.array.concatenate([minutes for _, minutes in chunks]),
            feature_names=[feature["name"] for feature in features],
            feature_types=types(features),
            ref=ref,
        )


@contextmanager
def local_cluster(workers: int, *, threads: int, folder: str) -> Iterator[distributed.Client]:
    """Workers that are processes of this machine."""
    with (
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=threads, processes=True, host="127.0.0.1",
            dashboard_address=None, local_directory=folder, memory_limit="auto", silence_logs=40,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client


@contextmanager
def open_scheduler(host: str, port: int, folder: str) -> Iterator[distributed.Client]:
    """A scheduler that workers of other machines find at `host`; there are none yet."""
    with (
        distributed.LocalCluster(
            n_workers=0, processes=True, host=host, scheduler_port=port, dashboard_address=None,
            local_directory=folder, silence_logs=40,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client


def wait_for(client: distributed.Client, workers: int, seconds: float = _WAIT_SECONDS) -> None:
    """Until there are so many workers.

    Raises:
        TrainingError: there are fewer after this time.
    """
    try:
        client.wait_for_workers(workers, timeout=seconds)
    except TimeoutError:
        found = len(client.scheduler_info(n_workers=-1)["workers"])
        raise TrainingError(
            f"--workers: {found} of {workers} came within {seconds:.0f} seconds; see the log of the workers"
        ) from None


def work(scheduler: str, *, threads: int, folder: str, patience_seconds: float = 60) -> None:
    """This process as a worker, until its scheduler ends.

    Raises:
        TrainingError: the scheduler does not answer.
    """

    async def run() -> None:
        async with distributed.Worker(
            scheduler,
            nthreads=threads,
            death_timeout=patience_seconds,
            local_directory=folder,
            dashboard=False,
        ) as worker:
            await worker.finished()

    try:
        asyncio.run(run())
    except (TimeoutError, OSError) as error:
        raise TrainingError(
            f"SCHEDULER: {scheduler} does not answer ({error}); is the training over?"
        ) from None


def _halves(part: tuple[Part, Extent], piece: int, pieces: int, first: np.datetime64) -> tuple[Part, Part]:
    own = part[0].share(piece, pieces)
    return own.of(own.days < first), own.of(own.days >= first)


def _extent(part: tuple[Part, Extent]) -> Extent:
    return part[1]


def _sizes(halves: tuple[Part, Part]) -> tuple[int, int]:
    early, late = halves
    return len(early.minutes), len(late.minutes)


def _values(halves: tuple[Part, Part], half: int) -> NDArray[np.float32]:
    return halves[half].values


def _minutes(halves: tuple[Part, Part], half: int) -> NDArray[np.float32]:
    return halves[half].minutes


def _chunk(halves: distributed.Future, half: int, rows: int) -> Chunk:
    values, minutes = dask.delayed(_values)(halves, half), dask.delayed(_minutes)(halves, half)
    return (
        dask.array.from_delayed(values, (rows, len(describe())), np.float32),
        dask.array.from_delayed(minutes, (rows,), np.float32),
    )


class _FirstWorker(ReportProgress):
    """One of the workers speaks for all: they have the same trees and the same errors."""

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: Any) -> bool:
        return (
            super().after_iteration(model, epoch, evals_log) if xgboost.collective.get_rank() == 0 else False
        )


def _tell(turn: int, rmse: float) -> None:
    distributed.get_worker().log_event(_TOPIC, [turn, float(rmse)])  # what MessagePack has


@contextmanager
def _losses() -> Iterator[None]:
    try:
        yield
    except (distributed.scheduler.KilledWorker, xgboost.core.XGBoostError, OSError, RuntimeError) as error:
        raise TrainingError(
            f"--engine dask: {str(error).strip().splitlines()[0]}; a worker was lost or ran out of memory: "
            "train again, on more workers or larger ones"
        ) from error

"""The engines that a training can run on, chosen by name."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from typing import Literal

from workloads.automl.scale.parts import Extent, Parts
from workloads.data.dataset import GREEN
from workloads.training.errors import SettingError
from workloads.training.growing import Grower, Parameters, Progress
from workloads.training.model import Fitted, Model, fit_by

Engine = Literal["memory", "external", "dask"]
Fit = Callable[[Parameters, Progress], Model]


@dataclass(frozen=True, kw_only=True)
class Size:
    """What a training runs on.

    Args:
        engine: `memory` holds all rides, `external` keeps them on this machine's disk, `dask` spreads them.
        months: That are trained on, the last of them the one that the version is named after.
        workers: Of Dask.
        threads: Of this process, and of each worker on this machine.
        run_task: What ECS needs to start a worker, as JSON; empty for processes of this machine.
    """

    engine: Engine = "memory"
    months: int = 1
    workers: int = 2
    threads: int = 1
    run_task: str = ""


def fit_on(parts: Parts, size: Size) -> Fit:
    """What fits a model on the parts.

    Raises:
        SettingError: the engine holds one month only.
    """
    if size.engine == "memory":
        raise SettingError(
            f"--months: got {size.months} with --engine memory, which takes 1; give --engine external or dask"
        )

    def fit(parameters: Parameters, progress: Progress) -> Model:
        opened = _external if size.engine == "external" else _dask
        with opened(parts, size) as (grower, extents):
            model = fit_by(grower, progress, parameters={**parameters, "nthread": size.threads})
        return replace(model, rides=_fitted(parts, extents))

    return fit


@contextmanager
def _external(parts: Parts, size: Size) -> Iterator[tuple[Grower, Sequence[Extent]]]:
    from workloads.automl.scale.external import external_memory

    with external_memory(parts, threads=size.threads, scratch=Path(gettempdir())) as opened:
        yield opened


@contextmanager
def _dask(parts: Parts, size: Size) -> Iterator[tuple[Grower, Sequence[Extent]]]:
    """On tasks of ECS where it is known how to start them, else on processes of this machine."""
    from workloads.automl.scale import cluster, fargate

    folder = str(Path(gettempdir(), "dask"))
    if size.run_task:
        with (
            cluster.open_scheduler(fargate.own_address(), cluster.SCHEDULER_PORT, folder) as client,
            fargate.workers(json.loads(size.run_task), size.workers, client.scheduler.address),
        ):
            cluster.wait_for(client, size.workers)
            grower = cluster.DaskGrower(client, parts)
            yield grower, grower.extents
        return
    with cluster.local_cluster(size.workers, threads=size.threads, folder=folder) as client:
        cluster.wait_for(client, size.workers)
        grower = cluster.DaskGrower(client, parts)
        yield grower, grower.extents


def _fitted(parts: Parts, extents: Sequence[Extent]) -> Fitted:
    return Fitted(
        months=tuple(parts.names),
        sources={
            name: {"dataset": GREEN.name, "sha256": extent.checksum}
            for name, extent in zip(parts.names, extents, strict=True)
        },
        rows=sum(extent.rows for extent in extents),
        start=min(extent.start for extent in extents),
    )

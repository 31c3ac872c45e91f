"""External memory: parts lie on disk, from where XGBoost reads its compressed form of them again and again.

What is held in memory is one part, and about 20 bytes for each ride: its gradient, its place in the tree and
its prediction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import xgboost
from numpy.typing import NDArray

from workloads.automl.scale.parts import Days, Extent, Part, Parts, late_from, read
from workloads.training.features import describe, types
from workloads.training.growing import OneProcess

Chosen = Callable[[Days], NDArray[np.bool_]]


@contextmanager
def external_memory(
    parts: Parts, *, threads: int, scratch: Path
) -> Iterator[tuple[OneProcess, list[Extent]]]:
    """Grows trees on parts that are kept in a folder of `scratch` while this lasts."""
    with TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        spooled = [_spool(parts, part, folder / f"{number:06}") for number, part in enumerate(parts.names)]
        extents = [extent for _, extent in spooled]
        first = late_from(extents)

        def matrix(chosen: Chosen, ref: xgboost.DMatrix | None = None) -> xgboost.DMatrix:
            rides = _Rides([path for path, _ in spooled], chosen, str(folder / "cache"))
            return xgboost.ExtMemQuantileDMatrix(rides, nthread=threads, ref=ref)

        yield (
            OneProcess(
                early=lambda: matrix(lambda days: days < first),
                late=lambda early: matrix(lambda days: days >= first, early),
                every=lambda: matrix(lambda days: np.ones(len(days), bool)),
            ),
            extents,
        )


def _spool(parts: Parts, name: str, path: Path) -> tuple[Path, Extent]:
    part, extent = read(parts, name)
    for field in ("values", "minutes", "days"):
        np.save(path.with_suffix(f".{field}.npy"), getattr(part, field))
    return path, extent


class _Rides(xgboost.DataIter):
    """The chosen rides, a part at a time."""

    def __init__(self, paths: list[Path], chosen: Chosen, cache: str) -> None:
        self._paths = paths
        self._chosen = chosen
        self._next = 0
        features = describe()
        self._columns = {
            "feature_names": [feature["name"] for feature in features],
            "feature_types": types(features),
        }
        super().__init__(cache_prefix=cache)

    def reset(self) -> None:
        """Begins again."""
        self._next = 0

    def next(self, input_data: Callable[..., None]) -> bool:
        """Hands a part over; False when there is none left."""
        while self._next < len(self._paths):
            part = _load(self._paths[self._next])
            self._next += 1
            some = part.of(self._chosen(part.days))
            if len(some.minutes):
                input_data(data=some.values, label=some.minutes, **self._columns)
                return True
        return False


def _load(path: Path) -> Part:
    fields = (
        np.load(path.with_suffix(f".{field}.npy"), mmap_mode="r") for field in ("values", "minutes", "days")
    )
    return Part(*fields)

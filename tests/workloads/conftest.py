"""Months to test on: TLC's where a folder holds them, else synthetic ones, and never a download."""

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from workloads.data import synthetic
from workloads.data.months import file_name
from workloads.data.quality import rides
from workloads.drift import calibration
from workloads.drift.profile import Profile, profile

Month = Callable[[str], Path]
Connect = Callable[[], httpx.Client]


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The file of a month, from MLOPS_DATA_DIR or the generator."""
    folder = tmp_path_factory.mktemp("months")

    def find(name: str) -> Path:
        given = Path(os.environ.get("MLOPS_DATA_DIR", "nowhere"), file_name(name))
        generated = folder / file_name(name)
        if given.exists():
            return given
        return generated if generated.exists() else synthetic.generate(folder, name)

    return find


@pytest.fixture(scope="session")
def sample(month: Month, tmp_path_factory: pytest.TempPathFactory) -> Month:
    """The file of a month with every sixth trip: just enough for a training."""
    folder = tmp_path_factory.mktemp("samples")

    def find(name: str) -> Path:
        path = folder / file_name(name)
        if not path.exists():
            table = pq.read_table(month(name))
            pq.write_table(table.take(np.arange(0, len(table), 6)), path)
        return path

    return find


@pytest.fixture(scope="session")
def train_set(sample: Month) -> pd.DataFrame:
    """The rides of a small month."""
    return rides(sample("2023-01"), "2023-01").frame


@pytest.fixture(scope="session")
def validation_set(sample: Month) -> pd.DataFrame:
    """The rides of the month after it."""
    return rides(sample("2023-02"), "2023-02").frame


@pytest.fixture
def offline() -> Connect:
    """Connects to a network in which no host exists."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no such host", request=request)

    return lambda: httpx.Client(transport=httpx.MockTransport(refuse))


def predicted(frame: pd.DataFrame) -> pd.DataFrame:
    """The rides with the predictions of a simple rule, which is off as a model is."""
    return frame.assign(predicted_minutes=4.5 + 3.6 * np.minimum(frame["trip_distance"], 12) ** 0.85)


@pytest.fixture(scope="session")
def reference_rides(month: Month) -> pd.DataFrame:
    """A whole month of completed rides."""
    return predicted(rides(month("2023-02"), "2023-02").frame)


@pytest.fixture(scope="session")
def reference(reference_rides: pd.DataFrame) -> Profile:
    """The month's reference, of fewer draws than a real one's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "DRAWS", 400)
        return profile(reference_rides)


@pytest.fixture(scope="session")
def usual_day(month: Month) -> tuple[date, pd.DataFrame]:
    """A day of the month after it on which nothing is unusual."""
    frame = predicted(rides(month("2023-03"), "2023-03").frame)
    day = date(2023, 3, 7)
    return day, frame[frame["lpep_pickup_datetime"].dt.date == day].reset_index(drop=True)

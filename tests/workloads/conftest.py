"""Months to test on: TLC's where a folder holds them, else synthetic ones, and never a download."""

import os
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from workloads.data import synthetic
from workloads.data.months import file_name
from workloads.data.quality import rides

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

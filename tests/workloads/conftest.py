"""Months to test on: TLC's where a folder holds them, else synthetic ones, and never a download."""

import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pandas as pd
import pytest

from workloads.data import synthetic
from workloads.data.months import file_name
from workloads.data.trips import rides

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
def train_set(month: Month) -> pd.DataFrame:
    """Every eighth ride of a month."""
    return rides(month("2023-01")).iloc[::8].reset_index(drop=True)


@pytest.fixture(scope="session")
def validation_set(month: Month) -> pd.DataFrame:
    """Every eighth ride of the month after it."""
    return rides(month("2023-02")).iloc[::8].reset_index(drop=True)


@pytest.fixture
def offline() -> Connect:
    """Connects to a network in which no host exists."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no such host", request=request)

    return lambda: httpx.Client(transport=httpx.MockTransport(refuse))

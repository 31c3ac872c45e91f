"""What holds for every test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run: a failure is somebody's change. `make fuzz` sets FUZZ_SEED to draw others.
# How long an example takes is not the point.
settings.register_profile(
    "repeatable",
    derandomize="FUZZ_SEED" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

# Two workers share the cores: threads of OpenMP, which XGBoost uses, spin while they wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Tests that change the working folder still mean the caller's.
if "MLOPS_DATA_DIR" in os.environ:
    os.environ["MLOPS_DATA_DIR"] = str(Path(os.environ["MLOPS_DATA_DIR"]).resolve(strict=True))


@pytest.fixture
def aws_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account of AWS in memory, empty, with credentials and a region."""
    from moto import mock_aws  # takes longer to import than most tests to run

    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield

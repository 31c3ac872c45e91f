"""What holds for every test."""

import os
from pathlib import Path

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

# Tests that change the working folder still mean the caller's.
if "MLOPS_DATA_DIR" in os.environ:
    os.environ["MLOPS_DATA_DIR"] = str(Path(os.environ["MLOPS_DATA_DIR"]).resolve(strict=True))

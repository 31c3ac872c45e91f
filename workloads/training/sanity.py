"""What any model of rides must do, however low its error is."""

import time

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workloads.data.quality import Check
from workloads.data.zones import boroughs
from workloads.training.bundle import Bundle

MAX_BIAS = 0.2  # of a borough's mean duration; seven real months from 2021 to 2025 have up to 0.08
MIN_BOROUGH_RIDES = 300  # fewer say little of a mean
LONGER = 1.5  # times the distance of the same ride
MAX_BUNDLE_MIB = 32.0  # a tenth of that is usual; the predictor loads it in the time of its first batch
BATCH = 100
MAX_BATCH_MILLISECONDS = 100.0  # of the processor's time, features included; a twentieth is usual
_RUNS = 5
_SAMPLE = 2000


def checks(bundle: Bundle, rides: pd.DataFrame, predicted: NDArray[np.floating]) -> list[Check]:
    """The checks of a bundle on its validation set, `predicted` being its predictions of it."""
    return [
        unbiased(rides, predicted),
        longer_takes_longer(bundle, rides),
        small(bundle),
        quick(bundle, rides),
    ]


def unbiased(rides: pd.DataFrame, predicted: NDArray[np.floating]) -> Check:
    """Whether the mean error of every borough's pickups is small beside their mean duration."""
    names = boroughs()
    table = pd.DataFrame(
        {
            "borough": rides["PULocationID"].map(names).to_numpy(),
            "minutes": rides["minutes"].to_numpy(np.float64),
            "error": predicted.astype(np.float64) - rides["minutes"].to_numpy(np.float64),
        }
    )
    found = table.groupby("borough").agg(
        rides=("error", "size"), error=("error", "mean"), minutes=("minutes", "mean")
    )
    enough = found[found["rides"] >= MIN_BOROUGH_RIDES]
    bias = (enough["error"] / enough["minutes"]).abs()
    worst = f"{bias.idxmax()} {bias.max():.1%}" if len(bias) else "no borough with enough rides"
    return Check(
        name="mean error of each borough, of its mean duration",
        found=worst,
        required=f"at most {MAX_BIAS:.0%}",
        passed=bool((bias <= MAX_BIAS).all()),
    )


def longer_takes_longer(bundle: Bundle, rides: pd.DataFrame) -> Check:
    """Whether the same rides take longer on average when they are longer."""
    sample = rides.iloc[np.linspace(0, len(rides) - 1, min(_SAMPLE, len(rides))).astype(int)]
    longer = sample.assign(trip_distance=sample["trip_distance"] * LONGER)
    difference = float(np.mean(bundle.predict(longer)) - np.mean(bundle.predict(sample)))
    return Check(
        name=f"minutes more at {LONGER} times the distance",
        found=f"{difference:.2f}",
        required="above 0",
        passed=difference > 0,
    )


def small(bundle: Bundle) -> Check:
    """Whether the predictor can load the model in good time."""
    size = len(bundle.model) / 2**20
    return Check(
        name="MiB of the model",
        found=f"{size:.1f}",
        required=f"at most {MAX_BUNDLE_MIB:.0f}",
        passed=size <= MAX_BUNDLE_MIB,
    )


def quick(bundle: Bundle, rides: pd.DataFrame) -> Check:
    """Whether a batch is predicted in good time; the processor's, which other work does not change."""
    batch = rides.head(BATCH)
    predict = bundle.predictor()
    took = []
    for _ in range(_RUNS):
        started = time.thread_time()
        predict(batch)
        took.append((time.thread_time() - started) * 1000)
    least = min(took)
    return Check(
        name=f"milliseconds for {BATCH} rides",
        found=f"{least:.1f}",
        required=f"at most {MAX_BATCH_MILLISECONDS:.0f}",
        passed=least <= MAX_BATCH_MILLISECONDS,
    )

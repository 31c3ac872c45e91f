"""What monitoring compares a version's days with: its predictions of the month that it was validated on."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from workloads.drift.profile import profile
from workloads.training.bundle import Bundle

_COLUMNS = [
    "PULocationID",
    "DOLocationID",
    "trip_distance",
    "lpep_pickup_datetime",
    "passenger_count",
    "minutes",
]


def with_reference(bundle: Bundle, rides: pd.DataFrame, predicted: NDArray[np.floating]) -> Bundle:
    """The bundle with the reference of its version.

    Args:
        bundle: Of the version.
        rides: The validation set, which the model was not fitted on.
        predicted: The minutes that the version predicts of each.
    """
    seen = rides[_COLUMNS].assign(predicted_minutes=predicted.astype(np.float64))
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(seen, preserve_index=False), file, compression="zstd")
    return replace(bundle, reference=profile(seen).to_json(), reference_rides=file.getvalue())

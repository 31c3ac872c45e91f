# /// script
# requires-python = "==3.11.*"
# dependencies = ["nannyml==0.13.1", "pandas<3", "pyarrow", "statsmodels"]
# ///
"""NannyML's alarms, in an environment that uv makes for it: it cannot be installed beside this project.

As its documentation has it: each column's Jensen-Shannon distance, RMSE, MAE and missing values by day,
alarmed outside of three standard deviations of the reference's days. Of folders with reference.parquet and
days.parquet, each gets alarms.json: by day, the checks that alarm.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from nannyml import (  # type: ignore[import-not-found]  # see above
    MissingValuesCalculator,
    PerformanceCalculator,
    UnivariateDriftCalculator,
)

CATEGORIES = ["PULocationID", "DOLocationID", "pickup_hour", "passenger_count"]
COLUMNS = [*CATEGORIES, "trip_distance", "predicted_minutes", "minutes"]
BY_DAY = {"timestamp_column_name": "pickup", "chunk_period": "D"}


def main() -> None:
    """Judges each folder that is named."""
    for folder in map(Path, sys.argv[1:]):
        reference, days = (pd.read_parquet(folder / f"{name}.parquet") for name in ("reference", "days"))
        (folder / "alarms.json").write_text(json.dumps(alarms(reference, days)))


def alarms(reference: pd.DataFrame, days: pd.DataFrame) -> dict[str, list[str]]:
    """By day, the checks that alarm, named as this project names its own."""
    drift = UnivariateDriftCalculator(
        column_names=COLUMNS, treat_as_categorical=CATEGORIES, continuous_methods=["jensen_shannon"],
        categorical_methods=["jensen_shannon"], **BY_DAY,
    )  # fmt: skip
    performance = PerformanceCalculator(
        problem_type="regression", y_true="minutes", y_pred="predicted_minutes", metrics=["rmse", "mae"],
        **BY_DAY,
    )  # fmt: skip
    missing = MissingValuesCalculator(column_names=COLUMNS, **BY_DAY)
    found: dict[str, list[str]] = {}
    for prefix, calculator in (("", drift), ("", performance), ("missing ", missing)):
        calculator.fit(reference)
        result = calculator.calculate(days).filter(period="analysis")
        _collect(found, result.to_df(), prefix)
    return found


def _collect(found: dict[str, list[str]], frame: Any, prefix: str) -> None:
    """Adds what a result's table alarms, a row a day and a column `alert` a check."""
    keys = frame[next(column for column in frame.columns if column[-1] == "key")]
    for column in frame.columns:
        if column[-1] == "alert":
            check = prefix + {"rmse": "RMSE", "mae": "MAE"}.get(column[0], column[0])
            for day in keys[frame[column].astype(bool)]:
                found.setdefault(str(day), []).append(check)


if __name__ == "__main__":
    main()

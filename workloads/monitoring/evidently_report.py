"""Evidently's report of rides against their reference, as HTML and as JSON."""

import json
import os
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workloads.drift.bins import Bins, columns
from workloads.drift.judgement import Finding

os.environ.setdefault("DO_NOT_TRACK", "1")
DEFAULT_THRESHOLD = 0.1  # Evidently's own, of a column that was not judged


def render(
    current: pd.DataFrame, reference: pd.DataFrame, bins: Sequence[Bins], findings: Sequence[Finding]
) -> tuple[bytes, dict[str, Any]]:
    """The report's HTML and its document.

    Columns are compared in the bins of the reference, by Evidently's own Jensen-Shannon distance, at the
    thresholds of the findings: the report shows the very figures that alarms rest on.

    Args:
        current: The rides, with the columns that `bins.columns` names.
        reference: The reference's rides of the same kind of day.
        bins: The bins of the columns.
        findings: Of the day.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # plotly's and scikit-learn's, of days with few rides
        return _render(_binned(current, bins), _binned(reference, bins), bins, findings)


def _render(
    current: pd.DataFrame, reference: pd.DataFrame, bins: Sequence[Bins], findings: Sequence[Finding]
) -> tuple[bytes, dict[str, Any]]:
    from evidently import DataDefinition, Dataset, Regression, Report
    from evidently.metrics import MAE, RMSE, MeanError, MissingValueCount, R2Score, RowCount, ValueDrift

    definition = DataDefinition(
        categorical_columns=[_label(each) for each in bins],
        numerical_columns=["minutes", "predicted_minutes"],
        regression=[Regression(target="minutes", prediction="predicted_minutes")],
    )
    limits = {each.check: each.threshold for each in findings}
    metrics: list[Any] = [RowCount()]
    for each in bins:
        limit = limits.get(each.column, DEFAULT_THRESHOLD)
        metrics.append(ValueDrift(column=_label(each), method="jensenshannon", threshold=limit))
        metrics.append(MissingValueCount(column=_label(each)))
    if current["minutes"].notna().sum() > 1:
        metrics += [RMSE(), MAE(), MeanError(), R2Score()]
    found = Report(metrics).run(
        Dataset.from_pandas(current, data_definition=definition),
        Dataset.from_pandas(reference, data_definition=definition),
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.html")
        found.save_html(str(path))
        return path.read_bytes(), json.loads(found.json())


def _binned(rides: pd.DataFrame, bins: Sequence[Bins]) -> pd.DataFrame:
    values = columns(rides)
    named = {}
    for each in bins:
        codes = each.codes(values[each.column])
        labels = np.array([*each.labels(), None], dtype=object)
        named[_label(each)] = labels[codes]  # -1, a missing value, takes the last
    return pd.DataFrame(
        {**named, "minutes": values["minutes"], "predicted_minutes": values["predicted_minutes"]}
    )


def _label(bins: Bins) -> str:
    return f"{bins.column} (in bins)"

"""Real months with the predictions of models that had not seen them."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from workloads.data.months import file_name
from workloads.data.quality import rides
from workloads.training.model import fit

MONTHS = ("2021-01", "2021-02", "2022-01", "2023-01", "2023-02", "2023-03", "2025-01")


def predicted_months(folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Every month but the first, with `predicted_minutes` of a model of the month before it."""
    before = rides(Path(folder, file_name(MONTHS[0])), MONTHS[0]).frame
    for month in MONTHS[1:]:
        frame = rides(Path(folder, file_name(month)), month).frame
        yield month, frame.assign(predicted_minutes=fit(before).predict(frame))
        before = frame

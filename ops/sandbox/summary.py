"""What a run came to, as a program reads it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The content of `summary.json`: errors in minutes, `stages` in seconds, the zip in 10^6 bytes."""

    data_source: str
    months: list[str]
    train_rows: int
    train_seconds: float
    valid_rmse: float
    valid_mae: float
    linear_valid_rmse: float
    model_version: str
    events_sent: int
    predicted: int
    rejected: int
    dead_lettered: int
    lost: int
    duplicated: int
    rides_per_second: int
    resources_created: int
    resources_planned: int
    lambda_zip_mb: float
    stages: Mapping[str, float]

    @property
    def complete(self) -> bool:
        """Whether every event ended in exactly one place."""
        return self.lost == 0 and self.duplicated == 0

    def write(self, path: Path) -> None:
        """Writes the file as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

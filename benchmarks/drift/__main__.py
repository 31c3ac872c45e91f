"""`python -m benchmarks.drift`: false alarms, and which of six shifts is found, beside NannyML.

Of six real months days without a shift and days with each of six, see `benchmarks.drift.days`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from benchmarks.drift.days import NO_SHIFT, PARTS, Day, Simulated, simulate
from benchmarks.months import predicted_months
from ops.local.environment import downloads
from workloads.drift.judgement import judge
from workloads.drift.profile import profile
from workloads.drift.shifts import SHIFTS
from workloads.drift.statistics import RANK, ROTATION

RATE = 0.01  # of false alarms, as stacks have it
SCRIPT = Path(__file__).with_name("nannyml_days.py")
DRIFT = {
    "PULocationID",
    "DOLocationID",
    "pickup_hour",
    ROTATION,
    "passenger_count",
    "trip_distance",
    RANK,
    "predicted_minutes",
}
PERFORMANCE = {"minutes", "mean error", "RMSE", "MAE"}
Alarms = Sequence[tuple[Day, set[str]]]  # each day with the checks that alarm


def main() -> None:
    """Prints a column a checker."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("MLOPS_DATA_DIR"))
    parser.add_argument(
        "--weeks", type=int, default=6, help="of days without a shift, of a quarter of a month"
    )
    parser.add_argument("--shifted-weeks", type=int, default=1, help="of days with each shift, likewise")
    arguments = parser.parse_args()
    made = {
        f"{month}-{part}": simulate(rides, part, weeks=arguments.weeks, shifted_weeks=arguments.shifted_weeks)
        for month, rides in predicted_months(arguments.data)
        for part in range(PARTS)
    }
    console = Console(stderr=True)
    console.print(f"{len(made)} references, {sum(len(each.days) for each in made.values())} days")
    found = {"this project": ours(made), "NannyML": nannyml(made)}
    Console().print(table(found))


def ours(made: Mapping[str, Simulated]) -> Alarms:
    """What `workloads.monitoring report` finds on each day."""
    answer = []
    for each in made.values():
        reference = profile(each.reference)
        for day in each.days:
            judgement = judge(reference, day.rides, day.day, drift_rate=RATE, performance_rate=RATE)
            answer.append((day, {one.check for one in judgement.findings if one.shifted}))
    return answer


def nannyml(made: Mapping[str, Simulated]) -> Alarms:
    """What NannyML finds on each day."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, each) for each in made]
        for folder, simulated in zip(folders, made.values(), strict=True):
            folder.mkdir()
            _plain(simulated.reference).to_parquet(folder / "reference.parquet")
            days = pd.concat([_plain(each.rides, each) for each in simulated.days], ignore_index=True)
            days.sort_values("pickup").to_parquet(folder / "days.parquet")
        words = [sys.executable, "-m", "uv", "run", "--no-project", "--no-build", "--script"]
        subprocess.run(
            [*words, SCRIPT, *folders],
            check=True,
            env=downloads(os.environ) | {"NML_DISABLE_USAGE_LOGGING": "1"},
        )
        alarms = [json.loads((folder / "alarms.json").read_text()) for folder in folders]
    return [
        (day, set(found.get(day.day.isoformat(), ())))
        for simulated, found in zip(made.values(), alarms, strict=True)
        for day in simulated.days
    ]


def _plain(rides: pd.DataFrame, day: Day | None = None) -> pd.DataFrame:
    """The columns as NannyML takes them: categories as texts, and as `pickup` the day of the ride."""
    pickup = rides["lpep_pickup_datetime"]
    texts = {
        name: rides[name].map(lambda value: f"{value:.0f}", na_action="ignore").astype(object)
        for name in ("PULocationID", "DOLocationID", "passenger_count")
    }
    numbers = rides[["trip_distance", "minutes"]].astype(np.float64)
    hour = pickup.dt.hour.astype(str).astype(object)
    when = pd.Timestamp(day.day) if day else pickup.dt.normalize()
    predicted = rides["predicted_minutes"].astype(np.float64)
    return pd.DataFrame(
        {**texts, **numbers, "predicted_minutes": predicted, "pickup_hour": hour, "pickup": when}
    )


def table(found: Mapping[str, Alarms]) -> Table:
    """Shares of the days: of false alarms, and of shifted days on which the right check alarms."""
    rows = Table("share of the days", *found)
    quiet = [[checks for day, checks in alarms if day.shift == NO_SHIFT] for alarms in found.values()]
    for name, wanted in (("data drift", DRIFT), ("performance", PERFORMANCE)):
        rows.add_row(f"false alarms: {name}", *(_share(bool(each & wanted) for each in one) for one in quiet))
    rows.add_row("false alarms: any check", *(_share(map(bool, one)) for one in quiet))
    for shift in SHIFTS:
        rows.add_row(f"found: {shift}", *(_share(_right(alarms, shift)) for alarms in found.values()))
    rows.caption = f"{len(quiet[0])} days without a shift"
    return rows


def _right(alarms: Alarms, shift: str) -> list[bool]:
    """For each day with the shift, whether a check that says what is wrong alarms."""
    right = SHIFTS[shift][1]
    right = right | {"MAE"} if "RMSE" in right else right
    return [bool(checks & right) for day, checks in alarms if day.shift == shift]


def _share(flags: Iterable[bool]) -> str:
    return f"{np.mean(list(flags)):.1%}"


if __name__ == "__main__":
    main()

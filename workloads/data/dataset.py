"""TLC's data sets: the one place that knows a file's address and columns, and which of its trips count.

Fetching, validation, training, the manifest, batch prediction and simulated rides read these descriptions.
Inside, the columns have the names of ride events, which are those of the green taxis.
"""

from collections.abc import Mapping
from dataclasses import dataclass

# https://www.nyc.gov/site/tlc/about/tlc-trip-record-data.page
URL = "https://d37ci6vzurychx.cloudfront.net/trip-data"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Which trips are plausible, and what a whole month holds.

    Args:
        minutes: The shortest and the longest ride.
        max_zone: TLC's taxi zones are 1 to this one, the last two standing for an unknown one.
        max_miles: In at most an hour: what is more is a broken meter.
        min_rides: In a month.
        min_rides_a_day: On at least `min_days` days, so that every weekday occurs, and a few days may fail.
        min_days: See there.
        max_share_outside_month: Of the trips.
        max_share_rejected: Of the trips, for whatever reason.
    """

    minutes: tuple[float, float] = (1.0, 60.0)
    max_zone: int = 265
    max_miles: float = 100.0
    min_rides: int = 10_000
    min_rides_a_day: int = 100
    min_days: int = 25
    max_share_outside_month: float = 0.01
    max_share_rejected: float = 0.2


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One of TLC's data sets.

    Args:
        name: As in the data bucket's keys, `raw/<name>/<YYYY-MM>.parquet`.
        first_month: The first whose files have zones; before it, they have coordinates.
        columns: The file's column for each of the columns that predictions rest on; the first is the time by
            which a trip belongs to a month.
        rules: Which trips count.
    """

    name: str
    first_month: str
    columns: Mapping[str, str]
    rules: Rules = Rules()

    def file_name(self, month: str) -> str:
        """TLC's own name of the month's file."""
        return f"{self.name}_tripdata_{month}.parquet"

    def url(self, month: str) -> str:
        """Where TLC publishes the month."""
        return f"{URL}/{self.file_name(month)}"

    def raw_key(self, month: str) -> str:
        """The month as TLC published it, in the data bucket."""
        return f"raw/{self.name}/{month}.parquet"

    def processed_key(self, month: str) -> str:
        """The month's rides in the one layout, in the data bucket."""
        return f"processed/{self.name}/{month}.parquet"

    def record_key(self, month: str) -> str:
        """The month's record: its checksum, and how many trips count."""
        return f"processed/{self.name}/{month}.json"

    def quarantine_key(self, month: str) -> str:
        """The month's rejected trips, in the data bucket."""
        return f"quarantine/{self.name}/{month}.parquet"


def _columns(prefix: str) -> dict[str, str]:
    """All but the times are called alike."""
    return {
        "lpep_pickup_datetime": f"{prefix}_pickup_datetime",  # New York's wall-clock time
        "lpep_dropoff_datetime": f"{prefix}_dropoff_datetime",
        "PULocationID": "PULocationID",
        "DOLocationID": "DOLocationID",
        "trip_distance": "trip_distance",  # miles
        "passenger_count": "passenger_count",
    }


GREEN = Dataset(name="green", first_month="2016-07", columns=_columns("lpep"))
# A month of yellow taxis has had more than a million trips even in the pandemic; the other limits are those
# of green taxis.
YELLOW = Dataset(
    name="yellow", first_month="2016-07", columns=_columns("tpep"), rules=Rules(min_rides_a_day=1000)
)
DATASETS: Mapping[str, Dataset] = {each.name: each for each in (GREEN, YELLOW)}

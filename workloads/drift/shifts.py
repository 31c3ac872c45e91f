"""Known shifts: what breaks in practice, done to rides on purpose, to see that it is found."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

KILOMETRES = 1.609344  # in a mile
NEW_ZONES = 266  # zone z becomes NEW_ZONES - z
LATER_HOURS = 5  # from UTC to New York, when somebody forgets the offset
DEARER_SHARE = 0.4  # of the long rides that are not taken any more
LONG_MILES = 3.0
SLOWER = 1.35  # times as long

Shift = Callable[[pd.DataFrame], pd.DataFrame]


def distance_unit(rides: pd.DataFrame) -> pd.DataFrame:
    """Distances come in kilometres."""
    return rides.assign(trip_distance=rides["trip_distance"] * KILOMETRES)


def zone_remap(rides: pd.DataFrame) -> pd.DataFrame:
    """The zones are numbered anew."""
    pickup, dropoff = (NEW_ZONES - rides[name] for name in ("PULocationID", "DOLocationID"))
    return rides.assign(PULocationID=pickup, DOLocationID=dropoff)


def missing_column(rides: pd.DataFrame) -> pd.DataFrame:
    """The number of passengers is not sent any more."""
    return rides.assign(passenger_count=np.nan)


def hour_shift(rides: pd.DataFrame) -> pd.DataFrame:
    """Pickups come in UTC; those that are then on the next day stand at the beginning of their own."""
    pickup = rides["lpep_pickup_datetime"]
    day = pickup.dt.normalize()
    shifted = (pickup - day + pd.Timedelta(hours=LATER_HOURS)) % pd.Timedelta(days=1)
    changed: pd.DataFrame = rides.assign(lpep_pickup_datetime=day + shifted)
    return changed


def price_era(rides: pd.DataFrame) -> pd.DataFrame:
    """After a rise of fares many long rides are not taken any more."""
    long = np.flatnonzero(rides["trip_distance"].to_numpy() > LONG_MILES)
    every = np.arange(len(long))
    gone = long[np.floor(every * DEARER_SHARE) < np.floor((every + 1) * DEARER_SHARE)]
    kept: pd.DataFrame = rides.drop(index=rides.index[gone])
    return kept


def slow_traffic(rides: pd.DataFrame) -> pd.DataFrame:
    """Every ride takes longer; nothing that is known at the pickup changes."""
    return rides.assign(minutes=rides["minutes"] * SLOWER)


# Each shift by its name, and the checks that are the right ones to find it.
SHIFTS: Mapping[str, tuple[Shift, frozenset[str]]] = {
    "distance-unit": (distance_unit, frozenset({"trip_distance", "trip_distance rank"})),
    "zone-remap": (zone_remap, frozenset({"PULocationID", "DOLocationID"})),
    "missing-column": (missing_column, frozenset({"missing passenger_count"})),
    "hour-shift": (hour_shift, frozenset({"pickup_hour", "pickup_hour rotation"})),
    "price-era": (price_era, frozenset({"trip_distance", "trip_distance rank", "predicted_minutes"})),
    "slow-traffic": (slow_traffic, frozenset({"minutes", "mean error", "RMSE"})),
}

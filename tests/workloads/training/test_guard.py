"""What a candidate has to do: be surely better, and do what any model of rides must."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from workloads.data.zones import boroughs
from workloads.training import sanity
from workloads.training.bootstrap import Gain, gain
from workloads.training.bundle import Bundle
from workloads.training.errors import SettingError
from workloads.training.promotion import Margin, beats_current


def errors(days: int, seed: int, scale: float, common: float = 0.0) -> pd.DataFrame:
    """Rides of days whose errors of two models differ by noise, by `scale`, and by `common` on whole days."""
    rng = np.random.default_rng(seed)
    rides = pd.DataFrame({"day": np.repeat(np.arange(days), 200)})
    rides["minutes"] = rng.gamma(4, 4, len(rides))
    error = rng.normal(0, 4, len(rides))
    of_day = rng.normal(0, common, days)[rides["day"]] if common else 0
    return rides.assign(current=rides["minutes"] + error, other=rides["minutes"] + error * scale + of_day)


def measured(rides: pd.DataFrame) -> Gain:
    minutes, other, current = (rides[name].to_numpy() for name in ("minutes", "other", "current"))
    return gain(rides["day"], minutes, other, current, 0.95)


def test_sure_gain() -> None:
    found = measured(errors(28, 1, 0.95))
    assert found.minutes == pytest.approx(0.2, abs=0.02)
    assert 0.1 < found.low < found.minutes


def test_chance_rarely_passes() -> None:
    """Of models that differ by chance alone about one in twenty passes at a confidence of 95 %."""
    passed = [measured(errors(28, seed, 1.0, common=0.3)).low > 0 for seed in range(60)]
    assert np.mean(passed) < 0.15


@pytest.mark.parametrize(("low", "passed"), [(0.04, False), (0.06, True)])
def test_margin(low: float, passed: bool) -> None:
    check = beats_current(Gain(minutes=0.1, low=low), Margin(minutes=0.05))
    assert (check.passed, check.required) == (passed, "above 0.0500")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("minutes", -1.0, "PROMOTION_MARGIN_MINUTES, --margin: got -1.0, allowed: 0 to 5.0"),
        ("confidence", 1.0, "PROMOTION_CONFIDENCE, --confidence: got 1.0, allowed: 0.5 to 0.999"),
    ],
)
def test_margin_that_is_not_allowed(field: str, value: float, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        replace(Margin(), **{field: value})


def test_bias_of_a_borough(validation_set: pd.DataFrame) -> None:
    """One borough's rides that are always predicted too short, where the mean over all hides it."""
    minutes = validation_set["minutes"].to_numpy()
    assert sanity.unbiased(validation_set, minutes).passed
    brooklyn = (validation_set["PULocationID"].map(boroughs()) == "Brooklyn").to_numpy()
    check = sanity.unbiased(validation_set, np.where(brooklyn, minutes * 0.7, minutes))
    assert (check.passed, check.found) == (False, "Brooklyn 30.0%")


def test_longer_distance_takes_longer(
    packed: Bundle, validation_set: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sanity.longer_takes_longer(packed, validation_set).passed
    monkeypatch.setattr(Bundle, "predict", lambda _, rides: 20 - rides["trip_distance"].to_numpy())
    assert not sanity.longer_takes_longer(packed, validation_set).passed


def test_size_and_speed(
    packed: Bundle, validation_set: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sanity.small(packed).passed
    assert sanity.quick(packed, validation_set).passed
    assert not sanity.small(replace(packed, model=b"." * 40 * 2**20)).passed
    monkeypatch.setattr(sanity, "MAX_BATCH_MILLISECONDS", 0.0)
    assert not sanity.quick(packed, validation_set).passed

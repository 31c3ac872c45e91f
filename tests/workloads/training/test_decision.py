"""The single checks of a promotion, and the decision that they make together."""

from dataclasses import replace

import pandas as pd
import pytest

from workloads.data.quality import REASONS, Check, Rides
from workloads.training.bootstrap import Gain
from workloads.training.errors import SettingError
from workloads.training.promotion import (
    Decision,
    Margin,
    beats_current,
    beats_linear,
    check_data,
    keeps_real_data,
)
from workloads.training.registered import RegisteredModel

GOOD = Check(name="a", found="1", required="1", passed=True)
BAD = Check(name="b", found="2", required="3", passed=False)
WORSE = Check(name="c", found="4", required="5", passed=False)


def test_every_check_has_to_pass() -> None:
    passed = Decision(alias="champion", version="7", checks=(GOOD, GOOD))
    failed = replace(passed, checks=(GOOD, BAD, WORSE))
    assert (passed.passed, passed.failed()) == (True, "")
    assert (failed.passed, failed.failed()) == (False, "b: got 2, required: 3; c: got 4, required: 5")


def test_document_of_a_decision() -> None:
    assert Decision(alias="champion", version="7", checks=(GOOD, BAD)).document() == {
        "alias": "champion",
        "version": "7",
        "passed": False,
        "checks": [
            {"name": "a", "found": "1", "required": "1", "passed": True},
            {"name": "b", "found": "2", "required": "3", "passed": False},
        ],
    }


@pytest.mark.parametrize(
    ("source", "allowed", "required", "passed"),
    [
        ("tlc", False, "tlc", True),
        ("tlc", True, "tlc or synthetic, as asked for", True),
        ("synthetic", True, "tlc or synthetic, as asked for", True),
        ("synthetic", False, "tlc", False),
    ],
)
def test_data_source(source: str, allowed: bool, required: str, passed: bool) -> None:
    times = pd.DataFrame({"lpep_pickup_datetime": pd.Series(dtype="datetime64[us]")})
    rejected = dict.fromkeys(REASONS, 0)
    month = Rides(month="2023-01", frame=times, rejected=rejected, trips=times)
    first, *others = check_data([month, month], source, allow_synthetic=allowed)
    assert first == Check(name="data source", found=source, required=required, passed=passed)
    assert others == month.checks() * 2


@pytest.mark.parametrize(
    ("source", "current", "required", "passed"),
    [
        ("tlc", "tlc", "tlc", True),
        ("tlc", "synthetic", "tlc or synthetic", True),
        ("synthetic", "synthetic", "tlc or synthetic", True),
        ("synthetic", "tlc", "tlc", False),
    ],
)
def test_real_data_stay(source: str, current: str, required: str, passed: bool) -> None:
    name = "data source against the current model's"
    expected = Check(name=name, found=source, required=required, passed=passed)
    assert keeps_real_data(source, current) == expected


@pytest.mark.parametrize(("rmse", "passed"), [(4.9, True), (5.0, False), (5.1, False)])
def test_linear_regression(rmse: float, passed: bool) -> None:
    """As good as it is not enough."""
    assert beats_linear(rmse, 5.0) == Check(
        name="RMSE against linear regression",
        found=f"{rmse:.4f}",
        required="below 5.0000",
        passed=passed,
    )


@pytest.mark.parametrize(("low", "passed"), [(0.0001, True), (0.0, False), (-0.1, False)])
def test_current_model(low: float, passed: bool) -> None:
    """Nor is a gain of just the margin, which is none by default."""
    assert beats_current(Gain(minutes=0.2, low=low), Margin()) == Check(
        name="RMSE against the current model",
        found=f"0.2000 minutes lower, at least {low:.4f} at 95.0%",
        required="above 0.0000",
        passed=passed,
    )


def test_margins_at_their_limits() -> None:
    assert Margin(minutes=0.0, confidence=0.5) != Margin(minutes=5.0, confidence=0.999)


@pytest.mark.parametrize(
    "margin",
    [{"minutes": -0.01}, {"minutes": 5.01}, {"confidence": 0.49}, {"confidence": 0.9991}],
)
def test_margins_beyond_their_limits(margin: dict[str, float]) -> None:
    with pytest.raises(SettingError, match=r"allowed: 0(\.5)? to"):
        Margin(**margin)


@pytest.mark.parametrize("name", ["a", "7", "A_b.c-9", "x" * 128])
def test_accepts_names(name: str) -> None:
    assert RegisteredModel(name=name).name == name


def test_alias_of_a_new_version() -> None:
    registered = RegisteredModel(alias="current", challenger_alias="shadow")
    assert registered.target_alias(as_challenger=False) == "current"
    assert registered.target_alias(as_challenger=True) == "shadow"


def test_refuses_a_challenger_s_alias() -> None:
    with pytest.raises(SettingError, match=r"^CHALLENGER_ALIAS, --challenger-alias: got 'a b', allowed: "):
        RegisteredModel(challenger_alias="a b")

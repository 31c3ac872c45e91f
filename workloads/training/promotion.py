"""Whether a trained version may be published, with every figure that the answer rests on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from workloads.data.quality import Check, Rides
from workloads.training.bootstrap import Gain
from workloads.training.errors import SettingError

MAX_MARGIN, MAX_CONFIDENCE = 5.0, 0.999


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The checks that a version has to pass before it gets the alias."""

    alias: str
    version: str  # empty when no model was trained
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether every check did."""
        return all(check.passed for check in self.checks)

    def failed(self) -> str:
        """The checks that did not pass, in words."""
        return "; ".join(str(check) for check in self.checks if not check.passed)

    def document(self) -> dict[str, Any]:
        """What MLflow keeps as decision.json."""
        return {
            "alias": self.alias,
            "version": self.version,
            "passed": self.passed,
            "checks": [asdict(check) for check in self.checks],
        }


def check_data(months: Sequence[Rides], source: str, *, allow_synthetic: bool) -> list[Check]:
    """Whether the months are real, whole and the ones that they are said to be."""
    required = "tlc or synthetic, as asked for" if allow_synthetic else "tlc"
    real = Check(
        name="data source", found=source, required=required, passed=source == "tlc" or allow_synthetic
    )
    return [real, *(check for month in months for check in month.checks())]


def beats_linear(rmse: float, linear_rmse: float) -> Check:
    """Whether a model is better than linear regression on the pair of zones and the distance."""
    return _lower("RMSE against linear regression", rmse, linear_rmse)


@dataclass(frozen=True, kw_only=True)
class Margin:
    """By how much a model must be better than the current one.

    Args:
        minutes: Of RMSE, on the same rides.
        confidence: How sure that must be, 0.5 to 0.999.

    Raises:
        SettingError: a value that is not allowed.
    """

    minutes: float = 0.0
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not 0 <= self.minutes <= MAX_MARGIN:
            raise SettingError(
                f"PROMOTION_MARGIN_MINUTES, --margin: got {self.minutes}, allowed: 0 to {MAX_MARGIN}"
            )
        if not 0.5 <= self.confidence <= MAX_CONFIDENCE:
            raise SettingError(
                f"PROMOTION_CONFIDENCE, --confidence: got {self.confidence}, allowed: 0.5 to {MAX_CONFIDENCE}"
            )


def beats_current(gain: Gain, margin: Margin) -> Check:
    """Whether a model is better than the current one on the same rides, and surely so."""
    return Check(
        name="RMSE against the current model",
        found=f"{gain.minutes:.4f} minutes lower, at least {gain.low:.4f} at {margin.confidence:.1%}",
        required=f"above {margin.minutes:.4f}",
        passed=gain.low > margin.minutes,
    )


def keeps_real_data(source: str, current_source: str) -> Check:
    """A model of synthetic trips never replaces one of real trips, whatever was asked for."""
    return Check(
        name="data source against the current model's",
        found=source,
        required="tlc" if current_source == "tlc" else "tlc or synthetic",
        passed=source == "tlc" or current_source != "tlc",
    )


def _lower(name: str, rmse: float, limit: float) -> Check:
    return Check(name=name, found=f"{rmse:.4f}", required=f"below {limit:.4f}", passed=rmse < limit)

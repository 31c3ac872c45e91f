"""Whether a day asks for a training, and on which months."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from workloads.monitoring.history import History, Row, cooled_down
from workloads.monitoring.settings import MonitoringSettings


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """The decision.

    Args:
        train: Whether to train.
        reason: Why, or why not.
        month: The month to train on, empty where there is none.
        validate: The month to compare with the current model on.
        cooldown_until: The first day on which the next training may be asked for; empty for now.
    """

    train: bool
    reason: str
    month: str = ""
    validate: str = ""
    cooldown_until: str = ""

    def document(self) -> dict[str, Any]:
        """The decision as JSON."""
        return asdict(self)


def decide(
    history: History, row: Row, months: Sequence[str], seen: str, settings: MonitoringSettings
) -> Retraining:
    """The decision of a day.

    The window is the newest month that the bucket holds, to validate on, and the newest before it, to train
    on. Without a month that the model has not seen there is nothing to learn.

    Args:
        history: The days before.
        row: The day, with its breach.
        months: The months in `raw/`, YYYY-MM.
        seen: The month that the current model was validated on.
        settings: What begins a training, and the cooldown.
    """
    causes = {"drift": row.drift, "performance": row.performance, "any": [*row.drift, *row.performance]}
    found = causes.get(settings.retrain_on, [])
    if not found:
        return Retraining(train=False, reason=_no_cause(row, settings))
    day = date.fromisoformat(row.day)
    last = history.last_training(row.day)
    if not cooled_down(last, day, settings.cooldown_days):
        assert last
        until = (last + timedelta(days=settings.cooldown_days)).isoformat()
        return Retraining(
            train=False, reason=f"a training was asked for on {last}, the next may be from {until} on",
            cooldown_until=until,
        )  # fmt: skip
    newest = sorted(set(months))[-2:]
    if len(newest) < 2:
        return Retraining(train=False, reason="raw/ holds no two months; ingest them")
    month, validate = newest
    if validate <= seen:
        return Retraining(
            train=False, reason=f"raw/ holds no month after {seen}, which the current model was measured on"
        )
    return Retraining(
        train=True,
        reason=f"{', '.join(found)} shifted",
        month=month,
        validate=validate,
        cooldown_until=(day + timedelta(days=settings.cooldown_days)).isoformat(),
    )


def _no_cause(row: Row, settings: MonitoringSettings) -> str:
    if row.alarm:
        return f"retrainOn is {settings.retrain_on}; what shifted is another kind"
    return "no shift was found" if row.judged else "the day was not judged"

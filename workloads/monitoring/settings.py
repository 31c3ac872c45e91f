"""What a stack's config says of monitoring, as a task's environment holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from workloads.data.months import DataError
from workloads.drift.calibration import RATES

RetrainOn = Literal["drift", "performance", "any", "nothing"]


class SettingError(DataError):
    """A variable has a value that is not allowed."""

    exit_code = 2


@dataclass(frozen=True, kw_only=True)
class MonitoringSettings:
    """See the config keys of the same names.

    Args:
        drift_false_alarm_rate: The share of days without a shift on which data drift may be reported.
        performance_false_alarm_rate: The same of performance.
        retrain_on: What begins a training: `drift`, `performance`, `any` of both, or `nothing`.
        cooldown_days: After a training is asked for, none is for so many days.
        alert_topic_arn: The SNS topic of alerts; empty for none.
        metrics_namespace: CloudWatch's namespace of the metrics; empty for none.
    """

    drift_false_alarm_rate: float = 0.01
    performance_false_alarm_rate: float = 0.01
    retrain_on: RetrainOn = "any"
    cooldown_days: int = 7
    alert_topic_arn: str = ""
    metrics_namespace: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "MonitoringSettings":
        """The settings of an environment; a variable that is absent or empty has the default.

        Raises:
            SettingError: a value that is not allowed.
        """
        retrain_on = environ.get("RETRAIN_ON") or "any"
        if retrain_on not in get_args(RetrainOn):
            raise SettingError(f"RETRAIN_ON: got {retrain_on!r}, allowed: {', '.join(get_args(RetrainOn))}")
        cooldown = environ.get("RETRAINING_COOLDOWN_DAYS") or "7"
        if not cooldown.isdecimal():
            raise SettingError(f"RETRAINING_COOLDOWN_DAYS: got {cooldown!r}, allowed: a number of days")
        return cls(
            drift_false_alarm_rate=_rate(environ, "DRIFT_FALSE_ALARM_RATE"),
            performance_false_alarm_rate=_rate(environ, "PERFORMANCE_FALSE_ALARM_RATE"),
            retrain_on=next(each for each in get_args(RetrainOn) if each == retrain_on),
            cooldown_days=int(cooldown),
            alert_topic_arn=environ.get("ALERT_TOPIC_ARN", ""),
            metrics_namespace=environ.get("METRICS_NAMESPACE", ""),
        )


def _rate(environ: Mapping[str, str], name: str) -> float:
    text = environ.get(name) or str(RATES[0])
    try:
        rate = float(text)
    except ValueError:
        rate = -1
    if not RATES[0] <= rate <= RATES[-1]:
        raise SettingError(f"{name}: got {text!r}, allowed: {RATES[0]} to {RATES[-1]}")
    return rate

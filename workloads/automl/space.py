"""What is searched: the parameters of XGBoost that decide how trees grow, and between which limits."""

from typing import Any

import optuna
from optuna.distributions import FloatDistribution, IntDistribution

from workloads.training.errors import SettingError
from workloads.training.growing import Parameters
from workloads.training.model import PARAMETERS

# Fixed are the objective, the tree method and what makes a training repeatable.
SEARCHED: dict[str, IntDistribution | FloatDistribution] = {
    "max_leaves": IntDistribution(32, 512, log=True),
    "learning_rate": FloatDistribution(0.03, 0.2, log=True),
    "subsample": FloatDistribution(0.5, 1.0),
    "colsample_bynode": FloatDistribution(0.3, 1.0),
    "min_child_weight": FloatDistribution(1.0, 64.0, log=True),
    "reg_lambda": FloatDistribution(0.1, 50.0, log=True),
    "reg_alpha": FloatDistribution(1e-3, 10.0, log=True),
    "gamma": FloatDistribution(1e-3, 10.0, log=True),
}
# The defaults as a point of the space; XGBoost's own 0 lies outside of a logarithmic scale.
DEFAULTS: dict[str, Any] = {
    **{name: PARAMETERS[name] for name in SEARCHED if name in PARAMETERS},
    "reg_lambda": 1.0,
    "reg_alpha": 1e-3,
    "gamma": 1e-3,
}


def suggest(trial: optuna.Trial) -> Parameters:
    """The parameters that a trial is to judge."""
    return with_defaults({name: _suggest(trial, name, kind) for name, kind in SEARCHED.items()})


def with_defaults(chosen: Parameters) -> Parameters:
    """XGBoost's parameters with some of them chosen.

    Raises:
        SettingError: one is chosen that is not searched, or a value out of its limits.
    """
    for name, value in chosen.items():
        kind = SEARCHED.get(name)
        if kind is None or not isinstance(value, int | float) or not kind.low <= value <= kind.high:
            raise SettingError(
                f"parameter {name}: got {value!r}, allowed: {kind or ', '.join(SEARCHED)}; run optimize again"
            )
    return {**PARAMETERS, **chosen}


def _suggest(trial: optuna.Trial, name: str, kind: IntDistribution | FloatDistribution) -> float:
    if isinstance(kind, IntDistribution):
        return trial.suggest_int(name, kind.low, kind.high, log=kind.log)
    return trial.suggest_float(name, kind.low, kind.high, log=kind.log)

"""What the policies came to: figures, verdict and a plot."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from rich.table import Table

from ops.simulate.loop import Policy, Step

# https://aws.amazon.com/fargate/pricing/, Linux on ARM, us-east-1: dollars an hour of a vCPU and of a GiB.
VCPU_HOUR, GIB_HOUR = 0.03238, 0.00356
TASK_VCPU, TASK_GIB = 1, 4
TASK_MINUTES = 5  # to start, get two months, train and publish
MOST_TRAININGS = 0.25  # of the weekly policy's, that retraining on drift should need


def figures(steps: Sequence[Step]) -> dict[str, float | int]:
    """A policy's figures; a training whose version was not better was a false alarm."""
    trainings = sum(step.trained for step in steps)
    hours = trainings * TASK_MINUTES / 60
    return {
        "days": len(steps),
        "mean_rmse": float(np.mean([step.rmse for step in steps])),
        "trainings": trainings,
        "promoted": sum(step.promoted for step in steps),
        "false_alarms": trainings - sum(step.promoted for step in steps),
        "drift_days": sum(step.drift for step in steps),
        "performance_days": sum(step.performance for step in steps),
        "dollars": round(hours * (TASK_VCPU * VCPU_HOUR + TASK_GIB * GIB_HOUR), 4),
    }


def document(
    found: Mapping[Policy, Sequence[Step]], months: Sequence[str], missing: Sequence[str]
) -> dict[str, Any]:
    """Everything, as JSON."""
    return {
        "months": list(months),
        "missing_months": list(missing),
        "verdict": verdict(found),
        "policies": {
            name: {**figures(steps), "steps": [asdict(step) for step in steps]}
            for name, steps in found.items()
        },
    }


def write(
    found: Mapping[Policy, Sequence[Step]], months: Sequence[str], missing: Sequence[str], folder: Path
) -> dict[str, Any]:
    """Writes simulation.json and simulation.png; gives the document."""
    answer = document(found, months, missing)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "simulation.json").write_text(json.dumps(answer, indent=1))
    plot(found, folder / "simulation.png")
    return answer


def verdict(found: Mapping[Policy, Sequence[Step]]) -> str:
    """Whether retraining on drift is as good as every week, at a quarter of the trainings."""
    if not {"weekly", "drift"} <= found.keys():
        return "not compared: needs the policies weekly and drift"
    weekly, drift = figures(found["weekly"]), figures(found["drift"])
    worse = drift["mean_rmse"] - weekly["mean_rmse"]
    share = drift["trainings"] / max(weekly["trainings"], 1)
    allowed = int(MOST_TRAININGS * weekly["trainings"])
    error = f"{abs(worse):.3f} minutes RMSE {'worse' if worse > 0 else 'better'} than weekly"
    trainings = f"{drift['trainings']} trainings of its {weekly['trainings']} ({share:.0%})"
    missed = [f"{worse:.3f} minutes"] if worse > 0 else []
    missed += [f"{drift['trainings'] - allowed} trainings"] if drift["trainings"] > allowed else []
    goal = f"the goal, no worse with {allowed} trainings at most ({MOST_TRAININGS:.0%}), is "
    return f"on drift: {error}, with {trainings}; {goal}" + (
        f"missed by {' and '.join(missed)}" if missed else "met"
    )


def table(found: Mapping[Policy, Sequence[Step]]) -> Table:
    """The figures, a row a policy."""
    rows = Table(
        "policy", "mean RMSE", "trainings", "promoted", "false alarms", "drift days", "performance days", "$"
    )
    for name, steps in found.items():
        one = figures(steps)
        columns = ("trainings", "promoted", "false_alarms", "drift_days", "performance_days", "dollars")
        rows.add_row(name, f"{one['mean_rmse']:.3f}", *(str(one[column]) for column in columns))
    return rows


def by_month(found: Mapping[Policy, Sequence[Step]]) -> Table:
    """The mean RMSE of each month's days, a row a month and a column a policy."""
    rows = Table("month", *found)
    months: dict[str, dict[Policy, list[float]]] = {}
    for name, steps in found.items():
        for step in steps:
            months.setdefault(step.day[:7], {}).setdefault(name, []).append(step.rmse)
    for month, rmse in months.items():
        rows.add_row(month, *(f"{np.mean(rmse[name]):.3f}" for name in found))
    return rows


def plot(found: Mapping[Policy, Sequence[Step]], path: Path) -> None:
    """RMSE over the days at hand, a mean of a week, with each training; trainings and cost in the legend."""
    figure = Figure(figsize=(12, 5), layout="constrained")
    axes = figure.subplots()
    for name, steps in found.items():
        rmse = np.array([step.rmse for step in steps])
        mean = np.convolve(rmse, np.ones(7) / 7, mode="valid") if len(rmse) >= 7 else rmse
        offset = len(rmse) - len(mean)
        (line,) = axes.plot(range(offset, len(rmse)), mean, label=_legend(name, steps))
        for promoted in (True, False):
            at = [
                number
                for number, step in enumerate(steps)
                if step.trained and step.promoted is promoted and number >= offset
            ]
            inside = line.get_color() if promoted else "white"
            height = mean[[number - offset for number in at]]
            axes.plot(at, height, "o", color=line.get_color(), markerfacecolor=inside)
    days = [step.day for step in next(iter(found.values()))]
    months = [number for number, day in enumerate(days) if not number or day[:7] != days[number - 1][:7]]
    axes.set_xticks(months, [days[number][:7] for number in months])
    axes.set(ylabel="RMSE in minutes, mean of seven days", title="Dots: trainings; white ones: false alarms")
    figure.legend(loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=120)


def _legend(name: Policy, steps: Sequence[Step]) -> str:
    one = figures(steps)
    trainings = f"{one['trainings']} trainings, {one['false_alarms']} false alarms"
    return f"{name}: mean RMSE {one['mean_rmse']:.3f}, {trainings}, {one['dollars']:.2f} dollars"

"""The plots that a run logs."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workloads.training.model import Model

mpl.use("Agg")


def importance(model: Model) -> Figure:
    """How much each feature lowers the error, as its share of all splits' gain."""
    score = model.booster.get_score(importance_type="total_gain")
    gain = {name: float(np.sum(value)) for name, value in score.items()}
    total = sum(gain.values())
    names = sorted(gain, key=gain.__getitem__)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    bars = axes.barh(names, [gain[name] / total for name in names])
    axes.bar_label(bars, fmt="{:.1%}", padding=3)
    axes.set(title="Feature importance", xlabel="share of the total gain")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def residuals(minutes: NDArray[np.float64], predicted: NDArray[np.float32]) -> Figure:
    """Predicted against actual minutes, and how the errors are spread."""
    figure = Figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    cells = left.hexbin(minutes, predicted, gridsize=60, bins="log", extent=(0, 60, 0, 60), cmap="viridis")
    left.plot([0, 60], [0, 60], color="tab:red", linewidth=1)
    left.set(title="Rides of the validation month", xlabel="actual minutes", ylabel="predicted minutes")
    figure.colorbar(cells, ax=left, label="rides")
    error = predicted - minutes
    right.hist(np.clip(error, -20, 20), bins=80)
    right.axvline(0, color="tab:red", linewidth=1)
    right.set(
        title=f"Errors: mean {error.mean():+.2f}, median {np.median(error):+.2f} minutes",
        xlabel="predicted - actual minutes (the ends hold what lies beyond)",
        ylabel="rides",
    )
    return figure

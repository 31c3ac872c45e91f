"""How far rows of counts are from a reference's, and how far chance alone would take them.

Both are squared: for a column the Jensen-Shannon divergence of its shares of bins, for the mean error and the
mean squared error the square of the difference. What chance gives depends on the number of rides: for the
divergence it is (bins - 1) / 8 x (1 / rides + 1 / rides of the reference), as for any divergence that is a
chi-square distance where shares are close (Lin, "Divergence measures based on the Shannon entropy", 1991).

Two more checks know the order of the bins, and so find what a divergence is too blunt for:

- `ROTATION`: how much smaller the divergence of the hours is once the reference's are turned around the clock
  to fit best. A storm or a feast changes how many rides an hour has, a wrong time zone the hours themselves.
  One hour either way is not counted: the change to summer time is one.
- `RANK`: the mean rank of the day's distances among the reference's, from 0 to 1, against its middle (Bross,
  "How to use ridit analysis", 1958); Mann and Whitney's test has the same statistic.
"""

import numpy as np

from workloads.drift.bins import HOURS, Numbers
from workloads.drift.cells import SUMS, Layout

ROTATION, RANK = "pickup_hour rotation", "trip_distance rank"
BIAS, RMSE = "mean error", "RMSE"
NEAR_HOURS = 1  # by which hours may be turned and count as in place


def names(layout: Layout) -> list[str]:
    """The checks, in the order of the columns of what `compare` gives."""
    return [*(each.column for each in layout.bins), ROTATION, RANK, BIAS, RMSE]


def compare(layout: Layout, rows: Numbers, reference: Numbers) -> tuple[Numbers, Numbers]:
    """The squared distances of rows from the reference's, and those that chance gives; rows x checks.

    Args:
        layout: The place of the counts.
        rows: The days' rows, of shape days x width.
        reference: A row for all days, or one for each.
    """
    reference = np.broadcast_to(reference, rows.shape)
    found = [_divergence(rows[:, span], reference[:, span]) for span in layout.spans()]
    span = {each.column: span for each, span in zip(layout.bins, layout.spans(), strict=True)}
    found.append(_rotation(*(each[:, span["pickup_hour"]][:, :HOURS] for each in (rows, reference))))
    found.append(_rank(*(each[:, span["trip_distance"]] for each in (rows, reference))))
    found += _errors(rows[:, -SUMS:], reference[:, -SUMS:])
    return np.column_stack([each for each, _ in found]), np.column_stack([each for _, each in found])


def _divergence(rows: Numbers, reference: Numbers) -> tuple[Numbers, Numbers]:
    """The divergence to base e; 0 where there are no rides."""
    rides, reference_rides = rows.sum(1), reference.sum(1)
    p, q = (each / np.maximum(each.sum(1, keepdims=True), 1) for each in (rows, reference))
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(each > 0, each * np.log(each / middle), 0).sum(1) for each in (p, q)]
    distance = np.where((rides > 0) & (reference_rides > 0), sum(parts) / 2, 0)
    bins = (reference > 0).sum(1)
    return distance, np.maximum(bins - 1, 1) / 8 * _inverse(rides, reference_rides)


def _rotation(rows: Numbers, reference: Numbers) -> tuple[Numbers, Numbers]:
    """What turning the reference's hours takes off the divergence; 0 where they fit best in place."""
    turned = [_divergence(rows, np.roll(reference, hours, axis=1))[0] for hours in range(HOURS)]
    divergence = np.column_stack(turned)
    best = divergence.argmin(1)
    moved = np.minimum(best, HOURS - best) > NEAR_HOURS
    gained = np.where(moved, divergence[:, 0] - divergence.min(1), 0)
    return gained, _inverse(rows.sum(1), reference.sum(1)) / 8


def _rank(rows: Numbers, reference: Numbers) -> tuple[Numbers, Numbers]:
    rides, reference_rides = rows.sum(1), reference.sum(1)
    p, q = (each / np.maximum(each.sum(1, keepdims=True), 1) for each in (rows, reference))
    rank = np.cumsum(q, axis=1) - q / 2  # of a bin: its middle
    mean, variance = (p * rank).sum(1), (q * (rank - 0.5) ** 2).sum(1)
    distance = np.where((rides > 0) & (reference_rides > 0), (mean - 0.5) ** 2, 0)
    return distance, variance * _inverse(rides, reference_rides)


def _errors(rows: Numbers, reference: Numbers) -> list[tuple[Numbers, Numbers]]:
    """Of the mean error, and of the mean squared error where it is the higher one."""
    rides, reference_rides = rows[:, 0], reference[:, 0]
    mean, square, _ = _means(rows)
    reference_mean, reference_square, reference_fourth = _means(reference)
    inverse = _inverse(rides, reference_rides)
    worse = np.maximum(square - reference_square, 0)
    return [
        (
            np.where(rides > 0, (mean - reference_mean) ** 2, 0),
            (reference_square - reference_mean**2) * inverse,
        ),
        (np.where(rides > 0, worse**2, 0), (reference_fourth - reference_square**2) / 2 * inverse),
    ]  # half, because only the worse half of the differences counts


def _means(rows: Numbers) -> Numbers:
    means: Numbers = (rows[:, 1:] / np.maximum(rows[:, :1], 1)).T
    return means


def _inverse(rides: Numbers, reference_rides: Numbers) -> Numbers:
    found: Numbers = 1 / np.maximum(rides, 1) + 1 / np.maximum(reference_rides, 1)
    return found

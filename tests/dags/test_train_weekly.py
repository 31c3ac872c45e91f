"""Which months a weekly training takes. Airflow itself is not installed here: the rehearsal runs the DAGs."""

import ast
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

SOURCE = (Path(__file__).parents[2] / "workloads" / "dags" / "train_weekly.py").read_text()


def months_before() -> Callable[[date, int], str]:
    """The DAG's own function, without the module around it, which imports Airflow."""
    (function,) = (
        node
        for node in ast.parse(SOURCE).body
        if isinstance(node, ast.FunctionDef) and node.name == "months_before"
    )
    names: dict[str, Any] = {"datetime": datetime}
    exec(compile(ast.Module([function], []), "train_weekly.py", "exec"), names)
    found: Callable[[date, int], str] = names["months_before"]
    return found


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        (datetime(2025, 11, 24, 6, tzinfo=UTC), 3, "2025-08"),
        (datetime(2025, 3, 31, 6, tzinfo=UTC), 3, "2024-12"),
        (datetime(2025, 1, 1, tzinfo=UTC), 4, "2024-09"),
    ],
)
def test_a_month_before_is_counted_across_years(moment: datetime, months: int, expected: str) -> None:
    assert months_before()(moment, months) == expected


@given(st.dates(date(2015, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_training_and_validation_are_neighbours(moment: date, months: int) -> None:
    later, earlier = (months_before()(moment, count) for count in (months, months + 1))
    assert months_before()(date.fromisoformat(f"{later}-01"), 1) == earlier

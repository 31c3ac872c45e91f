"""The command of the weekly training. Airflow itself is not installed here: the rehearsal runs the DAGs."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from runpy import run_path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, Template

DAG_FILE = Path(__file__).parents[2] / "workloads" / "dags" / "train_weekly.py"


class AirflowObject:
    """Stands in for Airflow's classes: keeps the options that it was made with."""

    made: ClassVar[list["AirflowObject"]]

    def __init__(self, *_: object, **options: Any) -> None:
        self.options = options
        self.made.append(self)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class DAG(AirflowObject):
    made: ClassVar[list[AirflowObject]] = []


class BashOperator(AirflowObject):
    made: ClassVar[list[AirflowObject]] = []


class Param(AirflowObject):
    made: ClassVar[list[AirflowObject]] = []


def render() -> Callable[..., str]:
    """Runs the DAG file, and gives what renders its task's command as Airflow does."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("airflow", "airflow.sdk", "airflow.providers.standard.operators.bash"):
            module = ModuleType(name)
            vars(module).update(DAG=DAG, BashOperator=BashOperator, Param=Param)
            patch.setitem(sys.modules, name, module)
        run_path(str(DAG_FILE))
    template = Template(BashOperator.made[-1].options["bash_command"], undefined=StrictUndefined)
    macros = DAG.made[-1].options["user_defined_macros"]

    def command(run_after: date, *, as_challenger: bool = False) -> str:
        run = SimpleNamespace(run_after=run_after)
        return str(template.render(dag_run=run, params={"as_challenger": as_challenger}, **macros))

    return command


COMMAND = render()


@pytest.mark.parametrize(
    ("run_after", "month", "validate"),
    [
        (datetime(2025, 11, 24, 6, tzinfo=UTC), "2025-07", "2025-08"),
        (datetime(2025, 3, 31, 6, tzinfo=UTC), "2024-11", "2024-12"),
        (datetime(2025, 4, 1, tzinfo=UTC), "2024-12", "2025-01"),
    ],
)
def test_months(run_after: datetime, month: str, validate: str) -> None:
    expected = f"$WORKLOADS_PYTHON -m workloads.training train {month} --validate {validate}"
    assert COMMAND(run_after) == expected
    assert COMMAND(run_after, as_challenger=True) == f"{expected} --as-challenger"


@given(st.dates(date(2016, 12, 1), date(2100, 1, 1)))
def test_validation_month_follows_the_training_month(run_after: date) -> None:
    words = COMMAND(run_after).split()
    month, validate = (date.fromisoformat(f"{words[place]}-01") for place in (4, 6))
    assert (validate - month).days in (28, 29, 30, 31)
    assert 89 <= (run_after.replace(day=1) - validate).days <= 92, "TLC has published it"


def test_challenger_is_asked_for() -> None:
    """Without a choice in Airflow's UI the run publishes under the current model's alias."""
    assert [param.options["type"] for param in Param.made] == ["boolean"]
    assert "as_challenger" in DAG.made[-1].options["params"]

"""The commands of the DAGs' tasks. Airflow itself is not installed here: the rehearsal runs the DAGs."""

import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from runpy import run_path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import boto3
import mlflow
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, StrictUndefined
from typer.testing import CliRunner

from workloads.data import tlc
from workloads.data.s3 import Bucket

DAGS = Path(__file__).parents[2] / "workloads" / "dags"
NAMES = [path.stem for path in sorted(DAGS.glob("taxi_*.py"))]


class Stand:
    """Stands in for Airflow's classes: keeps the options that it was made with."""

    made: ClassVar[list["Stand"]]

    def __init__(self, *names: Any, **options: Any) -> None:
        self.names, self.options = names, options
        type(self).made = [*getattr(type(self), "made", []), self]

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass

    def __rshift__(self, other: Any) -> Any:
        return other

    def __and__(self, other: Any) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        return self


def stand(name: str) -> type[Stand]:
    return type(name, (Stand,), {"made": []})


class Loaded:
    """A DAG file that was run: its DAG's options, its commands, what it triggers."""

    def __init__(self, name: str) -> None:
        sdk = ("DAG", "Asset", "Param", "DeadlineAlert", "DeadlineReference", "SyncCallback")
        self.classes: dict[str, Any] = {
            each: stand(each) for each in (*sdk, "BashOperator", "TriggerDagRunOperator")
        }
        self.classes["DeadlineReference"].DAGRUN_QUEUED_AT = "queued"
        self.functions: dict[str, Callable[..., Any]] = {}

        def short_circuit(function: Callable[..., Any]) -> type[Stand]:
            self.functions[function.__name__] = function
            return Stand

        decorated = SimpleNamespace(short_circuit=short_circuit)
        with pytest.MonkeyPatch.context() as patch:
            operators = "airflow.providers.standard.operators"
            for module_name in ("airflow", "airflow.sdk", f"{operators}.bash", f"{operators}.trigger_dagrun"):
                module = ModuleType(module_name)
                vars(module).update(self.classes, task=decorated)
                patch.setitem(sys.modules, module_name, module)
            patch.syspath_prepend(str(DAGS))
            patch.delitem(sys.modules, "workload_commands", raising=False)
            run_path(str(DAGS / f"{name}.py"))
            sys.modules.pop("workload_commands")
        (self.dag,) = self.classes["DAG"].made

    def commands(self, moment: datetime, **chosen: Any) -> list[str]:
        """The tasks' commands, rendered as Airflow does, with some parameters chosen."""
        params = {name: param.names[0] for name, param in self.dag.options.get("params", {}).items()}
        macros = self.dag.options.get("user_defined_macros", {})
        run = SimpleNamespace(logical_date=None, run_after=moment)
        environment = Environment(undefined=StrictUndefined, autoescape=True)
        return [
            environment.from_string(each.options["bash_command"]).render(
                dag_run=run, params={**params, **chosen}, **macros
            )
            for each in self.classes["BashOperator"].made
        ]


@pytest.fixture
def empty_platform(aws_account: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """The environment of a task: buckets without an object, no months, an MLflow that does not answer."""
    before = mlflow.get_tracking_uri()
    monkeypatch.setattr(tlc, "reachable", lambda _: False)
    environment = {
        "DATA_BUCKET": "data",
        "REPORTS_BUCKET": "reports",
        "MODEL_NAME": "rides",
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        "MLOPS_CACHE_DIR": str(tmp_path),
        "MLOPS_DATA_DIR": "",
        "STATE_MACHINE_ARN": "none",
        "AIRFLOW_CTX_DAG_RUN_ID": "one",
        "AIRFLOW_CTX_TRY_NUMBER": "1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for name in ("data", "reports"):
        boto3.client("s3").create_bucket(Bucket=name)
    yield Bucket("data")
    mlflow.set_tracking_uri(before)


@pytest.fixture(scope="module")
def training() -> Callable[..., str]:
    """The command of the training's first task."""
    loaded = Loaded("taxi_model_training")
    return lambda moment, **chosen: loaded.commands(moment, **chosen)[0]


@pytest.mark.parametrize(
    ("run_after", "month", "validate"),
    [
        (datetime(2025, 11, 24, 6, tzinfo=UTC), "2025-07", "2025-08"),
        (datetime(2025, 3, 31, 6, tzinfo=UTC), "2024-11", "2024-12"),
        (datetime(2025, 4, 1, tzinfo=UTC), "2024-12", "2025-01"),
    ],
)
def test_months(training: Callable[..., str], run_after: datetime, month: str, validate: str) -> None:
    expected = f"$WORKLOADS_PYTHON -m workloads.training train {month} --validate {validate}"
    assert training(run_after) == f"{expected} --dataset green"
    chosen = training(run_after, as_challenger=True, dataset="yellow")
    assert chosen == f"{expected} --dataset yellow --as-challenger"
    assert "train 2023-01 --validate 2023-02" in training(run_after, month="2023-01", validate="2023-02")


@given(st.dates(date(2016, 12, 1), date(2100, 1, 1)))
def test_validation_month_follows_the_training_month(training: Callable[..., str], day: date) -> None:
    words = training(datetime(day.year, day.month, day.day, tzinfo=UTC)).split()
    month, validate = (date.fromisoformat(f"{words[place]}-01") for place in (4, 6))
    assert (validate - month).days in (28, 29, 30, 31)
    assert 89 <= (day.replace(day=1) - validate).days <= 92, "TLC has published it"


@pytest.mark.parametrize("name", NAMES)
def test_commands_exist(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workloads know every command and option that a DAG gives them."""
    monkeypatch.setenv("STATE_MACHINE_ARN", "one")
    for command in Loaded(name).commands(datetime(2025, 11, 24, 6, tzinfo=UTC)):
        python, flag, module, *words = command.split()
        assert (python, flag) == ("$WORKLOADS_PYTHON", "-m")
        app = typer.main.get_command(vars(__import__(f"{module}.__main__", fromlist=["app"]))["app"])
        # What is required and comes from the environment is not looked at.
        with app.make_context(module, words, resilient_parsing=True) as context:
            assert isinstance(app, typer.core.TyperGroup)
            _, sub, rest = app.resolve_command(context, words)
            assert sub is not None
            parsed = sub.make_context(words[0], rest, parent=context, resilient_parsing=True)
            assert parsed.args == []


@pytest.mark.parametrize("name", NAMES)
def test_every_task_writes_its_lineage(
    name: str, empty_platform: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever ends it: nothing is there, so that most of them fail. Starting AutoML touches no data."""
    monkeypatch.setenv("AIRFLOW_CTX_DAG_ID", name)
    loaded = Loaded(name)
    tasks = [each.options["task_id"] for each in loaded.classes["BashOperator"].made]
    commands = loaded.commands(datetime(2025, 11, 24, 6, tzinfo=UTC))
    for task, command in zip(tasks, commands, strict=True):
        monkeypatch.setenv("AIRFLOW_CTX_TASK_ID", task)
        _, _, module, *words = command.split()
        done = CliRunner().invoke(vars(__import__(f"{module}.__main__", fromlist=["app"]))["app"], words)
        bodies = [empty_platform.get(key) for key in empty_platform.keys(f"lineage/{name}/{task}/")]
        kinds = {json.loads(body or b"")["eventType"] for body in bodies}
        end = "FAIL" if done.exit_code else "COMPLETE"
        assert kinds == (set() if task == "automl" else {"START", end}), f"{task}: {done.output}"
        assert (done.exit_code == 0) == (name == "taxi_monitoring"), "a day without rides is no error"


@pytest.mark.parametrize("name", NAMES)
def test_house_rules(name: str) -> None:
    """Named like its file, described, one run at a time, retried, and every task has a timeout."""
    loaded = Loaded(name)
    options = loaded.dag.options
    assert loaded.dag.names == (name,)
    assert options["doc_md"].strip()
    assert options["tags"]
    assert (options["catchup"], options["max_active_runs"]) == (False, 1)
    assert options["default_args"]["retries"] >= 1
    assert all("execution_timeout" in each.options for each in loaded.classes["BashOperator"].made)


@pytest.mark.parametrize("topic", ["", "arn:aws:sns:us-east-1:123456789012:alerts"])
def test_deadline_tells_the_topic(monkeypatch: pytest.MonkeyPatch, topic: str) -> None:
    monkeypatch.setenv("ALERT_TOPIC_ARN", topic)
    loaded = Loaded("taxi_monitoring")
    assert (loaded.dag.options["deadline"] is not None) == bool(topic)
    for callback in loaded.classes["SyncCallback"].made:
        assert callback.options["kwargs"]["target_arn"] == topic


def test_automl_follows_a_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the stack has a state machine: on the months of the training, once for each run."""
    moment = datetime(2025, 11, 24, 6, tzinfo=UTC)
    monkeypatch.delenv("STATE_MACHINE_ARN", raising=False)
    assert len(Loaded("taxi_model_training").commands(moment)) == 2
    monkeypatch.setenv("STATE_MACHINE_ARN", "arn:aws:states:us-east-1:123456789012:stateMachine:one")
    train, _, start = Loaded("taxi_model_training").commands(moment)
    assert start == (
        "$WORKLOADS_PYTHON -m workloads.training start-automl 2025-07 --validate 2025-08"
        " --execution training-20251124T060000"
    )
    assert "train 2025-07 --validate 2025-08" in train


@pytest.mark.parametrize(
    ("dataset", "as_challenger", "wanted"),
    [("green", False, True), ("yellow", False, False), ("green", True, False)],
)
def test_automl_follows_what_it_can(dataset: str, as_challenger: bool, wanted: bool) -> None:
    decide = Loaded("taxi_model_training").functions["automl_wanted"]
    assert decide({"dataset": dataset, "as_challenger": as_challenger}) is wanted

"""What the closed loop needs of a rehearsal that runs: Airflow, the account, the months, the predictor."""

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ops.local.errors import LocalRunError
from ops.rehearse import visit
from ops.rehearse.account import Account
from ops.rehearse.closed_loop import MONTHS, ClosedLoop
from ops.rehearse.disturbed import make_late, read_killed_log
from ops.rehearse.plan import Plan
from ops.rehearse.platform import Platform
from ops.rehearse.predictor import Predictor
from workloads.data.months import file_name

DAGS = (  # but for taxi_model_reconcile, whose turn comes last
    "taxi_data_ingest",
    "taxi_model_training",
    "taxi_monitoring",
    "taxi_batch_prediction",
)
KEPT_SECONDS = 300.0
_VARIABLES = ("DATA_BUCKET", "MODEL_NAME", "MODEL_ALIAS")


@dataclass(frozen=True, kw_only=True)
class Loop:
    """The loop in a rehearsal: Airflow's `url`, the folder of its `logs`, and a `folder` for own files."""

    plan: Plan
    account: Account
    running: Platform
    url: str
    logs: Path
    folder: Path
    wait: Callable[[], None]

    def read_lost_log(self) -> None:
        """Reads the log of a task whose worker, with all that it wrote, is gone.

        Raises:
            LocalRunError: it is gone, too.
        """
        airflow = self._airflow()
        run = airflow.trigger(visit.DAG)
        airflow.wait_for_run(visit.DAG, run=run)
        self._until_kept(f"logs/airflow/dag_id={visit.DAG}/run_id={run}/")
        for folder in self.logs.glob(f"dag_id={visit.DAG}"):
            shutil.rmtree(folder)
        log = airflow.log(visit.DAG, run, "reach_mlflow")
        if "/health 200" not in log:
            raise LocalRunError(f"the log of a task is lost with its worker; Airflow shows:\n{log[-2000:]}")

    def read_killed_log(self) -> None:
        """Reads the log of a task whose worker was killed in its middle.

        Raises:
            LocalRunError: it is gone, too.
        """
        read_killed_log(self._airflow(), self.running, self.wait)

    def close(self, months: Mapping[str, Path], step: Callable[[str], None]) -> None:
        """Runs the loop; see `ClosedLoop`."""
        environment = {**task_environment(self.plan), **self.account.environment()}
        variables = {name: environment[name] for name in _VARIABLES}
        with ExitStack() as stack:
            predictor = Predictor(self.folder / "predictor", variables, self.account.environment())
            self._airflow().use_only(*DAGS)
            loop = ClosedLoop(
                airflow=self._airflow(lambda: loop.beat()),
                account=self.account,
                children=self.running.children,
                make_late=partial(make_late, self.running),
                environment=environment,
                months=months,
                predictor=stack.enter_context(predictor),
                step=step,
            )
            loop.run()

    def _until_kept(self, prefix: str) -> None:
        """Waits for the log in S3, where a worker puts it once it has said that the task is done."""
        bucket, deadline = task_environment(self.plan)["DATA_BUCKET"], time.monotonic() + KEPT_SECONDS
        while not self.account.keys(bucket, prefix):
            if time.monotonic() > deadline:
                raise LocalRunError(f"no log is in s3://{bucket}/{prefix} after {KEPT_SECONDS:.0f} s")
            self.wait()

    def _airflow(self, meanwhile: Callable[[], None] = lambda: None) -> visit.Airflow:
        def wait() -> None:
            meanwhile()
            self.wait()

        return visit.Airflow(self.url, self.plan.airflow_password, wait)


def task_environment(plan: Plan) -> Mapping[str, str]:
    """The variables of Airflow's tasks."""
    return next(each.environment for each in plan.services if each.name == "scheduler")


def buckets(plan: Plan) -> set[str]:
    """The buckets that the tasks are told of."""
    environment = task_environment(plan)
    return {environment[name] for name in ("DATA_BUCKET", "REPORTS_BUCKET")}


def data_folder(environ: Mapping[str, str]) -> dict[str, str]:
    """MLOPS_DATA_DIR as it reads from any working folder."""
    folder = environ.get("MLOPS_DATA_DIR")
    return {"MLOPS_DATA_DIR": str(Path(folder).resolve())} if folder else {}


def real_months(environ: Mapping[str, str]) -> dict[str, Path] | None:
    """TLC's files of the loop's months, None when one is not in MLOPS_DATA_DIR.

    Synthetic months will not do: they are all alike, so that no model is better than the one before.
    """
    folder = Path(environ.get("MLOPS_DATA_DIR", "nowhere")).resolve()
    files = {month: folder / file_name(month) for month in MONTHS}
    return files if all(path.is_file() for path in files.values()) else None

"""One tier in containers: deployed, brought up, used, hurt, and compared with what was there before."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from components.settings import Settings
from ops.local.errors import LocalRunError
from ops.local.services import Children
from ops.rehearse import visit, visit_pages
from ops.rehearse.containers import images, record, scoring
from ops.rehearse.containers.account import AUTOML, Account, Months, Stack
from ops.rehearse.containers.docker import Engine
from ops.rehearse.containers.faults import Faults
from ops.rehearse.containers.instance import Laid, lay_out
from ops.rehearse.containers.project import PAUSE_SECONDS, Project, Weight
from ops.rehearse.containers.tasks import DATABASE, lay_out_tasks
from ops.rehearse.containers.training import DAG as TRAINING
from ops.rehearse.containers.training import train

UP_SECONDS = 900.0  # a limit, not a claim: on two idle cores it takes one or two minutes


@dataclass(kw_only=True)
class Outcome:
    """What a rehearsal found; seconds and memory by service.

    Args:
        data_source: Of the trips: `tlc` or `synthetic`.
        stand_ins: Images that no registry gave.
        healthy: Seconds until a service was as it should be.
        killed: Seconds until it was again after its processes had been killed.
        others: Seconds of everything else that was done, by what it was.
    """

    tier: str
    data_source: str = ""
    stand_ins: list[str] = field(default_factory=list)
    healthy: dict[str, float] = field(default_factory=dict)
    killed: dict[str, float] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)
    weights: dict[str, Weight] = field(default_factory=dict)
    compared: int = 0

    @property
    def fits(self) -> bool:
        """Whether nothing had to be killed for want of memory."""
        return not any(weight.killed for weight in self.weights.values())


class Tier:
    """What the tier's instance or tasks run; the methods are its steps, in their order.

    Args:
        name: The tier.
        engine: What runs the containers.
        children: What runs AWS' stand-in and the predictor.
        folder: Where this tier's files go.
        address: This machine's address at which people find the tier's servers.
    """

    def __init__(self, name: str, engine: Engine, children: Children, folder: Path, address: str) -> None:
        self.outcome = Outcome(tier=name)
        self.name = name
        self._engine = engine
        self._children = children
        self._folder = folder
        self._address = address
        settings = Settings.from_config({"tier": name})
        self._fargate = settings.orchestration.orchestration_variant == "fargate"
        self.stack: Stack
        self.laid: Laid
        self.project: Project
        self._before: record.Record

    def deploy(self, gateway: str, months: Months) -> None:
        """Deploys the program to an account of its own, which containers reach at `gateway`."""
        self.outcome.data_source = months.source
        account = Account(self._children, gateway, self.name)
        names = images.ALL if self._fargate else images.ON_INSTANCES
        layered = images.with_account(self._engine.docker, self.name, account.layer(), names)
        self.stack = account.deploy(layered)
        self.stack.put_months(months)
        shutil.rmtree(self._folder, ignore_errors=True)
        folder = self._folder / "instance"
        self.laid = (
            lay_out_tasks(self.stack, folder, self._address, layered[AUTOML])
            if self._fargate
            else lay_out(self.stack, folder, self._address)
        )
        log = self._children.log(f"compose-{self.name}")
        self.project = Project(
            self._engine.docker, self.name, self.laid.file, variables=self.laid.variables, log=log
        )
        self.outcome.weights = self.project.weights

    def up(self) -> None:
        """Brings the containers up."""
        self.outcome.healthy = self.project.up(UP_SECONDS)

    def use(self) -> None:
        """Logs in, keeps an artifact, runs a DAG, and trains until a model is published and served."""
        laid = self.laid
        visit.mlflow(laid.mlflow_url, laid.mlflow_password, host=laid.host_header)
        airflow = self._log_in(self._wait)
        airflow.use_only(visit.DAG, TRAINING)
        self.outcome.others["DAG platform_check"] = round(airflow.run(), 1)
        seconds = train(self.stack, self._log_in, self._wait, self._folder / "predictor")
        self.outcome.others["training"] = round(seconds, 1)
        visit_pages.admin(laid.admin_url, laid.admin_password, host=laid.host_header)
        for url in laid.status_urls:
            visit_pages.status(url, self._wait)
        if laid.predict_url:
            self.outcome.others["prediction service"] = scoring.serve(laid.predict_url, self._wait)
            self.outcome.others["AutoML's batch"] = scoring.batch(self.project)
        self._before = self._record()

    def kill(self) -> None:
        """Kills each container's processes; on Fargate one hangs first, for its health check to see."""
        if self._fargate:
            self.outcome.others["scheduler's hanging seen"] = self._faults().hang("scheduler")
        self.outcome.killed = self._faults().kill_each()

    def lose_database(self) -> None:
        """Takes the database away for a while."""
        self.outcome.others["database back"] = self._faults().lose_database()

    def compare(self) -> None:
        """Runs a DAG again, and compares everything with what was before the faults.

        Raises:
            LocalRunError: something was lost.
        """
        self._log_in(self._wait).run()
        if missing := record.lost(self._before, self._record()):
            raise LocalRunError("\n".join(["after the faults:", *missing]))
        self.outcome.compared = len(self._before)

    def _faults(self) -> Faults:
        database = DATABASE if DATABASE in self.project.services else "postgres"
        return Faults(docker=self._engine.docker, project=self.project, database=database)

    def _record(self) -> record.Record:
        laid = self.laid
        mlflow = partial(visit.mlflow_state, laid.mlflow_url, laid.mlflow_password, host=laid.host_header)
        return record.take(self.stack, self._log_in(self._wait), mlflow, record.modes(laid.secrets))

    def _log_in(self, wait: Callable[[], None]) -> visit.Airflow:
        laid = self.laid
        return visit.Airflow(laid.airflow_url, laid.airflow_password, wait, host=laid.host_header)

    def _wait(self) -> None:
        self.project.look()
        time.sleep(PAUSE_SECONDS)

"""A whole rehearsal in containers: built, brought up, used, hurt, and compared with what was there before."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console

from ops.local.errors import LocalRunError
from ops.local.services import Children
from ops.local.stages import Stages
from ops.rehearse import visit
from ops.rehearse.arguments import env_files, no_secrets_in_arguments, secret_values
from ops.rehearse.containers import bases, images, record
from ops.rehearse.containers.account import Account, Stack, fetch_months
from ops.rehearse.containers.docker import Engine, network
from ops.rehearse.containers.faults import Faults
from ops.rehearse.containers.instance import Laid, lay_out
from ops.rehearse.containers.project import Project, Weight, remove
from ops.rehearse.containers.tasks import DATABASE, lay_out_tasks

UP_SECONDS = 900.0  # a limit, not a claim: on two idle cores it takes one or two minutes
TRAIN_SECONDS = 600.0
TRAIN_DAG = "taxi_model_training"
TRAIN_TASK = "train"  # the one after it waits for predictions, and nothing predicts here
# The moment as of which the training takes the rehearsal's months: it counts four months back.
TRAIN_AS_OF = "2023-05-15T00:00:00Z"


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


def rehearse(tier: str, output: Path, console: Console) -> Outcome:
    """Runs what the tier's instance or tasks run in containers, uses it, hurts it, and takes it down.

    Raises:
        LocalRunError: something is not installed, did not come up, or was lost.
    """
    outcome = Outcome(tier=tier)
    with ExitStack() as held:
        stages = held.enter_context(Stages(console))
        children = held.enter_context(Children(output))
        engine = Engine(children)
        held.enter_context(_running(engine))
        months = fetch_months(children, output / "data")
        outcome.data_source = months.source
        with stages.stage("images", "build the images"):
            outcome.stand_ins += images.build(engine)
        address = held.enter_context(network(engine.docker, "rehearsal"))
        with stages.stage("deploy", f"deploy tier {tier} to a stand-in of AWS"):
            account = Account(children, address)
            stack = account.deploy(tier, images.with_account(engine.docker, account.layer()))
            stack.put_months(months)
        laid = _laid(stack, output / "instance")
        project = Project(engine.docker, laid.file, laid.variables, children.log("compose"))
        outcome.stand_ins += bases.provide(engine, project.public_images)
        outcome.weights = project.weights
        held.enter_context(no_secrets_in_arguments(secret_values(env_files(laid.secrets))))
        with stages.stage("up", f"bring {len(project.services)} containers up"):
            outcome.healthy = project.up(UP_SECONDS)
        _use_and_hurt(outcome, stages, stack, laid, _faults(engine, project))
        outcome.others |= stages.seconds
    return outcome


@contextmanager
def _running(engine: Engine) -> Iterator[None]:
    def clear() -> None:
        engine.start()  # an interrupt may have come while it was down
        remove(engine.docker)

    with ExitStack() as held:
        held.callback(engine.stop)
        held.callback(clear)
        clear()  # of what a rehearsal left that was killed
        yield


def _laid(stack: Stack, folder: Path) -> Laid:
    shutil.rmtree(folder, ignore_errors=True)
    compose = not any(stack.of("aws:ecs/service:Service"))
    return lay_out(stack, folder) if compose else lay_out_tasks(stack, folder)


def _faults(engine: Engine, project: Project) -> Faults:
    database = DATABASE if DATABASE in project.services else "postgres"
    return Faults(engine=engine, project=project, database=database)


def _use_and_hurt(outcome: Outcome, stages: Stages, stack: Stack, laid: Laid, faults: Faults) -> None:
    def wait() -> None:
        faults.project.look()
        time.sleep(1)

    with stages.stage("visit", "log in, run both DAGs, keep an artifact"):
        visit.mlflow(laid.mlflow_url, laid.mlflow_password, host=laid.host_header)
        airflow = visit.Airflow(laid.airflow_url, laid.airflow_password, wait, host=laid.host_header)
        airflow.use_only(visit.DAG, TRAIN_DAG)
        outcome.others["DAG platform_check"] = round(airflow.run(), 1)
        seconds = airflow.run_task(TRAIN_DAG, TRAIN_TASK, seconds=TRAIN_SECONDS, run_after=TRAIN_AS_OF)
        outcome.others["training"] = round(seconds, 1)
        if laid.status_url:
            visit.status(laid.status_url, wait)
    mlflow = partial(visit.mlflow_state, laid.mlflow_url, laid.mlflow_password, host=laid.host_header)
    before = record.take(stack, airflow, mlflow, record.modes(laid.secrets))
    if not any(name.startswith("version ") for name in before):
        raise LocalRunError(
            f"the task {TRAIN_TASK} of {TRAIN_DAG} ended well, and MLflow has no version of a model"
        )
    with stages.stage("kill", "kill each container"):
        outcome.killed = faults.kill_each()
    with stages.stage("database", "lose the database for half a minute"):
        outcome.others["database back"] = faults.lose_database()
    if faults.engine.own:
        with stages.stage("engine", "kill the engine"):
            outcome.others["engine back"] = faults.crash_engine()
    with stages.stage("after", "run a DAG again, and compare with before"):
        airflow.run()
        missing = record.lost(before, record.take(stack, airflow, mlflow, record.modes(laid.secrets)))
    if missing:
        raise LocalRunError("\n".join(["after the faults:", *missing]))
    outcome.compared = len(before)

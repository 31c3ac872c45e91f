"""A whole rehearsal: made ready, brought up, visited, weighed, and ended."""

import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from components.common.instance_types import memory_mib
from components.settings import Settings
from ops.engine import run
from ops.local.errors import LocalRunError
from ops.local.services import ROOT, Children
from ops.local.stages import Stages
from ops.rehearse import visit, visit_pages
from ops.rehearse.account import Account, open_account
from ops.rehearse.arguments import no_secrets_in_arguments
from ops.rehearse.browser import log_in
from ops.rehearse.compose import on_instances
from ops.rehearse.fargate import Tasks
from ops.rehearse.forwarded import forwarded
from ops.rehearse.loop import Loop, buckets, data_folder, real_months
from ops.rehearse.machine import environment, make_cluster, programs, ready
from ops.rehearse.plan import CLUSTER, HOST, PORTS, Machine, Plan
from ops.rehearse.platform import Platform

UP_SECONDS = 600.0  # a limit, not a claim


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """A service: seconds until it was healthy, its greatest memory and its limit in MiB."""

    name: str
    healthy_seconds: float
    peak_mib: float
    limit_mib: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a rehearsal found; `host` is where the services would run.

    `up_seconds` are those from the first start to the last service's health.
    """

    tier: str
    executor: str
    host: str
    up_seconds: float
    dag_seconds: float
    services: list[Weighed]

    @property
    def fits(self) -> bool:
        """Whether every service stayed within its limit; the limits' sum fits the instance by a test."""
        return all(service.peak_mib <= service.limit_mib for service in self.services)


def rehearse(tier: str, output: Path, console: Console) -> Outcome:
    """Runs what the tier's instance or tasks run as local processes, visits it, and ends everything.

    Raises:
        ops.local.errors.LocalRunError: something is not installed, did not come up, or did not work.
    """
    settings = Settings.from_config({"tier": tier})
    path, master = programs(), secrets.token_hex(16)
    with Stages(console) as stages, tempfile.TemporaryDirectory(prefix="rehearse-") as folder:
        state = Path(folder)
        state.chmod(0o755)  # the user postgres has to reach its own folder in it
        with stages.stage("environments", "Python environments of Airflow and MLflow"):
            machine = ready(state, paths=_paths(path))
        if settings.orchestration.orchestration_variant == "compose":
            plan = on_instances(settings, machine, master)
        else:
            with stages.stage("deploy", "the task definitions, from the program"):
                plan = _fargate(tier, machine, master)
        with no_secrets_in_arguments(plan.secrets), Children(output) as children:
            make_cluster(machine.folders[CLUSTER], master, path)
            account = open_account(children, state / "moto", buckets(plan))
            running = Platform(
                services=plan.services,
                children=children,
                home=state,
                account={**data_folder(os.environ), **account.environment()},
            )
            with stages.stage("up", f"bring {len(plan.services)} processes up"):
                running.up(UP_SECONDS)
            with stages.stage("visit", "log in, run a DAG, keep an artifact"):
                dag_seconds = _visit(running, machine, plan)
            if settings.orchestration.orchestration_variant == "compose":
                with stages.stage("browser", "log in with a browser, through forwarded ports"):
                    _browse(machine, plan)
            _loop(running, machine, plan, account, state, stages)
            kept = output / "airflow-logs"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(machine.folders["/opt/airflow/logs"], kept, dirs_exist_ok=True)
    return _outcome(settings, running, dag_seconds)


def _fargate(tier: str, machine: Machine, master: str) -> Plan:
    # Images that exist spare the graph its builds; which they are does not matter to a process.
    images = {f"{name}ImageUri": f"{name}:rehearsal" for name in ("airflow", "mlflow", "status", "admin")}
    deployment = run(ROOT, stack="dev", config={"tier": tier, **images}, preview=False)
    if deployment.exit_code:
        raise LocalRunError("\n".join(error.message for error in deployment.errors))
    return Tasks(deployment, machine, master).plan()


def _outcome(settings: Settings, running: Platform, dag_seconds: float) -> Outcome:
    compose = settings.orchestration.orchestration_variant == "compose"
    instance = settings.compose.orchestration_instance_type
    return Outcome(
        tier=settings.tier,
        executor=settings.compose.compose_executor if compose else settings.fargate.airflow_executor,
        host=f"{instance} with {memory_mib(instance)} MiB" if compose else "a Fargate task each",
        up_seconds=round(max(each.healthy or 0 for each in running.states.values()), 1),
        dag_seconds=round(dag_seconds, 1),
        services=[
            Weighed(
                name=name,
                healthy_seconds=round(each.healthy or 0, 1),
                peak_mib=round(each.peak_mib, 1),
                limit_mib=each.service.limit_mib,
            )
            for name, each in running.states.items()
        ],
    )


def _paths(system: str) -> dict[str, str]:
    """The search path of each service; the two environments are made side by side."""
    cache = ROOT / "build" / "environments"
    cache.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        airflow, mlflow = pool.map(lambda image: environment(image, cache), ("airflow", "mlflow"))
    own = str(Path(sys.executable).parent)
    join = os.pathsep.join
    return {
        "": join([str(airflow), system]),
        "mlflow": join([str(mlflow), system]),
        "status": join([own, system]),
        "admin": join([own, system]),
    }


def _loop(
    running: Platform, machine: Machine, plan: Plan, account: Account, state: Path, stages: Stages
) -> None:
    """What outlives a worker, and the closed loop, if the months for it are here."""
    loop = Loop(
        plan=plan,
        account=account,
        running=running,
        url=f"http://{HOST}:{machine.ports[PORTS['api-server']]}{plan.airflow_path}",
        logs=machine.folders["/opt/airflow/logs"],
        folder=state,
        wait=_weighing(running),
    )
    with stages.stage("logs", "read a log that its worker no longer has"):
        loop.read_lost_log()
        loop.read_killed_log()
    if months := real_months(os.environ):
        with stages.stage("loop", "from months to a model, a shift, an alert, a better model, and back"):
            loop.close(months, lambda step: stages.say(f"  {step}"))
    else:
        stages.say("  the closed loop is left out: MLOPS_DATA_DIR does not have its months")


def _weighing(running: Platform) -> Callable[[], None]:
    def wait() -> None:
        running.weigh()
        time.sleep(1)

    return wait


def _visit(running: Platform, machine: Machine, plan: Plan) -> float:
    def url(service: str) -> str:
        return f"http://{HOST}:{machine.ports[PORTS[service]]}"

    wait = _weighing(running)
    visit.mlflow(url("mlflow") + plan.mlflow_path, plan.mlflow_password)
    airflow = visit.Airflow(url("api-server") + plan.airflow_path, plan.airflow_password, wait)
    airflow.check_dags()
    airflow.use_only(visit.DAG)
    seconds = airflow.run()
    if "status" in running.states:
        visit_pages.status(url("status"), wait)
    return seconds


def _browse(machine: Machine, plan: Plan) -> None:
    """As `quick_start_commands` say: each server through a port of this machine, under another number."""
    with ExitStack() as stack:

        def address(service: str) -> str:
            return f"http://localhost:{stack.enter_context(forwarded(machine.ports[PORTS[service]]))}"

        log_in(
            {
                "Airflow": (address("api-server"), plan.airflow_password),
                "MLflow": (address("mlflow"), plan.mlflow_password),
                "the admin GUI": (address("admin"), plan.admin_password),
            }
        )

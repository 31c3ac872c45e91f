"""A whole rehearsal: made ready, brought up, visited, weighed, and ended."""

import base64
import os
import secrets
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

from rich.console import Console

from components._compose import Orchestration, Passwords, orchestration_file, secret_environments
from components._instances import memory_mib
from components.settings import Settings
from ops.rehearse import visit
from ops.rehearse.machine import environment, make_cluster, programs, ready
from ops.rehearse.plan import HOST, PORTS, Machine, services
from ops.rehearse.platform import Platform
from ops.sandbox.services import ROOT, Children
from ops.sandbox.stages import Stages

UP_SECONDS = 240.0


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """A service: seconds until it was healthy, its greatest memory and its limit in MiB."""

    name: str
    healthy_seconds: float
    peak_mib: float
    limit_mib: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a rehearsal found; `up_seconds` from the first start to the last service's health."""

    tier: str
    executor: str
    instance_type: str
    instance_mib: int
    up_seconds: float
    dag_seconds: float
    services: list[Weighed]

    @property
    def fits(self) -> bool:
        """Whether every service stayed within its limit, and so all of them within the instance."""
        return all(service.peak_mib <= service.limit_mib for service in self.services)


def rehearse(tier: str, output: Path, console: Console) -> Outcome:
    """Runs the tier's compose file as local processes, visits it, and ends everything.

    Raises:
        ops.sandbox.errors.SandboxError: something is not installed, did not come up, or did not work.
        components.settings.SettingsError: the tier is none.
    """
    settings = Settings.from_config({"tier": tier}).compose
    path = programs()
    stack = Orchestration(
        airflow_image="airflow:rehearsal",
        mlflow_image="mlflow:rehearsal",
        status_image="status:rehearsal",
        executor=settings.compose_executor,
        instance_mib=memory_mib(settings.orchestration_instance_type),
        region="us-east-1",
        artifacts_bucket="artifacts",
        data_bucket="data",
        reports_bucket="reports",
        stream_name="rides",
    )
    passwords = _passwords()
    with Stages(console) as stages, tempfile.TemporaryDirectory(prefix="rehearse-") as folder:
        state = Path(folder)
        state.chmod(0o755)  # the user postgres has to reach its own folder in it
        with stages.stage("environments", "Python environments of Airflow and MLflow"):
            machine = ready(state, paths=_paths(path))
        make_cluster(machine.folders["/var/lib/postgresql/data/pgdata"], passwords.postgres, path)
        plan = services(orchestration_file(stack), secret_environments(passwords), machine)
        with Children(output) as children:
            running = Platform(services=plan, children=children, home=state)
            with stages.stage("up", f"bring {len(plan)} services up"):
                running.up(UP_SECONDS)
            with stages.stage("visit", "log in, run a DAG, keep an artifact, read the status page"):
                dag_seconds = _visit(running, machine, passwords)
            kept = output / "airflow-logs"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(machine.folders["/opt/airflow/logs"], kept, dirs_exist_ok=True)
    return Outcome(
        tier=tier,
        executor=settings.compose_executor,
        instance_type=settings.orchestration_instance_type,
        instance_mib=stack.instance_mib,
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
    cache = ROOT / "build" / "rehearse" / "environments"
    cache.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        airflow, mlflow = pool.map(lambda image: environment(image, cache), ("airflow", "mlflow"))
    own = str(Path(sys.executable).parent)
    join = os.pathsep.join
    return {
        "": join([str(airflow), system]),
        "mlflow": join([str(mlflow), system]),
        "status": join([own, system]),
    }


def _visit(running: Platform, machine: Machine, passwords: Passwords) -> float:
    def url(service: str) -> str:
        return f"http://{HOST}:{machine.ports[PORTS[service]]}"

    def wait() -> None:
        running.weigh()
        time.sleep(1)

    visit.mlflow(url("mlflow"), passwords.mlflow_admin)
    seconds = visit.airflow(url("api-server"), passwords.airflow_admin, wait)
    visit.status(url("status"), wait)
    return seconds


def _passwords() -> Passwords:
    words = {each.name: secrets.token_hex(16) for each in fields(Passwords)}
    fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return Passwords(**{**words, "airflow_fernet_key": fernet})

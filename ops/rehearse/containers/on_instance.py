"""The rehearsal of an instance: first boot, use, reboot, engine crash, spot notice, and a new machine."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from components.common.instance_types import memory_mib
from components.settings import Settings
from ops.local.errors import LocalRunError
from ops.local.services import Children
from ops.local.stages import Stages
from ops.rehearse import visit
from ops.rehearse.arguments import no_secrets_in_arguments, secret_values
from ops.rehearse.containers import bases, images, record
from ops.rehearse.containers.account import Account, Stack, fetch_months
from ops.rehearse.containers.docker import Engine, network
from ops.rehearse.containers.machine import NAME, Machine, build, builder, forget
from ops.rehearse.containers.training import DAG as TRAINING
from ops.rehearse.containers.training import train

BOOT_SECONDS = 900.0
STOP_SECONDS = 120.0  # AWS' notice
TIMERS = ("platform-backup.timer", "platform-drain.timer", "platform-health.timer")
_PAUSE_SECONDS = 1.0


@dataclass(kw_only=True)
class Outcome:
    """What the rehearsal found: seconds by what was done, and how much was compared with before."""

    tier: str
    data_source: str = ""
    stand_ins: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    compared: int = 0
    fits: bool = True


def rehearse_on_instance(tier: str, output: Path, console: Console) -> Outcome:
    """Boots the tier's instance as a container, uses it, and does to it what AWS would.

    Raises:
        LocalRunError: something is not installed, did not come up, or was lost.
    """
    outcome = Outcome(tier=tier)
    instance_type = Settings.from_config({"tier": tier}).compose.orchestration_instance_type
    with ExitStack() as held:
        stages = held.enter_context(Stages(console))
        children = held.enter_context(Children(output))
        machines = Engine(children, "machines")
        if not machines.own:
            raise LocalRunError("--host: run as root on Linux, where `dockerd` is installed")
        held.callback(machines.stop)
        machines.start()
        # One of a rehearsal that was killed may still use the images.
        machines.docker.attempt("rm", "--force", "--volumes", NAME)
        address = held.enter_context(network(machines.docker, "rehearsal-ec2"))
        months = fetch_months(children, output / "data")
        outcome.data_source = months.source
        account = Account(children, address, tier)
        with stages.stage("images", "build the images"), builder(children) as engine:
            outcome.stand_ins = images.build(engine)
            stack = account.deploy(images.with_account(engine.docker, tier, account.layer()))
            outcome.stand_ins += bases.provide(engine, _public(stack))
            build(machines.docker)
        stack.put_months(months)
        machine = Machine(
            engine=machines,
            network="rehearsal-ec2",
            images=engine.data,
            memory_mib=memory_mib(instance_type),
            folder=output / "instance",
        )
        held.callback(forget, children)  # or the next engine would start what the instance ran
        held.callback(machine.terminate)
        held.enter_context(no_secrets_in_arguments(secret_values(stack.environments().values())))
        _Rehearsal(outcome, stages, stack, machine, children, account.layer(), output / "predictor").run()
    return outcome


def _pause() -> None:
    time.sleep(_PAUSE_SECONDS)


class _Rehearsal:
    def __init__(
        self,
        outcome: Outcome,
        stages: Stages,
        stack: Stack,
        machine: Machine,
        children: Children,
        environment: Mapping[str, str],
        folder: Path,
    ) -> None:
        self._outcome = outcome
        self._stages = stages
        self._stack = stack
        self._machine = machine
        self._children = children
        self._folder = folder
        # The instance asks its metadata for credentials.
        self._environment = {key: environment[key] for key in ("AWS_ENDPOINT_URL", "AWS_REGION")}
        words = stack.environments()
        self._airflow_password = words["airflow-migrate"]["ADMIN_PASSWORD"]
        self._mlflow_password = words["mlflow"]["MLFLOW_AUTH_ADMIN_PASSWORD"]

    def run(self) -> None:
        with self._stage("first boot", "boot the unmodified user data"):
            self._launch()
            self._machine.wait(BOOT_SECONDS)
            self._timers()
        with self._stage("visit", "log in, run both DAGs, keep an artifact"):
            visit.mlflow(self._url(5000), self._mlflow_password)
            airflow = self._airflow()
            airflow.use_only(visit.DAG, TRAINING)
            airflow.run()
            train(self._stack, self._airflow, _pause, self._folder)
        before = self._record()
        with self._stage("engine", "kill the engine"):
            self._crash_engine()
        with self._stage("reboot", "reboot"):
            self._machine.reboot(STOP_SECONDS)
            self._machine.wait(BOOT_SECONDS)
        self._compare(before, "the reboot")
        with self._stage("spot notice", "give notice, wait for the backup and the stop"):
            self._notice()
        self._machine.terminate()
        with self._stage("new machine", "boot a new machine with a damaged backup, repair it, go on"):
            self._replace()
        self._compare(before, "the move to a new machine")
        self._outcome.compared = len(before)

    def _launch(self) -> None:
        forget(self._children)  # what an instance before had
        self._machine.launch(self._stack.user_data(), self._environment)

    def _timers(self) -> None:
        idle = [unit for unit in TIMERS if self._machine.state(unit) != "active"]
        if idle:
            raise LocalRunError(f"{', '.join(idle)}: not active\n{self._machine.journal()}")

    def _crash_engine(self) -> None:
        before = self._machine.containers()
        self._machine.run("systemctl", "kill", "--signal", "KILL", "docker.service")
        self._machine.wait(BOOT_SECONDS)
        after = self._machine.containers()
        restarted = [name for name, state in before.items() if after[name].split()[-1] != state.split()[-1]]
        if restarted:
            raise LocalRunError(f"the engine's restart restarted {', '.join(restarted)} too")

    def _notice(self) -> None:
        self._machine.run("touch", "/run/spot-notice")
        deadline = time.monotonic() + STOP_SECONDS
        while running := [
            name for name, state in self._machine.containers().items() if " running " in f" {state}"
        ]:
            if time.monotonic() > deadline:
                raise LocalRunError(f"still running: {', '.join(running)}\n{self._machine.journal()}")
            time.sleep(_PAUSE_SECONDS)

    def _replace(self) -> None:
        """A backup that cannot be read fails the start, which must be reported; repaired, it is taken."""
        s3, bucket = self._stack.clients("s3"), self._stack.data_bucket
        listing = s3.list_objects_v2(Bucket=bucket, Prefix="platform/backups/")
        key = next(each["Key"] for each in listing["Contents"] if each["Key"].endswith("mlflow.dump"))
        good = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        s3.put_object(Bucket=bucket, Key=key, Body=good[: len(good) // 2])
        self._launch()
        deadline = time.monotonic() + BOOT_SECONDS
        while not _failed(self._machine.containers().get("restore")):
            if time.monotonic() > deadline:
                raise LocalRunError(f"a damaged backup did not fail the start\n{self._machine.journal()}")
            time.sleep(_PAUSE_SECONDS)
        self._timers()
        self._machine.run("systemctl", "start", "platform-health.service")
        if self._unhealthy() < 1:
            raise LocalRunError("an instance that does not start reports that all is well")
        s3.put_object(Bucket=bucket, Key=key, Body=good)
        self._machine.wait(BOOT_SECONDS)

    def _unhealthy(self) -> float:
        """The last value of the metric."""
        metrics = self._stack.clients("cloudwatch").list_metrics(MetricName="UnhealthyContainers")["Metrics"]
        now = time.time()
        values = [
            each
            for metric in metrics
            for each in self._stack.clients("cloudwatch").get_metric_statistics(
                Namespace=metric["Namespace"],
                MetricName="UnhealthyContainers",
                Dimensions=metric["Dimensions"],
                StartTime=now - 3600,
                EndTime=now + 60,
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
        ]
        return float(max(values, key=lambda each: each["Timestamp"])["Maximum"]) if values else -1.0

    def _record(self) -> dict[str, Any]:
        mlflow = partial(visit.mlflow_state, self._url(5000), self._mlflow_password)
        return record.take(self._stack, self._airflow(), mlflow, self._machine.modes())

    def _compare(self, before: record.Record, what: str) -> None:
        missing = record.lost(before, self._record())
        if missing:
            raise LocalRunError("\n".join([f"after {what}:", *missing]))

    def _airflow(self, wait: Callable[[], None] = _pause) -> visit.Airflow:
        return visit.Airflow(self._url(8080), self._airflow_password, wait)

    def _url(self, port: int) -> str:
        return f"http://{self._machine.address}:{port}"

    @contextmanager
    def _stage(self, name: str, description: str) -> Iterator[None]:
        with self._stages.stage(name, description):
            yield
        self._outcome.seconds[name] = self._stages.seconds[name]


def _failed(state: str | None) -> bool:
    """Whether a container has ended with an error."""
    return state is not None and state.split(" ")[1] == "exited" and state.split(" ")[3] != "0"


def _public(stack: Stack) -> set[str]:
    """The images of the instance that are not built here; Compose itself comes out of one."""
    files = stack.instance_files()
    services = yaml.safe_load(files["compose.yaml"])["services"].values()
    settings = dict(line.split("=", 1) for line in files["platform.env"].decode().splitlines())
    named = {each["image"] for each in services} | {settings["DOCKER_CLI_IMAGE"].strip("'")}
    return {name for name in named if "." in name.split("/")[0]}

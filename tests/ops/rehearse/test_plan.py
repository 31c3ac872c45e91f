"""The compose file's services read here as they do in their containers, but for addresses and paths."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from components.orchestration.compose.compose_file import (
    ComposeFileArgs,
    Passwords,
    orchestration_file,
    secret_environments,
)
from ops.rehearse.cli import app
from ops.rehearse.machine import ready
from ops.rehearse.memory import pss_mib
from ops.rehearse.plan import PORTS, Machine, Service, local, services
from ops.rehearse.rehearsal import Outcome, Weighed

STACK = {"airflow_image": "a:1", "mlflow_image": "m:1", "status_image": "s:1", "region": "us-east-1"}
DATA = {"artifacts_bucket": "artifacts", "data": {"DATA_BUCKET": "data"}}


def machine(folder: Path = Path("/here")) -> Machine:
    """Ports from 20000 up, and folders under one."""
    ports = {port: 20_000 + port for port in PORTS.values()}
    folders = {"/platform/bin": folder / "bin", "s3://artifacts": folder / "artifacts"}
    return Machine(ports=ports, folders=folders, programs={"": "/airflow", "mlflow": "/mlflow"})


def compose(executor: str = "celery") -> str:
    """The compose file of an instance of 4 GiB."""
    return orchestration_file(
        ComposeFileArgs(**STACK, **DATA, executor=executor, instance_mib=4096)  # type: ignore[arg-type]
    )


def planned(password: str = "0123456789abcdef0123456789abcdef") -> dict[str, Service]:
    """The services by name, with one password for everything."""
    words = Passwords(**dict.fromkeys(Passwords.__dataclass_fields__, password))
    return {each.name: each for each in services(compose(), secret_environments(words), machine())}


@pytest.mark.parametrize("executor", ["local", "celery"])
def test_containers_become_processes(executor: str) -> None:
    """With their commands and limits."""
    given_services = yaml.safe_load(compose(executor))["services"]
    words = Passwords(**dict.fromkeys(Passwords.__dataclass_fields__, "x" * 32))
    plan = services(compose(executor), secret_environments(words), machine())
    assert [each.name for each in plan] == list(given_services)
    for each in plan:
        entry = given_services[each.name]
        assert each.command[: len(entry["command"])] == [local(word, machine()) for word in entry["command"]]
        assert f"{each.limit_mib}m" == entry["mem_limit"]
        assert set(entry.get("environment", {})) <= set(each.environment)


def test_addresses_and_paths_are_those_of_this_machine() -> None:
    found = planned()
    airflow = found["scheduler"].environment
    assert airflow["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:28080/execution/"
    assert airflow["MLFLOW_TRACKING_URI"] == "http://127.0.0.1:25000"
    assert found["mlflow"].environment["ARTIFACTS"] == "/here/artifacts"
    assert found["mlflow"].environment["ALLOWED_HOSTS"].split(",")[0] == "127.0.0.1:25000"
    assert found["databases"].environment["PGPORT"] == "25432"
    assert found["mlflow"].environment["PATH"] == "/mlflow"
    assert found["worker"].environment["PATH"] == "/airflow"


def test_processes_listen_on_this_machine_alone() -> None:
    """On ports that were given to them."""
    found = planned()
    assert "listen_addresses=127.0.0.1" in found["postgres"].command
    assert found["redis"].command[-4:] == ["--bind", "127.0.0.1", "--port", "26379"]
    assert found["api-server"].environment["AIRFLOW__API__PORT"] == "28080"
    assert found["status"].environment["STATUS_PORT"] == "28081"
    assert found["postgres"].health[-4:] == ["--host", "127.0.0.1", "--port", "25432"]


@given(password=st.text("0123456789abcdef", min_size=32, max_size=32))
def test_a_password_is_never_taken_for_a_port(password: str) -> None:
    environment = planned(password)["mlflow"].environment
    assert environment["MLFLOW_BACKEND_STORE_URI"].endswith(f"://mlflow:{password}@127.0.0.1:25432/mlflow")


def test_services_start_in_the_order_of_the_compose_file() -> None:
    found = planned()
    assert found["databases"].after == {"postgres": "service_healthy"}
    assert found["databases"].once
    assert "api-server" in found["worker"].after
    assert not found["worker"].once


def test_ports_are_free_and_all_different(tmp_path: Path) -> None:
    ports = ready(tmp_path, paths={"": ""}).ports
    assert set(ports) == set(PORTS.values())
    assert len(set(ports.values())) == len(ports)


def test_a_process_is_weighed_with_what_it_started() -> None:
    hold = "import sys; held = bytearray(64 << 20); print(1, flush=True); sys.stdin.read()"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    process = subprocess.Popen([sys.executable, "-c", start], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read(1)
    assert pss_mib(process.pid) > 64
    process.communicate()
    assert pss_mib(process.pid) == 0


def test_a_service_over_its_limit_does_not_fit() -> None:
    def outcome(peak: float) -> Outcome:
        weighed = Weighed(name="mlflow", healthy_seconds=1, peak_mib=peak, limit_mib=512)
        return Outcome(
            tier="micro", executor="local", host="t4g.medium", up_seconds=1, dag_seconds=1,
            services=[weighed],
        )  # fmt: skip

    assert outcome(512).fits
    assert not outcome(513).fits


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["--tier", "production"], 2, "--tier: got 'production', allowed: micro, learning, standard;"),
        (
            ["--tier", "micro", "--engine", "processes"],
            1,
            "chromium: not installed; on Debian run `apt-get install postgresql redis-server",
        ),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, text: str
) -> None:
    monkeypatch.setattr("ops.rehearse.machine.shutil.which", lambda _name, path=None: None)
    result = CliRunner().invoke(app, words)
    assert result.exit_code == code
    assert text in result.stderr

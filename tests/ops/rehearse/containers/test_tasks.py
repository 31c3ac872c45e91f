"""The Fargate tasks as containers here: what the graph's task definitions say, on names that lead to them."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.engine import Deployment, run
from ops.local.moto.clients import Clients
from ops.rehearse.containers.account import Stack
from ops.rehearse.containers.tasks import DATABASE, lay_out_tasks

ROOT = Path(__file__).parents[4]
SERVICES = {"api-server", "scheduler", "dag-processor", "triggerer", "mlflow"}
AUTOML_IMAGE = "rehearsal/automl:standard"


@pytest.fixture(scope="module")
def deployment() -> Deployment:
    """The tier `standard`, with what is off by default and has containers."""
    images = {f"{name}ImageUri": f"{name}:1" for name in ("airflow", "mlflow", "status", "admin", "serving")}
    config = {"tier": "standard", "automl": "true", "serving": "true", **images}
    return run(ROOT, stack="dev", config=config, preview=False)


@pytest.fixture(scope="module")
def folder(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is laid out for it."""
    folder = tmp_path_factory.mktemp("tasks")
    stack = Stack(deployment, Clients("http://127.0.0.1:1", "us-east-1"))
    lay_out_tasks(stack, folder, "127.0.0.3", AUTOML_IMAGE)
    return folder


@pytest.fixture(scope="module")
def services(folder: Path) -> dict[str, Any]:
    """The services of the compose file."""
    found: dict[str, Any] = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    return found


def containers(deployment: Deployment) -> dict[tuple[str, str], dict[str, Any]]:
    """The container definitions by task and container."""
    tasks = [each for each in deployment.resources if each.type == "aws:ecs/taskDefinition:TaskDefinition"]
    return {
        (task.name.removeprefix("orchestration-"), each["name"]): each
        for task in tasks
        for each in json.loads(task.inputs["containerDefinitions"])
    }


def test_services_follow_the_containers_that_prepare_them(services: dict[str, Any]) -> None:
    assert set(services) >= SERVICES
    for name in SERVICES:
        assert services[name]["healthcheck"]["test"]
        before = list(services[name]["depends_on"].items())
        assert before
        while before != [(DATABASE, {"condition": "service_healthy"})]:
            ((first, rule),) = before
            assert rule["condition"] == "service_completed_successfully"
            before = list(services[first]["depends_on"].items())


def test_containers_keep_user_file_system_command_and_memory(
    services: dict[str, Any], deployment: Deployment
) -> None:
    for (task, name), definition in containers(deployment).items():
        if task == "worker":  # started by Airflow
            continue
        service = services[task if definition["essential"] else f"{task}-{name}"]
        assert service.get("user") == definition.get("user")
        assert service["read_only"] == definition.get("readonlyRootFilesystem", False)
        command = [word.replace("$$", "$") for word in service.get("command", ())]
        assert command == definition.get("command", [])
        assert service["mem_limit"] == service["memswap_limit"]


def test_tasks_of_airflow_find_caches_that_they_can_write(deployment: Deployment) -> None:
    """The home is on the root file system, which is read-only."""
    for (task, name), definition in containers(deployment).items():
        given = {each["name"]: each["value"] for each in definition["environment"]}
        mounted = {each["containerPath"] for each in definition["mountPoints"]}
        if "AIRFLOW__CORE__EXECUTOR" in given:
            for variable in ("MLOPS_CACHE_DIR", "MPLCONFIGDIR"):
                assert str(Path(given[variable]).parent) in mounted, (task, name, variable)


def test_secrets_are_in_files_for_their_owner_alone(folder: Path, services: dict[str, Any]) -> None:
    files = sorted((folder / "run").iterdir())
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}
    passwords = [
        line.partition("=")[2]
        for file in files
        for line in file.read_text().splitlines()
        if "PASSWORD" in line
    ]
    assert len(passwords) > len(SERVICES)
    text = json.dumps(services)
    assert not [word for word in passwords if word in text]


def test_the_database_has_the_name_and_the_master_of_rds(
    folder: Path, services: dict[str, Any], deployment: Deployment
) -> None:
    assert services[DATABASE]["networks"]["default"]["aliases"] == [deployment.outputs["rds_endpoint"]]
    (master,) = (folder / "run" / f"{DATABASE}.env").read_text().splitlines()
    prepare = (folder / "run" / "api-server-create-database.env").read_text().splitlines()
    assert "PGPASSWORD=" + master.partition("=")[2] in prepare


def test_servers_are_asked_what_the_load_balancer_asks(services: dict[str, Any]) -> None:
    assert services["mlflow"]["healthcheck"]["test"][-1] == "http://localhost:5000/mlflow/health"
    assert services["admin"]["healthcheck"]["test"][-1] == "http://localhost:5000/healthz"
    assert services["api-server"]["healthcheck"]["test"][-1].startswith("http://localhost:8080/airflow/")


def test_ports_are_found_at_an_address_of_the_tier(services: dict[str, Any]) -> None:
    """Tiers that run side by side have the same ports."""
    published = [port for each in services.values() for port in each.get("ports", ())]
    here = {"5000": "5000", "5001": "5000", "8000": "8000", "8080": "8080"}
    assert sorted(published) == [f"127.0.0.3:{outside}:{inside}" for outside, inside in here.items()]


def test_automl_waits_until_it_is_asked_for(
    folder: Path, services: dict[str, Any], deployment: Deployment
) -> None:
    """Its image has no name in a registry yet, and its password is a whole secret instead of a key of one."""
    tasks = {name: each for name, each in services.items() if name.startswith("automl-")}
    assert set(tasks) >= {"automl-optimize", "automl-train", "automl-predict"}
    for name, task in tasks.items():
        assert (task["image"], task["profiles"]) == (AUTOML_IMAGE, ["automl"]), name
    (line,) = (folder / "run" / "automl-predict.env").read_text().splitlines()
    assert line in (folder / "run" / "scheduler.env").read_text().splitlines()


@pytest.mark.parametrize("shell", ["true", "false"])
def test_containers_have_a_user_and_write_only_to_their_volumes(shell: str) -> None:
    """ECS Exec's agent writes to the root file system, so that only without it that is read-only."""
    config = {"tier": "standard", "ecsExec": shell}
    images = {f"{name}ImageUri": f"{name}:1" for name in ("airflow", "mlflow", "status", "admin")}
    found = containers(run(ROOT, stack="dev", config={**config, **images}, preview=False))
    assert found
    for definition in found.values():
        assert definition["user"] == "50000:0"
        assert definition["readonlyRootFilesystem"] is (shell == "false")
        assert "/tmp" in [each["containerPath"] for each in definition["mountPoints"]]

"""The compose files: what Compose would accept, what fits the instance, and what must not be in them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.common.paths import IMAGES
from components.orchestration.compose.compose_file import (
    ComposeFileArgs,
    Passwords,
    frontend_file,
    orchestration_file,
    secret_environments,
)
from components.orchestration.compose.memory import ONE_OFFS, RESERVED_MIB, Executor, least_mib, memory_limits
from components.orchestration.containers import CONTAINERS

EXECUTORS: tuple[Executor, ...] = ("local", "celery")
PASSWORDS = Passwords(**{name: f"secret-{name}" for name in Passwords.__dataclass_fields__})


def stack(executor: Executor = "celery", instance_mib: int = 4096) -> ComposeFileArgs:
    return ComposeFileArgs(
        airflow_image="registry/airflow:1",
        mlflow_image="registry/mlflow:1",
        status_image="registry/status:1",
        executor=executor,
        instance_mib=instance_mib,
        region="eu-north-1",
        artifacts_bucket="artifacts",
        data={"DATA_BUCKET": "data", "MODEL_NAME": "rides"},
    )


def rendered(executor: Executor = "celery", instance_mib: int = 4096) -> dict[str, Any]:
    file: dict[str, Any] = yaml.safe_load(orchestration_file(stack(executor, instance_mib)))
    return file


FILES: dict[str, str] = {
    **{executor: orchestration_file(stack(executor)) for executor in EXECUTORS},
    "frontend": frontend_file(
        status_image="registry/status:1", orchestration_address="10.0.1.5", region="us-east-1"
    ),
}
SERVICES = {name: yaml.safe_load(text)["services"] for name, text in FILES.items()}
EVERY_SERVICE = [
    pytest.param(file, name, id=f"{file}-{name}") for file, services in SERVICES.items() for name in services
]


def test_the_files_are_what_the_compose_specification_allows(tmp_path: Path) -> None:
    paths = []
    for name, text in FILES.items():
        paths.append(tmp_path / f"{name}.yaml")
        paths[-1].write_text(text)
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, *paths], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@given(st.integers(0, 2**18), st.sampled_from(EXECUTORS))
def test_limits_fit_the_instance(spare: int, executor: Any) -> None:
    """Whatever its size."""
    instance_mib = least_mib(executor) + spare
    limits = memory_limits(instance_mib, executor)
    running = sum(limits.values()) - sum(ONE_OFFS.values()) + max(ONE_OFFS.values())
    assert running + RESERVED_MIB <= instance_mib
    smallest = memory_limits(least_mib(executor), executor)
    assert all(limits[name] >= smallest[name] for name in smallest)


@given(st.sampled_from(EXECUTORS), st.integers(1, 4096))
def test_an_instance_that_is_too_small_is_refused(executor: Any, missing: int) -> None:
    with pytest.raises(ValueError, match=f"allowed: {least_mib(executor)} MiB or more"):
        memory_limits(least_mib(executor) - missing, executor)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("instance_mib", [4096, 8192, 16384])
def test_every_container_has_its_limit_in_the_file(executor: Executor, instance_mib: int) -> None:
    services = rendered(executor, instance_mib)["services"]
    limits = {name: int(service["mem_limit"].removesuffix("m")) for name, service in services.items()}
    assert limits == memory_limits(instance_mib, executor)


def test_only_celery_needs_a_broker_and_a_worker() -> None:
    assert SERVICES["celery"].keys() - SERVICES["local"].keys() == {"redis", "worker"}
    assert (
        rendered("local")["services"]["scheduler"]["environment"]["AIRFLOW__CORE__EXECUTOR"]
        == "LocalExecutor"
    )


@pytest.mark.parametrize(("file", "name"), EVERY_SERVICE)
def test_containers_are_checked_restarted_and_bounded(file: str, name: str) -> None:
    """Every image has an exact version."""
    service = SERVICES[file][name]
    once = service["restart"] == "no"
    assert once or (service["restart"] == "unless-stopped" and service["healthcheck"]["test"][0] == "CMD")
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert service["security_opt"] == ["no-new-privileges:true"]
    tag = service["image"].rsplit(":", 1)[1]
    assert tag not in ("", "latest")
    assert "privileged" not in service
    assert not any("docker.sock" in str(volume) for volume in service.get("volumes", []))


@pytest.mark.parametrize("file", FILES)
def test_database_and_broker_are_not_published(file: str) -> None:
    published = {port for service in SERVICES[file].values() for port in service.get("ports", [])}
    assert published == ({"8081:8081"} if file == "frontend" else {"8080:8080", "5000:5000", "8081:8081"})


@pytest.mark.parametrize("file", FILES)
def test_dependencies_and_their_conditions(file: str) -> None:
    """What runs once is waited for until it succeeds."""
    for name, service in SERVICES[file].items():
        for needed, how in service.get("depends_on", {}).items():
            once = SERVICES[file][needed]["restart"] == "no"
            expected = "service_completed_successfully" if once else "service_healthy"
            assert how["condition"] == expected, (name, needed)


@pytest.mark.parametrize("file", FILES)
def test_compose_fills_in_addresses_alone(file: str) -> None:
    assert set(re.findall(r"\$\{?(\w+)", FILES[file])) <= {"PUBLIC_HOST", "PRIVATE_HOST"}


def test_mounted_scripts_exist() -> None:
    text = json.dumps(SERVICES)
    scripts = set(re.findall(r"/platform/(bin/[\w.-]+)", text))
    assert {"bin/check.py", "bin/mlflow.sh"} <= scripts
    assert all((IMAGES / script).is_file() for script in scripts)


def test_secret_files_match_containers() -> None:
    """Every file is read by a container, and none is missing."""
    read = {
        Path(path).stem for service in SERVICES["celery"].values() for path in service.get("env_file", [])
    }
    assert read == secret_environments(PASSWORDS).keys()


def test_no_secret_is_in_the_file_and_each_is_in_an_environment() -> None:
    environments = json.dumps(secret_environments(PASSWORDS))
    for secret in vars(PASSWORDS).values():
        assert secret in environments
        assert not any(secret in text for text in FILES.values())


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_task_log_outlives_its_worker(executor: str) -> None:
    """Whoever runs tasks writes their logs, as they come, where the page reads them, and not into itself."""
    writer = "worker" if executor == "celery" else "scheduler"
    volumes = [set(SERVICES[executor][name]["volumes"]) for name in (writer, "api-server")]
    place = CONTAINERS["scheduler"].environment["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]
    assert f"airflow-logs:{place}" in volumes[0] & volumes[1]


def test_volumes_that_are_used_are_declared() -> None:
    file = rendered()
    named = {
        volume.split(":")[0]
        for service in file["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith((".", "/"))
    }
    assert named == file["volumes"].keys() == {"postgres", "airflow-logs", "status"}

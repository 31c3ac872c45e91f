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
    AdminGui,
    ComposeFileArgs,
    FrontendFileArgs,
    Passwords,
    admin_environment,
    frontend_file,
    orchestration_file,
    secret_environments,
)
from components.orchestration.compose.memory import (
    ONE_OFFS,
    RESERVED_MIB,
    Executor,
    frontend_limits,
    least_mib,
    memory_limits,
)
from components.orchestration.containers import CONTAINERS

EXECUTORS: tuple[Executor, ...] = ("local", "celery")
PASSWORDS = Passwords(**{name: f"secret-{name}" for name in Passwords.__dataclass_fields__})


GUI = AdminGui(image="registry/admin:1", port=5001, environment={"DATA_BUCKET": "data"})


def stack(
    executor: Executor = "celery", instance_mib: int = 4096, admin: AdminGui | None = None
) -> ComposeFileArgs:
    return ComposeFileArgs(
        airflow_image="registry/airflow:1",
        mlflow_image="registry/mlflow:1",
        status_image="registry/status:1",
        executor=executor,
        instance_mib=instance_mib,
        region="eu-north-1",
        artifacts_bucket="artifacts",
        data={"DATA_BUCKET": "data", "MODEL_NAME": "rides"},
        admin=admin,
    )


def rendered(executor: Executor = "celery", instance_mib: int = 4096) -> dict[str, Any]:
    file: dict[str, Any] = yaml.safe_load(orchestration_file(stack(executor, instance_mib)))
    return file


FILES: dict[str, str] = {
    **{executor: orchestration_file(stack(executor)) for executor in EXECUTORS},
    "one instance": orchestration_file(stack("local", admin=GUI)),
    "frontend": frontend_file(
        FrontendFileArgs(
            admin=AdminGui(image="registry/admin:1", port=5000, environment={"DATA_BUCKET": "data"}),
            status_image="registry/status:1",
            instance_mib=1024,
            region="us-east-1",
            orchestration_address="10.0.1.5",
            browser_address="",
        )
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


@given(st.integers(0, 2**18), st.sampled_from(EXECUTORS), st.booleans())
def test_limits_fit_the_instance(spare: int, executor: Any, admin: bool) -> None:
    """Whatever its size."""
    instance_mib = least_mib(executor, admin=admin) + spare
    limits = memory_limits(instance_mib, executor, admin=admin)
    running = sum(limits.values()) - sum(ONE_OFFS.values()) + max(ONE_OFFS.values())
    assert running + RESERVED_MIB <= instance_mib
    smallest = memory_limits(least_mib(executor, admin=admin), executor, admin=admin)
    assert all(limits[name] >= smallest[name] for name in smallest)
    assert ("admin" in limits) == admin


@given(st.integers(960, 2**16))
def test_limits_fit_the_frontend_instance(instance_mib: int) -> None:
    assert RESERVED_MIB + sum(frontend_limits(instance_mib).values()) <= instance_mib
    assert frontend_limits(instance_mib).keys() == SERVICES["frontend"].keys()


def test_one_instance_of_micro_holds_everything() -> None:
    """t4g.medium has 4 GiB."""
    limits = memory_limits(4096, "local", admin=True)
    assert (limits["admin"], limits["scheduler"] >= 1024) == (384, True)


@given(st.sampled_from(EXECUTORS), st.integers(1, 4096))
def test_an_instance_that_is_too_small_is_refused(executor: Any, missing: int) -> None:
    least = least_mib(executor, admin=False)
    with pytest.raises(ValueError, match=f"allowed: {least} MiB or more"):
        memory_limits(least - missing, executor, admin=False)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("instance_mib", [4096, 8192, 16384])
def test_every_container_has_its_limit_in_the_file(executor: Executor, instance_mib: int) -> None:
    services = rendered(executor, instance_mib)["services"]
    limits = {name: int(service["mem_limit"].removesuffix("m")) for name, service in services.items()}
    assert limits == memory_limits(instance_mib, executor, admin=False)


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
    servers = {"8080:8080", "5000:5000", "8081:8081"}
    expected = {"frontend": {"8081:8081", "5000:5000"}, "one instance": {*servers, "5001:5001"}}
    assert published == expected.get(file, servers)


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
        file: {Path(path).stem for service in services.values() for path in service.get("env_file", [])}
        for file, services in SERVICES.items()
    }
    assert read["celery"] == secret_environments(PASSWORDS).keys()
    assert read["frontend"] == admin_environment(PASSWORDS).keys()
    assert read["one instance"] == read["celery"] | read["frontend"]


def test_no_secret_is_in_the_file_and_each_is_in_an_environment() -> None:
    environments = json.dumps(secret_environments(PASSWORDS) | admin_environment(PASSWORDS))
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


@pytest.mark.parametrize(
    ("file", "airflow", "mlflow"),
    [("frontend", "10.0.1.5:8080", "10.0.1.5:5000"), ("one instance", "api-server:8080", "mlflow:5000")],
)
def test_admin_gui_finds_the_others(file: str, airflow: str, mlflow: str) -> None:
    """And starts with what its settings ask for, with nothing of it written to its own file system."""
    service = SERVICES[file]["admin"]
    given = {**service["environment"], **admin_environment(PASSWORDS)["admin"]}
    assert (given["AIRFLOW_URL"], given["MLFLOW_TRACKING_URI"]) == (f"http://{airflow}", f"http://{mlflow}")
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert f"localhost:{given['ADMIN_PORT']}/healthz" in service["healthcheck"]["test"][-1]
    assert ("MLFLOW_PUBLIC_URL" in given) == (file == "one instance")


def test_links_of_a_frontend_with_a_lasting_address() -> None:
    args = FrontendFileArgs(
        admin=GUI,
        status_image="registry/status:1",
        instance_mib=1024,
        region="us-east-1",
        orchestration_address="10.0.1.5",
        browser_address="203.0.113.9",
    )
    environment = yaml.safe_load(frontend_file(args))["services"]["admin"]["environment"]
    assert environment["AIRFLOW_PUBLIC_URL"] == "http://203.0.113.9:8080"

"""What the compose files say of health and memory, held to what the container engine does with it."""

from typing import Any

import pytest
import yaml

from components.orchestration.compose.compose_file import (
    AdminGui,
    ComposeFileArgs,
    FrontendFileArgs,
    frontend_file,
    orchestration_file,
)

IMAGES = {"airflow_image": "a:1", "mlflow_image": "m:1", "status_image": "s:1", "region": "us-east-1"}
DATA = {"artifacts_bucket": "artifacts", "data": {"DATA_BUCKET": "data"}}


def _services() -> dict[str, Any]:
    rendered = orchestration_file(
        ComposeFileArgs(**IMAGES, **DATA, executor="celery", instance_mib=4096)  # type: ignore[arg-type]
    )
    frontend = frontend_file(
        FrontendFileArgs(
            admin=AdminGui(image="a:1", port=5000, environment={}),
            status_image="s:1",
            instance_mib=1024,
            region="us-east-1",
            orchestration_address="10.0.0.1",
            browser_address="",
        )
    )
    found: dict[str, Any] = {**yaml.safe_load(rendered)["services"]}
    there = yaml.safe_load(frontend)["services"]
    return {**found, **{f"frontend {name}": entry for name, entry in there.items()}}


SERVICES = _services()


@pytest.mark.parametrize("name", SERVICES)
def test_containers_do_not_swap(name: str) -> None:
    """Without `memswap_limit` the engine grants as much swap as memory on top of the limit."""
    assert SERVICES[name]["memswap_limit"] == SERVICES[name]["mem_limit"]


@pytest.mark.parametrize("name", [name for name in SERVICES if "healthcheck" in SERVICES[name]])
def test_health_is_known_soon_after_a_start(name: str) -> None:
    """`start_interval` counts only within a `start_period`; without it the long interval counts there too."""
    check = SERVICES[name]["healthcheck"]
    assert int(check["start_interval"].removesuffix("s")) <= 5
    assert int(check["start_period"].removesuffix("s")) >= 60


def test_postgres_is_asked_over_tcp() -> None:
    """The server that makes the cluster listens on the socket alone, and ends before the real one starts."""
    test = SERVICES["postgres"]["healthcheck"]["test"]
    assert test[1:4] == ["pg_isready", "--host", "127.0.0.1"]

"""Two instances' compose files as one, on addresses of this machine."""

from pathlib import Path
from typing import Any, cast

import yaml

from ops.rehearse.containers.account import Stack
from ops.rehearse.containers.instance import Laid, lay_out

ORCHESTRATION = """
services:
  mlflow: {ports: ["5000:5000"], env_file: [/run/platform/mlflow.env]}
  status: {ports: ["8081:8081"], volumes: ["./bin:/platform/bin:ro", "status:/var/lib/status"]}
volumes: {status: }
"""
FRONTEND = """
services:
  admin:
    ports: ["5000:5000"]
    environment: {AIRFLOW_URL: "http://10.0.1.7:8080", MLFLOW_TRACKING_URI: "http://10.0.1.7:5000"}
  status: {ports: ["8081:8081"], volumes: ["./bin:/platform/bin:ro", "status:/var/lib/status"]}
volumes: {status: }
"""


class Instances:
    """A stack with a frontend instance."""

    def has_instance(self, name: str) -> bool:
        return name == "frontend"

    def instance_files(self, name: str = "orchestration") -> dict[str, bytes]:
        text = {"orchestration": ORCHESTRATION, "frontend": FRONTEND}[name]
        return {"compose.yaml": text.encode(), "bin/start.sh": name.encode()}

    def environments(self) -> dict[str, dict[str, str]]:
        passwords = {"airflow-migrate": "ADMIN_PASSWORD", "mlflow": "MLFLOW_AUTH_ADMIN_PASSWORD"}
        return {name: {key: name} for name, key in {**passwords, "admin": "ADMIN_PASSWORD"}.items()}


def laid_out(folder: Path) -> tuple[Laid, dict[str, Any]]:
    laid = lay_out(cast(Stack, Instances()), folder, "127.0.0.2")
    return laid, yaml.safe_load(laid.file.read_text())["services"]


def test_both_instances_keep_their_ports(tmp_path: Path) -> None:
    laid, services = laid_out(tmp_path)
    assert {name: each["ports"] for name, each in services.items()} == {
        "mlflow": ["127.0.0.2:5000:5000"],
        "status": ["127.0.0.2:8081:8081"],
        "admin": ["127.0.1.2:5000:5000"],
        "frontend-status": ["127.0.1.2:8081:8081"],
    }
    assert laid.admin_url == "http://127.0.1.2:5000"
    assert laid.status_urls == ("http://127.0.0.2:8081", "http://127.0.1.2:8081")


def test_the_frontend_finds_the_other_instance_by_names(tmp_path: Path) -> None:
    _, services = laid_out(tmp_path)
    assert services["admin"]["environment"] == {
        "AIRFLOW_URL": "http://api-server:8080",
        "MLFLOW_TRACKING_URI": "http://mlflow:5000",
    }


def test_each_instance_has_its_own_scripts_and_history(tmp_path: Path) -> None:
    _, services = laid_out(tmp_path)
    mounts = {name: services[name]["volumes"] for name in ("status", "frontend-status")}
    for name, (scripts, history) in mounts.items():
        instance = "frontend" if "frontend" in name else "orchestration"
        assert (Path(scripts.split(":")[0]) / "start.sh").read_text() == instance
        assert history == f"{name}:/var/lib/status"


def test_secrets_are_for_their_owner_alone(tmp_path: Path) -> None:
    laid, services = laid_out(tmp_path)
    (file,) = services["mlflow"]["env_file"]
    assert Path(file).read_text() == "MLFLOW_AUTH_ADMIN_PASSWORD=mlflow\n"
    assert Path(file).parent == laid.secrets.resolve()
    assert {oct(each.stat().st_mode & 0o777) for each in laid.secrets.iterdir()} == {"0o600"}

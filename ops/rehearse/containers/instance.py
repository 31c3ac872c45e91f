"""The instances' compose files and what belongs to them, laid out as on an instance but under one folder.

What the frontend instance runs joins the orchestration instance's network, where it finds Airflow and MLflow
by their services' names instead of by an address.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.orchestration.containers import AIRFLOW_PORT, MLFLOW_PORT
from ops.rehearse.containers.account import Stack
from ops.rehearse.containers.docker import variables

# Where a compose file's absolute paths are here, below the folder.
_PATHS = {"/run/platform": "run", "/var/lib/platform/restore": "restore"}
_PORT = re.compile(r'(?<=")(\d+):\1(?=")')
_SCRIPTS = "./bin:"
# Both instances have a status page, on the same port: the frontend's has a name and an address of its own.
_STATUS = "frontend-status"


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A compose file on this machine, what it asks its environment for, and how people get in.

    `host_header` is the name under which people know the servers, where it is another than the URL's;
    `predict_url` that of the prediction service, where there is one.
    """

    file: Path
    variables: Path
    secrets: Path
    airflow_url: str
    airflow_password: str
    mlflow_url: str
    mlflow_password: str
    admin_url: str
    admin_password: str
    status_urls: tuple[str, ...] = ()
    predict_url: str = ""
    host_header: str = ""


def lay_out(stack: Stack, folder: Path, address: str) -> Laid:
    """Writes the instances' files and, as `host/start.sh` does at every start, their secrets and addresses.

    `address` is the one of this machine at which their ports are to be found; the frontend instance's are at
    127.0.1.x in place of 127.0.0.x.
    """
    file = _placed(stack.instance_files(), folder, folder / "orchestration", address)
    page = address
    if stack.has_instance("frontend"):
        page = address.replace("127.0.0.", "127.0.1.")
        _join(file, _placed(stack.instance_files("frontend"), folder, folder / "frontend", page))
    run = folder / "run"
    words = stack.environments()
    for name, environment in words.items():
        write_secret(run / f"{name}.env", variables(environment))
    write_secret(run / "host.env", variables({"PUBLIC_HOST": address, "PRIVATE_HOST": address}))
    (port,) = yaml.safe_load(file.read_text())["services"]["admin"]["ports"]
    return Laid(
        file=file,
        variables=run / "host.env",
        secrets=run,
        airflow_url=f"http://{address}:{AIRFLOW_PORT}",
        airflow_password=words["airflow-migrate"]["ADMIN_PASSWORD"],
        mlflow_url=f"http://{address}:{MLFLOW_PORT}",
        mlflow_password=words["mlflow"]["MLFLOW_AUTH_ADMIN_PASSWORD"],
        admin_url="http://" + port.rpartition(":")[0],
        admin_password=words["admin"]["ADMIN_PASSWORD"],
        status_urls=tuple(f"http://{each}:8081" for each in dict.fromkeys((address, page))),
    )


def _placed(files: Mapping[str, bytes], folder: Path, place: Path, address: str) -> Path:
    """Writes an instance's files to `place`; gives its compose file, with paths and ports of this machine."""
    for path, content in files.items():
        file = place / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755 if path.endswith(".sh") else 0o644)
    compose = place / "compose.yaml"
    text = compose.read_text().replace(_SCRIPTS, f"{(place / 'bin').resolve()}:")
    for there, here in _PATHS.items():
        (folder / here).mkdir(exist_ok=True)
        text = text.replace(there, str((folder / here).resolve()))
    compose.write_text(_PORT.sub(rf"{address}:\g<0>", text))
    return compose


def _join(orchestration: Path, frontend: Path) -> None:
    """Adds the frontend instance's services to the other compose file."""
    text = frontend.read_text()
    for port, service in ((AIRFLOW_PORT, "api-server"), (MLFLOW_PORT, "mlflow")):
        text = re.sub(rf"http://10\.[\d.]+:{port}", f"http://{service}:{port}", text)
    file: dict[str, Any] = yaml.safe_load(orchestration.read_text())
    services = yaml.safe_load(text.replace("status:/", f"{_STATUS}:/"))["services"]
    file["services"] |= {"admin": services["admin"], _STATUS: services["status"]}
    file["volumes"][_STATUS] = None
    orchestration.write_text(yaml.safe_dump(file, sort_keys=False))


def write_secret(file: Path, text: str) -> None:
    """Writes a file that its owner alone may read, from its first byte on."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)

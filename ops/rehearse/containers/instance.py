"""An instance's compose file and what belongs to it, laid out as on the instance but under one folder."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ops.rehearse.containers.account import Stack
from ops.rehearse.containers.docker import variables

# Where the compose file's absolute paths are here, below the folder.
_PATHS = {"/run/platform": "run", "/var/lib/platform/restore": "restore"}
_PORT = re.compile(r'(?<=")(\d+):\1(?=")')


@dataclass(frozen=True, kw_only=True)
class Laid:
    """A compose file on this machine, what it asks its environment for, and how people get in.

    `host_header` is the name under which people know the servers, where it is another than the URL's.
    """

    file: Path
    variables: Path
    secrets: Path
    airflow_url: str
    airflow_password: str
    mlflow_url: str
    mlflow_password: str
    status_url: str = ""
    host_header: str = ""


def lay_out(stack: Stack, folder: Path, address: str) -> Laid:
    """Writes the instance's files and, as `host/start.sh` does at every start, its secrets and addresses.

    `address` is the one of this machine at which its ports are to be found.
    """
    for path, content in stack.instance_files().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o755 if path.endswith(".sh") else 0o644)
    compose = folder / "compose.yaml"
    text = compose.read_text()
    for there, here in _PATHS.items():
        (folder / here).mkdir(exist_ok=True)
        text = text.replace(there, str((folder / here).resolve()))
    compose.write_text(_PORT.sub(rf"{address}:\g<0>", text))
    (words,) = stack.secrets().values()
    run = folder / "run"
    for name, values in words.items():
        write_secret(run / f"{name}.env", variables(values))
    write_secret(run / "host.env", variables({"PUBLIC_HOST": address, "PRIVATE_HOST": address}))
    return Laid(
        file=compose,
        variables=run / "host.env",
        secrets=run,
        airflow_url=f"http://{address}:8080",
        airflow_password=words["airflow-migrate"]["ADMIN_PASSWORD"],
        mlflow_url=f"http://{address}:5000",
        mlflow_password=words["mlflow"]["MLFLOW_AUTH_ADMIN_PASSWORD"],
        status_url=f"http://{address}:8081",
    )


def write_secret(file: Path, text: str) -> None:
    """Writes a file that its owner alone may read, from its first byte on."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(text)

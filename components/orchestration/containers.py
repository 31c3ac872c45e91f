"""What each container runs, for both variants, as `workloads/images/containers.yaml` describes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from components.common.paths import IMAGES

SCRIPTS = IMAGES / "bin"
_INTERPRETERS = {".py": "python", ".sh": "bash"}


@dataclass(frozen=True, kw_only=True)
class ContainerSpec:
    """A container as both variants run it: either a `command` or a `script` of `workloads/images/bin`.

    `environment` is that of its image. `health_path` is what a container with a `port` answers 200 to; for a
    component of Airflow without one, `job_type` is its name in Airflow's database, `monitored_as` in its API.
    """

    name: str
    image: str
    environment: Mapping[str, str]
    command: tuple[str, ...] = ()
    script: str = ""
    port: int = 0
    health_path: str = ""
    job_type: str = ""
    monitored_as: str = ""

    def mounted_command(self, folder: str, *arguments: str) -> list[str]:
        """The command where the scripts are mounted at `folder`."""
        if self.script:
            return [_INTERPRETERS[Path(self.script).suffix], f"{folder}/{self.script}", *arguments]
        return [*self.command, *arguments]

    def inline_command(self, *arguments: str) -> list[str]:
        """The command where nothing is mounted: it holds the script's text."""
        if self.script:
            interpreter = _INTERPRETERS[Path(self.script).suffix]
            # What follows the text of `bash -c` is $0, and only then come the arguments.
            name = [self.script] if interpreter == "bash" else []
            return [interpreter, "-c", (SCRIPTS / self.script).read_text(), *name, *arguments]
        return [*self.command, *arguments]


def _read() -> dict[str, ContainerSpec]:
    described: dict[str, Any] = yaml.safe_load((IMAGES / "containers.yaml").read_text())
    images = described["images"]
    return {
        name: ContainerSpec(
            name=name,
            environment=images[entry["image"]]["environment"],
            **{**entry, "command": tuple(entry.get("command", ()))},
        )
        for name, entry in described["containers"].items()
    }


CONTAINERS: Mapping[str, ContainerSpec] = _read()
AIRFLOW_PORT = CONTAINERS["api-server"].port
MLFLOW_PORT = CONTAINERS["mlflow"].port
ADMIN_PORT = CONTAINERS["admin"].port

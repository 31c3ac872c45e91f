"""From the compose file to local processes: the same commands, on this machine's ports and folders."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HOST = "127.0.0.1"
CLUSTER = "/var/lib/postgresql/data/pgdata"  # where Postgres' image keeps its data
ARTIFACTS = "s3://artifacts"
# The ports that the compose file's containers listen on, by service.
PORTS = {"postgres": 5432, "redis": 6379, "api-server": 8080, "mlflow": 5000, "admin": 5001, "status": 8081}
# Databases' users are called like services, and what follows their colon is a password, longer than a port.
_ADDRESS = re.compile(
    r"(?<![\w.-])(?:\$\{(?:PUBLIC|PRIVATE)_HOST:\?\}|localhost|"
    + "|".join(PORTS)
    + r"):(?P<port>\d{4})(?!\w)"
)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Where things are here.

    Args:
        ports: This machine's port for each that a container listens on.
        folders: This machine's path for each path in a container, and for the artifacts' S3 URL.
        programs: The folder with the programs of each service, by service; `""` is every other one's.
    """

    ports: Mapping[int, int]
    folders: Mapping[str, Path]
    programs: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Service:
    """A container as a process; `once` for one that ends, `limit_mib` is its hard limit on the instance."""

    name: str
    command: list[str]
    environment: dict[str, str]
    health: list[str]
    after: Mapping[str, str]
    once: bool
    limit_mib: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run, and how to get in: admin's passwords, and the paths that the servers live under.

    `secrets` are all values that must not be seen.
    """

    services: list[Service]
    secrets: frozenset[str]
    airflow_password: str
    mlflow_password: str
    admin_password: str
    airflow_path: str = ""
    mlflow_path: str = ""


def services(compose: str, secrets: Mapping[str, Mapping[str, str]], machine: Machine) -> list[Service]:
    """The compose file's services, in its order.

    Args:
        compose: The file, YAML.
        secrets: The variables of each `env_file`, by its name without folder and suffix.
        machine: Where things are here.
    """
    return [
        _service(name, entry, secrets, machine) for name, entry in yaml.safe_load(compose)["services"].items()
    ]


def local(text: object, machine: Machine) -> str:
    """A word or a value of the compose file as it has to read here."""
    here = _ADDRESS.sub(lambda found: f"{HOST}:{machine.ports[int(found['port'])]}", str(text))
    for there, folder in machine.folders.items():
        here = here.replace(there, str(folder))
    return here


def _service(
    name: str, entry: Mapping[str, Any], secrets: Mapping[str, Mapping[str, str]], machine: Machine
) -> Service:
    given: dict[str, Any] = {}
    for file in entry.get("env_file", ()):
        given |= secrets[Path(file).stem]
    given |= entry.get("environment", {})
    environment = {key: local(value, machine) for key, value in given.items()}
    path = machine.programs.get(name, machine.programs[""])
    command = [local(word, machine) for word in entry["command"]]
    kind, *test = entry.get("healthcheck", {}).get("test", ["NONE"])
    if kind not in ("CMD", "NONE"):
        raise ValueError(f"{name}: its health check is {kind}, allowed: CMD")
    return Service(
        name=name,
        command=command + _options(command[0], machine),
        environment={**environment, **_addresses(name, environment, machine), "PATH": path},
        health=_health([local(word, machine) for word in test], machine),
        after={other: rule["condition"] for other, rule in entry.get("depends_on", {}).items()},
        once=entry["restart"] == "no",
        limit_mib=int(entry["mem_limit"].removesuffix("m")),
    )


def _options(program: str, machine: Machine) -> list[str]:
    """What a container is for: an address of its own."""
    if program == "postgres":
        only = ["-c", f"listen_addresses={HOST}", "-c", "unix_socket_directories="]
        return ["-p", str(machine.ports[PORTS["postgres"]]), *only]
    if program == "redis-server":
        return ["--bind", HOST, "--port", str(machine.ports[PORTS["redis"]])]
    return []


def _addresses(name: str, environment: Mapping[str, str], machine: Machine) -> dict[str, str]:
    """The addresses that the compose file gives without a port, or not at all."""
    found: dict[str, str] = {}
    if "PGHOST" in environment:
        found |= {"PGHOST": HOST, "PGPORT": str(machine.ports[PORTS["postgres"]])}
    if name == "api-server":
        found["AIRFLOW__API__PORT"] = str(machine.ports[PORTS["api-server"]])
    for variable in ("PORT", "STATUS_PORT", "ADMIN_PORT"):
        if variable in environment:
            found[variable] = str(machine.ports[int(environment[variable])])
    return found


def _health(test: list[str], machine: Machine) -> list[str]:
    match test[:1]:
        case ["pg_isready"]:
            return [*test, "--host", HOST, "--port", str(machine.ports[PORTS["postgres"]])]
        case ["redis-cli"]:
            return [test[0], "-p", str(machine.ports[PORTS["redis"]]), *test[1:]]
        case _:
            return test

"""The Fargate tasks as a compose file: what ECS would start, on names that lead to containers here.

Every container keeps its command, environment, secrets, user, file system, health check and order.
AutoML's tasks, which no service starts, are there for `docker compose --profile automl run`.
The database is Postgres' own image with TLS, under the name of RDS'; service discovery's names are aliases.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.orchestration.compose.compose_file import POSTGRES_IMAGE
from components.orchestration.containers import AIRFLOW_PORT, MLFLOW_PORT
from components.serving.routing import PATH, PORT
from ops.engine import Resource
from ops.rehearse.containers.account import AUTOML, Stack
from ops.rehearse.containers.docker import variables
from ops.rehearse.containers.instance import Laid, write_secret

DATABASE = "database"
DATABASE_MIB = 1024  # what RDS' smallest class has
_SECRET = re.compile(r"(?P<arn>arn:.+):(?P<key>[^:]+)::")
# Asks what the load balancer asks.
_PROBE = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10)"
# A certificate of its own, as Debian's and so the official image has one for whoever asks for none.
_SNAKE_OIL = {
    "ssl_cert_file": "/etc/ssl/certs/ssl-cert-snakeoil.pem",
    "ssl_key_file": "/etc/ssl/private/ssl-cert-snakeoil.key",
}


class Tasks:
    """The tasks of a stack's services, whose ports are found at an address of this machine.

    AutoML's image has another name here than in its repository.
    """

    def __init__(self, stack: Stack, address: str, automl_image: str = "") -> None:
        self._stack = stack
        self._automl_image = automl_image
        self._address = address
        self._secrets = stack.secrets()
        (self._rds,) = stack.of("aws:rds/instance:Instance")
        self._master = {"username": str(self._rds.inputs["username"]), "password": secrets.token_hex(16)}
        (namespace,) = stack.of("aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace")
        self._namespace = namespace.inputs["name"]

    def compose_file(self) -> dict[str, Any]:
        """The file, as plain data."""
        services = {DATABASE: self._database()}
        volumes: set[str] = set()
        for task in self._running():
            services |= self._task(task)
            volumes |= {self._volume(task, each["name"]) for each in task.inputs.get("volumes", ())}
        for task in self._automl():
            for name, service in self._task(task).items():
                services[name] = {**service, "image": self._automl_image, "profiles": [AUTOML]}
            volumes.add(self._volume(task, "scratch"))
        return {"name": "platform", "services": services, "volumes": dict.fromkeys(sorted(volumes))}

    def password(self, of: str) -> str:
        """The administrator's password of Airflow, MLflow or the admin GUI."""
        return str(
            next(words["admin_password"] for arn, words in self._secrets.items() if f"-fargate-{of}-" in arn)
        )

    def _running(self) -> Iterator[Resource]:
        """The tasks of services; others are started by Airflow and not by ECS."""
        run = {each.inputs["taskDefinition"] for each in self._stack.of("aws:ecs/service:Service")}
        return (each for each in self._definitions() if each.outputs["arn"] in run)

    def _automl(self) -> Iterator[Resource]:
        return (each for each in self._definitions() if each.name.startswith(f"{AUTOML}-"))

    def _definitions(self) -> Iterator[Resource]:
        return self._stack.of("aws:ecs/taskDefinition:TaskDefinition")

    def _database(self) -> dict[str, Any]:
        options = [f"{key}={value}" for key, value in {"ssl": "on", **_SNAKE_OIL}.items()]
        user = self._master["username"]
        return {
            "image": POSTGRES_IMAGE,
            "command": ["postgres", *(word for option in options for word in ("-c", option))],
            "environment": {"POSTGRES_USER": user, "POSTGRES_DB": "postgres"},
            "env_file": [f"run/{DATABASE}.env"],
            "volumes": ["/var/lib/postgresql/data"],
            "networks": {"default": {"aliases": [str(self._stack.outputs["rds_endpoint"])]}},
            "restart": "unless-stopped",
            "init": True,  # or a kill of all processes would spare the first, and the container go on
            "mem_limit": f"{DATABASE_MIB}m",
            "healthcheck": {
                "test": [
                    "CMD",
                    "pg_isready",
                    "--host",
                    "127.0.0.1",
                    "--username",
                    user,
                    "--dbname",
                    "postgres",
                ],
                "start_period": "60s",
                "start_interval": "1s",
            },
        }

    def _task(self, task: Resource) -> dict[str, Any]:
        """A service for each container; the essential one has the task's name."""
        containers = json.loads(task.inputs["containerDefinitions"])
        names = {each["name"]: self._name(task, each) for each in containers}
        return {names[each["name"]]: self._service(task, each, names) for each in containers}

    def _name(self, task: Resource, container: Mapping[str, Any]) -> str:
        name = task.name.removeprefix("orchestration-")
        return name if container["essential"] else f"{name}-{container['name']}"

    def _service(
        self, task: Resource, container: Mapping[str, Any], names: Mapping[str, str]
    ) -> dict[str, Any]:
        conditions = {"SUCCESS": "service_completed_successfully", "HEALTHY": "service_healthy"}
        after = {
            names[each["containerName"]]: {"condition": conditions[each["condition"]]}
            for each in container.get("dependsOn", ())
        }
        name = names[container["name"]]
        ports = [each["containerPort"] for each in container.get("portMappings", ())]
        memory = f"{task.inputs['memory']}m"
        return {
            "image": container["image"],
            **(
                {"command": [_literal(word) for word in container["command"]]}
                if "command" in container
                else {}
            ),
            "environment": {each["name"]: _literal(each["value"]) for each in container["environment"]},
            "env_file": [f"run/{name}.env"],
            "init": container.get("linuxParameters", {}).get("initProcessEnabled", False),
            "read_only": container.get("readonlyRootFilesystem", False),
            **({"user": container["user"]} if "user" in container else {}),
            "volumes": [
                f"{self._volume(task, each['sourceVolume'])}:{each['containerPath']}"
                for each in container.get("mountPoints", ())
            ],
            "networks": {"default": {"aliases": [f"{name}.{self._namespace}"]}},
            # The admin GUI listens on MLflow's port; there, each task has an address of its own.
            "ports": [f"{self._address}:{port + (container['name'] == 'admin')}:{port}" for port in ports],
            "stop_grace_period": f"{container.get('stopTimeout', 30)}s",
            "mem_limit": memory,
            "memswap_limit": memory,
            "depends_on": after or {DATABASE: {"condition": "service_healthy"}},
            # ECS does not start a container again, but its task.
            "restart": "no",
            **self._health(container),
        }

    def secret_environments(self) -> dict[str, dict[str, str]]:
        """The secrets that ECS would put into the environment of each service."""
        found = {DATABASE: {"POSTGRES_PASSWORD": self._master["password"]}}
        for task in (*self._running(), *self._automl()):
            for container in json.loads(task.inputs["containerDefinitions"]):
                given = {each["name"]: self._word(each["valueFrom"]) for each in container.get("secrets", ())}
                found[self._name(task, container)] = given
        return found

    def _word(self, reference: str) -> str:
        """What ECS puts in place of a secret's ARN, or of `<ARN>:<key>::` for one key of its JSON."""
        found = _SECRET.fullmatch(reference)
        if found is None:
            return str(self._secrets[reference])
        return str(self._secrets.get(found["arn"], self._master)[found["key"]])

    def _volume(self, task: Resource, name: str) -> str:
        """Volumes on EFS are shared by tasks, others are a task's own."""
        volumes = {each["name"]: each for each in task.inputs.get("volumes", ())}
        shared = bool(volumes[name].get("efsVolumeConfiguration"))
        return name if shared else f"{task.name}-{name}"

    def _health(self, container: Mapping[str, Any]) -> dict[str, Any]:
        """The container's own check, or the load balancer's; one that only prepares has none."""
        soon = {"start_interval": "5s", "start_period": "300s"}
        if check := container.get("healthCheck"):
            test = [_literal(word) for word in check["command"]]
            seconds = {key: f"{check[key]}s" for key in ("interval", "timeout")}
            return {"healthcheck": {"test": test, "retries": check["retries"], **seconds, **soon}}
        ports = [each["containerPort"] for each in container.get("portMappings", ())]
        groups = self._stack.of("aws:lb/targetGroup:TargetGroup")
        service = {"api-server": "airflow"}.get(container["name"], container["name"])
        mine = (each for each in groups if each.name.endswith(f"-{service}"))
        paths = [each.inputs["healthCheck"]["path"] for each in mine]
        if not paths:
            return {}
        test = ["CMD", "python", "-c", _PROBE, f"http://localhost:{ports[0]}{paths[0]}"]
        return {"healthcheck": {"test": test, "interval": "30s", "timeout": "15s", **soon}}


def lay_out_tasks(stack: Stack, folder: Path, address: str, automl_image: str = "") -> Laid:
    """Writes the tasks' compose file and the secrets that ECS would put into their environment.

    `address` is the one of this machine at which their ports are to be found.
    """
    tasks = Tasks(stack, address, automl_image)
    run = folder / "run"
    run.mkdir(parents=True)
    for name, environment in tasks.secret_environments().items():
        write_secret(run / f"{name}.env", variables(environment))
    (folder / "compose.yaml").write_text(yaml.safe_dump(tasks.compose_file(), sort_keys=False))
    write_secret(run / "host.env", "")
    return Laid(
        file=folder / "compose.yaml",
        variables=run / "host.env",
        secrets=run,
        airflow_url=f"http://{address}:{AIRFLOW_PORT}/airflow",
        airflow_password=tasks.password("airflow"),
        mlflow_url=f"http://{address}:{MLFLOW_PORT}/mlflow",
        mlflow_password=tasks.password("mlflow"),
        admin_url=f"http://{address}:{MLFLOW_PORT + 1}",
        admin_password=tasks.password("admin"),
        predict_url=f"http://{address}:{PORT}{PATH}" if "predict_url" in stack.outputs else "",
        host_header=str(stack.outputs["alb_dns_name"]),
    )


def _literal(text: str) -> str:
    """Keeps Compose from filling in what a shell in the container is to fill in."""
    return text.replace("$", "$$")

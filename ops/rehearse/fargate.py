"""The Fargate tasks as local processes: the graph's own task definitions, secrets and health checks."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from ops.engine import Deployment, Resource
from ops.local.services import ROOT
from ops.rehearse.arguments import secret_values
from ops.rehearse.machine import IMAGES
from ops.rehearse.plan import ARTIFACTS, CLUSTER, HOST, PORTS, Machine, Plan, Service

DATABASE_MIB = 1024  # what RDS' smallest class has
# `<service>.<stack's namespace>:<port>`, by which tasks find each other, or `:*` in MLflow's list of hosts.
_DISCOVERED = re.compile(r"(?<![\w.-])[\w-]+\.[\w-]+\.internal:(?P<port>\d+|\*)")
_SECRET = re.compile(r"(?P<arn>arn:.+):(?P<key>[^:]+)::")


class Tasks:
    """Reads a deployment's tasks.

    Args:
        deployment: The stack, with known outputs.
        machine: Where things are here.
        master: The database's master password, which on AWS is RDS' own.
    """

    def __init__(self, deployment: Deployment, machine: Machine, master: str) -> None:
        self._resources = deployment.resources
        self._machine = machine
        self._balancer = str(deployment.outputs["alb_dns_name"])
        self._bucket = str(deployment.outputs["mlflow_artifacts_bucket"])
        self._database = str(deployment.outputs["rds_endpoint"])
        self._secrets = {
            each.inputs["secretId"]: json.loads(each.inputs["secretString"])
            for each in self._of("aws:secretsmanager/secretVersion:SecretVersion")
        }
        self._master = {"username": "platform", "password": master}

    def plan(self) -> Plan:
        """Postgres and every task, each of its containers a process."""
        passwords = {
            thing: words["admin_password"]
            for thing in ("airflow", "mlflow", "admin")
            for arn, words in self._secrets.items()
            if f"-{thing}-" in arn
        }
        services = [self._postgres(), *(each for task in self._tasks() for each in self._processes(task))]
        return Plan(
            services=services,
            secrets=secret_values([*self._secrets.values(), self._master]),
            airflow_password=passwords["airflow"],
            mlflow_password=passwords["mlflow"],
            admin_password=passwords["admin"],
            airflow_path="/airflow",
            mlflow_path="/mlflow",
        )

    def _of(self, kind: str) -> Iterator[Resource]:
        return (each for each in self._resources if each.type == kind)

    def _tasks(self) -> list[Resource]:
        """The task of each service; the worker's is started by Airflow and not by ECS."""
        run = {each.inputs["taskDefinition"] for each in self._of("aws:ecs/service:Service")}
        definitions = self._of("aws:ecs/taskDefinition:TaskDefinition")
        return [each for each in definitions if each.outputs["arn"] in run]

    def _postgres(self) -> Service:
        port, data = str(self._machine.ports[PORTS["postgres"]]), self._machine.folders[CLUSTER]
        listen = ["-c", f"listen_addresses={HOST}", "-c", "unix_socket_directories="]
        return Service(
            name="postgres",
            command=["postgres", "-D", str(data), "-p", port, *listen, "-c", "ssl=on"],
            environment={"PATH": self._machine.programs[""]},
            health=["pg_isready", "--host", HOST, "--port", port],
            after={},
            once=False,
            limit_mib=DATABASE_MIB,
        )

    def _processes(self, task: Resource) -> list[Service]:
        name = task.name.removeprefix("orchestration-")
        containers = json.loads(task.inputs["containerDefinitions"])
        return [self._process(name, each, int(task.inputs["memory"])) for each in containers]

    def _process(self, task: str, container: Mapping[str, Any], memory_mib: int) -> Service:
        first = {f"{task}/{each['containerName']}": "" for each in container.get("dependsOn", ())}
        once = not container["essential"]
        return Service(
            name=f"{task}/{container['name']}" if once else task,
            command=[self._local(word) for word in container["command"]],
            environment=self._environment(task, container),
            health=[] if once else self._health(task, container),
            after=first or {"postgres": ""},
            once=once,
            limit_mib=memory_mib,
        )

    def _environment(self, task: str, container: Mapping[str, Any]) -> dict[str, str]:
        machine = self._machine
        given = {each["name"]: self._local(each["value"]) for each in container["environment"]}
        secret = {each["name"]: self._local(self._word(each["valueFrom"])) for each in container["secrets"]}
        own = {
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "workloads" / "dags"),
            "PATH": machine.programs.get(task, machine.programs[""]),
            "PGPORT": str(machine.ports[PORTS["postgres"]]),
            "WORKLOADS_PYTHON": sys.executable,
        }
        if task == "admin":  # here it cannot have MLflow's port
            own["ADMIN_PORT"] = str(machine.ports[PORTS["admin"]])
        if "PORT" in given:
            own["PORT"] = str(machine.ports[int(given["PORT"])])
        if container["name"] == "api-server":
            own["AIRFLOW__API__PORT"] = str(machine.ports[PORTS["api-server"]])
        return {**given, **secret, **own}

    def _word(self, reference: str) -> str:
        """The value of a secret that ECS would put in."""
        found = _SECRET.fullmatch(reference)
        if found is None:
            raise ValueError(f"{reference}: allowed: <ARN of a secret>:<key>::")
        return str(self._secrets.get(found["arn"], self._master)[found["key"]])

    def _local(self, text: str) -> str:
        def address(found: re.Match[str]) -> str:
            port = found["port"]
            return f"{HOST}:{port if port == '*' else self._machine.ports[int(port)]}"

        ports = self._machine.ports
        here = _DISCOVERED.sub(address, text)
        here = here.replace(f"{self._database}:5432", f"{HOST}:{ports[5432]}").replace(self._database, HOST)
        here = here.replace(f"http://{self._balancer}", f"http://{HOST}:{ports[8080]}")
        here = here.replace(f"s3://{self._bucket}", str(self._machine.folders[ARTIFACTS]))
        for there, folder in self._machine.folders.items():
            here = here.replace(there, str(folder))
        return here

    def _health(self, task: str, container: Mapping[str, Any]) -> list[str]:
        """The container's own check, or the load balancer's."""
        if check := container.get("healthCheck"):
            return list(check["command"][1:])  # after CMD
        groups = self._of("aws:lb/targetGroup:TargetGroup")
        service = {"api-server": "airflow"}.get(task, task)
        path = next(
            each.inputs["healthCheck"]["path"] for each in groups if each.name.endswith(f"-{service}")
        )
        port = PORTS[task]
        return ["python", str(IMAGES / "bin/check.py"), f"http://{HOST}:{self._machine.ports[port]}{path}"]

"""Settings of the ECS cluster and its services."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from components.common.settings import LogRetentionSettings
from components.common.task_sizes import fargate_problem
from components.config.keys import SECTION, key

Percent = Annotated[int, Field(ge=0, le=200)]
TaskCount = Annotated[int, Field(ge=1, le=5000)]  # ECS quota: tasks of a service
Weight = Annotated[int, Field(ge=0, le=1000)]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class ServicesSettings(LogRetentionSettings):
    """The cluster, and the size of each task on it: CPU in units of 1/1024 vCPU, memory in MiB."""

    container_insights: bool = key(
        "Whether the cluster reports Container Insights: true or false",
        micro=False,
        learning=False,
        standard=False,
        production=True,
    )
    fargate_base: Annotated[int, Field(ge=0, le=100_000)] = key(
        "Tasks of a service that run on demand before the weights count",
        micro=0,
        learning=0,
        standard=0,
        production=1,
    )
    fargate_weight: Weight = key(
        "Weight of on-demand capacity for services, 0 to 1000", micro=0, learning=0, standard=0, production=1
    )
    fargate_spot_weight: Weight = key(
        "Weight of Spot capacity for services, 0 to 1000", micro=1, learning=1, standard=1, production=1
    )
    worker_fargate_weight: Weight = key("Weight of on-demand capacity for Airflow's workers, 0 to 1000", 0)
    worker_fargate_spot_weight: Weight = key("Weight of Spot capacity for Airflow's workers, 0 to 1000", 1)
    airflow_executor: Literal["local", "ecs"] = key(
        "Where Airflow runs its tasks: local (in the scheduler) or ecs (a Fargate task each)",
        micro="local",
        learning="local",
        standard="local",
        production="ecs",
    )
    ecs_exec: bool = key(
        "Whether a shell in a running task is allowed, which needs root file systems that can be written to",
        micro=True,
        learning=True,
        standard=True,
        production=False,
    )
    api_server_count: TaskCount = key(
        "Tasks of Airflow's API server", micro=1, learning=1, standard=1, production=2
    )
    api_server_cpu: int = key(
        "CPU of Airflow's API server in units of 1/1024 vCPU; one that Fargate offers",
        micro=512,
        learning=512,
        standard=512,
        production=1024,
    )
    api_server_memory_mib: int = key(
        "Memory of Airflow's API server in MiB; one that Fargate offers with its CPU",
        micro=1024,
        learning=1024,
        standard=1024,
        production=2048,
    )
    scheduler_count: TaskCount = key(
        "Tasks of Airflow's scheduler", micro=1, learning=1, standard=1, production=2
    )
    scheduler_cpu: int = key(
        "CPU of Airflow's scheduler in units of 1/1024 vCPU; one that Fargate offers",
        micro=512,
        learning=512,
        standard=512,
        production=1024,
    )
    scheduler_memory_mib: int = key(
        "Memory of Airflow's scheduler in MiB; one that Fargate offers with its CPU",
        micro=2048,
        learning=2048,
        standard=2048,
        production=2048,
    )
    dag_processor_cpu: int = key(
        "CPU of Airflow's DAG processor in units of 1/1024 vCPU; one that Fargate offers",
        micro=256,
        learning=256,
        standard=256,
        production=512,
    )
    dag_processor_memory_mib: int = key(
        "Memory of Airflow's DAG processor in MiB; one that Fargate offers with its CPU",
        micro=1024,
        learning=1024,
        standard=1024,
        production=2048,
    )
    triggerer_count: TaskCount = key(
        "Tasks of Airflow's triggerer", micro=1, learning=1, standard=1, production=2
    )
    triggerer_cpu: int = key(
        "CPU of Airflow's triggerer in units of 1/1024 vCPU; one that Fargate offers",
        micro=256,
        learning=256,
        standard=256,
        production=256,
    )
    triggerer_memory_mib: int = key(
        "Memory of Airflow's triggerer in MiB; one that Fargate offers with its CPU",
        micro=1024,
        learning=1024,
        standard=1024,
        production=1024,
    )
    worker_cpu: int = key("CPU of an Airflow worker in units of 1/1024 vCPU; one that Fargate offers", 1024)
    worker_memory_mib: int = key(
        "Memory of an Airflow worker in MiB; one that Fargate offers with its CPU", 4096
    )
    mlflow_count: TaskCount = key("Tasks of MLflow", micro=1, learning=1, standard=1, production=2)
    mlflow_cpu: int = key(
        "CPU of MLflow in units of 1/1024 vCPU; one that Fargate offers",
        micro=256,
        learning=256,
        standard=256,
        production=512,
    )
    mlflow_memory_mib: int = key(
        "Memory of MLflow in MiB; one that Fargate offers with its CPU",
        micro=2048,
        learning=2048,
        standard=2048,
        production=2048,
    )
    admin_cpu: int = key("CPU of the admin GUI in units of 1/1024 vCPU; one that Fargate offers", 256)
    admin_memory_mib: int = key(
        "Memory of the admin GUI in MiB; one that Fargate offers with its CPU",
        micro=512,
        learning=512,
        standard=512,
        production=1024,
    )
    deployment_minimum_healthy_percent: Percent = key(
        "Percentage of a service's tasks that stay up while it is deployed", 100
    )
    deployment_maximum_percent: Percent = key(
        "Percentage of a service's tasks that may run while it is deployed", 200
    )
    health_check_grace_seconds: Annotated[int, Field(ge=0, le=2_147_483_647)] = key(
        "Seconds that a starting task may fail its health checks", 300
    )

    def services_problems(self) -> Iterator[str]:
        """What ECS would refuse, a sentence a problem."""
        for task in ("api_server", "scheduler", "dag_processor", "triggerer", "worker", "mlflow", "admin"):
            problem = fargate_problem(getattr(self, f"{task}_cpu"), getattr(self, f"{task}_memory_mib"))
            if problem:
                words = "".join(word.capitalize() for word in task.split("_"))
                key = words[0].lower() + words[1:]
                yield f"{key}Cpu, {key}MemoryMib: got {problem}"
        yield from _strategy(
            "fargateWeight and fargateSpotWeight", self.fargate_weight, self.fargate_spot_weight
        )
        yield from _strategy(
            "workerFargateWeight and workerFargateSpotWeight",
            self.worker_fargate_weight,
            self.worker_fargate_spot_weight,
        )
        if self.deployment_maximum_percent <= self.deployment_minimum_healthy_percent:
            yield (
                f"deploymentMaximumPercent: got {self.deployment_maximum_percent}, allowed: more than "
                f"deploymentMinimumHealthyPercent ({self.deployment_minimum_healthy_percent})"
            )


def _strategy(keys: str, on_demand: int, spot: int) -> Iterator[str]:
    if not on_demand + spot:
        yield f"{keys}: got 0 and 0, allowed: at least one above 0"

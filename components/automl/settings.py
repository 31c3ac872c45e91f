"""Settings of AutoML: the tasks' sizes, their capacity, and the state machine that runs them in order."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.settings import LogRetentionSettings, ModelSettings
from components.common.task_sizes import fargate_problem
from components.config.aws_types import OptionalSecretArn, matching
from components.config.keys import SECTION, key
from components.config.types import Architecture, refuse

TASKS = ("optimize", "train", "predict", "pipeline")
_SIZE = "in units of 1/1024 vCPU; one that Fargate offers"

Percent = Annotated[int, Field(ge=1, le=100)]
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
_Expression = Annotated[
    str,
    matching(
        r"cron\([0-9A-Z*/?,#LW-]+( [0-9A-Z*/?,#LW-]+){5}\)|rate\([1-9][0-9]* (minute|hour|day)s?\)",
        "cron(0 6 1 * ? *) or rate(7 days), in UTC",
        or_empty=True,
    ),
]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class AutomlSettings(ModelSettings, LogRetentionSettings):
    """Whether there are tasks that search parameters, train and score files, and how they run."""

    title: ClassVar[str] = "AutoML"

    automl: bool = key("Whether AutoML's tasks can be run: true or false", False)
    automl_architecture: Architecture = key("Processor of AutoML's tasks: arm64 or x86_64", "arm64")
    automl_optimize_cpu: int = key(f"CPU of the search {_SIZE}, and a trial at a time for each vCPU", 4096)
    automl_optimize_memory_mib: int = key("Memory of the search in MiB; one that Fargate offers", 8192)
    automl_train_cpu: int = key(f"CPU of AutoML's training {_SIZE}", 2048)
    automl_train_memory_mib: int = key("Memory of AutoML's training in MiB; one that Fargate offers", 4096)
    automl_predict_cpu: int = key(f"CPU of batch prediction {_SIZE}", 1024)
    automl_predict_memory_mib: int = key("Memory of batch prediction in MiB; one that Fargate offers", 2048)
    automl_pipeline_cpu: int = key(f"CPU of the three in one task {_SIZE}", 4096)
    automl_pipeline_memory_mib: int = key(
        "Memory of the three in one task in MiB; one that Fargate offers", 8192
    )
    automl_train_engine: Literal["memory", "external", "dask"] = key(
        "Where AutoML's training keeps rides: memory, external (the task's disk), or dask (tasks of its own)",
        "memory",
    )
    automl_train_months: Annotated[int, Field(ge=1, le=240)] = key(
        "Months that AutoML trains on, up to the one of its input; more than 1 not in memory", 1
    )
    automl_workers: Annotated[int, Field(ge=1, le=100)] = key(
        "Dask's worker tasks of a training, with automlTrainEngine dask; 1 to 100", 2
    )
    automl_worker_cpu: int = key(f"CPU of a Dask worker {_SIZE}", 4096)
    automl_worker_memory_mib: int = key("Memory of a Dask worker in MiB; one that Fargate offers", 16384)
    automl_ephemeral_storage_gib: Annotated[int, Field(ge=21, le=200)] = key(
        "Disk of each AutoML task in GiB, which holds the file that is scored; 21 to 200", 21
    )
    automl_capacity: Literal["on-demand", "spot"] = key(
        "Capacity of AutoML's tasks: on-demand, or spot (cheaper; what is interrupted goes on)", "on-demand"
    )
    automl_container_insights: bool = key(
        "Whether AutoML's tasks report CPU and memory, which the alarms on them need: true or false", True
    )
    automl_alarm_percent: Percent = key(
        "Share of a task's CPU or memory in percent, for a quarter of an hour, that raises an alarm", 95
    )
    automl_study_database_secret_arn: OptionalSecretArn = key(
        "Secret that is a postgresql:// URL, for studies that tasks share; empty keeps a journal in S3",
        "",
    )
    automl_state_machine: bool = key(
        "Whether a state machine runs search, training and prediction in order: true or false", False
    )
    automl_schedule: _Expression = key(
        "When the state machine starts, as EventBridge Scheduler writes it, in UTC; empty never does", ""
    )
    automl_after_training: bool = key(
        "Whether the DAG of the training starts the state machine once a training is done: true or false",
        False,
    )
    automl_task_timeout_seconds: Annotated[int, Field(ge=60, le=86_400 * 7)] = key(
        "Seconds that the state machine waits for a task, capacity included, before it gives up", 21_600
    )
    automl_heartbeat_seconds: Annotated[int, Field(ge=60, le=86_400)] = key(
        "Seconds without progress after which the state machine starts a task again, starting included", 1800
    )
    automl_tracing: bool = key(
        "Whether X-Ray traces the state machine: true or false",
        micro=False,
        learning=False,
        standard=False,
        production=True,
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(self._problems())
        return self

    @property
    def automl_capacity_provider(self) -> str:
        """What ECS calls the capacity."""
        return "FARGATE_SPOT" if self.automl_capacity == "spot" else "FARGATE"

    def size(self, task: str) -> tuple[int, int]:
        """CPU units and MiB of a task."""
        return getattr(self, f"automl_{task}_cpu"), getattr(self, f"automl_{task}_memory_mib")

    @property
    def automl_tasks(self) -> tuple[str, ...]:
        """The tasks that there are definitions of."""
        return (*TASKS, "worker") if self.automl_train_engine == "dask" else TASKS

    def _problems(self) -> Iterator[str]:
        for task in (*TASKS, "worker"):
            if problem := fargate_problem(*self.size(task)):
                name = f"automl{task.capitalize()}"
                yield f"{name}Cpu, {name}MemoryMib: got {problem}"
        if self.automl_train_months > 1 and self.automl_train_engine == "memory":
            yield (
                f"automlTrainMonths: got {self.automl_train_months} with automlTrainEngine memory, which "
                "takes 1; set that to external or dask"
            )
        if self.automl_heartbeat_seconds >= self.automl_task_timeout_seconds:
            yield (
                f"automlHeartbeatSeconds: got {self.automl_heartbeat_seconds}, allowed: less than "
                f"automlTaskTimeoutSeconds, which is {self.automl_task_timeout_seconds}"
            )
        if self.automl_state_machine and not self.automl:
            yield "automlStateMachine: got true without automl; set automl to true, for it runs its tasks"
        if self.automl_after_training and not self.automl_state_machine:
            yield (
                "automlAfterTraining: got true without automlStateMachine, which it starts; set that to true"
            )
        if self.automl_schedule and not self.automl_state_machine:
            yield (
                f"automlSchedule: got {self.automl_schedule!r} without automlStateMachine, which it starts; "
                "set that to true"
            )

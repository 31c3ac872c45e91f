"""Settings of the prediction service: its tasks, how many there are, and when a new version is taken back."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from components.common.settings import LogRetentionSettings, ModelSettings
from components.common.task_sizes import fargate_problem
from components.config.aws_types import OptionalImageUri
from components.config.keys import SECTION, key
from components.config.types import Architecture, refuse

Count = Annotated[int, Field(ge=1, le=100)]


@dataclass(frozen=True, kw_only=True, config=SECTION)
class ServingSettings(ModelSettings, LogRetentionSettings):
    """Whether rides are scored over HTTP too, and on how many tasks."""

    title: ClassVar[str] = "Prediction service"

    serving: bool = key("Whether the load balancer offers /predict: true or false", False)
    serving_image_uri: OptionalImageUri = key(
        "Image of the prediction service in a registry, with an exact tag or digest; empty builds it", ""
    )
    serving_architecture: Architecture = key("Processor of the service's tasks: arm64 or x86_64", "arm64")
    serving_cpu: int = key(
        "CPU of a task of the service in units of 1/1024 vCPU; one that Fargate offers", 512
    )
    serving_memory_mib: int = key("Memory of a task of the service in MiB; one that Fargate offers", 1024)
    serving_count: Count = key(
        "Fewest tasks of the service, 1 to 100", micro=1, learning=1, standard=1, production=2
    )
    serving_max_count: Count = key("Most tasks of the service, 1 to 100", 10)
    serving_cpu_percent: Annotated[int, Field(ge=10, le=90)] = key(
        "Average CPU in percent, 10 to 90, that more or fewer tasks keep the service at", 60
    )
    serving_requests_per_minute: Annotated[int, Field(ge=1, le=10_000_000)] = key(
        "Requests a minute and task that more or fewer tasks keep the service at", 60_000
    )
    serving_bake_minutes: Annotated[int, Field(ge=0, le=1440)] = key(
        "Minutes that the old tasks stay after a new version took over, 0 to 1440", 5
    )
    serving_latency_ms: Annotated[int, Field(ge=1, le=60_000)] = key(
        "Milliseconds within which 99 of 100 requests have to be answered; more raises an alarm", 250
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(self._problems())
        return self

    def _problems(self) -> Iterator[str]:
        if problem := fargate_problem(self.serving_cpu, self.serving_memory_mib):
            yield f"servingCpu, servingMemoryMib: got {problem}"
        if self.serving_count > self.serving_max_count:
            yield (
                f"servingCount: got {self.serving_count}, allowed: up to servingMaxCount, which is "
                f"{self.serving_max_count}; raise that or lower this"
            )

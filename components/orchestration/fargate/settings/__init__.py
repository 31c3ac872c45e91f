"""Settings of the Fargate variant."""

from typing import ClassVar, Self

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from components.config.keys import SECTION
from components.config.types import refuse
from components.orchestration.fargate.settings.database import DatabaseSettings
from components.orchestration.fargate.settings.file_system import FileSystemSettings
from components.orchestration.fargate.settings.load_balancer import LoadBalancerSettings
from components.orchestration.fargate.settings.services import ServicesSettings


@dataclass(frozen=True, kw_only=True, config=SECTION)
class FargateSettings(DatabaseSettings, FileSystemSettings, LoadBalancerSettings, ServicesSettings):
    """Everything that the Fargate variant takes from the config."""

    title: ClassVar[str] = "Airflow and MLflow on Fargate"

    @model_validator(mode="after")
    def _check(self) -> Self:
        refuse(
            [
                *self.database_problems(),
                *self.file_system_problems(),
                *self.load_balancer_problems(),
                *self.services_problems(),
            ]
        )
        return self

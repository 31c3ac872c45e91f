"""Airflow and MLflow on ECS Fargate."""

from components.orchestration.fargate.component import FargateArgs as FargateArgs
from components.orchestration.fargate.component import FargateOrchestration as FargateOrchestration

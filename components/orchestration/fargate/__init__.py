"""Airflow and MLflow on ECS Fargate."""

from components.orchestration.fargate.args import FargateArgs as FargateArgs
from components.orchestration.fargate.component import FargateOrchestration as FargateOrchestration

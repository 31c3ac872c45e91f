"""Airflow and MLflow on EC2 with Docker Compose."""

from components.orchestration.compose.component import ComposeArgs as ComposeArgs
from components.orchestration.compose.component import ComposeOrchestration as ComposeOrchestration

"""Airflow and MLflow, on whichever variant the stack chooses."""

from components.orchestration.component import Orchestration as Orchestration
from components.orchestration.component import OrchestrationArgs as OrchestrationArgs
from components.orchestration.component import instance_types as instance_types
from components.orchestration.component import orchestration as orchestration
from components.orchestration.component import platform_outputs as platform_outputs

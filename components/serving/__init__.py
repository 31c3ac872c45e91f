"""Predictions over HTTP, behind the orchestration's load balancer."""

from components.serving.component import Serving as Serving
from components.serving.component import ServingArgs as ServingArgs
from components.serving.component import serving as serving

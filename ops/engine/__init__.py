"""Runs the unmodified Pulumi program offline, through Pulumi's own resource-monitor protocol.

`run` starts `__main__.py` in a subprocess, as the CLI's language host does, and answers it as the CLI's
engine and providers would: unknown values in a preview; in an update, invented or real ones from a `Backend`.
"""

from ops.engine.model import (
    UNKNOWN,
    Asset,
    Backend,
    Created,
    Deployment,
    Diagnostic,
    EngineError,
    Registration,
    Resource,
    masked,
)
from ops.engine.runner import run

__all__ = [
    "UNKNOWN",
    "Asset",
    "Backend",
    "Created",
    "Deployment",
    "Diagnostic",
    "EngineError",
    "Registration",
    "Resource",
    "masked",
    "run",
]

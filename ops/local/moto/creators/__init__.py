"""One small function a resource type: its inputs in, a real resource in moto out.

A type that is not in `CREATORS` stays planned. Inputs and outputs bear the provider's camelCase names.
"""

from ops.local.moto.creators import alarms, containers, iam, messaging, s3, secrets, streaming
from ops.local.moto.creators.base import Creator

CREATORS: dict[str, Creator] = {
    **s3.CREATORS,
    **streaming.CREATORS,
    **iam.CREATORS,
    **messaging.CREATORS,
    **alarms.CREATORS,
    **secrets.CREATORS,
    **containers.CREATORS,
}

__all__ = ["CREATORS", "Creator"]

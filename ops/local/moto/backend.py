"""The engine's backend that makes resources real in moto."""

from collections.abc import Callable, Mapping
from typing import Any

from ops.engine.model import Created, Registration
from ops.local.moto.clients import Clients
from ops.local.moto.creators import CREATORS

PROVIDER = "pulumi:providers:aws"


class MotoBackend:
    """Creates what has a creator; `endpoint` is called, and may block, when the first resource needs it."""

    def __init__(self, endpoint: Callable[[], str], region: str = "us-east-1") -> None:
        self._endpoint = endpoint
        self._region = region
        self._clients: Clients | None = None

    @property
    def clients(self) -> Clients:
        """Clients in the region of the stack's provider."""
        if self._clients is None:
            self._clients = Clients(self._endpoint(), self._region)
        return self._clients

    def create(self, resource: Registration) -> Created | None:
        """Makes `resource` if its type has a creator; an error of the API fails the deployment."""
        if resource.type == PROVIDER:
            self._region = resource.inputs.get("region") or self._region
        creator = CREATORS.get(resource.type)
        return creator(self.clients, resource) if creator else None

    def invoke(self, token: str, args: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Leaves provider functions to the engine, whose account is moto's too."""
        del token, args
        return None

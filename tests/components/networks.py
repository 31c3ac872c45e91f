"""Networks against mocks."""

from typing import Any

from components.network import Network, NetworkArgs
from components.network.settings import NetworkSettings
from tests.components.conftest import Deploy, Deployed
from tests.components.watching import watched


def made(deploy: Deploy, invokes: dict[str, dict[str, Any]] | None = None, **settings: Any) -> Deployed:
    """A network with such settings."""
    args = NetworkArgs(settings=NetworkSettings(**settings))
    return deploy(lambda: watched(Network("network", args)), invokes=invokes)

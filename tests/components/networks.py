"""Networks against mocks."""

from typing import Any

from components.network import Network, NetworkArgs
from components.network.settings import NetworkSettings
from tests.components.conftest import Deploy, Deployed

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"


def made(deploy: Deploy, invokes: dict[str, dict[str, Any]] | None = None, **settings: Any) -> Deployed:
    """A network with such settings."""
    args = NetworkArgs(settings=NetworkSettings(**settings), alarm_topic_arn=TOPIC)
    return deploy(lambda: Network("network", args), invokes=invokes)

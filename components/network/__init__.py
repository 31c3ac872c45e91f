"""The VPC."""

from components.network.component import Network as Network
from components.network.component import NetworkArgs as NetworkArgs

"""A rule for each resource type: pure functions from a resource, its graph and the usage to lines of a bill.

A module has `RULES`, type to function, and `FREE`, type to the reason why it costs nothing. A type in neither
cannot be priced, and is an error.
"""

from ops.costs.pricing import Free, Rules
from ops.costs.rules import compute, database, fargate, monitoring, network, services, storage, streaming

_MODULES = (compute, database, fargate, monitoring, network, services, storage, streaming)
RULES: Rules = {type_: rule for module in _MODULES for type_, rule in module.RULES.items()}
FREE: Free = {type_: reason for module in _MODULES for type_, reason in module.FREE.items()}

__all__ = ["FREE", "RULES"]

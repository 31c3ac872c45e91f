"""Holds a resource's inputs against AWS's own description of the API calls that they become.

botocore's service models hold AWS's enums, ranges, patterns, lengths and required members; `operations.yaml`
says which calls a resource type makes, and `documented.yaml` holds the limits that AWS writes in its
documentation only. Nothing here asks the network.
"""

from ops.engine.api.calls import OTHER_TYPES, Calls, calls_of
from ops.engine.api.documented import Rule, rule_for
from ops.engine.api.request import request_problems, unmapped_inputs

__all__ = [
    "OTHER_TYPES",
    "Calls",
    "Rule",
    "calls_of",
    "request_problems",
    "rule_for",
    "unmapped_inputs",
]

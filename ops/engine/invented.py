"""Plausible outputs for resources that nothing makes, and answers to provider functions."""

import hashlib
from collections.abc import Mapping
from typing import Any

from ops.engine.model import Created, Registration

ACCOUNT_ID = "123456789012"  # the account in AWS's own examples


class Invented:
    """Invents what AWS would have answered, the same for the same URN."""

    def __init__(self, *, region: str) -> None:
        self._region = region

    def create(self, resource: Registration, shape: Mapping[str, Any] | None, *, id_: str | None) -> Created:
        """Every computed output of the resource's SDK class; `id_` is the real id, where there is one."""
        digest = hashlib.sha256(resource.urn.encode()).hexdigest()
        chosen = id_ or f"{resource.name}-{digest[:8]}"
        outputs = {}
        for name, kind in (shape or {}).get("outputs", {}).items():
            if name in resource.inputs or name in (shape or {})["inputs"]:
                continue
            outputs[name] = {"string": f"{resource.name}-{name}", "integer": 0, "boolean": False}.get(
                kind if isinstance(kind, str) else ""
            )
        if "arn" in outputs:
            outputs["arn"] = (
                f"arn:aws:{resource.type.split(':')[1].split('/')[0]}:{self._region}:{ACCOUNT_ID}:{chosen}"
            )
        return Created(id=chosen, outputs={k: v for k, v in outputs.items() if v is not None})

    def invoke(self, token: str, args: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to provider function `token`."""
        raise LookupError(f"provider function {token} cannot be answered offline")

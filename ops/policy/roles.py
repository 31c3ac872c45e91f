"""The IAM roles of a deployment, with their trust and their inline policies."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.engine import Deployment

_ROLE, _POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"


@dataclass(frozen=True, kw_only=True)
class RolePolicies:
    """A role by its name in AWS; `managed` are the ARNs of attached policies."""

    name: str
    services: Sequence[str]
    statements: Sequence[Mapping[str, Any]]
    managed: Sequence[str]


def roles(deployment: Deployment) -> list[RolePolicies]:
    """The deployment's roles, by name; it has to be an update, whose ARNs are known."""
    of_type = {
        kind: [each.inputs for each in deployment.resources if each.type == kind]
        for kind in (_ROLE, _POLICY, _ATTACHMENT)
    }
    return sorted(
        (
            RolePolicies(
                name=role["name"],
                services=_services(json.loads(role["assumeRolePolicy"])),
                statements=[
                    statement
                    for policy in of_type[_POLICY]
                    if policy["role"] == role["name"]
                    for statement in json.loads(policy["policy"])["Statement"]
                ],
                managed=[each["policyArn"] for each in of_type[_ATTACHMENT] if each["role"] == role["name"]],
            )
            for role in of_type[_ROLE]
        ),
        key=lambda role: role.name,
    )


def markdown(found: Iterable[RolePolicies]) -> str:
    """A heading and a table for each role."""
    lines = []
    for role in found:
        lines += ["", f"### `{role.name}`", "", f"Assumed by {', '.join(role.services)}.", ""]
        lines += [f"Attached: `{arn}`." for arn in role.managed] + ([""] if role.managed else [])
        lines += ["| Sid | actions | resources | where |", "|---|---|---|---|"]
        lines += [_row(statement) for statement in role.statements]
    return "\n".join(lines) + "\n"


def _services(trust: Mapping[str, Any]) -> list[str]:
    return [service for each in trust["Statement"] for service in _listed(each["Principal"]["Service"])]


def _row(statement: Mapping[str, Any]) -> str:
    cells = [
        statement.get("Sid", ""),
        "<br>".join(f"`{action}`" for action in _listed(statement["Action"])),
        "<br>".join(f"`{resource}`" for resource in _listed(statement["Resource"])),
        f"`{json.dumps(statement['Condition'])}`" if "Condition" in statement else "",
    ]
    return f"| {' | '.join(cells)} |"


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)

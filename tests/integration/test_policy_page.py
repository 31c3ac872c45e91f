"""docs/policies.md shows the policies that the program renders."""

import json
from typing import Any

from ops.policy.cli import PAGE, TIERS, page
from ops.policy.roles import roles


def test_page_is_current(graph: Any) -> None:
    deployments = {tier: graph("dev", tier, preview=False) for tier in TIERS}
    assert PAGE.read_text() == page(deployments), "run `make docs`"


def test_every_role_and_statement_is_shown(graph: Any) -> None:
    deployment = graph("dev", "learning", preview=False)
    found = roles(deployment)
    expected = {each.inputs["name"] for each in deployment.resources if each.type == "aws:iam/role:Role"}
    assert {role.name for role in found} == expected
    shown = sum(len(role.statements) for role in found)
    granted = [
        json.loads(each.inputs["policy"])["Statement"]
        for each in deployment.resources
        if each.type == "aws:iam/rolePolicy:RolePolicy"
    ]
    assert shown == sum(map(len, granted)) > 10

"""Every IAM policy of every tier, as Parliament, a linter of policies, reads it."""

import itertools
import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", UserWarning)  # it says that pkg_resources will go; the lock keeps it
    import parliament

TIERS = ("micro", "learning", "standard", "production")
RESOURCELESS = {
    "OpenEcsExecChannels",
    "FindLogGroup",
    "PutMetrics",
    "PutModelMetrics",
    "LogInToRegistry",
    "ConnectToSystemsManager",
    "ReadMetrics",
}
# Their documentation names no condition: only who may pass the role lets them take it on.
UNCONDITIONAL = {"ec2.amazonaws.com", "lambda.amazonaws.com"}
ROLE_POLICIES = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy")


PAIRS = [
    pytest.param((stack, tier), id=f"{stack}-{tier}", marks=pytest.mark.xdist_group(f"graph-{stack}-{tier}"))
    for stack, tier in itertools.product(("dev", "prod"), TIERS)
]


@pytest.fixture(params=PAIRS)
def policies(request: pytest.FixtureRequest, graph: Any) -> dict[str, str]:
    """The policies of roles, by the name of the resource."""
    deployment = graph(*request.param, preview=False)
    return {one.name: one.inputs["policy"] for one in deployment.resources if one.type in ROLE_POLICIES}


def test_parliament_has_nothing_to_say(policies: dict[str, str]) -> None:
    assert len(policies) >= 3
    findings = {name: list(found(text)) for name, text in policies.items()}
    assert {name: said for name, said in findings.items() if said} == {}


def test_wildcards_where_aws_knows_no_resource(policies: dict[str, str]) -> None:
    """Nowhere else is a resource `*`, and no action has a wildcard."""
    for name, text in policies.items():
        for statement in json.loads(text)["Statement"]:
            assert not any(action.endswith("*") for action in statement["Action"]), name
            if statement["Resource"] == ["*"]:
                assert statement.get("Sid") in RESOURCELESS, name


@pytest.mark.parametrize("pair", PAIRS)
def test_trust_is_for_this_account_alone(pair: tuple[str, str], graph: Any) -> None:
    """No resource of a stranger's account makes a service act with the role."""
    roles = [one for one in graph(*pair, preview=False).resources if one.type == "aws:iam/role:Role"]
    for role in roles:
        for statement in json.loads(role.inputs["assumeRolePolicy"])["Statement"]:
            if statement["Principal"]["Service"][0] not in UNCONDITIONAL:
                assert "aws:SourceAccount" in statement["Condition"]["StringEquals"], role.urn


def found(text: str) -> Iterator[str]:
    analyzed = parliament.analyze_policy_string(text)
    for finding in analyzed.findings:
        yield f"{finding.issue}: {finding.detail} {finding.location}"

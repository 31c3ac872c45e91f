"""The prediction service switched on, where there is a load balancer: what comes, and what it costs."""

import json
from typing import Any

import pytest

from ops.costs.estimate import estimate_of
from ops.costs.usage import usage
from ops.engine import Deployment
from ops.engine.api import OTHER_TYPES, calls_of, request_problems, unmapped_inputs
from ops.engine.force_new import is_known
from ops.engine.leaks import leaks
from ops.engine.names import clashes
from ops.engine.report import as_dict
from tests.components.fargate.conftest import CERTIFICATE
from tests.integration.test_policies import RESOURCELESS, ROLE_POLICIES, found

TIER = "standard"
ON = {"serving": "true"}
OF_SERVING = "mlops:index:Serving"

pytestmark = pytest.mark.xdist_group("serving")


@pytest.fixture
def switched_on(graph: Any) -> Deployment:
    deployment: Deployment = graph("dev", TIER, preview=False, **ON)
    return deployment


def test_nothing_else_changes(graph: Any, switched_on: Deployment) -> None:
    """Every resource of before has the inputs of before, but for the dashboard that shows the service too."""
    before, after = (
        {one.urn: one for one in deployment.resources}
        for deployment in (graph("dev", TIER, preview=False), switched_on)
    )
    assert before.keys() <= after.keys()
    assert all(OF_SERVING in urn for urn in after.keys() - before.keys())
    changed = [one.type for urn, one in before.items() if one.inputs != after[urn].inputs]
    assert changed == ["aws:cloudwatch/dashboard:Dashboard"]


def test_a_preview_registers_the_same(graph: Any, switched_on: Deployment) -> None:
    preview = graph("dev", TIER, preview=True, **ON)
    assert {one.urn for one in preview.resources} == {one.urn for one in switched_on.resources}


def test_aws_accepts_every_input(switched_on: Deployment) -> None:
    own = [one for one in switched_on.resources if OF_SERVING in one.urn and one.custom]
    assert len(own) > 20
    for resource in own:
        if resource.type.startswith("aws:") and resource.type not in OTHER_TYPES:
            assert calls_of(resource.type) is not None, resource.type
            assert unmapped_inputs(resource.type, resource.inputs) == [], resource.urn
            assert request_problems(resource.type, resource.inputs) == [], resource.urn
            assert is_known(resource.type), resource.type


def test_no_secret_shows_and_two_stacks_share_an_account(graph: Any, switched_on: Deployment) -> None:
    assert leaks(switched_on) == []
    other = graph("prod", TIER, preview=False, **ON)
    assert clashes(switched_on.resources, other.resources) == []


def test_policies_name_exact_resources(switched_on: Deployment) -> None:
    own = [one for one in switched_on.resources if OF_SERVING in one.urn and one.type in ROLE_POLICIES]
    assert len(own) == 3
    for one in own:
        # Parliament wants an ARN for each kind of load balancer that has rules; this one is no network's.
        findings = [text for text in found(one.inputs["policy"]) if "listener-rule/net/" not in text]
        assert findings == [], one.urn
        for statement in json.loads(one.inputs["policy"])["Statement"]:
            if "*" in statement["Resource"]:
                assert statement["Sid"] in {*RESOURCELESS, "FindTargets"}, one.urn


def test_predictions_use_https_where_there_is_a_certificate(graph: Any) -> None:
    public = {"domainName": "x.org", "certificateArn": CERTIFICATE}
    resources = graph("prod", "production", **public, **ON).resources
    rules = (one for one in resources if one.type == "aws:lb/listenerRule:ListenerRule")
    (rule,) = (one for one in rules if OF_SERVING in one.urn)
    (listener,) = (
        one for one in resources if one.urn in rule.dependencies and one.type.endswith(":Listener")
    )
    assert listener.inputs["protocol"] == "HTTPS"


def test_it_is_priced_by_its_fewest_tasks(switched_on: Deployment) -> None:
    """With its alarms: one for each target group and figure, and those of its scaling."""
    priced = estimate_of(as_dict(switched_on), usage())
    own = [line for line in priced.lines if line.component == "Serving"]
    assert 8 < sum(line.usd for line in own) < 40
    assert sum(line.quantity for line in own if line.price == "cloudwatch.alarm") == 3 * 2 + 2 + 2 * 2

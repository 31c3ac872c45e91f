"""The prediction service switched on, where there is a load balancer: what comes, and what it costs."""

from typing import Any

import pytest

from ops.costs.estimate import estimate_of
from ops.costs.usage import usage
from ops.engine import Deployment
from ops.engine.report import as_dict
from tests.components.fargate.conftest import CERTIFICATE

TIER = "standard"
ON = {"serving": "true"}
OF_SERVING = "mlops:index:Serving"

pytestmark = pytest.mark.xdist_group("serving-standard")


@pytest.fixture
def switched_on(graph: Any) -> Deployment:
    deployment: Deployment = graph("dev", TIER, preview=False, **ON)
    return deployment


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

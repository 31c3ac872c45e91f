"""CloudTrail and AWS Config switched on: that nothing else changes, and what AWS takes and needs."""

import json
from typing import Any

import botocore.loaders
import pytest

from components.audit.rules import RECORDED, RULES
from ops.engine import Deployment
from ops.engine.api import calls_of, request_problems, unmapped_inputs
from ops.engine.force_new import is_known
from ops.engine.names import clashes
from tests.integration.published import all_of
from tests.integration.test_policies import found

ON = {"cloudTrail": "true", "awsConfig": "true"}
OWN = "mlops:index:Audit"
pytestmark = pytest.mark.xdist_group("audit")


@pytest.fixture
def switched_on(graph: Any) -> Deployment:
    deployment: Deployment = graph("dev", "production", preview=False, **ON)
    return deployment


def test_nothing_else_changes(graph: Any, switched_on: Deployment) -> None:
    """The one rule of EventBridge is a child of the component, like all that it makes."""
    before, after = (
        {one.urn: one for one in deployment.resources}
        for deployment in (graph("dev", "production", preview=False), switched_on)
    )
    assert not [urn for urn in before if OWN in urn]
    assert all(OWN in urn for urn in after.keys() - before.keys())
    assert [urn for urn, one in before.items() if one.inputs != after[urn].inputs] == []


def test_aws_accepts_every_input(switched_on: Deployment, graph: Any) -> None:
    own = [one for one in switched_on.resources if OWN in one.urn and one.custom]
    assert len(own) > 20
    for resource in own:
        assert calls_of(resource.type) is not None, resource.type
        assert unmapped_inputs(resource.type, resource.inputs) == [], resource.urn
        assert request_problems(resource.type, resource.inputs) == [], resource.urn
        assert is_known(resource.type), resource.type
    other = graph("prod", "production", preview=False, cloudTrail="true")
    assert clashes(switched_on.resources, other.resources) == []


def test_the_trail_is_of_all_regions_and_validated(switched_on: Deployment) -> None:
    (trail,) = all_of(switched_on, "aws:cloudtrail/trail:Trail")
    assert trail.inputs["isMultiRegionTrail"] is True
    assert trail.inputs["includeGlobalServiceEvents"] is True
    assert trail.inputs["enableLogFileValidation"] is True


def test_only_this_trail_writes_to_the_bucket(switched_on: Deployment) -> None:
    """CloudTrail is let in for the ARN that the trail really gets; the bucket's policy is there first."""
    (trail,) = all_of(switched_on, "aws:cloudtrail/trail:Trail")
    (policy,) = (one for one in all_of(switched_on, "aws:s3/bucketPolicy:BucketPolicy") if OWN in one.urn)
    statements = {one["Sid"]: one for one in json.loads(policy.inputs["policy"])["Statement"]}
    for sid in ("CheckAcl", "WriteTrail"):
        assert statements[sid]["Condition"]["StringEquals"]["aws:SourceArn"] == trail.outputs["arn"]
    assert statements["WriteTrail"]["Resource"][0].endswith("/AWSLogs/123456789012/*")
    assert statements["DenyWithoutTls"]["Effect"] == "Deny"
    assert policy.urn in trail.dependencies


def test_records_are_written_by_a_role_of_their_own(switched_on: Deployment) -> None:
    (role,) = (one for one in all_of(switched_on, "aws:iam/role:Role") if OWN in one.urn)
    trust = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    (grant,) = (one for one in all_of(switched_on, "aws:iam/rolePolicy:RolePolicy") if OWN in one.urn)
    assert list(found(grant.inputs["policy"])) == []
    for statement in json.loads(grant.inputs["policy"])["Statement"]:
        assert all("-audit-dev" in one for one in statement["Resource"])


def test_the_recorder_starts_with_a_channel(switched_on: Deployment) -> None:
    """AWS takes a channel only beside a recorder, starts this only beside a channel, and then takes rules."""
    kinds = ("recorder:Recorder", "deliveryChannel:DeliveryChannel", "recorderStatus:RecorderStatus")
    recorder, channel, status = (all_of(switched_on, f"aws:cfg/{kind}")[0] for kind in kinds)
    assert recorder.urn in channel.dependencies
    assert channel.urn in status.dependencies
    rules = all_of(switched_on, "aws:cfg/rule:Rule")
    assert {one.inputs["source"]["sourceIdentifier"] for one in rules} == set(RULES.values())
    assert all(status.urn in one.dependencies for one in rules)


def test_what_is_recorded_are_types_of_config() -> None:
    model = botocore.loaders.Loader().load_service_model("config", "service-2")
    assert set(RECORDED) <= set(model["shapes"]["ResourceType"]["enum"])


def test_a_broken_rule_is_told(switched_on: Deployment) -> None:
    (rule,) = (one for one in all_of(switched_on, "aws:cloudwatch/eventRule:EventRule") if OWN in one.urn)
    names = {one.inputs["name"] for one in all_of(switched_on, "aws:cfg/rule:Rule")}
    assert set(json.loads(rule.inputs["eventPattern"])["detail"]["configRuleName"]) == names


def test_records_are_protected_like_data(switched_on: Deployment, graph: Any) -> None:
    """And go with the stack where the taking down asks for it."""
    (kept,) = (one for one in all_of(switched_on, "aws:s3/bucket:Bucket") if OWN in one.urn)
    assert (kept.protect, kept.inputs["forceDestroy"]) == (True, False)
    down = {"deletionProtection": "false", "forceDestroy": "true"}
    free = graph("dev", "production", preview=False, **ON, **down)
    (let_go,) = (one for one in all_of(free, "aws:s3/bucket:Bucket") if OWN in one.urn)
    assert (let_go.protect, let_go.inputs["forceDestroy"]) == (False, True)

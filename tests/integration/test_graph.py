"""Both stacks, on all four tiers, in preview and update mode: what must hold for the whole graph.

The engine itself refuses an input that does not fit the SDK's metadata, and a URN that comes twice.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ops.engine import UNKNOWN, Deployment
from ops.engine.api import OTHER_TYPES, calls_of, request_problems, unmapped_inputs
from ops.engine.changes import changes, snapshots
from ops.engine.force_new import is_known
from ops.engine.graph import STACK_TYPE
from ops.engine.leaks import leaks
from ops.engine.model import PropertyPath
from ops.engine.names import clashes
from tests.integration.urns import recorded, urns

TIERS = ("micro", "learning", "standard", "production")
PAIRS = [
    pytest.param((stack, tier), id=f"{stack}-{tier}", marks=pytest.mark.xdist_group(f"graph-{stack}-{tier}"))
    for stack, tier in itertools.product(("dev", "prod"), TIERS)
]

# What each part of the platform brings into the stack's outputs.
REQUIRED = ("mlops:index:Network", "mlops:index:Storage", "mlops:index:Streaming")
ORCHESTRATION = ("airflow_url", "mlflow_url", "admin_url", "status_url", "quick_start_commands")
OUTPUTS = {
    "mlops:index:Network": ("vpc_id", "public_subnet_ids", "private_subnet_ids"),
    "mlops:index:Storage": (
        "mlflow_artifacts_bucket",
        "data_storage_bucket",
        "monitoring_reports_bucket",
    ),
    "mlops:index:Streaming": ("kinesis_stream_name", "lambda_function_name"),
    "mlops:index:Schedule": ("schedule_saving",),
    "mlops:index:ComposeOrchestration": (
        *ORCHESTRATION,
        "orchestration_instance_id",
        "frontend_instance_id",
    ),
    "mlops:index:FargateOrchestration": (
        *ORCHESTRATION,
        "alb_dns_name",
        "alb_zone_id",
        "ecs_cluster_name",
        "ecs_cluster_arn",
        "rds_endpoint",
        "rds_port",
        "efs_file_system_id",
    ),
}
SENSITIVE = re.compile(r"(password|secretString|authToken|privateKey|secretKey)$", re.IGNORECASE)


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    stack_and_tier: tuple[str, str] = request.param
    return stack_and_tier


@pytest.fixture(params=[True, False], ids=["preview", "update"])
def deployment(request: pytest.FixtureRequest, pair: tuple[str, str], graph: Any) -> Deployment:
    found: Deployment = graph(*pair, preview=request.param)
    return found


def test_the_run_succeeds_on_the_tier_that_was_asked_for(
    deployment: Deployment, pair: tuple[str, str]
) -> None:
    assert deployment.errors == ()
    assert (deployment.stack, deployment.tier) == pair


def test_urns_are_unique_and_references_resolve(deployment: Deployment) -> None:
    urns = [resource.urn for resource in deployment.resources]
    assert len(urns) == len(set(urns))
    for resource in deployment.resources:
        property_urns = itertools.chain.from_iterable(resource.property_dependencies.values())
        assert {*resource.dependencies, *property_urns} <= set(urns)


def test_urns_are_the_recorded_ones(pair: tuple[str, str], graph: Any) -> None:
    """A resource under a new URN is made anew and the old one deleted; see `tests/integration/urns.py`."""
    stack, tier = pair
    assert urns(graph(stack, tier)) == recorded()[tier]


def test_every_input_is_held_against_an_api_model(deployment: Deployment) -> None:
    """What no rule maps to an API call needs a line in `ops/engine/api/operations.yaml`."""
    for resource in deployment.resources:
        if resource.custom and resource.type not in OTHER_TYPES:
            assert calls_of(resource.type) is not None, f"operations.yaml does not have {resource.type}"
            assert unmapped_inputs(resource.type, resource.inputs) == [], resource.urn
            assert request_problems(resource.type, resource.inputs) == [], resource.urn


def test_what_needs_the_internet_waits_for_the_way_there(pair: tuple[str, str], graph: Any) -> None:
    """A first boot installs packages, a task pulls its image; AWS refuses a balancer without a gateway."""
    needing = {"aws:ec2/instance:Instance", "aws:lb/loadBalancer:LoadBalancer", "aws:ecs/service:Service"}
    for resource in graph(*pair).resources:
        if resource.type in needing:
            waits_for = {urn.rsplit("::", 1)[1] for urn in resource.dependencies}
            assert "network-public-internet" in waits_for, resource.urn
            if resource.type == "aws:ecs/service:Service":
                assert "network-private-1-internet" in waits_for, resource.urn


def test_every_resource_belongs_to_a_component(deployment: Deployment) -> None:
    """The program itself makes nothing but components and the provider."""
    by_urn = {resource.urn: resource for resource in deployment.resources}
    roots = [resource for resource in deployment.resources if resource.parent is None]
    assert [root.type for root in roots] == [STACK_TYPE]
    for resource in by_urn.values():
        if resource.custom and not resource.type.startswith("pulumi:providers:"):
            assert by_urn[resource.parent or ""].type.startswith("mlops:index:"), resource.urn


def test_every_aws_resource_uses_the_one_tagging_provider(
    deployment: Deployment, pair: tuple[str, str]
) -> None:
    (provider,) = (r for r in deployment.resources if r.type == "pulumi:providers:aws")
    stack, tier = pair
    assert provider.inputs["defaultTags"]["tags"] == {
        "Project": "mlops-taxi-prediction",
        "Environment": stack,
        "Tier": tier,
        "ManagedBy": "pulumi",
    }
    for resource in deployment.resources:
        if resource.type.startswith("aws:"):
            assert resource.provider == provider.urn, resource.urn


def test_every_component_brings_its_stack_outputs(deployment: Deployment) -> None:
    types = {resource.type for resource in deployment.resources}
    assert types.issuperset(REQUIRED)
    for component in types & OUTPUTS.keys():
        assert set(OUTPUTS[component]) <= deployment.outputs.keys(), component


def test_an_update_leaves_no_output_open(pair: tuple[str, str], graph: Any) -> None:
    deployment = graph(*pair, preview=False)
    open_ = {path: value for path, value in _leaves(deployment.outputs) if value is UNKNOWN or value is None}
    assert open_ == {}


def test_a_preview_and_an_update_register_the_same(pair: tuple[str, str], graph: Any) -> None:
    preview, update = (graph(*pair, preview=preview) for preview in (True, False))
    assert {r.urn for r in preview.resources} == {r.urn for r in update.resources}
    assert preview.outputs.keys() == update.outputs.keys()


def test_sensitive_inputs_are_marked_secret(deployment: Deployment) -> None:
    for resource in deployment.resources:
        for path, value in _leaves(resource.inputs):
            if isinstance(value, str) and SENSITIVE.search(str(path[-1])):
                assert _is_within(path, resource.secret_paths), (resource.urn, path)


def test_no_secret_shows_in_plain_text(pair: tuple[str, str], graph: Any) -> None:
    """Nor in an id, which the state never encrypts."""
    assert leaks(graph(*pair, preview=False)) == []


@pytest.mark.parametrize(
    "tier", [pytest.param(tier, marks=pytest.mark.xdist_group(f"graph-dev-{tier}")) for tier in TIERS]
)
def test_two_stacks_share_an_account(tier: str, graph: Any) -> None:
    stacks = [graph(stack, tier, preview=False).resources for stack in ("dev", "prod")]
    assert clashes(*stacks) == []


@pytest.mark.xdist_group("graph-dev-learning")
def test_a_change_of_tier_keeps_the_data(graph: Any) -> None:
    old, new = (snapshots(graph("dev", tier, preview=False)) for tier in ("learning", "standard"))
    found = changes(old, new)
    data = ("Storage$", "Streaming$", "Network$")
    assert [
        one for one in found if one.operation in ("replace", "delete") and any(d in one.urn for d in data)
    ] == []


@pytest.mark.parametrize(
    "tier", [pytest.param(tier, marks=pytest.mark.xdist_group(f"graph-dev-{tier}")) for tier in TIERS]
)
def test_every_type_says_what_replaces_it(tier: str, graph: Any) -> None:
    """Without a row in `force_new.yaml` a replacement would be shown as an update."""
    types = {one.type for one in graph("dev", tier).resources if one.type.startswith(("aws:", "random:"))}
    assert {type_ for type_ in types if not is_known(type_)} == set()


def _leaves(value: Any, path: PropertyPath = ()) -> Iterator[tuple[PropertyPath, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _is_within(path: PropertyPath, secret_paths: frozenset[PropertyPath]) -> bool:
    return any(path[: len(secret)] == secret for secret in secret_paths)

"""Both stacks, on all four tiers, in preview and update mode: what must hold for the whole graph.

The engine itself refuses an input that does not fit the SDK's metadata, and a URN that comes twice.
"""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ops.engine import UNKNOWN, Deployment, Resource
from ops.engine.api import OTHER_TYPES, calls_of, request_problems, unmapped_inputs
from ops.engine.graph import STACK_TYPE
from ops.engine.model import PropertyPath, masked
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
# An object with a secret in it is secret as a whole; the registry's address is in every image's URI.
NO_SECRET = ("registry", "server")
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


def test_no_secret_value_shows_anywhere(pair: tuple[str, str], graph: Any) -> None:
    deployment = graph(*pair, preview=False)
    shown = json.dumps([_shown(resource) for resource in deployment.resources])
    shown += json.dumps(masked(deployment.outputs, deployment.secret_outputs))
    for resource in deployment.resources:
        for path, value in (*_leaves(resource.inputs), *_leaves(resource.outputs)):
            secret_paths = resource.secret_paths | {(name,) for name in resource.secret_outputs}
            if path == NO_SECRET:
                continue
            if isinstance(value, str) and len(value) >= 8 and _is_within(path, secret_paths):
                assert json.dumps(value)[1:-1] not in shown, (resource.urn, path)


def _shown(resource: Resource) -> dict[str, Any]:
    secret_outputs = frozenset((name,) for name in resource.secret_outputs)
    return {
        "inputs": masked(resource.inputs, resource.secret_paths),
        "outputs": masked(resource.outputs, secret_outputs | resource.secret_paths),
    }


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

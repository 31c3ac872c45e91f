"""Going from one way to run Airflow and MLflow to the other leaves the data and the predictor alone."""

from typing import Any

import pytest

from components.settings import tier_values
from ops.engine import Deployment

LEFT_ALONE = ("mlops:index:Network", "mlops:index:Storage", "mlops:index:Streaming")
VARIANTS = ("mlops:index:ComposeOrchestration", "mlops:index:FargateOrchestration")


def stack(graph: Any, tier: str, variant: str) -> Deployment:
    """The stack `dev`; what the tier chooses anyway is not set, so that other tests' runs serve here.

    Both variants have a way out of the private subnets, without which Fargate starts no task.
    """
    chosen = tier_values(tier)
    config = {} if chosen["orchestrationVariant"] == variant else {"orchestrationVariant": variant}
    way_out = {"nat": "gateway"} if chosen["nat"] == "none" else {}
    deployment: Deployment = graph("dev", tier, preview=False, **config, **way_out)
    return deployment


def inputs(deployment: Deployment, components: tuple[str, ...]) -> dict[str, Any]:
    """What is asked of AWS within the components, by URN."""
    return {
        one.urn: (one.inputs, one.protect)
        for one in deployment.resources
        if any(f"::{component}$" in one.urn for component in components)
    }


@pytest.mark.parametrize(
    "tier",
    [
        pytest.param(tier, marks=pytest.mark.xdist_group(f"graph-dev-{tier}"))
        for tier in ("learning", "production")
    ],
)
def test_a_switch_changes_no_bucket_stream_or_predictor(tier: str, graph: Any) -> None:
    compose, fargate = stack(graph, tier, "compose"), stack(graph, tier, "fargate")
    before, after = inputs(compose, LEFT_ALONE), inputs(fargate, LEFT_ALONE)
    assert len(before) > 40
    assert before == after
    for deployment, variant in ((compose, VARIANTS[0]), (fargate, VARIANTS[1])):
        assert [one.type for one in deployment.resources if one.type in VARIANTS] == [variant]


@pytest.mark.xdist_group("graph-dev-learning")
def test_the_variants_share_no_physical_name(graph: Any) -> None:
    """Pulumi makes the new variant before it deletes the old one; a name in both would stop it half-way."""
    names = []
    for variant, component in zip(("compose", "fargate"), VARIANTS, strict=True):
        deployment = stack(graph, "learning", variant)
        names.append(
            {
                (one.type, one.inputs["name"])
                for one in deployment.resources
                if f"::{component}$" in one.urn and isinstance(one.inputs.get("name"), str)
            }
        )
    # a document of AWS, and a filter's name, which counts within its log group
    shared = {"aws:ssm/association:Association", "aws:cloudwatch/logMetricFilter:LogMetricFilter"}
    assert {type_ for type_, _ in names[0] & names[1]} <= shared

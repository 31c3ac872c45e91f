"""Components that a key switches on: what comes, that nothing else changes, and what AWS takes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ops.engine import Deployment
from ops.engine.api import OTHER_TYPES, calls_of, request_problems, unmapped_inputs
from ops.engine.force_new import is_known
from ops.engine.leaks import leaks
from ops.engine.names import clashes
from tests.integration import test_automl, test_serving, test_workstation
from tests.integration.test_policies import RESOURCELESS, ROLE_POLICIES, found

TIERS = ("micro", "learning", "standard", "production")


@dataclass(frozen=True, kw_only=True)
class Option:
    """A component and the keys that switch it on.

    Args:
        component: Its class; its name in small letters is the name of its tests' group.
        on: The keys.
        base: Those of them that it needs and that change other components.
        tiers: Where it can be.
        policies: Of its roles.
        unbounded: Statements, by their Sid, of actions that know no resource.
        changed: URNs of other components' resources that know of it.
        tolerated: A part of what Parliament finds and is not so.
    """

    component: str
    on: Mapping[str, str]
    base: Mapping[str, str] = field(default_factory=dict)
    tiers: tuple[str, ...] = TIERS
    policies: int
    unbounded: frozenset[str]
    changed: re.Pattern[str] = re.compile(r"$.")
    tolerated: str = "nothing is"

    def own(self, deployment: Deployment) -> list[Any]:
        """The resources that hang from it."""
        return [one for one in deployment.resources if f"mlops:index:{self.component}" in one.urn]


AUTOML = Option(
    component="Automl",
    on=test_automl.ON,
    policies=8,
    unbounded=frozenset({"Heartbeat", "LogDelivery", "Tracing"}),
    # The admin GUI shows executions on its page Runs: its role may list those of this machine, and its
    # variables name it. On the instance they are in its archive, which the host fetches as its role lets it.
    changed=re.compile(r"::orchestration-(admin|(frontend|orchestration)(-files|-update)?)$"),
)
SERVING = Option(
    component="Serving",
    on=test_serving.ON,
    tiers=("standard",),
    policies=3,
    unbounded=frozenset({"FindTargets"}),
    changed=re.compile(r"::monitoring-platform(-healthy)?$"),  # it is a part of the platform
    tolerated="listener-rule/net/",  # an ARN for each kind of load balancer that has rules
)
WORKSTATION = Option(
    component="Workstation",
    on=test_workstation.ON,
    base=test_workstation.BASE,
    policies=5,
    unbounded=frozenset({"FindSnapshots"}),
)


@pytest.fixture(
    params=[
        pytest.param(
            (option, tier),
            id=f"{option.component.lower()}-{tier}",
            marks=pytest.mark.xdist_group(f"{option.component.lower()}-{tier}"),
        )
        for option in (AUTOML, SERVING, WORKSTATION)
        for tier in option.tiers
    ]
)
def chosen(request: pytest.FixtureRequest) -> tuple[Option, str]:
    option, tier = request.param
    return option, tier


@pytest.fixture
def option(chosen: tuple[Option, str]) -> Option:
    return chosen[0]


@pytest.fixture
def tier(chosen: tuple[Option, str]) -> str:
    return chosen[1]


@pytest.fixture
def switched_on(option: Option, tier: str, graph: Any) -> Deployment:
    deployment: Deployment = graph("dev", tier, preview=False, **option.on)
    return deployment


def test_nothing_else_changes(option: Option, tier: str, graph: Any, switched_on: Deployment) -> None:
    """What comes hangs from the component; others are as before, but for who has to know of it."""
    before, after = (
        {one.urn: one for one in deployment.resources}
        for deployment in (graph("dev", tier, preview=False, **option.base), switched_on)
    )
    assert before.keys() <= after.keys()
    assert after.keys() - before.keys() == {one.urn for one in option.own(switched_on)}
    changed = [urn for urn, one in before.items() if one.inputs != after[urn].inputs]
    assert [urn for urn in changed if not option.changed.search(urn)] == []


def test_a_preview_registers_the_same(option: Option, tier: str, graph: Any, switched_on: Deployment) -> None:
    preview = graph("dev", tier, preview=True, **option.on)
    assert {one.urn for one in preview.resources} == {one.urn for one in switched_on.resources}


def test_aws_accepts_every_input(option: Option, switched_on: Deployment) -> None:
    own = [one for one in option.own(switched_on) if one.type.startswith("aws:")]
    assert len(own) > 20
    for resource in own:
        assert is_known(resource.type), resource.type
        if resource.type not in OTHER_TYPES:
            assert calls_of(resource.type) is not None, resource.type
            assert unmapped_inputs(resource.type, resource.inputs) == [], resource.urn
            assert request_problems(resource.type, resource.inputs) == [], resource.urn


def test_no_secret_shows_and_stacks_share_an_account(
    option: Option, tier: str, graph: Any, switched_on: Deployment
) -> None:
    assert leaks(switched_on) == []
    other = graph("prod", tier, preview=False, **option.on)
    assert clashes(switched_on.resources, other.resources) == []


def test_policies_name_exact_resources(option: Option, switched_on: Deployment) -> None:
    own = [one for one in option.own(switched_on) if one.type in ROLE_POLICIES]
    assert len(own) == option.policies
    for one in own:
        findings = [text for text in found(one.inputs["policy"]) if option.tolerated not in text]
        assert findings == [], one.urn
        for statement in json.loads(one.inputs["policy"])["Statement"]:
            if "*" in statement["Resource"]:
                assert statement["Sid"] in {*RESOURCELESS, *option.unbounded}, one.urn

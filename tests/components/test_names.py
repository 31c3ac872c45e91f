"""What resources are called, and which names of projects and stacks AWS would refuse."""

import pytest

from components.common.names import (
    bucket_name,
    metrics_namespace,
    name_problems,
    physical_name,
    standard_tags,
)
from tests.components.refusals import name_stack


def test_names_carry_project_and_stack() -> None:
    name_stack("prod", project="taxi")
    assert physical_name("vpc") == "taxi-vpc-prod"
    assert metrics_namespace() == "taxi/prod"
    assert (bucket_name("data", ""), bucket_name("data", "acme")) == ("taxi-data-prod", "taxi-data-prod-acme")


def test_tags_tell_whose_a_resource_is() -> None:
    name_stack("prod", project="taxi")
    assert standard_tags() == {"Project": "taxi", "Environment": "prod", "ManagedBy": "pulumi"}


@pytest.mark.parametrize("project", ["t", "taxi-2", "a1-b2"])
@pytest.mark.parametrize("stack", ["d", "7", "dev-1", "1-a"])
def test_accepts_names(project: str, stack: str) -> None:
    name_stack(stack, project=project)
    assert list(name_problems()) == []


def problem(stack: str = "dev", project: str = "taxi") -> str:
    name_stack(stack, project=project)
    [found] = name_problems()
    return found


@pytest.mark.parametrize("project", ["Taxi", "7taxi", "taxi-", "ta--xi", "ta_xi", "-taxi"])
def test_refuses_a_project(project: str) -> None:
    allowed = "a-z, 0-9 and single hyphens between them, a letter first"
    assert problem(project=project) == f"name in Pulumi.yaml: got {project!r}, allowed: {allowed}"


@pytest.mark.parametrize("stack", ["Dev", "dev-", "-dev", "d--ev", "d_ev", "d.ev"])
def test_refuses_a_stack(stack: str) -> None:
    allowed = "a-z, 0-9 and single hyphens between them; run `pulumi stack rename NAME`"
    assert problem(stack) == f"name of the stack: got {stack!r}, allowed: {allowed}"


def test_longest_names() -> None:
    """A role's name has 64 characters, of which `-orchestration-instance-` takes 24."""
    name_stack("s" * 36, project="taxi")
    assert list(name_problems()) == []
    assert problem("s" * 37) == (
        f"name of the stack: got {'s' * 37!r}, allowed: up to 36 characters in project 'taxi', "
        "for resources carry both names; run `pulumi stack rename NAME`"
    )
    assert "allowed: up to 1 characters in project" in problem("s" * 3, "t" * 39)
    assert problem("s" * 3, "t" * 40) == f"name in Pulumi.yaml: got {'t' * 40!r}, allowed: 3 characters less"

"""What resources are called in AWS."""

import re
from collections.abc import Iterator

import pulumi

# Roles have the shortest names in IAM, and the longest here is that of the orchestration instance.
_ROLE_LIMIT, _LONGEST_ROLE = 64, "orchestration-instance"
# RDS is the strictest about characters, S3 about their case.
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_STACK_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def physical_name(name: str) -> str:
    """`physical_name("vpc")` is `mlops-taxi-prediction-vpc-dev` in the stack `dev`."""
    return f"{pulumi.get_project()}-{name}-{pulumi.get_stack()}"


def metrics_namespace() -> str:
    """The CloudWatch namespace of the stack's own metrics; stacks that share an account do not mix them."""
    return f"{pulumi.get_project()}/{pulumi.get_stack()}"


def bucket_name(name: str, suffix: str) -> str:
    """A bucket's name; all of AWS shares one name space, so `suffix` (bucketSuffix) can set it apart."""
    name = physical_name(name)
    return f"{name}-{suffix}" if suffix else name


def standard_tags() -> dict[str, str]:
    """What every resource of the stack is found by; the provider puts them on all that it makes itself."""
    return {
        "Project": pulumi.get_project(),
        "Environment": pulumi.get_stack(),
        "ManagedBy": "pulumi",
    }


def name_problems() -> Iterator[str]:
    """Why AWS would refuse what the project and the stack are called, a sentence a problem."""
    project, stack = pulumi.get_project(), pulumi.get_stack()
    characters = "a-z, 0-9 and single hyphens between them"
    if not _NAME.fullmatch(project):
        yield f"name in Pulumi.yaml: got {project!r}, allowed: {characters}, a letter first"
    if not _STACK_NAME.fullmatch(stack):
        yield f"name of the stack: got {stack!r}, allowed: {characters}; run `pulumi stack rename NAME`"
    too_long = len(physical_name(_LONGEST_ROLE)) - _ROLE_LIMIT
    if too_long > 0:
        yield (
            f"name of the stack: got {stack!r}, allowed: up to {len(stack) - too_long} characters in project "
            f"{project!r}, for resources carry both names; run `pulumi stack rename NAME`"
            if len(stack) > too_long
            else f"name in Pulumi.yaml: got {project!r}, allowed: {too_long} characters less"
        )

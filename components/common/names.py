"""What resources are called in AWS."""

import pulumi


def physical_name(name: str) -> str:
    """`physical_name("vpc")` is `mlops-taxi-prediction-vpc-dev` in the stack `dev`."""
    return f"{pulumi.get_project()}-{name}-{pulumi.get_stack()}"


def bucket_name(name: str, suffix: str) -> str:
    """A bucket's name; all of AWS shares one name space, so `suffix` (bucketSuffix) can set it apart."""
    name = physical_name(name)
    return f"{name}-{suffix}" if suffix else name

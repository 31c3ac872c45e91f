"""Which of AWS's services the tasks must reach from subnets that have no way out."""

from typing import Literal

# S3, which holds the images' layers and the data, has a gateway endpoint in every VPC that the stack makes:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
# The DAGs' tasks tell SNS of shifts and put metrics: without a way to them a report would wait and fail.
_ALWAYS = ("ecr.api", "ecr.dkr", "logs", "monitoring", "secretsmanager", "sns")


def required_endpoints(
    *, ecs_exec: bool, executor: Literal["local", "ecs"], starts_state_machine: bool = False
) -> list[str]:
    """The interface endpoints, by the names that `interfaceEndpoints` takes."""
    return [
        *_ALWAYS,
        *(["ssmmessages"] if ecs_exec else []),
        *(["ecs"] if executor == "ecs" else []),
        *(["states"] if starts_state_machine else []),
    ]

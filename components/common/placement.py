"""Where tasks can run."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Placement:
    """A VPC and its subnets; `private_egress` says whether the private ones have a way out."""

    vpc_id: pulumi.Input[str]
    public_subnet_ids: Sequence[pulumi.Input[str]]
    private_subnet_ids: Sequence[pulumi.Input[str]]
    private_egress: bool

    @property
    def task_subnet_ids(self) -> Sequence[pulumi.Input[str]]:
        """Where a task on Fargate reaches the internet: in public subnets it needs an address of its own."""
        return self.private_subnet_ids if self.private_egress else self.public_subnet_ids

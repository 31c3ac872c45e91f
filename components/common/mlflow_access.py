"""How what runs beside the orchestration reaches its MLflow."""

from dataclasses import dataclass

import pulumi

USERNAME = "admin"


@dataclass(frozen=True, kw_only=True)
class MlflowAccess:
    """MLflow's address inside of the VPC, its password, and the security group that lets clients in."""

    tracking_uri: pulumi.Output[str]
    password: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    port: int

"""What the Fargate variant is made from."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.common.admin_access import AdminAccess
from components.common.data_access import DataAccess
from components.config.types import Architecture
from components.orchestration.fargate.settings import FargateSettings


@dataclass(frozen=True, kw_only=True)
class FargateArgs:
    """The settings, where to run, what to run, and the data that it works on."""

    settings: FargateSettings
    vpc_id: pulumi.Input[str]
    public_subnet_ids: Sequence[pulumi.Input[str]]
    private_subnet_ids: Sequence[pulumi.Input[str]]
    data: DataAccess
    admin: AdminAccess
    admin_image: pulumi.Input[str]
    airflow_image: pulumi.Input[str]
    mlflow_image: pulumi.Input[str]
    image_architecture: Architecture
    access_logs_bucket_name: pulumi.Input[str]
    scheduled: bool
    internet_routes: Sequence[pulumi.Resource] = ()

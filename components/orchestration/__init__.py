"""Airflow and MLflow: the one place that chooses what runs them."""

from typing import TYPE_CHECKING, Any

import pulumi

from components.common.instance_types import architecture
from components.network import Network
from components.orchestration.compose import ComposeArgs, ComposeOrchestration
from components.orchestration.fargate import FargateArgs, FargateOrchestration
from components.orchestration.images import Images
from components.storage import Storage
from components.streaming import Streaming

if TYPE_CHECKING:
    from components.settings import Settings

Orchestration = ComposeOrchestration | FargateOrchestration


def orchestration(
    settings: "Settings",
    *,
    network: Network,
    storage: Storage,
    streaming: Streaming,
    opts: pulumi.ResourceOptions,
) -> Orchestration:
    """The variant that the stack asks for; both have the same attributes."""
    data = {
        "artifacts_bucket_name": storage.artifacts_bucket.bucket,
        "artifacts_bucket_arn": storage.artifacts_bucket.arn,
        "data_bucket_name": storage.data_bucket.bucket,
        "data_bucket_arn": storage.data_bucket.arn,
        "reports_bucket_name": storage.reports_bucket.bucket,
        "reports_bucket_arn": storage.reports_bucket.arn,
        "stream_name": streaming.stream.name,
        "stream_arn": streaming.stream.arn,
        "vpc_id": network.vpc_id,
        "public_subnet_ids": network.public_subnet_ids,
    }
    if settings.orchestration.orchestration_variant == "fargate":
        return _fargate(settings, network, storage, data, opts)
    return _compose(settings, streaming, data, opts)


def _compose(
    settings: "Settings", streaming: Streaming, data: dict[str, Any], opts: pulumi.ResourceOptions
) -> ComposeOrchestration:
    chosen = settings.orchestration
    images = Images(
        "images",
        {
            "airflow": chosen.airflow_image_uri,
            "mlflow": chosen.mlflow_image_uri,
            "status": chosen.status_image_uri,
        },
        architecture=architecture(settings.compose.orchestration_instance_type),
        opts=opts,
    )
    args = ComposeArgs(
        **vars(settings.compose),
        **data,
        airflow_image=images.uris["airflow"],
        mlflow_image=images.uris["mlflow"],
        status_image=images.uris["status"],
        repository_arns=images.repository_arns,
        alarm_topic_arn=streaming.alarm_topic.arn,
    )
    return ComposeOrchestration("orchestration", args, opts=opts)


def _fargate(
    settings: "Settings",
    network: Network,
    storage: Storage,
    data: dict[str, Any],
    opts: pulumi.ResourceOptions,
) -> FargateOrchestration:
    chosen = settings.orchestration
    if not settings.fargate.certificate_arn:
        pulumi.log.warn(
            "certificateArn is not set: passwords reach the load balancer in plain text; set it, or allow "
            "only your own network with albIngressCidrs"
        )
    images = Images(
        "images",
        {"airflow": chosen.airflow_image_uri, "mlflow": chosen.mlflow_image_uri},
        architecture=chosen.fargate_architecture,
        opts=opts,
    )
    args = FargateArgs(
        **vars(settings.fargate),
        **data,
        private_subnet_ids=network.private_subnet_ids,
        airflow_image=images.uris["airflow"],
        mlflow_image=images.uris["mlflow"],
        image_architecture=chosen.fargate_architecture,
        access_logs_bucket_name=storage.access_logs_bucket_name,
        scheduled=settings.schedule.schedule == "office-hours",
    )
    return FargateOrchestration("orchestration", args, opts=opts)

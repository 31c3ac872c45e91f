"""Airflow and MLflow: the one place that chooses what runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.common.admin_access import AdminAccess
from components.common.data_access import DataAccess
from components.common.instance_types import architecture
from components.common.placement import Placement
from components.config.types import Architecture
from components.orchestration.compose import ComposeArgs, ComposeOrchestration
from components.orchestration.compose.files import ComposeImages
from components.orchestration.compose.settings import ComposeSettings
from components.orchestration.fargate import FargateArgs, FargateOrchestration
from components.orchestration.fargate.settings import FargateSettings
from components.orchestration.images import Images
from components.orchestration.settings import OrchestrationSettings

Orchestration = ComposeOrchestration | FargateOrchestration


@dataclass(frozen=True, kw_only=True)
class OrchestrationArgs:
    """The settings of both variants, where to run, the data that Airflow and MLflow work on, and what the
    admin GUI watches and handles.

    `internet_routes` are what must be there before anything can pull an image. `scheduled` says that a
    schedule stops and starts what runs, and so moves the services' task counts.
    """

    settings: OrchestrationSettings
    compose: ComposeSettings
    fargate: FargateSettings
    placement: Placement
    internet_routes: Sequence[pulumi.Resource]
    data: DataAccess
    admin: AdminAccess
    access_logs_bucket_name: pulumi.Input[str]
    scheduled: bool


def orchestration(
    name: str, args: OrchestrationArgs, opts: pulumi.ResourceOptions | None = None
) -> Orchestration:
    """The variant that the stack asks for; both have the same attributes.

    ::

        platform = orchestration("orchestration", OrchestrationArgs(settings=settings.orchestration, ...))
        pulumi.export("airflow_url", platform.airflow_url)
    """
    if args.settings.orchestration_variant == "fargate":
        return _fargate(name, args, opts)
    return _compose(name, args, opts)


def platform_outputs(platform: Orchestration) -> dict[str, pulumi.Output[Any]]:
    """The stack outputs of either variant, and those of its own."""
    names = ("airflow_url", "mlflow_url", "admin_url", "status_url", "quick_start_commands")
    return {**{name: getattr(platform, name) for name in names}, **platform.variant_outputs}


def instance_types(settings: OrchestrationSettings, compose: ComposeSettings) -> tuple[str, ...]:
    """The types of the instances that the variant starts."""
    if settings.orchestration_variant == "fargate":
        return ()
    frontend = [compose.frontend_instance_type] if compose.frontend_instance else []
    return (compose.orchestration_instance_type, *frontend)


def _compose(name: str, args: OrchestrationArgs, opts: pulumi.ResourceOptions | None) -> ComposeOrchestration:
    built_for = architecture(args.compose.orchestration_instance_type)
    images = _images(args, ["airflow", "mlflow", "status", "admin"], built_for, opts)
    compose = ComposeArgs(
        settings=args.compose,
        vpc_id=args.placement.vpc_id,
        public_subnet_ids=args.placement.public_subnet_ids,
        data=args.data,
        admin=args.admin,
        images=ComposeImages(**images.uris),
        repository_arns=images.repository_arns,
        internet_routes=args.internet_routes,
    )
    return ComposeOrchestration(name, compose, opts=opts)


def _fargate(name: str, args: OrchestrationArgs, opts: pulumi.ResourceOptions | None) -> FargateOrchestration:
    if args.fargate.alb_ingress_cidrs and not args.fargate.https:
        pulumi.log.warn(
            "domainName is not set: passwords reach the load balancer in plain text from "
            f"{', '.join(args.fargate.alb_ingress_cidrs)}; set it for HTTPS"
        )
    if not args.fargate.alb_ingress_cidrs:
        pulumi.log.warn(
            "albIngressCidrs is not set: nobody reaches the load balancer; name ranges, such as "
            "'[\"198.51.100.7/32\"]'"
        )
    images = _images(args, ["airflow", "mlflow", "admin"], args.settings.fargate_architecture, opts)
    fargate = FargateArgs(
        settings=args.fargate,
        vpc_id=args.placement.vpc_id,
        public_subnet_ids=args.placement.public_subnet_ids,
        private_subnet_ids=args.placement.private_subnet_ids,
        internet_routes=args.internet_routes,
        data=args.data,
        admin=args.admin,
        admin_image=images.uris["admin"],
        airflow_image=images.uris["airflow"],
        mlflow_image=images.uris["mlflow"],
        image_architecture=args.settings.fargate_architecture,
        access_logs_bucket_name=args.access_logs_bucket_name,
        scheduled=args.scheduled,
    )
    return FargateOrchestration(name, fargate, opts=opts)


def _images(
    args: OrchestrationArgs,
    names: Sequence[str],
    built_for: Architecture,
    opts: pulumi.ResourceOptions | None,
) -> Images:
    chosen = args.settings
    prebuilt = {
        "airflow": chosen.airflow_image_uri,
        "mlflow": chosen.mlflow_image_uri,
        "status": chosen.status_image_uri,
        "admin": chosen.admin_image_uri,
    }
    return Images("images", {name: prebuilt[name] for name in names}, architecture=built_for, opts=opts)

"""What each instance is given to run, from the stack's own names and addresses."""

from dataclasses import dataclass, replace
from typing import Any

import pulumi

from components.common.admin_access import AdminAccess
from components.common.data_access import DataAccess
from components.common.instance_types import memory_mib
from components.common.names import metrics_namespace, physical_name
from components.common.repository import registries
from components.orchestration.compose import compose_file
from components.orchestration.compose.compose_file import AdminGui, ComposeFileArgs, FrontendFileArgs
from components.orchestration.compose.host import log_group_name
from components.orchestration.compose.host_files import InstanceFiles, host_files
from components.orchestration.compose.secrets import ComposeSecrets
from components.orchestration.compose.settings import ComposeSettings


@dataclass(frozen=True, kw_only=True)
class ComposeImages:
    """The URIs of the images."""

    airflow: pulumi.Input[str]
    mlflow: pulumi.Input[str]
    status: pulumi.Input[str]
    admin: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class FilesArgs:
    """What both instances' files are made from."""

    settings: ComposeSettings
    images: ComposeImages
    data: DataAccess
    admin: AdminAccess
    secrets: ComposeSecrets
    region: pulumi.Output[str]


def orchestration_files(args: FilesArgs) -> pulumi.Output[dict[str, str]]:
    """The files of the orchestration instance; it has the admin GUI where there is no frontend instance."""
    settings = args.settings

    def rendered(known: dict[str, Any]) -> dict[str, str]:
        admin = _gui(settings, known)
        stack = ComposeFileArgs(
            airflow_image=known["airflow_image"],
            mlflow_image=known["mlflow_image"],
            status_image=known["status_image"],
            region=known["region"],
            artifacts_bucket=known["artifacts_bucket"],
            data=known["data"],
            executor=settings.compose_executor,
            instance_mib=memory_mib(settings.orchestration_instance_type),
            admin=None if settings.frontend_instance else admin,
        )
        images = [stack.airflow_image, stack.mlflow_image, stack.status_image]
        host = replace(
            _host("orchestration", stack.region),
            registries=registries([*images, *([] if settings.frontend_instance else [admin.image])]),
            secret_id=known["secret_id"],
            backups=f"s3://{stack.data['DATA_BUCKET']}/platform/backups/",
            backup_hours=settings.backup_hours,
            spot=settings.orchestration_spot,
        )
        return host_files(host, compose_file.orchestration_file(stack))

    return pulumi.Output.all(
        airflow_image=args.images.airflow,
        mlflow_image=args.images.mlflow,
        status_image=args.images.status,
        admin_image=args.images.admin,
        admin=args.admin.environment(),
        region=args.region,
        artifacts_bucket=args.data.artifacts_bucket.name,
        data=args.data.environment(),
        secret_id=args.secrets.orchestration,
    ).apply(rendered)


def frontend_files(
    args: FilesArgs, *, address: pulumi.Input[str], browser_address: pulumi.Input[str]
) -> pulumi.Output[dict[str, str]]:
    """The files of the frontend instance.

    Args:
        args: What both have.
        address: Of the orchestration instance, within the VPC.
        browser_address: Where a browser reaches it; empty where that changes with every start, because the
            files would then change at night, and start what is stopped.
    """
    settings = args.settings

    def rendered(known: dict[str, Any]) -> dict[str, str]:
        admin = _gui(settings, known)
        stack = FrontendFileArgs(
            admin=admin,
            status_image=known["status_image"],
            instance_mib=memory_mib(settings.frontend_instance_type),
            region=known["region"],
            orchestration_address=known["address"],
            browser_address=known["browser_address"],
        )
        host = replace(
            _host("frontend", stack.region),
            registries=registries([stack.status_image, admin.image]),
            secret_id=known["secret_id"],
        )
        return host_files(host, compose_file.frontend_file(stack))

    return pulumi.Output.all(
        status_image=args.images.status,
        admin_image=args.images.admin,
        admin=args.admin.environment(),
        region=args.region,
        secret_id=args.secrets.admin,
        address=address,
        browser_address=browser_address,
    ).apply(rendered)


def _gui(settings: ComposeSettings, known: dict[str, Any]) -> AdminGui:
    return AdminGui(
        image=known["admin_image"], port=settings.admin_gui_port, environment=dict(known["admin"])
    )


def _host(purpose: str, region: str) -> InstanceFiles:
    return InstanceFiles(
        name=physical_name(purpose),
        region=region,
        log_group=log_group_name(purpose),
        metrics_namespace=metrics_namespace(),
    )

"""The EFS file system: Airflow's task logs and what its tasks hand to each other."""

from collections.abc import Sequence
from typing import Any

import pulumi

from components.common.shared_files import SharedFiles, SharedFilesArgs
from components.orchestration.fargate.settings.file_system import FileSystemSettings

_AIRFLOW_USER = 50000  # of the official image; group 0, as on OpenShift
_FOLDERS = ("logs", "shared")


def shared_files(
    name: str,
    settings: FileSystemSettings,
    subnet_ids: Sequence[pulumi.Input[str]],
    security_group_id: pulumi.Input[str],
    *,
    parent: pulumi.Resource,
) -> SharedFiles:
    """The file system as the settings have it."""
    args = SharedFilesArgs(
        purpose="files",
        subnet_ids=subnet_ids,
        security_group_id=security_group_id,
        folders={folder: f"/airflow/{folder}" for folder in _FOLDERS},
        user_id=_AIRFLOW_USER,
        group_id=0,
        throughput_mode=settings.efs_throughput_mode,
        performance_mode=settings.efs_performance_mode,
        provisioned_mibps=settings.efs_provisioned_mibps,
        transition_to_ia_days=settings.efs_transition_to_ia_days,
        backup=settings.efs_backup,
        protect=settings.deletion_protection,
    )
    return SharedFiles(f"{name}-files", args, parent=parent)


def volumes(files: SharedFiles) -> list[dict[str, Any]]:
    """The volumes of a task definition, named like the access points."""
    return [
        {
            "name": folder,
            "efs_volume_configuration": {
                "file_system_id": files.file_system.id,
                "transit_encryption": "ENABLED",
                "authorization_config": {"access_point_id": point.id, "iam": "ENABLED"},
            },
        }
        for folder, point in files.access_points.items()
    ]

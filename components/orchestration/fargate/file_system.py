"""The EFS file system: Airflow's task logs and what its tasks hand to each other."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.iam import policy, statement, tls_only
from components.common.names import physical_name
from components.orchestration.fargate.settings.file_system import FileSystemSettings

_AIRFLOW_USER = 50000  # of the official image; group 0, as on OpenShift
_CLIENT_ACTIONS = ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite")


class FileSystem:
    """An encrypted file system, entered over TLS by a role that may and through an access point alone."""

    def __init__(
        self,
        name: str,
        args: FileSystemSettings,
        subnet_ids: Sequence[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        *,
        parent: pulumi.Resource,
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        days = args.efs_transition_to_ia_days
        rule = f"AFTER_{days}_DAY{'' if days == 1 else 'S'}"
        self.file_system = aws.efs.FileSystem(
            f"{name}-files",
            encrypted=True,
            performance_mode=args.efs_performance_mode,
            throughput_mode=args.efs_throughput_mode,
            provisioned_throughput_in_mibps=args.efs_provisioned_mibps or None,
            lifecycle_policies=[{"transition_to_ia": rule}] if days else [],
            tags={"Name": physical_name("files")},
            opts=pulumi.ResourceOptions(parent=parent, protect=args.deletion_protection or None),
        )
        aws.efs.BackupPolicy(
            f"{name}-files",
            file_system_id=self.file_system.id,
            backup_policy={"status": "ENABLED" if args.efs_backup else "DISABLED"},
            opts=self._opts,
        )
        self.mount_targets = [
            aws.efs.MountTarget(
                f"{name}-files-{index}",
                file_system_id=self.file_system.id,
                subnet_id=subnet_id,
                security_groups=[security_group_id],
                opts=self._opts,
            )
            for index, subnet_id in enumerate(subnet_ids)
        ]
        self.access_points = {folder: self._access_point(folder) for folder in ("logs", "shared")}

    def allow(self, role_arn: pulumi.Input[str]) -> None:
        """Lets the role in, and nobody else: without a policy EFS lets in whoever reaches a mount target."""
        arn = self.file_system.arn
        allowed: dict[str, Any] = {
            **statement(_CLIENT_ACTIONS, [arn], conditions={"ArnEquals": self._points()}),
            "Principal": {"AWS": role_arn},
        }
        aws.efs.FileSystemPolicy(
            f"{self._name}-files",
            file_system_id=self.file_system.id,
            policy=pulumi.Output.json_dumps(
                policy(allowed, tls_only([*_CLIENT_ACTIONS, "elasticfilesystem:ClientRootAccess"], [arn]))
            ),
            opts=self._opts,
        )

    def statement(self) -> dict[str, Any]:
        """What a role needs to read and write through the access points."""
        return statement(
            _CLIENT_ACTIONS,
            [self.file_system.arn],
            sid="MountSharedFiles",
            conditions={"ArnEquals": self._points()},
        )

    def volumes(self) -> list[dict[str, Any]]:
        """The volumes of a task definition, named like the access points."""
        return [
            {
                "name": folder,
                "efs_volume_configuration": {
                    "file_system_id": self.file_system.id,
                    "transit_encryption": "ENABLED",
                    "authorization_config": {"access_point_id": point.id, "iam": "ENABLED"},
                },
            }
            for folder, point in self.access_points.items()
        ]

    def _points(self) -> dict[str, Any]:
        return {"elasticfilesystem:AccessPointArn": [point.arn for point in self.access_points.values()]}

    def _access_point(self, folder: str) -> aws.efs.AccessPoint:
        return aws.efs.AccessPoint(
            f"{self._name}-files-{folder}",
            file_system_id=self.file_system.id,
            posix_user={"uid": _AIRFLOW_USER, "gid": 0},
            root_directory={
                "path": f"/airflow/{folder}",
                "creation_info": {"owner_uid": _AIRFLOW_USER, "owner_gid": 0, "permissions": "0775"},
            },
            tags={"Name": physical_name(f"files-{folder}")},
            opts=self._opts,
        )

"""An encrypted EFS file system, entered over TLS by a role that may, and through an access point alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.iam import policy, statement, tls_only
from components.common.names import physical_name

NFS_PORT = 2049
_CLIENT_ACTIONS = ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite")


@dataclass(frozen=True, kw_only=True)
class SharedFilesArgs:
    """Where the file system is reached, and who owns its folders.

    Args:
        purpose: What it is called in AWS within project and stack.
        folders: The paths of the access points, by their names.
        user_id: Who reads and writes through them, whoever asks.
        transition_to_ia_days: Days until unused files move to Infrequent Access; 0 never moves them.
    """

    purpose: str
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    folders: Mapping[str, str]
    user_id: int
    group_id: int
    throughput_mode: str = "elastic"
    performance_mode: str = "generalPurpose"
    provisioned_mibps: float | None = None
    transition_to_ia_days: int = 30
    backup: bool = False
    protect: bool = False


class SharedFiles:
    """`file_system`, its `mount_targets`, and an access point for each folder in `access_points`."""

    def __init__(self, name: str, args: SharedFilesArgs, *, parent: pulumi.Resource) -> None:
        self._name = name
        self._args = args
        self._opts = pulumi.ResourceOptions(parent=parent)
        days = args.transition_to_ia_days
        rule = f"AFTER_{days}_DAY{'' if days == 1 else 'S'}"
        self.file_system = aws.efs.FileSystem(
            name,
            encrypted=True,
            performance_mode=args.performance_mode,
            throughput_mode=args.throughput_mode,
            provisioned_throughput_in_mibps=args.provisioned_mibps or None,
            lifecycle_policies=[{"transition_to_ia": rule}] if days else [],
            tags={"Name": physical_name(args.purpose)},
            opts=pulumi.ResourceOptions(parent=parent, protect=args.protect or None),
        )
        aws.efs.BackupPolicy(
            name,
            file_system_id=self.file_system.id,
            backup_policy={"status": "ENABLED" if args.backup else "DISABLED"},
            opts=self._opts,
        )
        self.mount_targets = [
            aws.efs.MountTarget(
                f"{name}-{index}",
                file_system_id=self.file_system.id,
                subnet_id=subnet_id,
                security_groups=[args.security_group_id],
                opts=self._opts,
            )
            for index, subnet_id in enumerate(args.subnet_ids)
        ]
        self.access_points = {folder: self._access_point(folder) for folder in args.folders}

    def allow(self, role_arns: pulumi.Input[str] | Sequence[pulumi.Input[str]]) -> aws.efs.FileSystemPolicy:
        """Lets the roles in, and nobody else: without a policy EFS lets in whoever reaches a mount target."""
        arn = self.file_system.arn
        allowed: dict[str, Any] = {
            **statement(_CLIENT_ACTIONS, [arn], conditions={"ArnEquals": self._points()}),
            "Principal": {"AWS": role_arns},
        }
        return aws.efs.FileSystemPolicy(
            self._name,
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

    def _points(self) -> dict[str, Any]:
        return {"elasticfilesystem:AccessPointArn": [point.arn for point in self.access_points.values()]}

    def _access_point(self, folder: str) -> aws.efs.AccessPoint:
        user_id, group_id = self._args.user_id, self._args.group_id
        return aws.efs.AccessPoint(
            f"{self._name}-{folder}",
            file_system_id=self.file_system.id,
            posix_user={"uid": user_id, "gid": group_id},
            root_directory={
                "path": self._args.folders[folder],
                "creation_info": {"owner_uid": user_id, "owner_gid": group_id, "permissions": "0775"},
            },
            tags={"Name": physical_name(f"{self._args.purpose}-{folder}")},
            opts=self._opts,
        )

"""The instance, its data volume and the snapshots of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.instance_types import credit_specification
from components.common.machine_image import machine_image
from components.common.names import physical_name
from components.workstation import roles
from components.workstation.settings import WorkstationSettings

PURPOSE = "workstation"
METADATA: aws.ec2.InstanceMetadataOptionsArgsDict = {
    "http_endpoint": "enabled",
    "http_tokens": "required",
    "http_put_response_hop_limit": 1,
}
_SNAPSHOTS_AT = "05:00"  # UTC


@dataclass(frozen=True, kw_only=True)
class MachineArgs:
    """Where the instance stands, what it may do and is given, and what must be there before it."""

    subnet_id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    profile_name: pulumi.Input[str]
    user_data: pulumi.Input[str]
    depends_on: Sequence[pulumi.Resource]


class Machine:
    """`instance` and `volume`; a new instance gets the volume of the old one."""

    instance: aws.ec2.Instance
    volume: aws.ebs.Volume

    def __init__(
        self, name: str, settings: WorkstationSettings, args: MachineArgs, *, parent: pulumi.Resource
    ) -> None:
        self._name = name
        self._settings = settings
        self._parent = parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.volume = self._volume(args.subnet_id)
        self.instance = self._instance(args)
        aws.ec2.VolumeAttachment(
            f"{name}-data",
            device_name="/dev/sdf",
            volume_id=self.volume.id,
            instance_id=self.instance.id,
            # A mounted volume cannot be detached; stopping makes a checkpoint first.
            stop_instance_before_detaching=True,
            opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
        )
        if settings.workstation_snapshots:
            self._snapshots()

    def _volume(self, subnet_id: pulumi.Input[str]) -> aws.ebs.Volume:
        settings = self._settings
        subnet = aws.ec2.get_subnet_output(id=subnet_id, opts=pulumi.InvokeOutputOptions(parent=self._parent))
        return aws.ebs.Volume(
            f"{self._name}-data",
            availability_zone=subnet.availability_zone,
            size=settings.workstation_data_volume_gib,
            type="gp3",
            encrypted=True,
            final_snapshot=not settings.force_destroy,
            tags={"Name": physical_name("workstation-data")},
            opts=pulumi.ResourceOptions(
                parent=self._parent,
                protect=settings.deletion_protection or None,
                # A volume does not move: in another zone it would be another one, and empty.
                ignore_changes=["availability_zone"],
            ),
        )

    def _instance(self, args: MachineArgs) -> aws.ec2.Instance:
        settings = self._settings
        type_ = settings.workstation_instance_type
        return aws.ec2.Instance(
            self._name,
            ami=machine_image(type_, self._parent),
            instance_type=type_,
            instance_market_options=_spot(settings) if settings.workstation_spot else None,
            hibernation=settings.workstation_hibernation or None,
            instance_initiated_shutdown_behavior="stop",  # so that it can stop itself
            credit_specification=credit_specification(type_, settings.cpu_credits),
            subnet_id=args.subnet_id,
            vpc_security_group_ids=[args.security_group_id],
            iam_instance_profile=args.profile_name,
            key_name=self._key() if settings.workstation_ssh_public_key else None,
            metadata_options=METADATA,
            root_block_device={
                "encrypted": True,
                "volume_type": "gp3",
                "volume_size": settings.workstation_volume_gib,
                "tags": {"Name": physical_name(PURPOSE)},
            },
            user_data=args.user_data,
            user_data_replace_on_change=True,
            tags={"Name": physical_name(PURPOSE)},
            opts=pulumi.ResourceOptions(
                parent=self._parent,
                depends_on=args.depends_on,
                # The image's parameter moves with every release; the instance updates its packages instead.
                ignore_changes=["ami"],
                # The data volume is attached to one instance at a time.
                delete_before_replace=True,
            ),
        )

    def _key(self) -> pulumi.Output[str]:
        key = aws.ec2.KeyPair(
            f"{self._name}-ssh",
            key_name=physical_name("workstation-ssh"),
            public_key=self._settings.workstation_ssh_public_key,
            opts=self._opts,
        )
        return key.key_name

    def _snapshots(self) -> None:
        role, grant = roles.snapshot_role(self._name, self.volume.arn, parent=self._parent)
        aws.dlm.LifecyclePolicy(
            f"{self._name}-data",
            description="Daily snapshots of the data volume of the workstation",
            execution_role_arn=role.arn,
            state="ENABLED",
            policy_details={
                "resource_types": ["VOLUME"],
                "target_tags": {"Name": physical_name("workstation-data")},
                "schedules": [
                    {
                        "name": "daily",
                        "create_rule": {"interval": 24, "interval_unit": "HOURS", "times": _SNAPSHOTS_AT},
                        "retain_rule": {"count": self._settings.workstation_snapshots},
                        "copy_tags": True,
                    }
                ],
            },
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=[grant]),
        )


def _spot(settings: WorkstationSettings) -> aws.ec2.InstanceInstanceMarketOptionsArgsDict:
    """Taken back by AWS it is stopped or hibernated, not terminated, and returns by itself."""
    behavior = "hibernate" if settings.workstation_hibernation else "stop"
    return {
        "market_type": "spot",
        "spot_options": {"spot_instance_type": "persistent", "instance_interruption_behavior": behavior},
    }

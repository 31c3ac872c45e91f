"""An EC2 instance that runs a compose file: its files, role, address and alarms, and what updates it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.common.account import partition
from components.common.iam import Document
from components.common.instance_alarms import agent_alarms, agent_panel, instance_alarms, spot_event
from components.common.instance_files import ship
from components.common.instance_role import instance_role
from components.common.instance_types import credit_specification
from components.common.machine_image import machine_image
from components.common.monitored import Alarm, Event, Metric
from components.common.names import metrics_namespace, physical_name
from components.common.settings import InstanceSettings
from components.orchestration.compose.host_files import user_data
from components.orchestration.compose.host_role import UPDATE_DOCUMENT, host_statements

# Stopped rather than terminated when AWS takes it back, it keeps its volume and returns by itself.
_SPOT: aws.ec2.InstanceInstanceMarketOptionsArgsDict = {
    "market_type": "spot",
    "spot_options": {"spot_instance_type": "persistent", "instance_interruption_behavior": "stop"},
}
_METADATA: aws.ec2.InstanceMetadataOptionsArgsDict = {
    "http_endpoint": "enabled",
    "http_tokens": "required",
    "http_put_response_hop_limit": 2,  # the containers' processes are one hop further away
}


@dataclass(frozen=True, kw_only=True)
class ComposeInstanceArgs:
    """One instance's size and rights; `files` are what is unpacked under /opt/platform, content by path."""

    instance_type: str
    volume_gib: int
    swap_gib: int
    spot: bool
    security_group_id: pulumi.Input[str]
    files: pulumi.Output[dict[str, str]]
    statements: Sequence[Document]


@dataclass(frozen=True, kw_only=True)
class SharedInstanceArgs:
    """What all instances of a stack share."""

    subnet_id: pulumi.Input[str]
    region: pulumi.Output[str]
    account: pulumi.Output[str]
    files_bucket: pulumi.Input[str]
    files_bucket_arn: pulumi.Input[str]
    repository_arns: Sequence[pulumi.Input[str]]
    internet_routes: Sequence[pulumi.Resource]
    key_name: pulumi.Output[str] | None
    elastic_ip: bool
    machine: InstanceSettings
    log_retention_days: int
    deletion_protection: bool


def log_group_name(purpose: str) -> str:
    """Where the containers of an instance log to."""
    return f"/ec2/{physical_name(purpose)}"


class ComposeInstance:
    """An instance in a public subnet; `address` is where it is reached, `role` what it may do.

    `alarms`, `events` and `panel` are what is worth telling of it.

    The subnet gives it a public address. The instance's own `associate_public_ip_address` would read false
    once it is stopped, and Pulumi would replace it after a refresh.
    """

    def __init__(
        self,
        name: str,
        purpose: str,
        args: ComposeInstanceArgs,
        shared: SharedInstanceArgs,
        *,
        parent: pulumi.Resource,
    ) -> None:
        self._name = f"{name}-{purpose}"
        self._purpose = purpose
        self._shared = shared
        self._parent = parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        log_group = self._log_group()
        key, version, parameter = ship(
            self._name, purpose, args.files, bucket=shared.files_bucket, parent=parent
        )
        common = host_statements(
            files_arn=pulumi.Output.format("{0}/{1}", shared.files_bucket_arn, key),
            parameter_arn=parameter.arn,
            log_group_arn=log_group.arn,
            repository_arns=shared.repository_arns,
            partition=partition(parent),
            region=shared.region,
            account=shared.account,
        )
        self.role, profile, grant = instance_role(name, purpose, [*common, *args.statements], parent=parent)
        boot = pulumi.Output.all(shared.region, shared.files_bucket, parameter.name).apply(
            lambda known: user_data(
                region=known[0], bucket=known[1], key=key, parameter=known[2], swap_gib=args.swap_gib
            )
        )
        # At its first start the instance must find what it may do, what to run, and the way to both.
        first = [grant, parameter, *shared.internet_routes]
        self.instance = self._instance(args, profile, boot, depends_on=first)
        self.address = self._address() if shared.elastic_ip else self.instance.public_ip
        self._update(version)
        self.log_group_name = log_group.name
        self._tell(args)

    def _log_group(self) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            self._name,
            name=log_group_name(self._purpose),
            retention_in_days=self._shared.log_retention_days,
            opts=self._opts,
        )

    def _instance(
        self,
        args: ComposeInstanceArgs,
        profile: aws.iam.InstanceProfile,
        boot: pulumi.Output[str],
        depends_on: Sequence[pulumi.Resource],
    ) -> aws.ec2.Instance:
        protect = self._shared.deletion_protection
        return aws.ec2.Instance(
            self._name,
            ami=machine_image(args.instance_type, self._parent),
            instance_type=args.instance_type,
            instance_market_options=_SPOT if args.spot else None,
            credit_specification=credit_specification(args.instance_type, self._shared.machine.cpu_credits),
            subnet_id=self._shared.subnet_id,
            vpc_security_group_ids=[args.security_group_id],
            iam_instance_profile=profile.name,
            key_name=self._shared.key_name,
            metadata_options=_METADATA,
            root_block_device={
                "encrypted": True,
                "volume_type": "gp3",
                "volume_size": args.volume_gib,
                "tags": {"Name": physical_name(self._purpose)},
            },
            disable_api_termination=protect,
            user_data=boot,
            user_data_replace_on_change=True,
            tags={"Name": physical_name(self._purpose)},
            opts=pulumi.ResourceOptions(
                parent=self._parent,
                protect=protect or None,
                depends_on=depends_on,
                # The image's parameter moves with every release; the instance updates its packages instead.
                ignore_changes=["ami"],
                # The old one backs its databases up as it shuts down, and the new one begins with that.
                delete_before_replace=True,
            ),
        )

    def _address(self) -> pulumi.Output[str]:
        address = aws.ec2.Eip(
            self._name, domain="vpc", tags={"Name": physical_name(self._purpose)}, opts=self._opts
        )
        aws.ec2.EipAssociation(
            self._name, allocation_id=address.allocation_id, instance_id=self.instance.id, opts=self._opts
        )
        return address.public_ip

    def _update(self, version: pulumi.Output[str]) -> None:
        """Applies new files at once where the instance runs; one that is stopped reads them as it starts."""
        command = pulumi.Output.format(
            "cloud-init status --wait; systemctl reload-or-restart platform.service # files {0}", version
        )
        aws.ssm.Association(
            f"{self._name}-update",
            name=UPDATE_DOCUMENT,
            association_name=physical_name(f"{self._purpose}-update"),
            targets=[{"key": "InstanceIds", "values": [self.instance.id]}],
            parameters={"commands": command},
            opts=self._opts,
        )

    def _tell(self, args: ComposeInstanceArgs) -> None:
        purpose, instance_id = self._purpose, self.instance.id
        self.alarms = self._alarms(args)
        self.panel = agent_panel(purpose, instance_id, metrics_namespace())
        self.events: tuple[Event, ...] = (spot_event(purpose, instance_id),) if args.spot else ()

    def _alarms(self, args: ComposeInstanceArgs) -> tuple[Alarm, ...]:
        purpose, instance_id = self._purpose, self.instance.id
        unhealthy = Alarm(
            name=f"{purpose}-unhealthy",
            meaning=f"containers are not healthy; {log_group_name(purpose)} has what they print",
            runbook="containers-unhealthy",
            metric=Metric(
                namespace=metrics_namespace(),
                name="UnhealthyContainers",
                dimensions={"Host": physical_name(purpose)},
                statistic="Maximum",
            ),
            periods=5,
            essential=True,
        )
        machine = instance_alarms(
            purpose,
            instance_id,
            instance_type=args.instance_type,
            settings=self._shared.machine,
            parent=self._parent,
            spot=args.spot,
        )
        inside = agent_alarms(purpose, instance_id, self._shared.machine, swap=bool(args.swap_gib))
        return (*machine, unhealthy, *inside)

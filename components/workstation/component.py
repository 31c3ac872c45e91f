"""The ML workstation: an instance with JupyterLab, its data volume, buckets of data sets and models."""

from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.instance_alarms import agent_alarms, agent_panel, instance_alarms, spot_event
from components.common.monitored import Monitored
from components.common.names import metrics_namespace, physical_name
from components.common.security_groups import Groups
from components.workstation.args import WorkstationArgs
from components.workstation.buckets import WorkstationBuckets
from components.workstation.environment import Environment
from components.workstation.equipment import Equipment, Kind, equip
from components.workstation.files import host_files
from components.workstation.machine import PURPOSE, Machine, MachineArgs
from components.workstation.workers import Workers

JUPYTER_PORT, TENSORBOARD_PORT, _SSH_PORT = 8888, 6006, 22


class Workstation(pulumi.ComponentResource):
    """An instance that people reach through Systems Manager alone, unless the settings open SSH to a range.

    ::

        workstation = Workstation("workstation", WorkstationArgs(settings=WorkstationSettings(), ...))

    It stands in a private subnet where these have a way out and nobody comes by SSH.
    """

    outputs: dict[str, pulumi.Output[Any]]
    monitored: Monitored

    def __init__(self, name: str, args: WorkstationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:Workstation", name, None, opts)
        self._name = name
        self._args = args
        self._settings = args.settings
        self._opts = pulumi.ResourceOptions(parent=self)
        self._buckets = WorkstationBuckets(name, args.settings, parent=self)
        log_group = aws.cloudwatch.LogGroup(
            name,
            name=f"/ec2/{physical_name(PURPOSE)}",
            retention_in_days=args.settings.log_retention_days,
            opts=self._opts,
        )
        environment = Environment(name, args, self._buckets, parent=self)
        groups = Groups(name, args.placement.vpc_id, parent=self)
        group = self._security_group(groups)
        self._workers = (
            Workers(name, args, environment, group, groups, log_group=log_group, parent=self)
            if args.settings.workstation_workers_max
            else None
        )
        equipment = self._equip(environment, log_group)
        if self._workers:
            self._workers.start(equipment.role.arn)
        in_public = bool(args.settings.workstation_ssh_public_key)
        subnets = args.placement.public_subnet_ids if in_public else args.placement.task_subnet_ids
        machine_args = MachineArgs(
            subnet_id=subnets[0],
            security_group_id=group.id,
            profile_name=equipment.profile.name,
            user_data=equipment.user_data,
            depends_on=[*equipment.ready, *args.internet_routes],
        )
        self._machine = Machine(name, args.settings, machine_args, parent=self)
        self.monitored = self._monitored()
        self.outputs = self._outputs()
        self.register_outputs(self.outputs)

    def _equip(self, environment: Environment, log_group: aws.cloudwatch.LogGroup) -> Equipment:
        return equip(
            self._name,
            Kind(
                purpose=PURPOSE,
                files_name=self._name,
                instance_type=self._settings.workstation_instance_type,
                home="/data/home",
                files=host_files,
            ),
            self._args,
            environment,
            log_group=log_group,
            parent=self,
            variables=self._workers.variables() if self._workers else {},
            statements=self._workers.statements() if self._workers else (),
        )

    def _security_group(self, groups: Groups) -> aws.ec2.SecurityGroup:
        """It reaches AWS, the package index and MLflow; only SSH from named ranges reaches it."""
        args = self._args
        group = groups.group(PURPOSE, "The ML workstation")
        groups.allow_https("https", group)
        groups.allow_ids("mlflow", group.id, args.mlflow.security_group_id, args.mlflow.port)
        for index, cidr in enumerate(self._settings.workstation_ssh_cidrs):
            groups.admit(f"ssh-{index}", group, _SSH_PORT, cidr)
        return group

    def _monitored(self) -> Monitored:
        """The machine from outside, and its disks and memory."""
        settings, instance_id = self._settings, self._machine.instance.id
        machine = instance_alarms(
            PURPOSE,
            instance_id,
            instance_type=settings.workstation_instance_type,
            settings=settings,
            parent=self,
            spot=settings.workstation_spot,
        )
        return Monitored(
            owner=self,
            name=self._name,
            part="workstation",
            alarms=(
                *machine,
                *agent_alarms(PURPOSE, instance_id, settings, swap=False),
                *(self._workers.alarms() if self._workers else ()),
            ),
            panels=(
                agent_panel(PURPOSE, instance_id, metrics_namespace()),
                *((self._workers.panel(),) if self._workers else ()),
            ),
            events=(spot_event(PURPOSE, instance_id),) if settings.workstation_spot else (),
        )

    def _outputs(self) -> dict[str, pulumi.Output[Any]]:
        made = self._buckets.made
        return {
            "workstation_instance_id": self._machine.instance.id,
            "workstation_connect_command": pulumi.Output.from_input(
                f"python -m ops workstation connect --stack {pulumi.get_stack()}"
            ),
            "datasets_bucket": made["datasets"].bucket,
            "models_bucket": made["models"].bucket,
        }


def workstation(
    name: str, args: WorkstationArgs, opts: pulumi.ResourceOptions | None = None
) -> tuple[dict[str, Any], tuple[Monitored, ...]]:
    """The stack outputs of the workstation and what to watch; nothing unless the settings ask for it."""
    if not args.settings.workstation:
        return {}, ()
    made = Workstation(name, args, opts)
    return made.outputs, (made.monitored,)

"""The Auto Scaling group of workers, and the file system that they share with the workstation."""

import base64
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.common.iam import Document, policy, statement
from components.common.instance_types import credit_specification
from components.common.machine_image import machine_image
from components.common.monitored import Alarm, Expression, Metric, Panel
from components.common.names import physical_name, standard_tags
from components.common.security_groups import Groups
from components.common.shared_files import NFS_PORT, SharedFiles, SharedFilesArgs
from components.workstation.args import WorkstationArgs
from components.workstation.environment import Environment
from components.workstation.equipment import Equipment, Kind, equip
from components.workstation.files import USER_ID, worker_files
from components.workstation.machine import METADATA
from components.workstation.settings import WorkstationSettings

_PURPOSE, _FOLDER = "worker", "jobs"
_ROOT_DEVICE = "/dev/xvda"  # of Amazon Linux
_METRICS = ("GroupDesiredCapacity", "GroupInServiceInstances")


class Workers:
    """Instances without a public address that run jobs from the shared files; none waits for another."""

    def __init__(
        self,
        name: str,
        args: WorkstationArgs,
        environment: Environment,
        workstation_group: aws.ec2.SecurityGroup,
        groups: Groups,
        *,
        log_group: aws.cloudwatch.LogGroup,
        parent: pulumi.Resource,
    ) -> None:
        self._name = f"{name}-{_PURPOSE}"
        self._args = args
        self._settings = args.settings
        self._parent = parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._security_group, files_group = self._security_groups(groups, workstation_group)
        self._files = self._shared_files(f"{name}-files", files_group)
        kind = Kind(
            purpose=_PURPOSE,
            files_name=self._name,
            instance_type=self._settings.workstation_worker_instance_type,
            home="/home/scientist",
            files=worker_files,
        )
        self._equipment = equip(
            name,
            kind,
            args,
            environment,
            log_group=log_group,
            parent=parent,
            variables=self.variables(),
            statements=self.statements(),
        )
        self._name_in_aws = physical_name("workers")

    def variables(self) -> Mapping[str, pulumi.Input[str]]:
        """What scripts are told of the shared files."""
        point = self._files.access_points[_FOLDER]
        return {"SHARED_FILE_SYSTEM": self._files.file_system.id, "SHARED_ACCESS_POINT": point.id}

    def statements(self) -> list[Document]:
        """Mounting the shared files."""
        return [self._files.statement()]

    def start(self, workstation_role_arn: pulumi.Input[str]) -> None:
        """Lets the workstation and the workers into the shared files, and makes the group."""
        allowed = self._files.allow([workstation_role_arn, self._equipment.role.arn])
        group = self._group(self._template(self._equipment), [allowed, *self._files.mount_targets])
        leaving = statement(["autoscaling:TerminateInstanceInAutoScalingGroup"], [group.arn], sid="Leave")
        aws.iam.RolePolicy(
            f"{self._name}-leave",
            role=self._equipment.role.name,
            policy=pulumi.Output.json_dumps(policy(leaving)),
            opts=self._opts,
        )

    def alarms(self) -> tuple[Alarm, ...]:
        """The group cannot start what it was asked for."""
        missing = Expression(
            formula="wanted - there",
            metrics={"wanted": self._metric(_METRICS[0]), "there": self._metric(_METRICS[1])},
            label="missing workers",
        )
        return (
            Alarm(
                name="workers-missing",
                meaning="the Auto Scaling group has had fewer workers than it should for 15 minutes",
                runbook="workers-missing",
                metric=missing,
                periods=3,
            ),
        )

    def panel(self) -> Panel:
        """How many workers there are, and should be."""
        return Panel(group="Workstation", title="Workers", metrics=tuple(map(self._metric, _METRICS)))

    def _metric(self, name: str) -> Metric:
        return Metric(
            namespace="AWS/AutoScaling",
            name=name,
            dimensions={"AutoScalingGroupName": self._name_in_aws},
            statistic="Minimum",
            period_seconds=300,
            label=name,
        )

    def _security_groups(
        self, groups: Groups, workstation_group: aws.ec2.SecurityGroup
    ) -> tuple[aws.ec2.SecurityGroup, aws.ec2.SecurityGroup]:
        """Nobody reaches a worker; it reaches AWS, the package index, MLflow and the shared files."""
        mlflow = self._args.mlflow
        workers = groups.group("workers", "Workers of the ML workstation")
        files = groups.group("workstation-files", "Files that the ML workstation shares with its workers")
        groups.allow_https("workers-https", workers)
        groups.allow_ids("workers-mlflow", workers.id, mlflow.security_group_id, mlflow.port)
        groups.allow("workers-files", workers, files, NFS_PORT)
        groups.allow("files", workstation_group, files, NFS_PORT)
        return workers, files

    def _shared_files(self, name: str, group: aws.ec2.SecurityGroup) -> SharedFiles:
        args = SharedFilesArgs(
            purpose="workstation-files",
            subnet_ids=self._args.placement.private_subnet_ids,
            security_group_id=group.id,
            folders={_FOLDER: "/shared"},
            user_id=USER_ID,
            group_id=USER_ID,
            protect=self._settings.deletion_protection,
        )
        return SharedFiles(name, args, parent=self._parent)

    def _template(self, equipment: Equipment) -> aws.ec2.LaunchTemplate:
        settings = self._settings
        type_ = settings.workstation_worker_instance_type
        tags = {**standard_tags(), "Name": physical_name(_PURPOSE)}
        credits_ = credit_specification(type_, settings.cpu_credits)
        return aws.ec2.LaunchTemplate(
            self._name,
            name=physical_name(_PURPOSE),
            image_id=machine_image(type_, self._parent),
            instance_type=type_,
            iam_instance_profile={"arn": equipment.profile.arn},
            metadata_options=METADATA,
            credit_specification=credits_,
            network_interfaces=[
                {"associate_public_ip_address": "false", "security_groups": [self._security_group.id]}
            ],
            block_device_mappings=[
                {
                    "device_name": _ROOT_DEVICE,
                    "ebs": {
                        "encrypted": "true",
                        "volume_type": "gp3",
                        "volume_size": settings.workstation_volume_gib,
                        "delete_on_termination": "true",
                    },
                }
            ],
            # The provider's default tags are the template's own; what is launched gets these.
            tag_specifications=[
                {"resource_type": kind, "tags": tags} for kind in ("instance", "volume", "network-interface")
            ],
            user_data=equipment.user_data.apply(lambda text: base64.b64encode(text.encode()).decode()),
            opts=pulumi.ResourceOptions(parent=self._parent, ignore_changes=["image_id"]),
        )

    def _group(
        self, template: aws.ec2.LaunchTemplate, depends_on: Sequence[pulumi.Resource]
    ) -> aws.autoscaling.Group:
        settings = self._settings
        return aws.autoscaling.Group(
            self._name,
            name=self._name_in_aws,
            min_size=settings.workstation_workers_min,
            max_size=settings.workstation_workers_max,
            vpc_zone_identifiers=list(self._args.placement.private_subnet_ids),
            mixed_instances_policy=_mixed(settings, template),
            enabled_metrics=[aws.autoscaling.Metric(one) for one in _METRICS],
            # It would end a worker with a job for the sake of as many in each zone.
            suspended_processes=["AZRebalance"],
            wait_for_capacity_timeout="0",  # what a worker needs may come later in the same update
            force_delete=True,  # a worker holds nothing that is not in the shared files
            tags=[
                {"key": tag, "value": value, "propagate_at_launch": False}
                for tag, value in {**standard_tags(), "Name": self._name_in_aws}.items()
            ],
            opts=pulumi.ResourceOptions(
                parent=self._parent,
                depends_on=[*self._equipment.ready, *depends_on, *self._args.internet_routes],
            ),
        )


def _mixed(
    settings: WorkstationSettings, template: aws.ec2.LaunchTemplate
) -> aws.autoscaling.GroupMixedInstancesPolicyArgsDict:
    on_demand = settings.workstation_workers_on_demand_percent
    return {
        "launch_template": {
            "launch_template_specification": {
                "launch_template_id": template.id,
                "version": template.latest_version.apply(str),
            }
        },
        "instances_distribution": {
            "on_demand_percentage_above_base_capacity": on_demand,
            "spot_allocation_strategy": "price-capacity-optimized",
        },
    }

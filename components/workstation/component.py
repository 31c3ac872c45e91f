"""The ML workstation: an instance with JupyterLab, its data volume, buckets of data sets and models."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components.common.data_access import NamedArn
from components.common.instance_alarms import agent_alarms, agent_panel, instance_alarms, spot_event
from components.common.instance_files import ship
from components.common.instance_role import instance_role, instance_statements
from components.common.instance_types import is_gpu
from components.common.mlflow_access import USERNAME, MlflowAccess
from components.common.monitored import Monitored
from components.common.names import metrics_namespace, physical_name
from components.common.placement import Placement
from components.common.security_groups import Groups
from components.common.settings import ModelSettings
from components.workstation import roles
from components.workstation.buckets import WorkstationBuckets
from components.workstation.code import pack
from components.workstation.files import HostFiles, host_files, user_data
from components.workstation.machine import PURPOSE, Machine, MachineArgs
from components.workstation.settings import WorkstationSettings

JUPYTER_PORT, TENSORBOARD_PORT, _SSH_PORT = 8888, 6006, 22
_CODE_KEY = "platform/workstation-code.tar.gz"


@dataclass(frozen=True, kw_only=True)
class WorkstationArgs:
    """The settings, where to stand, and the platform's data, model and MLflow."""

    settings: WorkstationSettings
    placement: Placement
    data_bucket: NamedArn
    model: ModelSettings
    mlflow: MlflowAccess
    internet_routes: Sequence[pulumi.Resource] = ()


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
        self._region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        self._buckets = WorkstationBuckets(name, args.settings, parent=self)
        self._log_group = aws.cloudwatch.LogGroup(
            name,
            name=f"/ec2/{physical_name(PURPOSE)}",
            retention_in_days=args.settings.log_retention_days,
            opts=self._opts,
        )
        self._secret_arn = self._secret()
        key, _, parameter = ship(name, PURPOSE, self._files(), bucket=args.data_bucket.name, parent=self)
        profile, grant = self._role(key, parameter)
        boot = pulumi.Output.all(self._region, args.data_bucket.name, parameter.name).apply(
            lambda known: user_data(region=known[0], bucket=known[1], key=key, parameter=known[2])
        )
        in_public = bool(args.settings.workstation_ssh_public_key)
        subnets = args.placement.public_subnet_ids if in_public else args.placement.task_subnet_ids
        machine_args = MachineArgs(
            subnet_id=subnets[0],
            security_group_id=self._security_group().id,
            profile_name=profile.name,
            user_data=boot,
            depends_on=[grant, parameter, *args.internet_routes],
        )
        self._machine = Machine(name, args.settings, machine_args, parent=self)
        self.monitored = self._monitored()
        self.outputs = self._outputs()
        self.register_outputs(self.outputs)

    def _secret(self) -> pulumi.Output[str]:
        """JupyterLab's token, and MLflow's password; their ARN is known once they are there."""
        token = random.RandomPassword(f"{self._name}-token", length=48, special=False, opts=self._opts)
        secret = aws.secretsmanager.Secret(
            self._name,
            name=physical_name(PURPOSE),
            description="JupyterLab's token on the workstation, and MLflow's password for its notebooks",
            recovery_window_in_days=0,  # both are made again, or are elsewhere too
            opts=self._opts,
        )
        version = aws.secretsmanager.SecretVersion(
            self._name,
            secret_id=secret.id,
            secret_string=pulumi.Output.json_dumps(
                {"jupyter_token": token.result, "mlflow_password": self._args.mlflow.password}
            ),
            opts=self._opts,
        )
        return version.secret_arn

    def _files(self) -> pulumi.Output[dict[str, str]]:
        args = self._args
        code = pack()
        shipped = aws.s3.BucketObjectv2(
            f"{self._name}-code",
            bucket=args.data_bucket.name,
            key=_CODE_KEY,
            source=pulumi.FileAsset(str(code.path)),
            content_type="application/gzip",
            opts=self._opts,
        )
        models = self._buckets.made["models"].bucket
        variables = pulumi.Output.all(
            AWS_DEFAULT_REGION=self._region,
            CHECKPOINT=pulumi.Output.format("s3://{0}/experiments/workstation", models),
            CODE_KEY=_CODE_KEY,
            CODE_SHA256=code.sha256,
            CODE_VERSION=shipped.version_id,
            DATASETS_BUCKET=self._buckets.made["datasets"].bucket,
            DATA_BUCKET=args.data_bucket.name,
            FILES_BUCKET=args.data_bucket.name,
            MLFLOW_TRACKING_URI=args.mlflow.tracking_uri,
            MLFLOW_TRACKING_USERNAME=USERNAME,
            MODELS_BUCKET=models,
            MODEL_ALIAS=args.model.model_alias,
            MODEL_NAME=args.model.model_name,
            SECRET_ID=self._secret_arn,
        )
        log_group, namespace = f"/ec2/{physical_name(PURPOSE)}", metrics_namespace()
        return variables.apply(
            lambda known: host_files(
                HostFiles(
                    settings=self._settings,
                    locks=locks(self._settings),
                    log_group=log_group,
                    metrics_namespace=namespace,
                    variables=known,
                )
            )
        )

    def _role(
        self, key: str, parameter: aws.ssm.Parameter
    ) -> tuple[aws.iam.InstanceProfile, pulumi.Resource]:
        bucket = self._args.data_bucket
        statements = [
            *instance_statements(
                files_arn=pulumi.Output.format("{0}/{1}", bucket.arn, key),
                parameter_arn=parameter.arn,
                log_group_arn=self._log_group.arn,
            ),
            roles.code(pulumi.Output.format("{0}/{1}", bucket.arn, _CODE_KEY)),
            roles.secret(self._secret_arn),
            *roles.platform_data(bucket),
            *self._buckets.statements(),
        ]
        _, profile, grant = instance_role(self._name, PURPOSE, statements, parent=self)
        return profile, grant

    def _security_group(self) -> aws.ec2.SecurityGroup:
        """It reaches AWS, the package index and MLflow; only SSH from named ranges reaches it."""
        args = self._args
        groups = Groups(self._name, args.placement.vpc_id, parent=self)
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
            cpu_credits=settings.cpu_credits,
            parent=self,
            spot=settings.workstation_spot,
        )
        return Monitored(
            owner=self,
            name=self._name,
            alarms=(*machine, *agent_alarms(PURPOSE, instance_id, metrics_namespace(), swap=False)),
            panels=(agent_panel(PURPOSE, instance_id, metrics_namespace()),),
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


def locks(settings: WorkstationSettings) -> tuple[str, ...]:
    """The folders of the locks that make the environment; TensorFlow brings CUDA where there is a GPU."""
    chosen = settings.workstation_environment
    if chosen == "cpu":
        return ("cpu",)
    # PyTorch's one build on the package index runs with a GPU and without.
    cuda = chosen == "tensorflow" and is_gpu(settings.workstation_instance_type)
    return ("cpu", f"{chosen}-cuda" if cuda else chosen)


def workstation(
    name: str, args: WorkstationArgs, opts: pulumi.ResourceOptions | None = None
) -> tuple[dict[str, Any], tuple[Monitored, ...]]:
    """The stack outputs of the workstation and what to watch; nothing unless the settings ask for it."""
    if not args.settings.workstation:
        return {}, ()
    made = Workstation(name, args, opts)
    return made.outputs, (made.monitored,)

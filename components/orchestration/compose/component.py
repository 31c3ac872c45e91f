"""Airflow and MLflow on EC2 with Docker Compose: the small variant, whose database is a container."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.common.admin_access import AdminAccess
from components.common.data_access import DataAccess
from components.common.mlflow_access import MlflowAccess
from components.common.monitored import Monitored
from components.common.names import physical_name
from components.common.pausable import Pausable, pausable_instance
from components.orchestration.compose.files import (
    ComposeImages,
    FilesArgs,
    frontend_files,
    orchestration_files,
)
from components.orchestration.compose.host import ComposeInstance, ComposeInstanceArgs, SharedInstanceArgs
from components.orchestration.compose.host_role import secret
from components.orchestration.compose.monitored import monitored
from components.orchestration.compose.secrets import make_secrets
from components.orchestration.compose.security_groups import ComposeGroups
from components.orchestration.compose.settings import STATUS_PORT, ComposeSettings
from components.orchestration.containers import ADMIN_PORT, AIRFLOW_PORT, MLFLOW_PORT
from components.orchestration.quick_start import SecretValue, forward_port, quick_start


@dataclass(frozen=True, kw_only=True)
class ComposeArgs:
    """The settings, where to run, what to run, and the data that it works on."""

    settings: ComposeSettings
    vpc_id: pulumi.Input[str]
    public_subnet_ids: Sequence[pulumi.Input[str]]
    data: DataAccess
    admin: AdminAccess
    images: ComposeImages
    repository_arns: Sequence[pulumi.Input[str]]
    internet_routes: Sequence[pulumi.Resource] = ()


class ComposeOrchestration(pulumi.ComponentResource):
    """The variant of one or two instances; it has the attributes of every variant.

    `pausables` are what a schedule can stop: the instances. `admin_url` is the admin GUI: that of the
    frontend instance, where there is one. Without `elastic_ip` an instance has another address after a stop;
    `pulumi up --refresh` brings the outputs up to date.
    """

    airflow_url: pulumi.Output[str]
    mlflow_url: pulumi.Output[str]
    admin_url: pulumi.Output[str]
    status_url: pulumi.Output[str]
    task_role_arn: pulumi.Output[str]
    quick_start_commands: pulumi.Output[str]
    mlflow_access: MlflowAccess
    monitored: Monitored
    entry = None  # it has no load balancer
    pausables: tuple[Pausable, ...]
    variant_outputs: dict[str, pulumi.Output[Any]]

    def __init__(self, name: str, args: ComposeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("mlops:index:ComposeOrchestration", name, None, opts)
        self._name = name
        self._args = args
        self._groups = ComposeGroups(name, args.settings, args.vpc_id, parent=self)
        self._region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        self._secrets = make_secrets(
            name,
            frontend=args.settings.frontend_instance,
            protect=args.settings.deletion_protection,
            parent=self,
        )
        self._files = FilesArgs(
            settings=args.settings,
            images=args.images,
            data=args.data,
            admin=args.admin,
            secrets=self._secrets,
            region=self._region,
        )
        self._shared = SharedInstanceArgs(
            subnet_id=args.public_subnet_ids[0],
            region=self._region,
            account=aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(parent=self)).account_id,
            files_bucket=args.data.data_bucket.name,
            files_bucket_arn=args.data.data_bucket.arn,
            repository_arns=args.repository_arns,
            internet_routes=args.internet_routes,
            key_name=self._key() if args.settings.ssh_public_key else None,
            elastic_ip=args.settings.elastic_ip,
            machine=args.settings,
            log_retention_days=args.settings.log_retention_days,
            deletion_protection=args.settings.deletion_protection,
        )
        orchestration = self._orchestration()
        group = self._groups.frontend
        frontend = self._frontend(orchestration, group) if group else None
        self._set_outputs(orchestration, frontend)

    def _key(self) -> pulumi.Output[str]:
        key = aws.ec2.KeyPair(
            f"{self._name}-ssh",
            key_name=physical_name("ssh"),
            public_key=self._args.settings.ssh_public_key,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return key.key_name

    def _orchestration(self) -> ComposeInstance:
        args = self._args
        return ComposeInstance(
            self._name,
            "orchestration",
            ComposeInstanceArgs(
                instance_type=args.settings.orchestration_instance_type,
                volume_gib=args.settings.orchestration_volume_gib,
                swap_gib=args.settings.swap_gib,
                spot=args.settings.orchestration_spot,
                security_group_id=self._groups.orchestration.id,
                files=orchestration_files(self._files),
                statements=[
                    secret(self._secrets.orchestration),
                    *args.data.statements(),
                    *([] if args.settings.frontend_instance else args.admin.statements()),
                ],
            ),
            self._shared,
            parent=self,
        )

    def _frontend(self, host: ComposeInstance, group: aws.ec2.SecurityGroup) -> ComposeInstance:
        args = self._args
        files = frontend_files(
            self._files,
            address=host.instance.private_ip,
            browser_address=host.address if args.settings.elastic_ip else "",
        )
        return ComposeInstance(
            self._name,
            "frontend",
            ComposeInstanceArgs(
                instance_type=args.settings.frontend_instance_type,
                volume_gib=args.settings.frontend_volume_gib,
                swap_gib=0,
                spot=False,
                security_group_id=group.id,
                files=files,
                statements=[secret(self._secrets.admin), *args.admin.statements()],
            ),
            self._shared,
            parent=self,
        )

    def _set_outputs(self, orchestration: ComposeInstance, frontend: ComposeInstance | None) -> None:
        page = frontend or orchestration
        self.airflow_url = _url(orchestration, AIRFLOW_PORT)
        self.mlflow_url = _url(orchestration, MLFLOW_PORT)
        self.status_url = _url(orchestration, STATUS_PORT)
        self.admin_url = _url(page, self._args.settings.admin_gui_port)
        self.task_role_arn = orchestration.role.arn
        self.mlflow_access = MlflowAccess(
            tracking_uri=pulumi.Output.format(
                "http://{0}:{1}", orchestration.instance.private_ip, MLFLOW_PORT
            ),
            password=self._secrets.mlflow_password,
            security_group_id=self._groups.orchestration.id,
            port=MLFLOW_PORT,
        )
        hosts = {"orchestration": orchestration, **({"frontend": frontend} if frontend else {})}
        self.monitored = monitored(self._name, self._args.data, hosts, owner=self)
        self.pausables = tuple(
            pausable_instance(purpose, instance_id=host.instance.id, arn=host.instance.arn)
            for purpose, host in hosts.items()
        )
        # With everything on one instance it is the frontend too.
        self.variant_outputs = {
            "orchestration_instance_id": orchestration.instance.id,
            "frontend_instance_id": page.instance.id,
        }
        self.quick_start_commands = self._quick_start(orchestration, page)
        self.register_outputs({"airflow_url": self.airflow_url, "mlflow_url": self.mlflow_url})

    def _quick_start(self, orchestration: ComposeInstance, page: ComposeInstance) -> pulumi.Output[str]:
        region, instance_id = self._region, orchestration.instance.id
        return quick_start(
            region,
            airflow_password=SecretValue(
                secret_arn=self._secrets.orchestration, path='."airflow-migrate".ADMIN_PASSWORD'
            ),
            mlflow_password=SecretValue(
                secret_arn=self._secrets.orchestration, path=".mlflow.MLFLOW_AUTH_ADMIN_PASSWORD"
            ),
            admin_password=SecretValue(secret_arn=self._secrets.admin, path=".admin.ADMIN_PASSWORD"),
            mlflow_url=self.mlflow_url,
            stream_name=self._args.data.stream.name,
            more=[
                *(forward_port(region, instance_id, port) for port in (AIRFLOW_PORT, MLFLOW_PORT)),
                forward_port(
                    region,
                    page.instance.id,
                    self._args.settings.admin_gui_port,
                    local_port=ADMIN_PORT + 1,  # MLflow's takes 5000 on this machine
                ),
            ],
        )


def _url(host: ComposeInstance, port: int) -> pulumi.Output[str]:
    return pulumi.Output.format("http://{0}:{1}", host.address, port)

"""Who may reach the instances: allow-listed ranges and the frontend; what no rule allows is refused."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components._names import physical_name
from components._settings.compose import ComposeSettings

AIRFLOW_PORT = 8080
MLFLOW_PORT = 5000
STATUS_PORT = 8081
_SSH_PORT = 22


class ComposeGroups:
    """A group for each instance, each rule a resource of its own; `frontend` is None where there is none."""

    def __init__(
        self, name: str, args: ComposeSettings, vpc_id: pulumi.Input[str], *, parent: pulumi.Resource
    ) -> None:
        self._name = name
        self._vpc_id = vpc_id
        self._opts = pulumi.ResourceOptions(parent=parent)
        ssh = [_SSH_PORT] if args.ssh_public_key else []
        ports = [AIRFLOW_PORT, MLFLOW_PORT, STATUS_PORT, *ssh]
        self.orchestration = self._group("orchestration", ports, args.ingress_cidrs)
        self.frontend: aws.ec2.SecurityGroup | None = None
        if args.frontend_instance:
            self.frontend = self._group("frontend", [STATUS_PORT, *ssh], args.ingress_cidrs)
            for port in (AIRFLOW_PORT, MLFLOW_PORT):
                self._allow(port, self.frontend, self.orchestration)

    def _group(self, thing: str, ports: Sequence[int], cidrs: Sequence[str]) -> aws.ec2.SecurityGroup:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-{thing}",
            name=physical_name(f"{thing}-sg"),
            description=f"The {thing} instance",
            vpc_id=self._vpc_id,
            tags={"Name": physical_name(f"{thing}-sg")},
            opts=self._opts,
        )
        for port in ports:
            for index, cidr in enumerate(cidrs):
                aws.vpc.SecurityGroupIngressRule(
                    f"{self._name}-{thing}-{port}-{index}",
                    security_group_id=group.id,
                    description=f"Port {port} from {cidr}",
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    cidr_ipv4=cidr,
                    opts=self._opts,
                )
        # Packages, images, secrets, logs, buckets, the stream and TLC's downloads all speak HTTPS.
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-{thing}-https",
            security_group_id=group.id,
            description="HTTPS to AWS, the image registries and the trip data",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4="0.0.0.0/0",
            opts=self._opts,
        )
        return group

    def _allow(self, port: int, source: aws.ec2.SecurityGroup, target: aws.ec2.SecurityGroup) -> None:
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-frontend-{port}-out",
            security_group_id=source.id,
            description=f"To port {port} of the orchestration instance",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=target.id,
            opts=self._opts,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-frontend-{port}-in",
            security_group_id=target.id,
            description=f"Port {port} from the frontend instance",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=source.id,
            opts=self._opts,
        )

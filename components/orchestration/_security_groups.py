"""Who may talk to whom: the load balancer to the services, the services to database, files and each other."""

import pulumi
import pulumi_aws as aws

from components._names import physical_name

AIRFLOW_PORT = 8080
MLFLOW_PORT = 5000
POSTGRES_PORT = 5432
NFS_PORT = 2049


class SecurityGroups:
    """Four groups, each rule a resource of its own; what no rule allows is refused, outwards too."""

    def __init__(
        self,
        name: str,
        vpc_id: pulumi.Input[str],
        balancer_cidrs: tuple[str, ...],
        *,
        parent: pulumi.Resource,
    ) -> None:
        self._name = name
        self._vpc_id = vpc_id
        self._opts = pulumi.ResourceOptions(parent=parent)
        self.balancer = self._group("balancer", "Load balancer of Airflow and MLflow")
        self.services = self._group("services", "ECS tasks of Airflow and MLflow")
        self.database = self._group("database", "PostgreSQL of Airflow and MLflow")
        self.files = self._group("files", "Files that the ECS tasks share")
        for port in (80, 443):
            for index, cidr in enumerate(balancer_cidrs):
                self._from_anywhere(port, cidr, index)
        for service, port in (("airflow", AIRFLOW_PORT), ("mlflow", MLFLOW_PORT)):
            self._allow(f"balancer-{service}", self.balancer, self.services, port)
            # Airflow's workers report to its API and training to MLflow, not by way of the internet.
            self._allow(f"services-{service}", self.services, self.services, port)
        self._allow("services-database", self.services, self.database, POSTGRES_PORT)
        self._allow("services-files", self.services, self.files, NFS_PORT)
        # Image layers, secrets, logs, buckets, the stream and TLC's downloads all speak HTTPS.
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-services-https",
            security_group_id=self.services.id,
            description="HTTPS to AWS and to the trip data",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ipv4="0.0.0.0/0",
            opts=self._opts,
        )

    def _group(self, thing: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._name}-{thing}",
            name=physical_name(f"{thing}-sg"),
            description=description,
            vpc_id=self._vpc_id,
            tags={"Name": physical_name(f"{thing}-sg")},
            opts=self._opts,
        )

    def _from_anywhere(self, port: int, cidr: str, index: int) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-balancer-{port}-{index}",
            security_group_id=self.balancer.id,
            description=f"{'HTTPS' if port == 443 else 'HTTP'} from {cidr}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4=cidr,
            opts=self._opts,
        )

    def _allow(
        self, thing: str, source: aws.ec2.SecurityGroup, target: aws.ec2.SecurityGroup, port: int
    ) -> None:
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-{thing}-out",
            security_group_id=source.id,
            description=f"To port {port} of {thing.rsplit('-', 1)[1]}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=target.id,
            opts=self._opts,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-{thing}-in",
            security_group_id=target.id,
            description=f"Port {port} from the {thing.split('-', 1)[0]}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=source.id,
            opts=self._opts,
        )
